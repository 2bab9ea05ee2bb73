//! 发件箱:等着写给一位成员的字节。放进去不用等;写得慢的只是他自己的线程。
//!
//! 它有上限。一直放到放不下,说明他收得太慢:发件箱作废,他要离开。要是等他,他就拖住了所有人;
//! 要是丢掉几行,他看到的就和别人不一样。

use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// 写完以后留着的缓冲区最多这么大:够平常用;一阵忙过去,占的内存要还。
const KEEP: usize = 16 * 1024;

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

/// 一位成员的发件箱。复制的是同一个:房间往里放,写线程往外拿。
#[derive(Debug, Clone)]
pub struct Outbox {
    limit: usize,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    bytes: Vec<u8>,
    /// 写线程拿走了、还没有写完的字节数。
    writing: usize,
    /// 没有写完时,写线程最后一次写出了什么。
    progress: Option<Instant>,
    state: State,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// 还收。
    #[default]
    Open,
    /// 不再收;已经放进来的还要写完。
    Finishing,
    /// 作废:放进来的也不写了。
    Cut,
    /// 写线程结束了。
    Done,
}

impl Outbox {
    /// 最多装 `limit` 字节,连同正在写的。
    pub fn new(limit: usize) -> Self {
        let shared = Arc::default();
        Self { limit, shared }
    }

    /// 放进一行或几行的字节:要么全部放进,要么作废。从不等待。
    pub fn push(&self, bytes: &[u8]) -> Result<Level, Full> {
        let mut queue = self.lock();
        if queue.state != State::Open {
            return Err(Full);
        }
        if queue.len() + bytes.len() > self.limit {
            queue.cut();
            self.shared.changed.notify_all();
            return Err(Full);
        }
        // 写线程正忙或者已经叫过了,就不用再叫。
        let waiting = queue.len() == 0;
        queue.bytes.extend_from_slice(bytes);
        if waiting {
            self.shared.changed.notify_all();
        }
        let high = queue.len() > self.limit / 2;
        // 以前写完过的不算:从满了一半的这时看起。
        match high && queue.progress.get_or_insert_with(Instant::now).elapsed() < STALLED {
            true => Ok(Level::High),
            false => Ok(Level::Low),
        }
    }

    /// 还没有写完的字节数。
    #[allow(dead_code, reason = "程序不问,测试要问")]
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// 不再收;已经放进来的写完就结束。
    pub fn finish(&self) {
        let mut queue = self.lock();
        if queue.state == State::Open {
            queue.state = State::Finishing;
            self.shared.changed.notify_all();
        }
    }

    /// 给写线程:等到有字节,全部拿走。`taken` 里是上一次拿的,已经写完。
    /// `false` 是不会再有了。
    pub fn take(&self, taken: &mut Vec<u8>) -> bool {
        taken.clear();
        if taken.capacity() > KEEP {
            *taken = Vec::new();
        }
        let mut queue = self.lock();
        queue.writing = 0;
        while queue.bytes.is_empty() && queue.state == State::Open {
            queue = wait(&self.shared.changed, queue);
        }
        mem::swap(&mut queue.bytes, taken);
        queue.writing = taken.len();
        !taken.is_empty()
    }

    /// 给写线程:写出了 `length` 字节。
    pub fn wrote(&self, length: usize) {
        let mut queue = self.lock();
        queue.writing = queue.writing.saturating_sub(length);
        queue.progress = (queue.len() > 0).then(Instant::now);
    }

    /// 给写线程:结束了,不管写完没有。
    pub fn done(&self) {
        let mut queue = self.lock();
        queue.cut();
        queue.state = State::Done;
        self.shared.changed.notify_all();
    }

    /// 等写线程结束,最多等到 `deadline`。
    pub fn wait_done(&self, deadline: Instant) {
        let queue = self.lock();
        let patience = deadline.saturating_duration_since(Instant::now());
        let unfinished = |queue: &mut Queue| queue.state != State::Done;
        let waited = self
            .shared
            .changed
            .wait_timeout_while(queue, patience, unfinished);
        drop(waited);
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        let locked = self.shared.queue.lock();
        locked.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn len(&self) -> usize {
        self.bytes.len() + self.writing
    }

    fn cut(&mut self) {
        self.bytes = Vec::new();
        self.writing = 0;
        self.state = State::Cut;
    }
}

fn wait<'a>(changed: &Condvar, queue: MutexGuard<'a, Queue>) -> MutexGuard<'a, Queue> {
    changed.wait(queue).unwrap_or_else(PoisonError::into_inner)
}
