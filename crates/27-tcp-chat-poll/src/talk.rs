//! 主线程:键盘上和网络上发生的事排成一队,一件一件地办。

use std::ops::ControlFlow::{self, Continue};
use std::sync::mpsc::{Receiver as Queue, SyncSender};
use std::time::Instant;

use anyhow::anyhow;
use common::addr::Address;
use common::frame::FrameError;

use crate::join::{Joined, Refusal};
use crate::link::Sender;
use crate::listen::{Event, Listener};
use crate::reconnect::Backoff;
use crate::terminal::{self, Display};

/// 断线时的说明。
pub const DOUBT: &str = "断线前刚发出的话,不能肯定送到了";

/// 连接的状态。
pub enum State {
    /// 通着。
    Up(Sender),
    /// 断了或者正在连:等接收线程报告。
    Down,
    /// 到这个时刻再连。
    Waiting(Instant),
}

/// 一次谈话要用的东西。
pub struct Setup {
    /// 服务器。
    pub server: Address,
    /// 现在的昵称。
    pub name: String,
    /// 断了要不要再连。
    pub reconnect: bool,
    /// 显示的一头。
    pub display: Display,
    /// 打的每一行。
    pub lines: Queue<String>,
    /// 发生的事。
    pub events: Queue<Event>,
    /// 接收线程报告用的一头。
    pub reports: SyncSender<Event>,
}

/// 一次谈话,从加入到离开。
pub struct Talk {
    /// 要用的东西。
    pub setup: Setup,
    /// 连接的状态。
    pub state: State,
    /// 最近一次加入的时刻。
    pub joined: Instant,
    /// 下一次隔多久再连。
    pub backoff: Backoff,
    /// 这条连接上最近一次发出一行的时刻。
    pub sent: Option<Instant>,
    /// 断过线,有的话不能肯定送到了。
    pub doubt: bool,
    /// 没有更多输入了,连同它的结局。
    pub left: Option<anyhow::Result<()>>,
    /// `/quit` 发出了。
    pub quit: bool,
    /// 拿出来了、没有发成的一行。
    unsent: Option<String>,
}

impl Talk {
    /// 刚刚加入。
    pub fn new(setup: Setup, joined: Joined) -> anyhow::Result<Self> {
        let talk = Self {
            setup,
            state: State::Up(joined.sender),
            joined: Instant::now(),
            backoff: Backoff::default(),
            sent: None,
            doubt: false,
            left: None,
            quit: false,
            unsent: None,
        };
        talk.listener().listen(joined.receiver)?;
        Ok(talk)
    }

    /// 一件一件地办,直到离开。
    pub fn run(mut self) -> anyhow::Result<()> {
        loop {
            let flow = match self.next_event() {
                Some(event) => self.handle(event)?,
                None => self.reconnect()?,
            };
            if flow.is_break() {
                break;
            }
            self.send_pending();
        }
        // 有人在的话,断线时已经告诉他了。
        if self.doubt && !terminal::attended() {
            return Err(anyhow!("断过线:{DOUBT}"));
        }
        self.left.unwrap_or(Ok(()))
    }

    /// 下一件事;`None` 是该再连一次了。
    fn next_event(&self) -> Option<Event> {
        let State::Waiting(until) = self.state else {
            // 自己也拿着一个报告的头,队列不会断。
            return self.setup.events.recv().ok();
        };
        let left = until.saturating_duration_since(Instant::now());
        self.setup.events.recv_timeout(left).ok()
    }

    fn handle(&mut self, event: Event) -> anyhow::Result<ControlFlow<()>> {
        match event {
            Event::Typed => {}
            // 告辞以后不再发东西:服务器关闭时还有没读的,就会变成中断连接(RFC 9293 §3.6.1)。
            Event::Heartbeat if self.quit => {}
            Event::Heartbeat => _ = self.send(|sender| sender.send("")),
            Event::Renamed(name) => self.setup.name = name,
            Event::Joined(sender) => {
                self.state = State::Up(sender);
                self.joined = Instant::now();
            }
            Event::NotJoined(Refusal::Failed(error)) => return self.retry("还没有连上", error),
            Event::NotJoined(Refusal::Name(reason)) => {
                return self.retry(&format!("服务器说「{reason}」"), anyhow!(reason));
            }
            Event::Ended(end) => return self.ended(end),
            Event::Left(result) => {
                self.left = Some(result);
                // 有人在等着程序结束:断着线就不等了。
                if terminal::attended() && !self.is_up() {
                    return self.give_up(anyhow!("没有连上服务器"));
                }
            }
        }
        Ok(Continue(()))
    }

    /// 一个新的接收线程,还没有启动。
    pub fn listener(&self) -> Listener {
        Listener {
            name: self.setup.name.clone(),
            display: self.setup.display.clone(),
            reports: self.setup.reports.clone(),
        }
    }

    /// 把攒着的话都发出去;发完了,又没有更多输入,就告辞。
    fn send_pending(&mut self) {
        while self.is_up() && self.has_pending() {
            let line = self.unsent.take().unwrap_or_default();
            if self.send(|sender| sender.send(&line)) {
                self.sent = Some(Instant::now());
            } else {
                self.unsent = Some(line);
            }
        }
        if self.is_up() && self.left.is_some() && !self.quit {
            self.quit = self.send(Sender::quit);
        }
    }

    fn is_up(&self) -> bool {
        matches!(self.state, State::Up(_))
    }

    /// 发送。发不出去就挂断,接收线程会来报告。
    fn send(&mut self, work: impl FnOnce(&mut Sender) -> Result<(), FrameError>) -> bool {
        let State::Up(sender) = &mut self.state else {
            return false;
        };
        let sent = work(sender).is_ok();
        if !sent {
            sender.hang_up();
            self.state = State::Down;
        }
        sent
    }

    /// 有没有要发的话:有的话,第一行在 `unsent` 里。
    pub fn has_pending(&mut self) -> bool {
        self.unsent = self
            .unsent
            .take()
            .or_else(|| self.setup.lines.try_recv().ok());
        self.unsent.is_some()
    }

    /// 没有发出的行数。只在没有更多输入以后用。
    pub fn count_pending(&mut self) -> usize {
        usize::from(self.unsent.is_some()) + self.setup.lines.try_iter().count()
    }
}
