//! 命令的标准输入:收下客户发来的字节,命令要多少给多少。
//!
//! 收的线程不能等命令:它还要听「中断」和「客户走了」。所以先存着,另一个线程慢慢写;存多少由
//! 窗口([`WINDOW`])管,命令用掉多少,就告诉客户还可以发多少。

use std::io::Write;
use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::protocol::{MAX_INPUT, WINDOW};
use crate::replies::Replies;
use crate::reply::Reply;

/// 一个命令的标准输入。
#[derive(Default)]
pub struct Input {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<u8>,
    /// 收下了、还没有交给命令的字节数,包括正在写的。
    unconsumed: usize,
    /// 客户那边结束了。
    ended: bool,
    /// 命令不要了:它结束了,或者关了自己的标准输入。
    closed: bool,
}

/// 客户发的超过了窗口。
#[derive(Debug, thiserror::Error)]
#[error("标准输入超过了窗口 {WINDOW} 字节")]
pub struct Overflow;

impl Input {
    /// 收下 `bytes`。
    ///
    /// # Errors
    /// 超过了窗口:客户没有照协议做。
    pub fn push(&self, bytes: &[u8]) -> Result<(), Overflow> {
        let mut state = self.lock();
        if state.closed || state.ended {
            return Ok(());
        }
        if state.unconsumed + bytes.len() > WINDOW {
            return Err(Overflow);
        }
        state.unconsumed += bytes.len();
        state.waiting.extend_from_slice(bytes);
        self.changed.notify_all();
        Ok(())
    }

    /// 没有更多了。
    pub fn end(&self) {
        self.lock().ended = true;
        self.changed.notify_all();
    }

    /// 命令不要了。
    pub fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.waiting = Vec::new();
        self.changed.notify_all();
    }

    /// 把收下的写进 `pipe`,直到没有更多,或者命令不要了。
    pub fn feed(&self, mut pipe: impl Write, replies: &Replies) {
        let mut bytes = Vec::new();
        while self.take(&mut bytes) {
            for part in bytes.chunks(MAX_INPUT) {
                // 命令关了标准输入:以后的都不要了,客户的窗口用完就会停下。
                if pipe.write_all(part).is_err() {
                    return self.close();
                }
                self.lock().unconsumed -= part.len();
                let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
                if replies.send(&Reply::Consumed(length)).is_err() {
                    return self.close();
                }
            }
        }
    }

    /// 等到有字节,拿走全部;没有更多了就是 `false`。
    fn take(&self, bytes: &mut Vec<u8>) -> bool {
        bytes.clear();
        let more = |state: &mut State| state.waiting.is_empty() && !state.ended && !state.closed;
        let waited = self.changed.wait_while(self.lock(), more);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        // 换一个空的给它:两块内存轮着用。
        mem::swap(&mut state.waiting, bytes);
        !bytes.is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
