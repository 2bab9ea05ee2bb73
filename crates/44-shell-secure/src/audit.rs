//! 审计日志:谁,什么时候,从哪里,运行了什么,结果怎样。一行一个 JSON,只往后面添。

use std::fs::File;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::reply::Exit;
use crate::state;

/// 没有进来的人,一秒最多记这么多行:谁都能连来,不能让他们写满磁盘。没有记的,数目在下一行里。
const STRANGERS: u32 = 20;

/// 审计日志。
pub struct Audit(Mutex<Book>);

struct Book {
    file: File,
    /// 这一秒从什么时候开始,记了几行没有进来的人。
    second: Instant,
    strangers: u32,
    unlogged: u64,
}

/// 一件要记的事。
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event<'a> {
    /// 没有进来。
    Refused {
        /// 为什么。
        reason: &'a str,
    },
    /// 进来了。
    Admitted,
    /// 一个命令结束了,或者没有让它运行。
    Command {
        /// 命令行。
        command: &'a str,
        /// 在哪个目录里。
        directory: &'a str,
        /// 怎样结束的。
        exit: Ending<'a>,
        /// 发给客户的输出,两股合计,字节。
        bytes: u64,
        /// 运行了多久,毫秒。
        milliseconds: u64,
    },
}

/// 命令怎样结束的。
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending<'a> {
    /// 退出码。
    Code(u32),
    /// 信号。
    Signal(u32),
    /// 超过了这么多秒。
    Timeout(u32),
    /// 输出超过了这么多 MiB。
    TooMuch(u32),
    /// 没有运行,为什么。
    Refused(&'a str),
}

impl From<Exit> for Ending<'_> {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Code(code) => Self::Code(code),
            Exit::Signal(signal) => Self::Signal(signal),
            Exit::TimedOut(seconds) => Self::Timeout(seconds),
            Exit::TooMuch(size) => Self::TooMuch(size),
            Exit::Refused => Self::Refused(""),
        }
    }
}

#[derive(Serialize)]
struct Line<'a> {
    time: String,
    peer: SocketAddr,
    #[serde(flatten)]
    event: Event<'a>,
    /// 前面有这么多件没有记。
    #[serde(skip_serializing_if = "Option::is_none")]
    unlogged: Option<u64>,
}

impl Audit {
    /// 往文件 `path` 后面添。
    ///
    /// # Errors
    /// 打不开。
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        Ok(Self(Mutex::new(Book {
            file: state::append(path)?,
            second: Instant::now(),
            strangers: 0,
            unlogged: 0,
        })))
    }

    /// 记一件事。
    ///
    /// # Errors
    /// 写不了(磁盘满了):记不下的事,就不该做。
    pub fn record(&self, peer: SocketAddr, event: Event) -> anyhow::Result<()> {
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        book.write(peer, event)
    }

    /// 记一个没有进来的人;太多了就只数一数,是 `false`。
    ///
    /// # Errors
    /// 写不了。
    pub fn record_stranger(&self, peer: SocketAddr, reason: &str) -> anyhow::Result<bool> {
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if book.second.elapsed() >= Duration::from_secs(1) {
            (book.second, book.strangers) = (Instant::now(), 0);
        }
        if book.strangers >= STRANGERS {
            book.unlogged += 1;
            return Ok(false);
        }
        book.strangers += 1;
        book.write(peer, Event::Refused { reason })?;
        Ok(true)
    }
}

impl Book {
    /// 一次写一整行,不在自己的内存里留着:程序随时没有了,写过的都还在。
    fn write(&mut self, peer: SocketAddr, event: Event) -> anyhow::Result<()> {
        let now = OffsetDateTime::now_utc();
        let line = Line {
            time: now.format(&Rfc3339).context("写时间失败")?,
            peer,
            event,
            unlogged: Some(self.unlogged).filter(|&count| count > 0),
        };
        let mut bytes = serde_json::to_vec(&line).context("写 JSON 失败")?;
        bytes.push(b'\n');
        self.file.write_all(&bytes).context("审计日志写不了")?;
        self.unlogged = 0;
        Ok(())
    }
}
