//! 期限:一万条连接,每条都在等一件事,加入、离开、到期都是 O(1)。
//!
//! 同一种等待的期限一样长,所以先开始的先到期:每一种一个队列,只要看队首。队列是连接之间的链表,
//! 不另外占内存;离开队列不用找。等下一个请求的那一个队列,队首就是空闲得最久的连接。

use std::time::{Duration, Instant};

use slab::Slab;

use crate::connection::Connection;
use crate::limits::{LINGER, Limits};

/// 没有前一个、后一个。
const NONE: u32 = u32::MAX;

/// 一条连接在等什么。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// 下一个请求。
    Idle,
    /// 头的其余部分。
    Head,
    /// 正文的其余部分。
    Body,
    /// 对方收下一些。
    Write,
    /// 说完了,等对方也关闭:再发什么都不听了。
    Linger,
}

/// 等待的种类。
const KINDS: [Wait; 5] = [
    Wait::Idle,
    Wait::Head,
    Wait::Body,
    Wait::Write,
    Wait::Linger,
];

/// 连接在队列里的位置。
#[derive(Debug, Clone, Copy)]
pub struct Place {
    wait: Wait,
    /// 开始等的时刻,毫秒,见 [`Timers::tick`]。
    since: u32,
    before: u32,
    after: u32,
}

impl Place {
    /// 在等什么。
    pub fn wait(&self) -> Wait {
        self.wait
    }
}

/// 一个队列。
#[derive(Debug, Clone, Copy)]
struct Queue {
    first: u32,
    last: u32,
    /// 期限,毫秒。
    limit: u32,
}

/// 所有的队列。
#[derive(Debug)]
pub struct Timers {
    queues: [Queue; KINDS.len()],
    start: Instant,
    now: u32,
}

impl Timers {
    /// 期限由 `limits` 说。
    pub fn new(limits: Limits) -> Self {
        let Limits {
            idle,
            header,
            body,
            write,
            ..
        } = limits;
        let queue = |limit: Duration| Queue {
            first: NONE,
            last: NONE,
            limit: u32::try_from(limit.as_millis()).unwrap_or(u32::MAX / 2),
        };
        Self {
            queues: [idle, header, body, write, LINGER].map(queue),
            start: Instant::now(),
            now: 0,
        }
    }

    /// 看一次表:一批事件一次。毫秒数 49 天以后从 0 再来,两个时刻相减也不会错。
    pub fn tick(&mut self) {
        self.now = self.start.elapsed().as_millis() as u32;
    }

    /// 新的连接,从现在起等 `wait`;它放进 `connections` 以后,要马上 [`Timers::join`]。
    pub fn place(&self, wait: Wait) -> Place {
        Place {
            wait,
            since: self.now,
            before: NONE,
            after: NONE,
        }
    }

    /// 排到队尾。
    pub fn join(&mut self, connections: &mut Slab<Connection>, key: usize) {
        let place = &mut connections[key].place;
        let queue = &mut self.queues[place.wait as usize];
        place.before = queue.last;
        place.after = NONE;
        match std::mem::replace(&mut queue.last, key as u32) {
            NONE => queue.first = key as u32,
            before => connections[before as usize].place.after = key as u32,
        }
    }

    /// 离开队列。
    pub fn leave(&mut self, connections: &mut Slab<Connection>, key: usize) {
        let Place {
            wait,
            before,
            after,
            ..
        } = connections[key].place;
        let queue = &mut self.queues[wait as usize];
        match before {
            NONE => queue.first = after,
            before => connections[before as usize].place.after = after,
        }
        match after {
            NONE => queue.last = before,
            after => connections[after as usize].place.before = before,
        }
    }

    /// 从现在起等 `wait`。
    pub fn restart(&mut self, connections: &mut Slab<Connection>, key: usize, wait: Wait) {
        let place = &mut connections[key].place;
        // 已经在队尾:只改时刻。忙的连接常常是这样。
        if place.wait == wait && place.after == NONE {
            place.since = self.now;
            return;
        }
        self.leave(connections, key);
        connections[key].place = self.place(wait);
        self.join(connections, key);
    }

    /// 等得最久的连接。
    pub fn oldest(&self, wait: Wait) -> Option<usize> {
        let first = self.queues[wait as usize].first;
        (first != NONE).then_some(first as usize)
    }

    /// 等得最久的连接,只要已经等了 `least`。
    pub fn longest(
        &self,
        connections: &Slab<Connection>,
        wait: Wait,
        least: Duration,
    ) -> Option<usize> {
        let key = self.oldest(wait)?;
        let waited = self.now.wrapping_sub(connections[key].place.since);
        (u128::from(waited) >= least.as_millis()).then_some(key)
    }

    /// 一条到期的连接,和它等的是什么。
    pub fn expired(&self, connections: &Slab<Connection>) -> Option<(usize, Wait)> {
        KINDS.into_iter().find_map(|wait| {
            let key = self.oldest(wait)?;
            (self.left(connections, wait)? == 0).then_some((key, wait))
        })
    }

    /// 到下一个期限还有多久;没有连接是 `None`。
    pub fn next(&self, connections: &Slab<Connection>) -> Option<Duration> {
        let left = KINDS
            .into_iter()
            .filter_map(|wait| self.left(connections, wait));
        left.min().map(|left| Duration::from_millis(left.into()))
    }

    /// 队首还有多少毫秒。
    fn left(&self, connections: &Slab<Connection>, wait: Wait) -> Option<u32> {
        let since = connections[self.oldest(wait)?].place.since;
        let limit = self.queues[wait as usize].limit;
        Some(limit.saturating_sub(self.now.wrapping_sub(since)))
    }
}
