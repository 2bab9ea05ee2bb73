//! 日志:谁来谁走,由一个线程打印。
//!
//! 终端可能停住不动(有人按了 Ctrl-S):停住的是这个线程,不是房间。

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use crate::cli;
use crate::closing::Closing;

/// 最多有这么多行等着打印;再多的不印了,聊天要紧。
const WAITING: usize = 10_000;

/// 写日志的一头。
pub struct Journal {
    lines: Sender<String>,
    waiting: Arc<AtomicUsize>,
}

/// 打印日志的一头。
pub struct Printer {
    lines: Receiver<String>,
    waiting: Arc<AtomicUsize>,
}

/// 一本日志的两头。
///
/// 队列自己没有上限,数着排了几行:有上限的队列(`sync_channel`)一开始就把内存占好。
pub fn open() -> (Journal, Printer) {
    let (sender, receiver) = channel();
    let waiting = Arc::new(AtomicUsize::new(0));
    let journal = Journal {
        lines: sender,
        waiting: Arc::clone(&waiting),
    };
    let lines = receiver;
    (journal, Printer { lines, waiting })
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
    /// 逐行打印,直到写日志的一头关闭。标准输出关了,没有人要结果了,就收场。
    pub fn run(self, quiet: bool, closing: &Closing) {
        for line in self.lines {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
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
}
