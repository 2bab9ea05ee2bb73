//! 工作线程和连接:谁在等,谁由哪个工作线程照看,谁闲着可以让路。
//!
//! 工作线程需要时才开,一个一次照看一条连接。都忙着又有人等,就请闲得最久的连接离开:它只是没有话说,
//! 浏览器下次再连一次就是了(RFC 9112 §9.5)。正在说、正在听的不去打扰,它们有自己的期限。

use std::collections::VecDeque;
use std::net::{IpAddr, Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::cli;
use crate::desk::Desk;
use crate::roster::Roster;
use crate::seat::Seat;

/// 收场时,这么快就走完的,不用告诉坐在终端前的人。
const NOTICE: Duration = Duration::from_millis(200);

/// 所有的工作线程和连接。
pub struct Pool {
    started: Instant,
    workers: usize,
    connections: usize,
    roster: Mutex<Roster>,
    /// 有连接来了,或者要收场了。
    arrived: Condvar,
    /// 有连接离开了。
    left: Condvar,
    /// 闲下来的要不要去看看有没有人在等:不必为此每次都上锁。
    pressed: AtomicBool,
    ended: AtomicBool,
}

impl Pool {
    /// 最多 `workers` 个工作线程,`connections` 条连接(照看着的和等着的)。
    pub fn new(workers: usize, connections: usize) -> Self {
        Self {
            started: Instant::now(),
            workers,
            connections,
            roster: Mutex::default(),
            arrived: Condvar::new(),
            left: Condvar::new(),
            pressed: AtomicBool::new(false),
            ended: AtomicBool::new(false),
        }
    }

    /// 来了一条连接,排进队里。要再开一个工作线程的话,返回它的号码。
    ///
    /// # Errors
    /// 连接太多,又没有闲着的可以让路:把它还回来。
    pub fn admit(&self, stream: TcpStream, peer: IpAddr) -> Result<Option<usize>, TcpStream> {
        let mut roster = self.lock();
        let staying = roster.present() - roster.leaving;
        if staying >= self.connections && !roster.give_way(true) {
            return Err(stream);
        }
        roster.queue.push_back(Seat::new(stream, peer));
        self.pressed.store(true, Ordering::SeqCst);
        if roster.queue.len() <= roster.free {
            self.arrived.notify_one();
        } else if roster.seats.len() < self.workers {
            roster.seats.push(None);
            roster.free += 1;
            return Ok(Some(roster.seats.len() - 1));
        } else {
            roster.make_room(false);
        }
        Ok(None)
    }

    /// 最后那个工作线程没有开成:等着的交给别的。
    pub fn not_hired(&self) {
        let mut roster = self.lock();
        roster.seats.pop();
        roster.free -= 1;
        roster.make_room(false);
    }

    /// 第 `number` 个工作线程等下一条连接;要收场了、也没有人在等,是 `None`。
    pub fn next(&self, number: usize) -> Option<Desk<'_>> {
        let mut roster = self.lock();
        loop {
            if let Some(seat) = roster.queue.pop_front() {
                let pressed = !roster.queue.is_empty() || self.is_ending();
                self.pressed.store(pressed, Ordering::SeqCst);
                roster.free -= 1;
                let seat = Arc::new(seat);
                roster.seats[number] = Some(Arc::clone(&seat));
                return Some(Desk::new(self, number, seat));
            }
            if self.is_ending() {
                return None;
            }
            let woken = self.arrived.wait(roster);
            roster = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// 请闲得最久的一条离开,等到有一条离开为止,最多等 `longest`:描述符用完了。
    pub fn free_one(&self, longest: Duration) {
        let mut roster = self.lock();
        roster.give_way(true);
        drop(self.left.wait_timeout(roster, longest));
    }

    /// 收场:闲着的现在就走。返回还排着队的,不会再有人照看它们。
    pub fn close(&self) -> VecDeque<Seat> {
        let mut roster = self.lock();
        self.ended.store(true, Ordering::SeqCst);
        self.pressed.store(true, Ordering::SeqCst);
        self.arrived.notify_all();
        while roster.give_way(true) {}
        std::mem::take(&mut roster.queue)
    }

    /// 等还在说的说完,最多 `longest`;还没有走的,挂断。
    pub fn see_off(&self, longest: Duration) {
        let soon = longest.min(NOTICE);
        let roster = self.wait_until_empty(self.lock(), soon);
        let count = roster.present();
        if count > 0 {
            let seconds = longest.as_secs();
            cli::note(format_args!(
                "不再接待;还有 {count} 条连接,最多等 {seconds} 秒,再按一次 Ctrl-C 立刻结束"
            ));
        }
        let roster = self.wait_until_empty(roster, longest - soon);
        for seat in roster.seats.iter().flatten() {
            let _ = seat.stream.shutdown(Shutdown::Both);
        }
    }

    fn wait_until_empty<'a>(
        &self,
        roster: MutexGuard<'a, Roster>,
        longest: Duration,
    ) -> MutexGuard<'a, Roster> {
        let present = |roster: &mut Roster| roster.present() > 0;
        let waited = self.left.wait_timeout_while(roster, longest, present);
        waited.unwrap_or_else(PoisonError::into_inner).0
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

    /// 第 `number` 个工作线程送走了 `seat`。
    pub fn leave(&self, number: usize, seat: &Seat) {
        let mut roster = self.lock();
        roster.seats[number] = None;
        roster.free += 1;
        if seat.is_ended() {
            roster.leaving -= 1;
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

    fn lock(&self) -> MutexGuard<'_, Roster> {
        // 持锁时不会恐慌;即使有过,名单也还是好的。
        self.roster.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
