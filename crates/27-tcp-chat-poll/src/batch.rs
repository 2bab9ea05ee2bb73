//! 一批:一轮事件里要写的字节,一样的只存一份;和谁有东西要写。

use std::cell::RefCell;
use std::mem;
use std::ops::Range;
use std::rc::Rc;

use crate::members::Id;
use crate::outbox::Outbox;
use crate::protocol::Way;

/// 这一批攒了这么多字节,就先写一遍:加上读一次引来的,也小于一个发件箱的上限,
/// 收得及时的人不会因为一批太大而装满。
const BATCH: usize = 16 * 1024;

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
    /// 这一批要写的字节。两种传法各一份:同一句话分成的两样字节轮流来,就都连不成一段。
    frames: RefCell<Batch>,
    lines: RefCell<Batch>,
    /// 有东西要写的成员,先后为序:不必把每位成员都问一遍。
    pub dirty: RefCell<Vec<Id>>,
}

/// 这一批要写的字节,一样的只存一份。
///
/// 只对一个人说的话不放进来:那样别人要写的就连不成一段。一句话是不是对大家说的,第二个人也要它时才知道。
#[derive(Debug, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    /// 最后一句话。
    last: Vec<u8>,
    /// 最后要它的人。
    taker: Id,
    /// 它在 `bytes` 里的位置;还只有一个人要它时没有。
    place: Option<Range<u32>>,
    /// 一共有多少字节的话,一样的只算一次。
    said: usize,
}

impl Outboxes {
    /// 每个发件箱最多装 `limit` 字节。
    pub fn new(limit: usize) -> Self {
        Self(Rc::new(Common {
            limit,
            frames: RefCell::default(),
            lines: RefCell::default(),
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
        let said = |way| self.0.batch(way).borrow().said;
        said(Way::Frames).max(said(Way::Lines)) > BATCH
    }

    /// 这一批都写过了,没有一个发件箱还指着它。
    pub fn clear(&self) {
        for way in [Way::Frames, Way::Lines] {
            let mut batch = self.0.batch(way).borrow_mut();
            batch.bytes.clear();
            batch.bytes.shrink_to(KEEP);
            batch.last.clear();
            batch.place = None;
            batch.said = 0;
        }
    }
}

impl Common {
    /// 用这种传法的人共用的字节。
    pub fn batch(&self, way: Way) -> &RefCell<Batch> {
        match way {
            Way::Frames => &self.frames,
            Way::Lines => &self.lines,
        }
    }
}

impl Batch {
    /// 一个人要一句话:和上一个人要的一样,就返回它的位置;`None` 是他是第一个,自己抄一份。
    ///
    /// 一句话转给大家,编号小的先要。所以编号不比上一个人大,就是又说了一句,哪怕和上一句一样。
    pub fn share(&mut self, bytes: &[u8], taker: Id) -> Option<Range<u32>> {
        let again = taker <= mem::replace(&mut self.taker, taker);
        if again || self.last != bytes {
            self.last.clear();
            self.last.extend_from_slice(bytes);
            self.place = None;
            self.said += bytes.len();
            return None;
        }
        let start = self.bytes.len() as u32;
        let place = self.place.get_or_insert_with(|| {
            self.bytes.extend_from_slice(bytes);
            start..self.bytes.len() as u32
        });
        Some(place.clone())
    }

    /// 一段的字节。
    pub fn slice(&self, range: &Range<u32>) -> &[u8] {
        &self.bytes[range.start as usize..range.end as usize]
    }
}
