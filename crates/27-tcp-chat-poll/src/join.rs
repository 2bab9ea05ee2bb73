//! 加入聊天室:连上服务器,报上昵称,等它欢迎。对面不一定真是聊天服务器。

use std::io::{self, ErrorKind, Read};
use std::net::TcpStream;
use std::time::Instant;

use anyhow::{Context, anyhow};
use common::addr::Address;
use common::frame::FrameError;

use crate::cli::Hinted;
use crate::link::{self, PATIENCE, Receiver, Sender, is_timeout, text};
use crate::protocol::WELCOME;

/// 对方说的不是帧时,最多看它的这么多字节:够一句话了。
const GLANCE: usize = 200;

/// 加入了聊天室的一条连接。
pub struct Joined {
    /// 发的一头。
    pub sender: Sender,
    /// 收的一头。
    pub receiver: Receiver,
    /// 服务器的欢迎。
    pub welcome: String,
}

/// 为什么没有加入。
pub enum Refusal {
    /// 昵称不能用的原因。
    Name(String),
    /// 没有连上,或者对方不是聊天服务器。
    Failed(anyhow::Error),
}

impl From<anyhow::Error> for Refusal {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

/// 连上 `server`,用 `name` 加入。
pub fn join(server: &Address, name: &str) -> Result<Joined, Refusal> {
    let (mut sender, mut receiver) = link::split(connect(server)?)?;
    sender.send(name).map_err(|error| unframed(error, server))?;
    let welcome = welcome(&mut receiver, server)?;
    Ok(Joined {
        sender,
        receiver,
        welcome,
    })
}

/// 和服务器握手。一个名字可能有几个地址:依次试,直到有一个连得上。
fn connect(server: &Address) -> anyhow::Result<TcpStream> {
    let mut result = Err(ErrorKind::NotFound.into());
    for address in server.resolve()? {
        result = TcpStream::connect_timeout(&address, PATIENCE);
        if result.is_ok() {
            break;
        }
    }
    result.with_context(|| format!("连不上 {server}"))
}

/// 等服务器回答昵称。
fn welcome(receiver: &mut Receiver, server: &Address) -> Result<String, Refusal> {
    let (stream, frames) = receiver.parts();
    let deadline = Instant::now() + PATIENCE;
    let mut source = Until { stream, deadline };
    // 帧头的第一个字节总是 0。不是 0,对方就不分帧,说的多半是一行文字。
    let first = source.peek();
    if first
        .map_err(|error| unanswered(error, server))?
        .is_some_and(|byte| byte != 0)
    {
        return Err(plain(&mut source, server).into());
    }
    loop {
        let frame = frames.read(&mut source);
        match frame.map_err(|error| unframed(error, server))? {
            // 心跳也可能先到。
            Some([]) => {}
            Some(line) => return greeting(text(line), server),
            None => {
                let text = format!("{server} 没有回答就关闭了连接");
                return Err(stranger(text).into());
            }
        }
    }
}

/// 服务器的第一句话。
fn greeting(line: String, server: &Address) -> Result<String, Refusal> {
    if line.starts_with(WELCOME) {
        Ok(line)
    } else if let Some(reason) = line.strip_prefix("! ") {
        Err(Refusal::Name(reason.to_owned()))
    } else {
        Err(stranger(format!("{server} 的回答不是聊天室的:「{line}」")).into())
    }
}

/// 对方不分帧:服务器人满了说的是一行文字,它还不知道我们会分帧;别的就不是聊天服务器。
fn plain(source: &mut Until<'_>, server: &Address) -> anyhow::Error {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while bytes.len() < GLANCE && matches!(source.read(&mut byte), Ok(1)) && byte != *b"\n" {
        bytes.extend(byte);
    }
    let line = text(bytes.trim_ascii_end());
    match line.strip_prefix("! ") {
        Some(reason) => anyhow!("服务器没有接受:{reason}"),
        None => stranger(format!("{server} 的回答不是聊天室的:「{line}」")),
    }
}

fn unframed(error: FrameError, server: &Address) -> anyhow::Error {
    match error {
        FrameError::Io(error) => unanswered(error, server),
        error => stranger(format!("{server} 的回答不是聊天室的:{error}")),
    }
}

fn unanswered(error: io::Error, server: &Address) -> anyhow::Error {
    if is_timeout(&error) || error.kind() == ErrorKind::TimedOut {
        let seconds = PATIENCE.as_secs();
        return stranger(format!("连上了 {server},但等了 {seconds} 秒没有回答"));
    }
    anyhow::Error::new(error).context(format!("连上了 {server},但没有得到回答"))
}

fn stranger(text: String) -> anyhow::Error {
    let hint = "核对地址和端口:那里也许不是聊天服务器".to_owned();
    Hinted { text, hint }.into()
}

/// 读到 `deadline` 为止:对方隔几秒来一个字节,也拖不过去。
struct Until<'a> {
    stream: &'a TcpStream,
    deadline: Instant,
}

impl Until<'_> {
    /// 看一眼第一个字节,不取走;对方关闭了是 `None`。
    fn peek(&self) -> io::Result<Option<u8>> {
        let mut first = [0];
        let length = self.wait(|stream| stream.peek(&mut first))?;
        Ok((length == 1).then_some(first[0]))
    }

    fn wait(&self, mut read: impl FnMut(&TcpStream) -> io::Result<usize>) -> io::Result<usize> {
        loop {
            let left = self.deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ErrorKind::TimedOut.into());
            }
            self.stream.set_read_timeout(Some(left))?;
            match read(self.stream) {
                // 来了一个信号,例如 Ctrl-C:怎么结束由处理它的线程决定。
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }
}

impl Read for Until<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.wait(|mut stream| stream.read(bytes))
    }
}
