//! 访问日志:每个请求一行,通用日志格式(Common Log Format)。时刻是协调世界时(+0000)。
//!
//! 一个线程专管写:攒下的一次写出,不是每行一次;终端停住不动(Ctrl-S),停住的也只是它。

#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::io::{self, IsTerminal};
use std::net::IpAddr;
use std::process::ExitCode;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Context;

use crate::cli;
use crate::clock::Clock;
use crate::status::Status;

/// 最多有这么多字节等着写;再多的不记了,只数着:回答要紧,内存也有限。
const WAITING: usize = 4 << 20;

/// 有了这么多字节就写,不再攒。
const ENOUGH: usize = 64 * 1024;

/// 不是终端,就攒这么久再写:忙的时候几百行才写一次,闲的时候也只晚这么一点。
const GATHER: Duration = Duration::from_millis(10);

/// 结束时,还没有写完的最多等这么久。
const PATIENCE: Duration = Duration::from_secs(1);

/// 日志:各个线程共用。
pub struct Log {
    /// 不记日志就没有。
    lines: Option<Arc<Lines>>,
}

/// 等着写的行。
#[derive(Default)]
struct Lines {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
    finished: Condvar,
}

#[derive(Default)]
struct Waiting {
    text: String,
    lost: u64,
    /// 不再有了。
    ended: bool,
    /// 都写完了。
    finished: bool,
}

impl Log {
    /// 开始记日志;`quiet` 是不记。标准输出关了,没有人要结果了,就叫 `closed`。
    ///
    /// # Errors
    /// 启动不了线程。
    pub fn open(quiet: bool, closed: impl FnOnce() + Send + 'static) -> anyhow::Result<Self> {
        let lines = (!quiet).then(Arc::<Lines>::default);
        if let Some(lines) = lines.clone() {
            let thread = thread::Builder::new().spawn(move || lines.print(closed));
            thread.context("启动日志线程失败")?;
        }
        Ok(Self { lines })
    }

    /// 记不记。
    pub fn enabled(&self) -> bool {
        self.lines.is_some()
    }

    /// 记一个请求:谁,请求行,状态码,正文真正发出了几个字节。从不等待。
    pub fn write(&self, peer: IpAddr, line: &[u8], status: Status, sent: u64, clock: &Clock) {
        if let Some(lines) = &self.lines {
            lines.push(&entry(peer, line, status, sent, clock.date()));
        }
    }

    /// 不再记了:等剩下的写完。
    pub fn finish(self) {
        if let Some(lines) = &self.lines {
            let mut waiting = lines.lock();
            waiting.ended = true;
            lines.arrived.notify_one();
            let unfinished = |waiting: &mut Waiting| !waiting.finished;
            let waited = lines
                .finished
                .wait_timeout_while(waiting, PATIENCE, unfinished);
            drop(waited);
        }
    }
}

impl Lines {
    fn push(&self, line: &str) {
        let mut waiting = self.lock();
        let before = waiting.text.len();
        if waiting.ended || before + line.len() > WAITING {
            waiting.lost += 1;
            return;
        }
        waiting.text.push_str(line);
        // 它只在这两种时候等着;别的时候不去叫它,省一次系统调用。
        let crossed = |mark| before < mark && waiting.text.len() >= mark;
        if crossed(1) || crossed(ENOUGH) {
            self.arrived.notify_one();
        }
    }

    /// 写到标准输出,直到不再有,或者写不出去。
    fn print(&self, closed: impl FnOnce()) {
        let gather = match io::stdout().is_terminal() {
            true => Duration::ZERO,
            false => GATHER,
        };
        while let Some((text, lost)) = self.take(gather) {
            // 标准库的行缓冲在最后一个换行处断开:许多行也只写一次。
            if let Err(error) = cli::print(&text) {
                let mut waiting = self.lock();
                (waiting.ended, waiting.finished) = (true, true);
                drop(waiting);
                if cli::finish(Err(error)) != ExitCode::SUCCESS {
                    cli::note("从此不再记访问日志");
                    return;
                }
                return closed();
            }
            if lost > 0 {
                cli::note(format_args!("标准输出太慢,日志少了 {lost} 行"));
            }
        }
        self.lock().finished = true;
        self.finished.notify_one();
    }

    /// 攒一会儿,取走等着写的;不会再有了是 `None`。
    fn take(&self, gather: Duration) -> Option<(String, u64)> {
        let mut waiting = self.lock();
        while waiting.text.is_empty() {
            if waiting.ended {
                return None;
            }
            let woken = self.arrived.wait(waiting);
            waiting = woken.unwrap_or_else(PoisonError::into_inner);
        }
        let few = |waiting: &mut Waiting| !waiting.ended && waiting.text.len() < ENOUGH;
        let gathered = self.arrived.wait_timeout_while(waiting, gather, few);
        let mut waiting = gathered.unwrap_or_else(PoisonError::into_inner).0;
        let lost = std::mem::take(&mut waiting.lost);
        Some((std::mem::take(&mut waiting.text), lost))
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 日志的一行:`谁 - - [时刻] "请求行" 状态码 字节数`,没有正文写 `-`。
fn entry(peer: IpAddr, line: &[u8], status: Status, sent: u64, date: &str) -> String {
    let mut entry = String::with_capacity(64 + line.len());
    let _ = write!(entry, "{peer} - - [{}] \"", moment(date));
    escape(line, &mut entry);
    let _ = write!(entry, "\" {} ", status.0);
    match sent {
        0 => entry.push_str("-\n"),
        sent => drop(writeln!(entry, "{sent}")),
    }
    entry
}

/// Date 字段的写法 `Sun, 06 Nov 1994 08:49:37 GMT` 换成日志的写法 `06/Nov/1994:08:49:37 +0000`。
fn moment(date: &str) -> String {
    let part = |range| date.get(range).unwrap_or_default();
    let (day, month, year) = (part(5..7), part(8..11), part(12..16));
    format!("{day}/{month}/{year}:{} +0000", part(17..25))
}

/// 请求行是陌生人写的:引号、反斜线、控制字符、不是 ASCII 的,都写成 `\xHH`。
///
/// 原样写进日志,换行就能伪造一行,转义序列就能改掉看日志的人的屏幕。
fn escape(line: &[u8], text: &mut String) {
    if line.is_empty() {
        text.push('-');
    }
    for &byte in line {
        match byte {
            b'"' | b'\\' | 0..b' ' | 0x7f.. => drop(write!(text, "\\x{byte:02X}")),
            byte => text.push(char::from(byte)),
        }
    }
}
