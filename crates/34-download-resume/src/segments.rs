//! 段:一个文件分成几段,一段由一条连接去收。

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::state::MAX_SEGMENTS;

/// 一段至少这么长:再短,多一条连接省不下时间。
const MIN_SEGMENT: u64 = 1 << 20;

/// 文件的一段,由一条连接去收。
pub struct Segment {
    /// 从第几个字节起。
    pub start: u64,
    /// 到第几个字节为止,不含它。
    pub end: u64,
    /// 开头收到了多少字节。
    held: AtomicU64,
    /// 服务器核对过:`held` 字节和它的一样。
    confirmed: AtomicBool,
}

impl Segment {
    /// 还没有核对过的一段。
    pub fn new(start: u64, end: u64, held: u64) -> Self {
        Self {
            start,
            end,
            held: held.into(),
            confirmed: false.into(),
        }
    }

    /// 开头收到了多少字节。
    pub fn held(&self) -> u64 {
        self.held.load(Ordering::Acquire)
    }

    /// 开头有多少字节已经核对过。
    pub fn confirmed(&self) -> u64 {
        match self.confirmed.load(Ordering::Acquire) {
            true => self.held(),
            false => 0,
        }
    }

    /// 服务器说:开头的 `held` 字节和它的一样。
    pub fn confirm(&self, held: u64) {
        self.held.store(held, Ordering::Release);
        self.confirmed.store(true, Ordering::Release);
    }

    /// 又收到 `bytes` 字节。
    pub fn receive(&self, bytes: u64) {
        self.held.fetch_add(bytes, Ordering::Release);
    }
}

/// 把 `size` 字节分成最多 `jobs` 段。
pub fn split(size: u64, jobs: u64) -> Vec<Segment> {
    let count = size.div_ceil(MIN_SEGMENT).clamp(1, jobs);
    // 段的边界对齐到 1 MiB。
    let length = size.div_ceil(count).next_multiple_of(MIN_SEGMENT);
    let starts = (0..count)
        .map(|index| index * length)
        .filter(|start| *start < size);
    starts
        .map(|start| Segment::new(start, size.min(start + length), 0))
        .collect()
}

/// 把还没有收的再分一分,让 `jobs` 条连接都有事做:上次的段可能比这次少。
pub fn spread(mut segments: Vec<Segment>, jobs: u64) -> Vec<Segment> {
    let missing = |segment: &Segment| segment.end - segment.start - segment.held();
    loop {
        let unfinished = segments.iter().filter(|one| missing(one) > 0).count();
        let most = segments
            .iter()
            .enumerate()
            .max_by_key(|(_, one)| missing(one));
        let Some((index, largest)) = most.filter(|(_, one)| missing(one) > MIN_SEGMENT) else {
            return segments;
        };
        // 缺的从中间分开,边界对齐到 1 MiB;太短了,就不再分。
        let middle = largest.end - missing(largest) / 2;
        let middle = middle.next_multiple_of(MIN_SEGMENT);
        if unfinished as u64 >= jobs || segments.len() >= MAX_SEGMENTS || middle >= largest.end {
            return segments;
        }
        let halves = [
            Segment::new(largest.start, middle, largest.held()),
            Segment::new(middle, largest.end, 0),
        ];
        segments.splice(index..=index, halves);
    }
}
