//! 位子:各个工作线程合起来最多这么多条连接。工作线程之间只有这里相通:几个原子量,和叫醒对方的办法。

use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use mio::Waker;

use crate::cli;

/// 各个工作线程共用。
#[derive(Debug)]
pub struct Places {
    limit: usize,
    taken: AtomicUsize,
    /// 有一个工作线程接不下新的连接,请别的工作线程让出一条空闲的。
    wanted: AtomicBool,
    closing: AtomicBool,
    /// 说过资源不够了。
    told: AtomicBool,
    /// 还没有开始收场的工作线程,几个。
    working: AtomicUsize,
    wakers: OnceLock<Vec<Waker>>,
}

impl Places {
    /// 最多 `limit` 条连接。
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            taken: AtomicUsize::new(0),
            wanted: AtomicBool::new(false),
            closing: AtomicBool::new(false),
            told: AtomicBool::new(false),
            working: AtomicUsize::new(0),
            wakers: OnceLock::new(),
        }
    }

    /// 叫醒各个工作线程的办法,开始以前设一次。
    pub fn set_wakers(&self, wakers: Vec<Waker>) {
        self.working.store(wakers.len(), Ordering::Relaxed);
        // 只设一次,不会已经有了。
        let _ = self.wakers.set(wakers);
    }

    /// 占一个位子;没有了是 `false`。
    pub fn take(&self) -> bool {
        let taken = self.taken.fetch_add(1, Ordering::Relaxed);
        if taken >= self.limit {
            self.leave();
        }
        taken < self.limit
    }

    /// 还一个位子。
    pub fn leave(&self) {
        self.taken.fetch_sub(1, Ordering::Relaxed);
    }

    /// 请别的工作线程让一让。
    pub fn ask(&self) {
        self.wanted.store(true, Ordering::Release);
        self.wake();
    }

    /// 不用让了:有了位子,或者不等了。
    pub fn withdraw(&self) {
        self.wanted.store(false, Ordering::Release);
    }

    /// 有没有工作线程请大家让一让。有就算接下了,只有一个接得到:不必每个都让出一条。
    pub fn asked(&self) -> bool {
        self.wanted.swap(false, Ordering::AcqRel)
    }

    /// 资源不够了,说一次:不用每次都说。
    pub fn complain(&self, error: io::Error, doing: &'static str) {
        if !self.told.swap(true, Ordering::Relaxed) {
            cli::report(&anyhow::Error::new(error).context(doing));
        }
    }

    /// 让出来了,或者要收场了:都来看看。
    pub fn wake(&self) {
        for waker in self.wakers.get().into_iter().flatten() {
            // 叫不醒的只有描述符坏了这一种可能;它最迟到下一个期限也会醒。
            let _ = waker.wake();
        }
    }

    /// 开始收场。
    pub fn close(&self) {
        self.closing.store(true, Ordering::Release);
        self.wake();
    }

    /// 在收场。
    pub fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    /// 一个工作线程开始收场了,空闲的连接已经关闭。最后一个得到还剩几条连接;一条也没有就不用说。
    pub fn conclude(&self) -> Option<usize> {
        let last = self.working.fetch_sub(1, Ordering::AcqRel) == 1;
        let taken = self.taken.load(Ordering::Relaxed);
        (last && taken > 0).then_some(taken)
    }
}
