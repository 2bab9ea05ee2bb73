//! 在场的成员:每人一个昵称、一个发件箱;告诉一个人,或者告诉所有人。

use std::mem;

use crate::name::{self, Nickname};
use crate::outbox::{Full, Level, Outbox};
use crate::protocol::{self, Way};

/// 连接的编号:从不重复,晚来的大。
pub type Id = u64;

/// `/who` 的在场名单最多写这么多字节:两千个名字要几十 KB,没有人会看。
pub const FULL_ROLL: usize = 2048;

/// 欢迎里的在场名单最多写这么多字节:十几个名字,想看全的再问。
pub const SHORT_ROLL: usize = 256;

/// 一位成员。
#[derive(Debug)]
pub struct Member {
    /// 昵称。
    pub name: Nickname,
    /// 他用哪种传法。
    pub way: Way,
    /// 等着写给他的字节。
    pub outbox: Outbox,
}

/// 在场的成员。
#[derive(Debug, Default)]
pub struct Members {
    /// 按编号排着:转给大家时从头走到尾,挨着放最快,也最省内存。
    members: Vec<(Id, Member)>,
    /// 每个昵称是谁的,按比较用的写法排着。
    names: Vec<(Box<str>, Id)>,
    /// 发件箱满了、还没有离开的成员。
    slow: Vec<Id>,
    /// 有人快跟不上了。
    strained: bool,
}

impl Members {
    /// 多了一位;他的昵称要先经过 [`free_name`](Self::free_name)。
    pub fn insert(&mut self, id: Id, member: Member) {
        self.claim(&member.name, id);
        if let Err(place) = self.position(id) {
            self.members.insert(place, (id, member));
        }
    }

    /// 少了一位;本来就不在是 `None`。
    pub fn remove(&mut self, id: Id) -> Option<Member> {
        let place = self.position(id).ok()?;
        let (_, member) = self.members.remove(place);
        self.release(&member.name);
        Some(member)
    }

    /// 换一个昵称,也要先经过 [`free_name`](Self::free_name)。
    pub fn rename(&mut self, id: Id, name: Nickname) {
        if let Ok(place) = self.position(id) {
            let old = mem::replace(&mut self.members[place].1.name, name.clone());
            self.release(&old);
            self.claim(&name, id);
        }
    }

    /// 这位成员的昵称;不在场是 `None`。
    pub fn name(&self, id: Id) -> Option<Nickname> {
        Some(self.get(id)?.name.clone())
    }

    /// 叫这个名字的人。
    pub fn find(&self, name: &str) -> Option<Id> {
        self.owner(&name::key(name))
    }

    /// 合规矩、没有别人在用的昵称;`Err` 是可以直接告诉他的理由。
    pub fn free_name(&self, id: Id, text: &str) -> Result<Nickname, String> {
        let name = Nickname::new(text).map_err(|error| format!("! {error}"))?;
        match self.owner(&name.key()) {
            Some(owner) if owner != id => Err(format!("! 昵称「{name}」已经有人用了")),
            _ => Ok(name),
        }
    }

    /// 在场名单:`在场 2 人:小红、小明`,约 `limit` 字节以后省略。
    pub fn roll(&self, limit: usize) -> String {
        let mut roll = String::with_capacity(2 * limit);
        roll += &format!("在场 {} 人", self.members.len());
        for (index, (_, member)) in self.members.iter().enumerate() {
            if roll.len() > limit {
                roll += "……";
                break;
            }
            roll += if index == 0 { ":" } else { "、" };
            roll += &member.name.to_string();
        }
        roll
    }

    /// 告诉一位成员几行,一次放进他的发件箱。
    pub fn tell<'a>(&mut self, id: Id, lines: impl IntoIterator<Item = &'a str>) {
        let Some(member) = self.get(id) else {
            return;
        };
        let mut bytes = Vec::new();
        for line in lines {
            protocol::encode(line, member.way, &mut bytes);
        }
        match member.outbox.push(&bytes) {
            Ok(Level::Low) => {}
            Ok(Level::High) => self.strained = true,
            Err(Full) => self.slow.push(id),
        }
    }

    /// 告诉除了 `except` 以外的每个人。两种传法各编码一次,不是每人一次。
    pub fn tell_all(&mut self, line: &str, except: Option<Id>) {
        let (mut frame, mut text) = (Vec::new(), Vec::new());
        protocol::encode(line, Way::Frames, &mut frame);
        protocol::encode(line, Way::Lines, &mut text);
        for (id, member) in &self.members {
            if Some(*id) == except {
                continue;
            }
            let bytes = match member.way {
                Way::Frames => &frame,
                Way::Lines => &text,
            };
            match member.outbox.push(bytes) {
                Ok(Level::Low) => {}
                Ok(Level::High) => self.strained = true,
                Err(Full) => self.slow.push(*id),
            }
        }
    }

    /// 上次问过以后,有没有谁快跟不上了。
    pub fn take_strained(&mut self) -> bool {
        mem::take(&mut self.strained)
    }

    /// 一位发件箱满了的成员。
    pub fn take_slow(&mut self) -> Option<Id> {
        self.slow.pop()
    }

    /// 每个人的发件箱都不再收了,从此谁也不在场。
    pub fn finish(&mut self) {
        for (_, member) in &self.members {
            member.outbox.finish();
        }
        *self = Self::default();
    }

    /// 这个昵称(比较用的写法)是谁的。
    fn owner(&self, key: &str) -> Option<Id> {
        self.place(key).ok().map(|place| self.names[place].1)
    }

    fn claim(&mut self, name: &Nickname, id: Id) {
        let key = name.key();
        if let Err(place) = self.place(&key) {
            self.names.insert(place, (key.into(), id));
        }
    }

    fn release(&mut self, name: &Nickname) {
        if let Ok(place) = self.place(&name.key()) {
            self.names.remove(place);
        }
    }

    /// 这个昵称在 `names` 的哪里;没有人用,是它该插在哪里。
    fn place(&self, key: &str) -> Result<usize, usize> {
        self.names.binary_search_by(|(name, _)| (**name).cmp(key))
    }

    fn get(&self, id: Id) -> Option<&Member> {
        self.position(id).ok().map(|place| &self.members[place].1)
    }

    /// 这位成员在名单的哪里;不在场是他该插在哪里。
    fn position(&self, id: Id) -> Result<usize, usize> {
        self.members.binary_search_by_key(&id, |(id, _)| *id)
    }
}
