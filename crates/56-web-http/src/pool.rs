//! 工人和连接:谁在等,谁在由哪位工人照看,谁闲着可以让路。
//!
//! 工人需要时才请,一位一次照看一条连接。都忙着又有人等,就请闲得最久的连接离开:它只是没有话说,
//! 浏览器下次再连一次就是了(RFC 9112 §9.5)。正在说、正在听的不去打扰,它们有自己的期限。

use std::collections::VecDeque;
use std::net::{IpAddr, Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::cli;
use crate::desk::Desk;
use crate::visitor::{Visitor, is_opening};

/// 所有的工人和连接。
pub struct Pool {
    started: Instant,
    workers: usize,
    connections: usize,
    state: Mutex<State>,
    /// 有连接来了,或者要收场了。
    arrived: Condvar,
    /// 有连接离开了。
    left: Condvar,
    /// 闲下来的要不要去看看有没有人在等:不必为此每次都上锁。
    pressed: AtomicBool,
    ended: AtomicBool,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Visitor>,
    /// 每位工人正在照看的连接。
    desks: Vec<Option<Arc<Visitor>>>,
    /// 空着的工人有几位,包括刚去请的。
    free: usize,
    /// 请了它离开、还没有走的有几条。
    leaving: usize,
}

impl Pool {
    /// 最多 `workers` 位工人,`connections` 条连接(照看着的和等着的)。
    pub fn new(workers: usize, connections: usize) -> Self {
        Self {
            started: Instant::now(),
            workers,
            connections,
            state: Mutex::default(),
            arrived: Condvar::new(),
            left: Condvar::new(),
            pressed: AtomicBool::new(false),
            ended: AtomicBool::new(false),
        }
    }

    /// 来了一条连接,排进队里。要再请一位工人的话,返回他的号码。
    ///
    /// # Errors
    /// 连接太多,又没有闲着的可以让路:把它还回来。
    pub fn arrive(&self, stream: TcpStream, peer: IpAddr) -> Result<Option<usize>, TcpStream> {
        let mut state = self.lock();
        let staying = state.present() - state.leaving;
        if staying >= self.connections && !state.give_way(true) {
            return Err(stream);
        }
        state.queue.push_back(Visitor::new(stream, peer));
        self.pressed.store(true, Ordering::SeqCst);
        if state.queue.len() <= state.free {
            self.arrived.notify_one();
        } else if state.desks.len() < self.workers {
            state.desks.push(None);
            state.free += 1;
            return Ok(Some(state.desks.len() - 1));
        } else {
            state.make_room(false);
        }
        Ok(None)
    }

    /// 最后那位工人没有请到:等着的交给别人。
    pub fn not_hired(&self) {
        let mut state = self.lock();
        state.desks.pop();
        state.free -= 1;
        state.make_room(false);
    }

    /// 第 `number` 位工人等下一条连接;要收场了、也没有人在等,是 `None`。
    pub fn next(&self, number: usize) -> Option<Desk<'_>> {
        let mut state = self.lock();
        loop {
            if let Some(visitor) = state.queue.pop_front() {
                let pressed = !state.queue.is_empty() || self.is_ending();
                self.pressed.store(pressed, Ordering::SeqCst);
                state.free -= 1;
                let visitor = Arc::new(visitor);
                state.desks[number] = Some(Arc::clone(&visitor));
                return Some(Desk::new(self, number, visitor));
            }
            if self.is_ending() {
                return None;
            }
            let woken = self.arrived.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// 请闲得最久的一条离开,等到有一条离开为止,最多等 `longest`:描述符用完了。
    pub fn free_one(&self, longest: Duration) {
        let mut state = self.lock();
        state.give_way(true);
        drop(self.left.wait_timeout(state, longest));
    }

    /// 收场:闲着的现在就走,忙的最多再等 `longest`,然后挂断。
    pub fn see_off(&self, longest: Duration) {
        let mut state = self.lock();
        self.ended.store(true, Ordering::SeqCst);
        self.pressed.store(true, Ordering::SeqCst);
        self.arrived.notify_all();
        while state.give_way(true) {}
        let count = state.present() - state.leaving;
        if count > 0 {
            let seconds = longest.as_secs();
            cli::note(format_args!(
                "不再接待;还有 {count} 条连接,最多等 {seconds} 秒,再按一次 Ctrl-C 立刻结束"
            ));
        }
        let present = |state: &mut State| state.present() > 0;
        let waited = self.left.wait_timeout_while(state, longest, present);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.queue.clear();
        for visitor in state.desks.iter().flatten() {
            let _ = visitor.stream.shutdown(Shutdown::Both);
        }
    }

    /// 从开始到现在,纳秒:闲着的比谁先谁后。
    pub fn now(&self) -> u64 {
        self.started.elapsed().as_nanos() as u64
    }

    /// 一条连接闲下来了:有人在等,就请闲得最久的让路。
    pub fn make_room(&self) {
        // 先说自己闲着,再看有没有人在等;来的人先排上队,再看谁闲着:总有一方看得到另一方。
        if self.pressed.load(Ordering::SeqCst) {
            self.lock().make_room(self.is_ending());
        }
    }

    /// 第 `number` 位工人送走了 `visitor`。
    pub fn leave(&self, number: usize, visitor: &Visitor) {
        let mut state = self.lock();
        state.desks[number] = None;
        state.free += 1;
        if visitor.is_leaving() {
            state.leaving -= 1;
        }
    }

    /// 一条连接已经关闭,描述符已经还了。
    pub fn left(&self) {
        self.left.notify_all();
    }

    /// 是不是在收场。
    pub fn is_ending(&self) -> bool {
        self.ended.load(Ordering::SeqCst)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // 持锁时不会恐慌;即使有过,名单也还是好的。
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// 照看着的和等着的,一共几条。
    fn present(&self) -> usize {
        self.queue.len() + self.desks.iter().flatten().count()
    }

    /// 等着的比空出来的多,就请闲着的让路;收场的时候,闲着的都走。
    fn make_room(&mut self, ended: bool) {
        while ended || self.queue.len() > self.free + self.leaving {
            if !self.give_way(false) {
                break;
            }
        }
    }

    /// 请闲得最久的一条离开;没有闲着的是 `false`。`opening` 是没有别的时候,刚来的也算。
    fn give_way(&mut self, opening: bool) -> bool {
        loop {
            let visitors = self.desks.iter().flatten();
            let idle = visitors.filter_map(|visitor| Some((visitor.idle_since()?, visitor)));
            let Some((since, visitor)) = idle.min_by_key(|(since, _)| *since) else {
                return false;
            };
            if is_opening(since) && !opening {
                return false;
            }
            // 刚看过它还闲着,现在也许忙起来了:那就再找一条。
            if visitor.send_away(since) {
                self.leaving += 1;
                return true;
            }
        }
    }
}
