//! 把自己的标准输入送给那边的命令,不超过窗口。

use std::io::{self, ErrorKind, Read};
use std::sync::{Condvar, Mutex, PoisonError};

use anyhow::Context;

use crate::cli;
use crate::link::Sender;
use crate::protocol::{MAX_INPUT, WINDOW};
use crate::request::Request;

/// 还可以发多少字节。
pub struct Window {
    left: Mutex<usize>,
    grown: Condvar,
}

impl Window {
    /// 一个命令开始时,整个窗口都空着。
    pub fn new() -> Self {
        Self {
            left: Mutex::new(WINDOW),
            grown: Condvar::new(),
        }
    }

    /// 命令用掉了 `length` 字节。服务器说得再多,也不超过整个窗口。
    pub fn give_back(&self, length: u32) {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        *left = left.saturating_add(length as usize).min(WINDOW);
        self.grown.notify_all();
    }

    /// 等到可以发,拿走最多 `wanted` 字节的份额。
    fn take(&self, wanted: usize) -> usize {
        let left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.grown.wait_while(left, |left| *left == 0);
        let mut left = waited.unwrap_or_else(PoisonError::into_inner);
        let taken = wanted.min(*left);
        *left -= taken;
        taken
    }
}

/// 看一眼标准输入,不等:已经有的字节;空的就是已经到了末尾,`None` 是还没有。
///
/// 到了末尾(例如 `</dev/null`)就不必送:两边各少开一个线程。
#[cfg(unix)]
pub fn look() -> Option<Vec<u8>> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut input = io::stdin().lock();
    let mut one = [PollFd::new(&input, PollFlags::IN)];
    if !matches!(poll(&mut one, Some(&Timespec::default())), Ok(1)) {
        return None;
    }
    let mut bytes = vec![0; MAX_INPUT];
    // 读不了的话,送的时候会再读一次,那时再说。
    let length = input.read(&mut bytes).ok()?;
    bytes.truncate(length);
    Some(bytes)
}

/// 这里不能只看一眼。
#[cfg(not(unix))]
pub fn look() -> Option<Vec<u8>> {
    None
}

/// 先送 `first`,再送标准输入的全部字节,直到它结束,或者连接断了。
pub fn send_all(sender: &Sender, window: &Window, first: &[u8]) {
    if let Err(error) = copy(sender, window, first) {
        cli::report(&error);
    }
    let _ = sender.send(&Request::InputEnd);
}

fn copy(sender: &Sender, window: &Window, first: &[u8]) -> anyhow::Result<()> {
    let mut alive = send(sender, window, first);
    // 比标准库的缓冲区大,就直接读进这里。
    let mut buffer = vec![0; MAX_INPUT];
    let mut input = io::stdin().lock();
    while alive {
        let length = match input.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error).context("读标准输入失败"),
        };
        alive = send(sender, window, &buffer[..length]);
    }
    Ok(())
}

/// 送出 `bytes`,不超过窗口;连接断了是 `false`,收的一头会说。
fn send(sender: &Sender, window: &Window, bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while !rest.is_empty() {
        let (part, after) = rest.split_at(window.take(rest.len()));
        if sender.send(&Request::Input(part)).is_err() {
            return false;
        }
        rest = after;
    }
    true
}
