//! 日志:谁来谁走,由一个线程打印。
//!
//! 终端可能停住不动(有人按了 Ctrl-S):停住的是这个线程,不是房间;结束时也不为它一直等。

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use anyhow::Context;

use crate::cli;
use crate::closing::Closing;

/// 最多有这么多行等着打印;再多的不印了,聊天要紧。
const WAITING: usize = 10_000;

/// 结束时,还没有打印的最多等这么久。
const PATIENCE: Duration = Duration::from_secs(1);

/// 写日志的一头。
pub struct Journal {
    lines: Sender<String>,
    waiting: Arc<AtomicUsize>,
}

/// 打印日志的线程。
pub struct Printer {
    /// 它结束时关闭。
    done: Receiver<()>,
}

/// 开始打印日志;`quiet` 是不打印。标准输出关了,没有人要结果了,就收场。
///
/// 队列自己没有上限,数着排了几行:有上限的队列(`sync_channel`)一开始就把内存占好。
pub fn open(quiet: bool, closing: Arc<Closing>) -> anyhow::Result<(Journal, Printer)> {
    let (sender, lines) = channel();
    let (ending, done) = channel();
    let waiting = Arc::new(AtomicUsize::new(0));
    let journal = Journal {
        lines: sender,
        waiting: Arc::clone(&waiting),
    };
    let thread = thread::Builder::new().spawn(move || {
        print_all(&lines, &waiting, quiet, &closing);
        drop(ending);
    });
    thread.context("启动打印线程失败")?;
    Ok((journal, Printer { done }))
}

impl Journal {
    /// 记一行。从不等待。
    pub fn write(&self, line: String) {
        if self.waiting.fetch_add(1, Ordering::Relaxed) < WAITING {
            let _ = self.lines.send(line);
        } else {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Printer {
    /// 写日志的一头已经关闭:等剩下的打印完。
    pub fn finish(self) {
        let _ = self.done.recv_timeout(PATIENCE);
    }
}

/// 逐行打印,直到写日志的一头关闭。
fn print_all(lines: &Receiver<String>, waiting: &AtomicUsize, quiet: bool, closing: &Closing) {
    for line in lines {
        waiting.fetch_sub(1, Ordering::Relaxed);
        if quiet {
            continue;
        }
        if let Err(error) = cli::print_line(line) {
            if cli::finish(Err(error)) != std::process::ExitCode::SUCCESS {
                cli::note("从此不再打印谁来谁走");
            }
            return closing.request();
        }
    }
}
