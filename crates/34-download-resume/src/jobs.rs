//! 几条连接同时收:各收各的段,收完一段再取一段。

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::failure::Failure;
use crate::fetch::Abort;
use crate::segments::Segment;

/// 最多 `jobs` 个线程,一段一段地做完;有一段出错,全部停下。
pub fn each(
    segments: &[Segment],
    jobs: u64,
    abort: &Abort,
    work: impl Fn(&Segment) -> Result<(), Failure> + Sync,
) -> Result<(), Failure> {
    let jobs = usize::try_from(jobs).unwrap_or(1);
    let workers = segments.len().clamp(1, jobs);
    let queue = Queue::new(segments, workers);
    let first = Mutex::new(None);
    let worker = || {
        while let Some(segment) = queue.next() {
            let failure = match work(segment) {
                Ok(()) => continue,
                Err(Failure::Busy) if queue.give_back(segment) => return,
                Err(failure) => failure,
            };
            // 第一个错误是原因,其余的是被它叫停的。
            let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert(failure);
            return abort.abort();
        }
    };
    thread::scope(|scope| {
        for _ in 1..workers {
            scope.spawn(worker);
        }
        worker();
    });
    let first = first.into_inner().unwrap_or_else(PoisonError::into_inner);
    first.map_or(Ok(()), Err)
}

/// 等着收的段。
struct Queue<'a> {
    waiting: Mutex<Waiting<'a>>,
}

/// 段和线程数要一起看,不然还回来的段可能没有人收。
struct Waiting<'a> {
    segments: Vec<&'a Segment>,
    /// 还在收、还会来取下一段的线程。
    workers: usize,
}

impl<'a> Queue<'a> {
    fn new(segments: &'a [Segment], workers: usize) -> Self {
        let segments = segments.iter().rev().collect();
        let waiting = Mutex::new(Waiting { segments, workers });
        Self { waiting }
    }

    /// 下一段;没有了,这个线程就不再来取。
    fn next(&self) -> Option<&'a Segment> {
        let mut waiting = self.lock();
        let segment = waiting.segments.pop();
        waiting.workers -= usize::from(segment.is_none());
        segment
    }

    /// 服务器没有座位给这个线程:有别的线程在收,就把这一段还回去;只剩它了,是 `false`。
    fn give_back(&self, segment: &'a Segment) -> bool {
        let mut waiting = self.lock();
        let others = waiting.workers > 1;
        if others {
            waiting.segments.push(segment);
            waiting.workers -= 1;
        }
        others
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<'a>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
