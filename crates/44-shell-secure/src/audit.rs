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

/// 看的人的终端和程序不会弄错的样子。JSON 只管 U+0020 以前的;别的控制字符(U+009B 也能移动光标)、
/// 当作换行的 U+2028、改变书写方向的 U+202E,也写成 `\uXXXX`。它们只会在字符串里,写了还是同一个意思。
fn visible(json: &str) -> String {
    let mut text = String::with_capacity(json.len() + 1);
    for letter in json.chars() {
        let hidden = match letter {
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => true,
            _ => letter.is_control(),
        };
        match hidden {
            true => text += &format!("\\u{:04x}", u32::from(letter)),
            false => text.push(letter),
        }
    }
    text
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
        let json = serde_json::to_string(&line).context("写 JSON 失败")?;
        let text = visible(&json) + "\n";
        let written = self.file.write_all(text.as_bytes());
        written.context("审计日志写不了")?;
        self.unlogged = 0;
        Ok(())
    }
}
