//! 名册:谁排着队,谁由哪个工作线程照看着,谁该让路。

use std::collections::VecDeque;
use std::sync::Arc;

use crate::seat::{Seat, is_fresh};

/// 名册。
#[derive(Default)]
pub struct Roster {
    /// 排着队的,先来的在前。
    pub queue: VecDeque<Seat>,
    /// 每个工作线程正在照看的连接。
    pub seats: Vec<Option<Arc<Seat>>>,
    /// 空着的工作线程有几个,包括正在开的。
    pub free: usize,
    /// 请了它离开、还没有走的有几条。
    pub leaving: usize,
}

impl Roster {
    /// 照看着的和等着的,一共几条。
    pub fn present(&self) -> usize {
        self.queue.len() + self.seats.iter().flatten().count()
    }

    /// 等着的比空出来的多,就请闲着的让路;收场的时候,闲着的都走。
    pub fn make_room(&mut self, ended: bool) {
        while ended || self.queue.len() > self.free + self.leaving {
            if !self.give_way(false) {
                break;
            }
        }
    }

    /// 请闲得最久的一条离开;没有闲着的是 `false`。`fresh` 是没有别的时候,刚来的也算。
    pub fn give_way(&mut self, fresh: bool) -> bool {
        loop {
            let seats = self.seats.iter().flatten();
            let idle = seats.filter_map(|seat| Some((seat.rested_since()?, seat)));
            let Some((since, seat)) = idle.min_by_key(|(since, _)| *since) else {
                return false;
            };
            if is_fresh(since) && !fresh {
                return false;
            }
            // 刚看过它还闲着,现在也许忙起来了:那就再找一条。
            if seat.end(since) {
                self.leaving += 1;
                return true;
            }
        }
    }
}
