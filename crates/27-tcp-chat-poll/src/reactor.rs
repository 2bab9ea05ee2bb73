//! 事件循环:等一批事件,逐个办完,再把要写的每人一次写出。
//!
//! 触发是边缘的:一条连接从「没有」变成「有」时才有一个事件,所以没有读完的要自己记着。

use std::collections::HashMap;
use std::io::{ErrorKind, Read};
use std::mem;
use std::time::{Duration, Instant};

use anyhow::Context;
use mio::event::Event;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Poll, Token};

use crate::batch::Outboxes;
use crate::connection::{Connection, GOODBYE};
use crate::event::Leaving;
use crate::journal::Journal;
use crate::members::Id;
use crate::room::{PAUSE, Room};
use crate::server::Limits;

/// 监听套接字的记号。
pub const LISTENER: Token = Token(usize::MAX);

/// 按了 Ctrl-C 的记号。
pub const WAKER: Token = Token(usize::MAX - 1);

/// 一批最多这么多个事件。
const EVENTS: usize = 1024;

/// 一次最多读这么多字节。一条连接一轮只读一次:一个人一直说,也轮得到别人。
///
/// 两个字节的一行,加上昵称转给大家,最多是 54 个字节:一次读到的全是这样的行,最小的发件箱也装得下。
const READ: usize = 4 * 1024;

/// 每隔这么久看看谁等得太久了。
const TICK: Duration = Duration::from_millis(250);

/// 事件循环和它管的一切。
pub struct Reactor {
    /// 等事件的地方。
    pub poll: Poll,
    /// 监听套接字;关门以后没有了。
    pub listener: Option<TcpListener>,
    /// 所有的连接。
    pub connections: HashMap<Id, Box<Connection>>,
    /// 人满了,请他走、还没有关闭的。
    pub refused: Vec<(TcpStream, Instant)>,
    /// 聊天室。
    pub room: Room,
    /// 所有的发件箱。
    pub outboxes: Outboxes,
    /// 下一条连接的编号。
    pub next: Id,
    /// 上限和期限。
    pub limits: Limits,
    /// `accept` 因为描述符用完而停下,等会儿再试。
    pub full: bool,
    /// 写日志的一头。
    pub journal: Journal,
    /// 还没有读完的连接:不会再有事件来提醒。
    pub again: Vec<Id>,
    /// 说得太快、正在歇着的连接。
    resting: Vec<Id>,
    /// 这一批要写的连接。
    pub dirty: Vec<Id>,
    /// 所有连接共用的接收缓冲区:读到的马上处理,剩下的半行由各自的 `Decoder` 留着。
    buffer: Vec<u8>,
}

impl Reactor {
    /// 还没有人来的聊天室;两个套接字已经登记在 `poll` 里。
    pub fn new(poll: Poll, listener: TcpListener, limits: Limits, journal: Journal) -> Self {
        Self {
            poll,
            listener: Some(listener),
            connections: HashMap::new(),
            refused: Vec::new(),
            room: Room::new(limits.history),
            outboxes: Outboxes::new(limits.queue),
            next: 0,
            limits,
            full: false,
            journal,
            again: Vec::new(),
            resting: Vec::new(),
            dirty: Vec::new(),
            buffer: vec![0; READ],
        }
    }

    /// 运行,直到收场以后人都走了,或者等得太久。
    pub fn serve(&mut self) -> anyhow::Result<()> {
        let mut events = Events::with_capacity(EVENTS);
        let mut tidied = Instant::now();
        let mut closed = None;
        loop {
            self.wait(&mut events)?;
            let now = Instant::now();
            for id in mem::take(&mut self.again) {
                self.read(id, now);
            }
            for id in mem::take(&mut self.resting) {
                self.wake(id, now);
            }
            for event in &events {
                match event.token() {
                    LISTENER => self.accept(now),
                    WAKER => closed = Some(self.close(now)),
                    Token(id) => self.ready(id as Id, event, now),
                }
            }
            if now.duration_since(tidied) >= TICK {
                tidied = now;
                self.tidy(now);
            }
            self.settle(now);
            if closed.is_some_and(|since| self.connections.is_empty() || since + GOODBYE <= now) {
                return Ok(());
            }
        }
    }

    /// 等事件,最多等一个 [`TICK`]。
    fn wait(&mut self, events: &mut Events) -> anyhow::Result<()> {
        let timeout = match (self.again.is_empty(), self.resting.is_empty()) {
            (true, true) => TICK,
            (true, false) => PAUSE,
            (false, _) => Duration::ZERO,
        };
        match self.poll.poll(events, Some(timeout)) {
            // 来了一个信号,例如 Ctrl-C:处理它的线程会叫醒我们。
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
            waited => waited.context("等待事件失败"),
        }
    }

    /// 一条连接上有事。
    fn ready(&mut self, id: Id, event: &Event, now: Instant) {
        if event.is_writable() {
            self.flush(id, now);
        }
        if event.is_readable() {
            if let Some(connection) = self.connections.get_mut(&id) {
                connection.hushed |= event.is_read_closed();
            }
            self.read(id, now);
        }
    }

    /// 读一次,交给房间。没有读完的下一轮再读;他自己有太多话没有收,就先不听他的。
    fn read(&mut self, id: Id, now: Instant) {
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        if connection.outbox.is_high() || connection.rest.is_some_and(|until| now < until) {
            return;
        }
        match connection.stream.read(&mut self.buffer) {
            Ok(0) => connection.end(&mut self.room, now),
            Ok(length) => {
                connection.hear(&self.buffer[..length], &mut self.room, now);
                // 没有读满,就是读完了(epoll(7)),省一次系统调用;可是流的末尾要再读一次才读到,
                // Windows 还要读到 WouldBlock 才有下一个事件。
                if connection.rest.is_some_and(|until| now < until) {
                    self.resting.push(id);
                } else if length == self.buffer.len() || connection.hushed || cfg!(windows) {
                    self.again.push(id);
                }
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => self.again.push(id),
            Err(_) => self.drop(id, Leaving::Broken, now),
        }
        if self.outboxes.is_heavy() {
            self.settle(now);
        }
    }

    /// 歇着的一位:歇够了就接着听他说。
    fn wake(&mut self, id: Id, now: Instant) {
        let rest = self.connections.get(&id).and_then(|it| it.rest);
        match rest.is_some_and(|until| now < until) {
            true => self.resting.push(id),
            false => self.read(id, now),
        }
    }
}
