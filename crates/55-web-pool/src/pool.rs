//! 有界的队列和正在服务的连接:客户排着队,等一个空下来的工作线程。

use std::collections::VecDeque;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// 队列和座位。
pub struct Pool {
    workers: usize,
    limit: usize,
    state: Mutex<State>,
    /// 有人来排队,或者要收场:叫醒空着的工作线程。
    arrived: Condvar,
    /// 有人离开。
    left: Condvar,
    /// 有人在等,或者要收场:答完一个请求就关闭,不再留着连接。
    crowded: AtomicBool,
}

#[derive(Default)]
struct State {
    queue: VecDeque<(TcpStream, SocketAddr)>,
    seats: Vec<Arc<Seat>>,
    closed: bool,
}

/// 一条正在服务的连接。
pub struct Seat {
    /// 和这位客户的连接。
    pub stream: TcpStream,
    /// 这位客户的地址。
    pub peer: SocketAddr,
    doing: Mutex<Doing>,
}

/// 这条连接在做什么。
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doing {
    /// 刚来,还没有说话。
    Fresh,
    /// 正在听一个请求,或者正在答。
    Busy,
    /// 答完了,留着等下一个请求。
    Resting,
    /// 不等了。
    Ended,
}

impl Pool {
    /// 给 `workers` 个工作线程用;他们都忙的时候,最多 `limit` 位排队。
    pub fn new(workers: usize, limit: usize) -> Self {
        Self {
            workers,
            limit,
            state: Mutex::default(),
            arrived: Condvar::new(),
            left: Condvar::new(),
            crowded: AtomicBool::new(false),
        }
    }

    /// 请一位客户排队;队列满了就把连接还回来。
    pub fn admit(&self, stream: TcpStream, peer: SocketAddr) -> Result<(), TcpStream> {
        let mut state = lock(&self.state);
        let free = self.workers - state.seats.len();
        if state.queue.len() >= self.limit + free {
            return Err(stream);
        }
        state.queue.push_back((stream, peer));
        if state.queue.len() > free {
            self.crowded.store(true, Ordering::SeqCst);
            // 让最早留着的那一条走:它的工作线程就空了。
            let _ = state.seats.iter().find(|seat| seat.end(&[Doing::Resting]));
        }
        self.arrived.notify_one();
        Ok(())
    }

    /// 工作线程等下一位客户;收场时是 `None`。
    pub fn next(&self) -> Option<Arc<Seat>> {
        let waiting = |state: &mut State| state.queue.is_empty() && !state.closed;
        let waited = self.arrived.wait_while(lock(&self.state), waiting);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        let (stream, peer) = state.queue.pop_front()?;
        let doing = Mutex::new(Doing::Fresh);
        let seat = Arc::new(Seat {
            stream,
            peer,
            doing,
        });
        state.seats.push(Arc::clone(&seat));
        self.see_crowd(&state);
        Some(seat)
    }

    /// 一条连接服务完了。
    pub fn leave(&self, seat: &Arc<Seat>) {
        let mut state = lock(&self.state);
        state.seats.retain(|other| !Arc::ptr_eq(other, seat));
        self.see_crowd(&state);
        self.left.notify_all();
    }

    fn see_crowd(&self, state: &State) {
        let free = self.workers - state.seats.len();
        let crowded = state.closed || state.queue.len() > free;
        self.crowded.store(crowded, Ordering::SeqCst);
    }

    /// 有人在等:连接不要再留着。
    pub fn crowded(&self) -> bool {
        self.crowded.load(Ordering::SeqCst)
    }

    /// 等到有一位客户离开,最多等 `longest`。
    pub fn wait_for_departure(&self, longest: Duration) {
        let _ = self.left.wait_timeout(lock(&self.state), longest);
    }

    /// 开始收场:没有说话的连接不再等,正在答的答完;返回还在排队的。
    pub fn close(&self) -> VecDeque<(TcpStream, SocketAddr)> {
        let mut state = lock(&self.state);
        state.closed = true;
        self.see_crowd(&state);
        for seat in &state.seats {
            seat.end(&[Doing::Resting, Doing::Fresh]);
        }
        self.arrived.notify_all();
        std::mem::take(&mut state.queue)
    }

    /// 等正在服务的都走完,最多等 `longest`;还没有走的,挂断。
    pub fn see_off(&self, longest: Duration) {
        let present = |state: &mut State| !state.seats.is_empty();
        let waited = self
            .left
            .wait_timeout_while(lock(&self.state), longest, present);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        for seat in &state.seats {
            let _ = seat.stream.shutdown(Shutdown::Both);
        }
    }
}

impl Seat {
    /// 答完了,等下一个请求;有人在排队,就不等了,是 `false`。
    ///
    /// 先说自己在等,再看有没有人排队;来排队的先排上,再看谁在等。两边至少有一边看得见另一边。
    pub fn rest(&self, pool: &Pool) -> bool {
        *lock(&self.doing) = Doing::Resting;
        !pool.crowded() || !self.end(&[Doing::Resting])
    }

    /// 有请求来了;已经被请走的,是 `false`:来了的请求还是要答,答完就走。
    pub fn wake(&self) -> bool {
        let mut doing = lock(&self.doing);
        let stays = *doing != Doing::Ended;
        *doing = Doing::Busy;
        stays
    }

    /// 不再等:正在 `from` 里的一种,就叫醒等在 `read` 里的线程,它会读到流的末尾。
    fn end(&self, from: &[Doing]) -> bool {
        let mut doing = lock(&self.doing);
        if !from.contains(&doing) {
            return false;
        }
        *doing = Doing::Ended;
        let _ = self.stream.shutdown(Shutdown::Read);
        true
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // 持锁时不会恐慌;即使有过,里面的东西也还是好的。
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
