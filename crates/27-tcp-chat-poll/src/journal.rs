//! 日志:谁来谁走,由一个线程打印。
//!
//! 终端可能停住不动(有人按了 Ctrl-S):停住的是这个线程,不是房间。

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::cli;
use crate::closing::Closing;

/// 最多有这么多行等着打印;再多的不印了,聊天要紧。
const WAITING: usize = 10_000;

/// 写日志的一头。
pub struct Journal(SyncSender<String>);

/// 打印日志的一头。
pub struct Printer(Receiver<String>);

/// 一本日志的两头。
pub fn open() -> (Journal, Printer) {
    let (sender, receiver) = sync_channel(WAITING);
    (Journal(sender), Printer(receiver))
}

impl Journal {
    /// 记一行。从不等待。
    pub fn write(&self, line: String) {
        let _ = self.0.try_send(line);
    }
}

impl Printer {
    /// 逐行打印,直到写日志的一头关闭。标准输出关了,没有人要结果了,就收场。
    pub fn run(self, quiet: bool, closing: &Closing) {
        for line in self.0 {
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
