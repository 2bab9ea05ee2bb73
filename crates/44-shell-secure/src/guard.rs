//! 守着命令的人:这一行能不能运行,运行的结果记下来。

use std::net::SocketAddr;
use std::time::Instant;

use crate::audit::{Audit, Ending, Event};
use crate::directory::Directory;
use crate::launch::Memory;
use crate::policy::{Order, Policy};

/// 守着命令的人。
pub struct Guard {
    /// 什么可以运行。
    pub policy: Policy,
    /// 一个命令的内存上限。
    pub memory: Memory,
    /// 审计日志。
    pub audit: Audit,
}

/// 一个命令,要记在审计日志里的。
#[derive(Clone)]
pub struct Entry {
    peer: SocketAddr,
    command: String,
    directory: String,
    started: Instant,
}

impl Entry {
    /// `peer` 要在 `directory` 里运行 `line`。
    pub fn new(peer: SocketAddr, line: &str, directory: &Directory) -> Self {
        Self {
            peer,
            command: line.to_owned(),
            directory: directory.path().display().to_string(),
            started: Instant::now(),
        }
    }
}

impl Guard {
    /// 这一行怎样办。
    pub fn order(&self, line: &str, directory: &Directory) -> Order {
        self.policy.order(line, directory, self.memory)
    }

    /// 记下它的结局;`bytes` 是发给客户的输出。
    ///
    /// # Errors
    /// 审计日志写不了。
    pub fn record(&self, entry: &Entry, exit: Ending, bytes: u64) -> anyhow::Result<()> {
        let event = Event::Command {
            command: &entry.command,
            directory: &entry.directory,
            exit,
            bytes,
            milliseconds: u64::try_from(entry.started.elapsed().as_millis()).unwrap_or(u64::MAX),
        };
        self.audit.record(entry.peer, event)
    }
}
