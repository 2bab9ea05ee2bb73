//! 房间:谁来了,谁说了什么,谁走了,该告诉谁。
//!
//! 它不知道套接字和线程,只往成员的发件箱里放字节,所以从不等待。同一时刻只做一件事
//! (调用者给它加锁,或者只有一个线程),所以大家看到的先后是同一个。

use std::time::Duration;
use std::{iter, mem};

use crate::command::{self, Command};
use crate::event::{Event, Kind, Leaving};
use crate::history::History;
use crate::members::{FULL_ROLL, Id, Member, Members, SHORT_ROLL};
use crate::name::{self, Nickname};
use crate::outbox::Outbox;
use crate::protocol::{CLOSING, WELCOME, Way};

/// 有人的发件箱过了一半时,说话的人歇这么久。
///
/// 一个人说得再快(例如 `nc` 送来一个大文件),别人也来得及收;而一个从来不收的人,只让大家每几千字节
/// 歇一下,直到他的发件箱满了。打字的人觉察不到。
pub const PAUSE: Duration = Duration::from_millis(50);

/// 说完一句话以后。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// 接着听他说。
    Stay,
    /// 有人快跟不上了:歇 [`PAUSE`] 再听他说。
    Pause,
    /// 要走了,或者已经不在房间里。
    Leave,
}

/// 聊天室。
#[derive(Debug)]
pub struct Room {
    members: Members,
    history: History,
    events: Vec<Event>,
    closed: bool,
}

impl Room {
    /// 空的房间,给晚来的人留着最后 `history` 条消息。
    pub fn new(history: usize) -> Self {
        Self {
            members: Members::default(),
            history: History::new(history),
            events: Vec::new(),
            closed: false,
        }
    }

    /// 以昵称 `nickname` 进来;从此大家说的话也放进他的发件箱。`Err` 是不行的理由,可以直接告诉他。
    pub fn join(
        &mut self,
        id: Id,
        way: Way,
        outbox: &Outbox,
        nickname: &str,
    ) -> Result<(), String> {
        if self.closed {
            return Err(CLOSING.to_owned());
        }
        let name = self.members.free_name(id, nickname)?;
        let text = format!("{name} 来了");
        self.members.tell_all(&format!("* {text}"), None);
        let member = Member {
            name: name.clone(),
            way,
            outbox: outbox.clone(),
        };
        self.members.insert(id, member);
        let welcome = format!("{WELCOME}{name}。{}", self.members.roll(SHORT_ROLL));
        let lines = iter::once(welcome.as_str()).chain(self.history.shown());
        self.members.tell(id, lines);
        self.note(id, text, Kind::Joined(way));
        self.dismiss_slow();
        Ok(())
    }

    /// 成员说了一行。
    pub fn receive(&mut self, id: Id, line: &str) -> Next {
        let Some(name) = self.members.name(id) else {
            return Next::Leave;
        };
        let line = name::clean(line);
        match command::parse(&line) {
            Command::Say(text) if text.trim().is_empty() => {}
            Command::Say(text) => self.say(id, &name, text),
            Command::Who => self.answer(id, &format!("* {}", self.members.roll(FULL_ROLL))),
            Command::Tell { name: to, text } => self.whisper(id, &name, to, text),
            Command::Rename(to) => self.rename(id, &name, to),
            Command::Quit => return Next::Leave,
            Command::Help => self.members.tell(id, command::HELP.iter().copied()),
            Command::Incomplete(usage) => self.answer(id, usage),
            Command::Unknown(verb) => {
                self.answer(id, &format!("! 没有 {verb} 这个命令,/help 看有哪些"));
            }
        }
        self.dismiss_slow();
        let strained = self.members.take_strained();
        match self.members.name(id) {
            Some(_) if strained => Next::Pause,
            Some(_) => Next::Stay,
            None => Next::Leave,
        }
    }

    /// 成员离开了;大家都会知道。已经不在的,什么也不做:一个人只走一次。
    pub fn leave(&mut self, id: Id, leaving: Leaving) {
        self.dismiss(id, leaving);
        self.dismiss_slow();
    }

    /// 关门:告诉每个人,以后谁的话也不听了。
    pub fn close(&mut self) {
        self.closed = true;
        self.members.tell_all(CLOSING, None);
        self.members.finish();
    }

    /// 上次以来发生的事,先后为序。
    pub fn take_events(&mut self) -> Vec<Event> {
        mem::take(&mut self.events)
    }

    fn say(&mut self, id: Id, name: &Nickname, text: &str) {
        let line = format!("{name}:{text}");
        self.members.tell_all(&line, Some(id));
        self.history.push(line);
    }

    fn whisper(&mut self, id: Id, name: &Nickname, to: &str, text: &str) {
        let receiver = self.members.find(to);
        let found = receiver.and_then(|receiver| Some((receiver, self.members.name(receiver)?)));
        match found {
            Some((receiver, to)) => {
                self.answer(receiver, &format!("[私聊] {name}:{text}"));
                self.answer(id, &format!("[私聊] 发给 {to}:{text}"));
            }
            None => self.answer(id, &format!("! 没有叫「{to}」的人")),
        }
    }

    fn rename(&mut self, id: Id, from: &Nickname, to: &str) {
        match self.members.free_name(id, to) {
            Ok(to) => {
                self.members.rename(id, to.clone());
                self.members
                    .tell_all(&format!("* {from} 改名为 {to}"), None);
                self.note(id, format!("{from} 改名为 {to}"), Kind::Renamed);
            }
            Err(reason) => self.answer(id, &reason),
        }
    }

    fn answer(&mut self, id: Id, line: &str) {
        self.members.tell(id, [line]);
    }

    /// 请收得太慢的人离开。告诉别人这件事,可能又装满了谁的发件箱,所以一直到没有为止。
    fn dismiss_slow(&mut self) {
        while let Some(id) = self.members.take_slow() {
            self.dismiss(id, Leaving::Slow);
        }
    }

    fn dismiss(&mut self, id: Id, leaving: Leaving) {
        let Some(Member { name, outbox, .. }) = self.members.remove(id) else {
            return;
        };
        outbox.finish();
        let text = format!("{name} {leaving}");
        self.members.tell_all(&format!("* {text}"), None);
        self.note(id, text, Kind::Left(leaving));
    }

    fn note(&mut self, id: Id, text: String, kind: Kind) {
        self.events.push(Event { id, text, kind });
    }
}
