//! 服务器和一位客户的一条连接:一句一句地听,直到他走。

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use common::frame::{FrameError, FrameReader};

use crate::cli;
use crate::command::Limits;
use crate::protocol::MAX_REQUEST;
use crate::replies::Replies;
use crate::reply::Reply;
use crate::request::Request;
use crate::runner::Runner;
use crate::worker::Worker;

/// 一位客户。
pub struct Session<'a> {
    /// 他的地址。
    pub peer: SocketAddr,
    /// 连接本身:只用来设期限和挂断,字节从读的一头和写的一头走。
    pub raw: &'a TcpStream,
    /// 没有命令在运行时,最多这么久不说话;任何时候,最多这么久不收。
    pub idle: Duration,
    /// 一个命令的限度。
    pub limits: Limits,
    /// 命令的输出用什么编码。
    pub encoding: &'a str,
    /// 命令从哪个目录开始。
    pub start: PathBuf,
}

impl Session<'_> {
    /// 服务他,直到他走;他的命令跟着他结束。从 `reader` 读,往 `writer` 写,两头同时用。
    ///
    /// # Errors
    /// 他没有照协议做,连接断了,或者打印不了。
    pub fn run(self, reader: impl Read, writer: impl Write + Send) -> anyhow::Result<()> {
        self.raw.set_write_timeout(Some(self.idle))?;
        let replies = Replies::new(Box::new(writer), self.raw);
        let hello = Reply::Hello {
            encoding: self.encoding,
            directory: &self.start.to_string_lossy(),
        };
        replies.send(&hello).context("发送失败")?;
        let runner = Runner::new(replies, self.peer, self.limits, self.start.clone());
        // 离开 scope 之前,他的命令和守着命令的线程都已经结束。
        thread::scope(|scope| {
            let worker = Worker::spawn(scope).context("开不了新线程");
            let listened = worker.and_then(|worker| self.listen(&runner, &worker, reader));
            if let Err(error) = &listened {
                runner.replies.dismiss(&error.to_string());
            }
            runner.end();
            listened
        })
    }

    /// 一句一句地听,照着做。
    fn listen<'scope>(
        &self,
        runner: &'scope Runner,
        worker: &Worker<'scope>,
        mut reader: impl Read,
    ) -> anyhow::Result<()> {
        let mut frames = FrameReader::new(MAX_REQUEST);
        let mut heard = Instant::now();
        loop {
            let patience = match runner.watch() {
                // 命令在运行,他不说话是正常的。
                Some(due) => self.idle.min(due),
                None => self.idle.saturating_sub(runner.resting(heard)),
            };
            if patience.is_zero() {
                runner.replies.dismiss("太久没有说话,再见");
                return cli::print_line(format_args!("{} 太久没有说话", self.peer));
            }
            self.raw.set_read_timeout(Some(patience))?;
            match frames.read(&mut reader) {
                Ok(Some(body)) => {
                    heard = Instant::now();
                    obey(runner, worker, body)?;
                }
                Ok(None) => return Ok(()),
                Err(FrameError::Io(error)) if is_timeout(error.kind()) => {}
                // 他的程序突然没有了,也是走了。
                Err(FrameError::Io(error)) if error.kind() == ErrorKind::ConnectionReset => {
                    return Ok(());
                }
                Err(error) => return Err(anyhow!("{error}")),
            }
        }
    }
}

/// 做一句话要做的。
fn obey<'scope>(
    runner: &'scope Runner,
    worker: &Worker<'scope>,
    body: &[u8],
) -> anyhow::Result<()> {
    match Request::decode(body)? {
        Request::Command { line, input } => runner.start(worker, line, input)?,
        // 命令可能刚刚自己结束了:下面几句来晚了,不算错。
        Request::Input(bytes) => {
            let pushed = runner.running().map(|running| running.input.push(bytes));
            pushed.transpose()?;
        }
        Request::InputEnd => {
            if let Some(running) = runner.running() {
                running.input.end();
            }
        }
        Request::Interrupt => {
            if let Some(running) = runner.running() {
                running.group.interrupt();
            }
        }
    }
    Ok(())
}

/// 到了期限:Unix 报 WouldBlock,Windows 报 TimedOut。
fn is_timeout(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
