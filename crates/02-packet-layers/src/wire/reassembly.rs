//! 重组:把一个 IP 报文的各个分片拼回去(RFC 791 §3.2、RFC 8200 §4.5)。

use super::fragment::MAX_SIZE;
use super::layer::{Piece, Whole};

/// 最多同时拼这么多个报文:再多,最早的放弃,免得没有下文的分片占满内存。
const MAX_PENDING: usize = 64;

/// 还没有拼完的报文,先来的在前。
#[derive(Debug, Default)]
pub struct Reassembly {
    pending: Vec<Pending>,
}

#[derive(Debug)]
struct Pending {
    of: Whole,
    /// 按起点排好,互不重叠。
    pieces: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    start: usize,
    data: Vec<u8>,
    more: bool,
}

/// 拼好的报文。
#[derive(Debug, PartialEq, Eq)]
pub struct Complete {
    /// 哪一个报文。
    pub of: Whole,
    /// 有几片。
    pub pieces: usize,
    /// IP 头后面的全部字节。
    pub payload: Vec<u8>,
}

impl Reassembly {
    /// 又来了 `packet` 里的一片;齐了就交出整个报文。
    ///
    /// 同一段重来一次,用后来的。与别的片重叠的不要:正常的发送方不会这样,攻击者才会(RFC 5722)。
    pub fn add(&mut self, piece: &Piece, packet: &[u8]) -> Option<Complete> {
        let data = packet.get(piece.data.clone()?)?;
        if data.is_empty() || piece.start + data.len() > MAX_SIZE {
            return None;
        }
        let part = Part {
            start: piece.start,
            data: data.to_vec(),
            more: piece.more,
        };
        let index = self.find(&piece.of);
        self.pending[index].insert(part);
        if !self.pending[index].is_complete() {
            return None;
        }
        let done = self.pending.remove(index);
        Some(Complete {
            of: done.of,
            pieces: done.pieces.len(),
            payload: done.pieces.into_iter().flat_map(|part| part.data).collect(),
        })
    }

    /// 还有几个报文没有拼齐。
    #[must_use]
    pub fn unfinished(&self) -> usize {
        self.pending.len()
    }

    fn find(&mut self, of: &Whole) -> usize {
        if let Some(index) = self.pending.iter().position(|one| one.of == *of) {
            return index;
        }
        if self.pending.len() == MAX_PENDING {
            self.pending.remove(0);
        }
        self.pending.push(Pending {
            of: of.clone(),
            pieces: Vec::new(),
        });
        self.pending.len() - 1
    }
}

impl Pending {
    fn insert(&mut self, part: Part) {
        let end = part.start + part.data.len();
        let same = |old: &Part| old.start == part.start && old.data.len() == part.data.len();
        self.pieces.retain(|old| !same(old));
        let apart = |old: &Part| old.start >= end || old.start + old.data.len() <= part.start;
        if self.pieces.iter().all(apart) {
            let index = self.pieces.partition_point(|old| old.start < part.start);
            self.pieces.insert(index, part);
        }
    }

    /// 从 0 起一片接一片,直到最后一片。
    fn is_complete(&self) -> bool {
        let mut expected = 0;
        for part in &self.pieces {
            if part.start != expected {
                return false;
            }
            expected += part.data.len();
        }
        self.pieces.last().is_some_and(|last| !last.more)
    }
}
