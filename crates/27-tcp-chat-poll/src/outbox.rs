//! 发件箱:等着写给一位成员的字节。放进去不用等;事件循环在每一批事件之后写一次。
//!
//! 它有上限。一直放到放不下,说明他收得太慢:发件箱作废,他要离开。要是等他,他就拖住了所有人;
//! 要是丢掉几行,他看到的就和别人不一样。

use std::cell::RefCell;
use std::io::{self, ErrorKind, Write};
use std::mem;
use std::rc::Rc;

use crate::members::Id;

/// 放不下了,或者已经作废、不再收了。
#[derive(Debug, PartialEq, Eq)]
pub struct Full;

/// 放进去以后,发件箱有多满。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// 他跟得上。
    Low,
    /// 过了一半,他快跟不上了:说话的人该歇一下。
    High,
}

/// 写了一次以后。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flushed {
    /// 全写完了。
    All,
    /// 对方的窗口满了:等套接字又可写。
    Blocked,
    /// 全写完了,而且不会再有。
    Finished,
}

/// 有东西要写的成员,先后为序。事件循环看它,不必把每位成员都问一遍。
#[derive(Debug, Clone, Default)]
pub struct Dirty(Rc<RefCell<Vec<Id>>>);

/// 一位成员的发件箱。复制的是同一个:房间往里放,事件循环往外拿。
#[derive(Debug, Clone)]
pub struct Outbox(Rc<Shared>);

#[derive(Debug)]
struct Shared {
    id: Id,
    limit: usize,
    dirty: Dirty,
    queue: RefCell<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    bytes: Vec<u8>,
    /// `bytes` 开头已经写出的字节数。
    sent: usize,
    /// 不再收;已经放进来的还要写完。
    finishing: bool,
    /// 已经在要写的名单里。
    listed: bool,
}

impl Dirty {
    /// 取走名单。
    pub fn take(&self) -> Vec<Id> {
        self.0.take()
    }
}

impl Outbox {
    /// `id` 的发件箱,最多装 `limit` 字节;有东西要写就把他记进 `dirty`。
    pub fn new(id: Id, limit: usize, dirty: &Dirty) -> Self {
        Self(Rc::new(Shared {
            id,
            limit,
            dirty: dirty.clone(),
            queue: RefCell::default(),
        }))
    }

    /// 放进一行或几行的字节:要么全部放进,要么作废。从不等待。
    pub fn push(&self, bytes: &[u8]) -> Result<Level, Full> {
        let mut queue = self.0.queue.borrow_mut();
        if queue.finishing {
            return Err(Full);
        }
        if queue.len() + bytes.len() > self.0.limit {
            queue.bytes = Vec::new();
            queue.sent = 0;
            queue.finishing = true;
            return Err(Full);
        }
        queue.bytes.extend_from_slice(bytes);
        self.list(&mut queue);
        match queue.len() > self.0.limit / 2 {
            true => Ok(Level::High),
            false => Ok(Level::Low),
        }
    }

    /// 不再收;已经放进来的写完就结束。
    pub fn finish(&self) {
        let mut queue = self.0.queue.borrow_mut();
        queue.finishing = true;
        self.list(&mut queue);
    }

    fn list(&self, queue: &mut Queue) {
        if !mem::replace(&mut queue.listed, true) {
            self.0.dirty.0.borrow_mut().push(self.0.id);
        }
    }

    /// 这是谁的。
    pub fn id(&self) -> Id {
        self.0.id
    }

    /// 把攒着的全部字节一次写给 `sink`;它收不下就留着其余的。
    pub fn flush(&self, sink: &mut impl Write) -> io::Result<Flushed> {
        let mut queue = self.0.queue.borrow_mut();
        queue.listed = false;
        while queue.sent < queue.bytes.len() {
            match sink.write(&queue.bytes[queue.sent..]) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(length) => queue.sent += length,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    queue.shift();
                    return Ok(Flushed::Blocked);
                }
                Err(error) => return Err(error),
            }
        }
        // 缓冲区还给系统:一万位不说话的成员,不能各占着最忙时用过的内存。
        queue.bytes = Vec::new();
        queue.sent = 0;
        match queue.finishing {
            true => Ok(Flushed::Finished),
            false => Ok(Flushed::All),
        }
    }
}

impl Queue {
    fn len(&self) -> usize {
        self.bytes.len() - self.sent
    }

    /// 写出的不再占地方。
    fn shift(&mut self) {
        self.bytes.drain(..self.sent);
        self.sent = 0;
    }
}
