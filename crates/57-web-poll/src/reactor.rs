//! 事件循环:等一批事件,逐条连接各办一轮。每个工作线程一个,各有各的监听套接字、连接和缓存。
//!
//! 触发是边缘的:一条连接从「没有」变成「有」时才有一个事件,所以没有读完、没有发完的要自己记着。
//! 登记一次,读和写都登记,以后不再改:空闲的连接不会因为「可写」而有事件。

use std::io::{self, ErrorKind};
use std::mem;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token};
use slab::Slab;

use crate::accept::Door;
use crate::connection::Connection;
use crate::connection::Next;
use crate::desk::Desk;
use crate::limits::Limits;
use crate::places::Places;
use crate::timers::{Timers, Wait};

/// 监听套接字的记号。
pub const LISTENER: Token = Token(usize::MAX);

/// 别的线程叫醒我们的记号。
pub const WAKER: Token = Token(usize::MAX - 1);

/// 一批最多这么多个事件。
const EVENTS: usize = 256;

/// 一次最多读这么多字节:装得下流水线上的几十个请求。
const READ: usize = 16 * 1024;

/// 一个工作线程。
pub struct Reactor {
    /// 等事件的地方。
    pub poll: Poll,
    /// 监听套接字;收场以后没有了。
    pub listener: Option<TcpListener>,
    /// 接不下的新连接。
    pub door: Door,
    /// 所有的连接。
    pub connections: Slab<Connection>,
    /// 它们的期限。
    pub timers: Timers,
    /// 它们共用的东西。
    pub desk: Desk,
    /// 上限和期限。
    pub limits: Limits,
    /// 各个工作线程共用的位子。
    pub places: Arc<Places>,
    /// 没有读完、没有发完的连接:不会再有事件来提醒。
    again: Vec<usize>,
    /// 它们共用的接收缓冲区。
    buffer: Vec<u8>,
    /// 收场最多到什么时候。
    pub closed: Option<Instant>,
}

impl Reactor {
    /// 还没有人来。
    ///
    /// # Errors
    /// 不能登记监听套接字。
    pub fn new(
        poll: Poll,
        mut listener: TcpListener,
        desk: Desk,
        limits: Limits,
        places: Arc<Places>,
    ) -> anyhow::Result<Self> {
        let registry = poll.registry();
        registry
            .register(&mut listener, LISTENER, Interest::READABLE)
            .context("登记监听套接字失败")?;
        Ok(Self {
            poll,
            listener: Some(listener),
            door: Door::default(),
            connections: Slab::new(),
            timers: Timers::new(limits),
            desk,
            limits,
            places,
            again: Vec::new(),
            buffer: vec![0; READ],
            closed: None,
        })
    }

    /// 运行,直到收场。
    ///
    /// # Errors
    /// 等不到事件:系统出了错。
    pub fn serve(&mut self) -> anyhow::Result<()> {
        let mut events = Events::with_capacity(EVENTS);
        loop {
            self.wait(&mut events)?;
            self.timers.tick();
            self.desk.begin();
            for key in mem::take(&mut self.again) {
                self.turn(key);
            }
            let mut knocking = false;
            for event in &events {
                match event.token() {
                    LISTENER => knocking = true,
                    WAKER => self.look_around(),
                    Token(key) => {
                        // 这一批里刚刚关闭的,它的编号也许已经给了新的连接:多办一轮不要紧。
                        if let Some(connection) = self.connections.get_mut(key) {
                            connection.unread |= event.is_readable();
                            connection.hushed |= event.is_read_closed();
                            self.turn(key);
                        }
                    }
                }
            }
            // 已经来了的先办,再接新的:这时还空闲的,才是真的空闲。
            self.expire();
            self.knock(knocking);
            self.meet();
            if let Some(end) = self.closed
                && (self.connections.is_empty() || Instant::now() >= end)
            {
                return Ok(());
            }
        }
    }

    /// 等事件,最多等到最近的期限。
    fn wait(&mut self, events: &mut Events) -> anyhow::Result<()> {
        let timeout = match self.again.is_empty() {
            true => {
                let grace = self
                    .closed
                    .map(|end| end.saturating_duration_since(Instant::now()));
                let next = self.timers.next(&self.connections);
                [grace, next, self.door.retry()].into_iter().flatten().min()
            }
            false => Some(Duration::ZERO),
        };
        // 核不够的时候,先让客户把正在写的请求写完:一批多办几个,每个少等一次。没有人要用核,就不让。
        thread::yield_now();
        match self.poll.poll(events, timeout) {
            // 来了一个信号,例如 Ctrl-C:处理它的线程会叫醒我们。
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
            waited => waited.context("等待事件失败"),
        }
    }

    /// 一条连接办一轮。
    pub fn turn(&mut self, key: usize) {
        if let Some(connection) = self.connections.get_mut(key) {
            let next = connection.turn(&mut self.buffer, &mut self.desk);
            self.proceed(key, next);
        }
    }

    /// 一条连接办过一轮以后。
    pub fn proceed(&mut self, key: usize, next: io::Result<Next>) {
        let connection = &self.connections[key];
        let (unread, waited) = (connection.unread, connection.place.wait());
        match next {
            Ok(Next::Wait(Wait::Idle, _)) if self.closed.is_some() && !unread => self.close(key),
            Ok(Next::Wait(wait, restart)) => {
                if unread && wait != Wait::Write {
                    self.again.push(key);
                }
                if restart || wait != waited {
                    self.timers.restart(&mut self.connections, key, wait);
                }
            }
            Ok(Next::Again) => {
                self.again.push(key);
                self.timers.restart(&mut self.connections, key, Wait::Write);
            }
            Ok(Next::Close) | Err(_) => self.close(key),
        }
    }

    /// 关闭一条连接:描述符一关,登记也就没有了(epoll(7))。
    pub fn close(&mut self, key: usize) {
        self.timers.leave(&mut self.connections, key);
        let mut connection = self.connections.remove(key);
        if let Some(outbox) = &mut connection.outbox {
            outbox.close(connection.peer, &self.desk);
        }
        match connection.seated {
            true => self.places.leave(),
            false => self.door.refused -= 1,
        }
    }
}
