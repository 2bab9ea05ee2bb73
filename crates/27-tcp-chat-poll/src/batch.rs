//! 一批:一轮事件里要写的字节,一样的只存一份;和谁有东西要写。

use std::cell::RefCell;
use std::mem;
use std::ops::Range;
use std::rc::Rc;

use crate::members::Id;
use crate::outbox::Outbox;

/// 这一批的字节最多攒这么多,就先写一遍。
const BATCH: usize = 256 * 1024;

/// 写过以后留着的空间最多这么多字节:够平常的一批用;一阵忙过去,占的内存要还。
const KEEP: usize = 16 * 1024;

/// 所有发件箱共用的东西。
#[derive(Debug, Clone)]
pub struct Outboxes(Rc<Common>);

/// [`Outboxes`] 的内容,每个发件箱也拿着它。
#[derive(Debug)]
pub struct Common {
    /// 一个发件箱最多装几字节。
    pub limit: usize,
    /// 这一批要写的字节。
    pub batch: RefCell<Batch>,
    /// 有东西要写的成员,先后为序:不必把每位成员都问一遍。
    pub dirty: RefCell<Vec<Id>>,
}

/// 这一批要写的字节,一样的只存一份。
#[derive(Debug)]
pub struct Batch {
    bytes: Vec<u8>,
    /// 最后放进来的一段。
    last: Range<u32>,
}

impl Outboxes {
    /// 每个发件箱最多装 `limit` 字节。
    pub fn new(limit: usize) -> Self {
        Self(Rc::new(Common {
            limit,
            batch: RefCell::new(Batch {
                bytes: Vec::with_capacity(KEEP),
                last: 0..0,
            }),
            dirty: RefCell::default(),
        }))
    }

    /// `id` 的发件箱,空的。
    pub fn open(&self, id: Id) -> Outbox {
        Outbox::new(id, Rc::clone(&self.0))
    }

    /// 有东西要写的名单换到 `list` 里;`list` 原来的空间留着记下一批,不用每批都再要内存。
    pub fn take_dirty(&self, list: &mut Vec<Id>) {
        list.clear();
        mem::swap(list, &mut self.0.dirty.borrow_mut());
    }

    /// 这一批攒得太多,该写了。
    pub fn is_heavy(&self) -> bool {
        self.0.batch.borrow().bytes.len() > BATCH
    }

    /// 这一批都写过了,没有一个发件箱还指着它。
    pub fn clear(&self) {
        let mut batch = self.0.batch.borrow_mut();
        batch.bytes.clear();
        batch.bytes.shrink_to(KEEP);
        batch.last = 0..0;
    }
}

impl Batch {
    /// 放进一段,返回它的位置;和最后一段一样,就不用再放。
    pub fn place(&mut self, bytes: &[u8]) -> Range<u32> {
        if self.slice(&self.last) != bytes {
            let start = self.bytes.len() as u32;
            self.bytes.extend_from_slice(bytes);
            self.last = start..self.bytes.len() as u32;
        }
        self.last.clone()
    }

    /// 一段的字节。
    pub fn slice(&self, range: &Range<u32>) -> &[u8] {
        &self.bytes[range.start as usize..range.end as usize]
    }
}
