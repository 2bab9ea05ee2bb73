//! 发件箱:等着写给一位成员的字节。放进去不用等;事件循环在每一批事件之后写一次。
//!
//! 它有上限。一直放到放不下,说明他收得太慢:发件箱作废,他要离开。要是等他,他就拖住了所有人;
//! 要是丢掉几行,他看到的就和别人不一样。
//!
//! 一句话要放进一千个发件箱,内容都一样:字节存在这一批里([`crate::batch`]),每个发件箱记着自己要写的是
//! 哪一段;写不完的,才各自抄一份留着。

use std::cell::RefCell;
use std::io::{self, ErrorKind, Write};
use std::mem;
use std::ops::Range;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::batch::{Batch, Common};
use crate::members::Id;
use crate::protocol::Way;

/// 自己的一份至少要这么多字节的空间:平常够用,不必一句话一句话地加大,在内存里留下大小不一的空隙。
const OWN: usize = 1024;

/// 这么久一个字节也没有写出,就不算还在收:不再为他让别人歇。
const STALLED: Duration = Duration::from_secs(1);

/// 放不下了,或者已经作废、不再收了。
#[derive(Debug, PartialEq, Eq)]
pub struct Full;

/// 放进去以后,发件箱有多满。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// 他跟得上。
    Low,
    /// 过了一半,他在收,可是快跟不上了:说话的人该歇一下。根本不收的人不算,歇也没有用。
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

/// 一位成员的发件箱。复制的是同一个:房间往里放,事件循环往外拿。
#[derive(Debug, Clone)]
pub struct Outbox(Rc<Shared>);

#[derive(Debug)]
struct Shared {
    id: Id,
    common: Rc<Common>,
    queue: RefCell<Queue>,
}

/// 等着写的字节:要么是这一批里的一段,要么是自己的一份,不会两样都有。
#[derive(Debug, Default)]
struct Queue {
    /// 这一批里、用这种传法的一段。
    range: Range<u32>,
    way: Option<Way>,
    /// 以前没有写完的,或者在这一批里不连着的。
    own: Vec<u8>,
    /// 不再收;已经放进来的还要写完。
    finishing: bool,
    /// 已经在要写的名单里。
    listed: bool,
    /// 没有写完时,最后一次写出了什么。
    progress: Option<Instant>,
}

impl Outbox {
    /// `id` 的发件箱,空的。
    pub fn new(id: Id, common: Rc<Common>) -> Self {
        let queue = RefCell::default();
        Self(Rc::new(Shared { id, common, queue }))
    }

    /// 放进一行或几行的字节:要么全部放进,要么作废。从不等待。
    pub fn push(&self, bytes: &[u8]) -> Result<Level, Full> {
        let mut queue = self.0.queue.borrow_mut();
        if queue.finishing {
            return Err(Full);
        }
        if queue.len() + bytes.len() > self.0.common.limit {
            queue.own = Vec::new();
            queue.range = 0..0;
            queue.finishing = true;
            return Err(Full);
        }
        let first = bytes.first().copied().unwrap_or_default();
        let way = *queue.way.get_or_insert(Way::of(first));
        let mut batch = self.0.common.batch(way).borrow_mut();
        queue.add(bytes, self.0.id, &mut batch);
        self.list(&mut queue);
        let high = queue.len() > self.0.common.limit / 2;
        // 以前写完过的不算:从满了一半的这时看起。
        match high && queue.progress.get_or_insert_with(Instant::now).elapsed() < STALLED {
            true => Ok(Level::High),
            false => Ok(Level::Low),
        }
    }

    /// 过了一半没有。
    pub fn is_high(&self) -> bool {
        self.0.queue.borrow().len() > self.0.common.limit / 2
    }

    /// 不再收;已经放进来的写完就结束。
    pub fn finish(&self) {
        let mut queue = self.0.queue.borrow_mut();
        queue.finishing = true;
        self.list(&mut queue);
    }

    fn list(&self, queue: &mut Queue) {
        if !mem::replace(&mut queue.listed, true) {
            self.0.common.dirty.borrow_mut().push(self.0.id);
        }
    }

    /// 这是谁的。
    pub fn id(&self) -> Id {
        self.0.id
    }

    /// 把攒着的全部字节一次写给 `sink`;它收不下的,自己抄一份留着。
    pub fn flush(&self, sink: &mut impl Write) -> io::Result<Flushed> {
        let mut queue = self.0.queue.borrow_mut();
        let way = queue.way.unwrap_or(Way::Lines);
        let batch = self.0.common.batch(way).borrow();
        queue.listed = false;
        let waiting = match queue.own.is_empty() {
            true => batch.slice(&queue.range),
            false => &queue.own,
        };
        let sent = write_some(sink, waiting)?;
        let rest = waiting[sent..].to_vec();
        if rest.is_empty() {
            queue.progress = None;
        } else if sent > 0 {
            queue.progress = Some(Instant::now());
        }
        queue.range = 0..0;
        queue.own = rest;
        Ok(match (queue.own.is_empty(), queue.finishing) {
            (false, _) => Flushed::Blocked,
            (true, false) => Flushed::All,
            (true, true) => Flushed::Finished,
        })
    }
}

impl Queue {
    fn len(&self) -> usize {
        self.own.len() + self.range.len()
    }

    fn add(&mut self, bytes: &[u8], id: Id, batch: &mut Batch) {
        match batch.share(bytes, id) {
            Some(piece) if self.own.is_empty() && self.range.is_empty() => self.range = piece,
            Some(piece) if self.own.is_empty() && self.range.end == piece.start => {
                self.range.end = piece.end;
            }
            // 只有他要,或者和前面的连不成一段(例如中间隔着他自己说的话):抄一份。
            _ => {
                if self.own.is_empty() {
                    self.own.reserve(OWN);
                    self.own.extend_from_slice(batch.slice(&self.range));
                    self.range = 0..0;
                }
                self.own.extend_from_slice(bytes);
            }
        }
    }
}

/// 写到写完,或者对方的窗口满了;返回写出的字节数。
fn write_some(sink: &mut impl Write, bytes: &[u8]) -> io::Result<usize> {
    let mut sent = 0;
    while sent < bytes.len() {
        match sink.write(&bytes[sent..]) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(length) => sent += length,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    Ok(sent)
}
