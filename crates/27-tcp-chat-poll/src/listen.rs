//! 接收线程:听服务器说的每一句,显示出来;要主线程办的事,报告给它。

use std::sync::mpsc::SyncSender;
use std::thread;

use anyhow::Context;
use common::addr::Address;

use crate::join::{self, Joined, Refusal};
use crate::link::{End, Heard, Receiver, Sender};
use crate::terminal::Display;

/// 发生的一件事。
pub enum Event {
    /// 打了一行,在话的队列里。
    Typed,
    /// 打了 `/quit`,或者输入结束了;有的行不能发时是错误。
    Left(anyhow::Result<()>),
    /// 服务器问「还在吗」。
    Heartbeat,
    /// 用 `/nick` 改了名:再连时要用新的。
    Renamed(String),
    /// 又加入了。
    Joined(Sender),
    /// 没有能再加入。
    NotJoined(Refusal),
    /// 连接结束了。
    Ended(End),
}

/// 一个接收线程:它听的那条连接结束,它就结束。
pub struct Listener {
    /// 现在的昵称。
    pub name: String,
    /// 显示的一头。
    pub display: Display,
    /// 报告用的一头。
    pub reports: SyncSender<Event>,
}

impl Listener {
    /// 开一个线程,听已经加入的一条连接。
    pub fn listen(self, receiver: Receiver) -> anyhow::Result<()> {
        spawn(move || self.hear(receiver))
    }

    /// 开一个线程,先再加入一次,然后听。连接可能要等很久,不能让主线程等。
    pub fn rejoin(self, server: Address) -> anyhow::Result<()> {
        spawn(move || {
            let joined = match join::join(&server, &self.name) {
                Ok(joined) => joined,
                Err(refusal) => return self.report(Event::NotJoined(refusal)),
            };
            let Joined {
                sender,
                receiver,
                welcome,
            } = joined;
            self.display.note("重新连上了");
            self.report(Event::Joined(sender));
            // 显示不了的话,下一句也显示不了,那时再报告。
            let _ = self.display.show(&welcome);
            self.hear(receiver);
        })
    }

    fn hear(mut self, mut receiver: Receiver) {
        let end = receiver.receive(|heard| match heard {
            Heard::Heartbeat => {
                self.report(Event::Heartbeat);
                Ok(())
            }
            Heard::Line(line) => {
                self.notice_rename(&line);
                self.display.show(&line)
            }
        });
        self.report(Event::Ended(end));
    }

    /// 服务器说我们改了名:`* 小明 改名为 大明`。昵称里没有空格,别人的话不以 `*` 开头,冒充不了。
    fn notice_rename(&mut self, line: &str) {
        let mine = format!("* {} 改名为 ", self.name);
        if let Some(name) = line.strip_prefix(&mine) {
            self.name = name.to_owned();
            self.report(Event::Renamed(name.to_owned()));
        }
    }

    /// 主线程已经结束的话,就没有人要听了:连接也随着断开。
    fn report(&self, event: Event) {
        let _ = self.reports.send(event);
    }
}

fn spawn(work: impl FnOnce() + Send + 'static) -> anyhow::Result<()> {
    let thread = thread::Builder::new().spawn(work);
    thread.map(drop).context("启动接收线程失败")
}
