//! 客户端的一条连接:发的一头可以由几个线程用,收的一头只有一个线程用。

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use common::addr::Address;
use common::frame::{FrameError, FrameReader, FrameWriter};

use crate::cli::Hinted;
use crate::meeting::meet;
use crate::options::Meeting;
use crate::protocol::{MAX_REPLY, MAX_REQUEST};
use crate::reply::Reply;
use crate::request::Request;
use crate::state::State;
use crate::token::Token;
use crate::wire::{CutOff, Wire};

/// 发的一头。
#[derive(Clone)]
pub struct Sender(Arc<Mutex<Sink>>);

struct Sink {
    frames: FrameWriter,
    body: Vec<u8>,
    writer: Box<dyn Write + Send>,
}

/// 收的一头。
pub struct Receiver {
    frames: FrameReader,
    reader: Box<dyn Read + Send>,
    /// 连接本身:只用来设期限和挂断。
    wire: Arc<Wire>,
    greeted: bool,
}

/// 连到 `server`,认它,说口令。每个地址、握手、以及等服务器打招呼,最多 `timeout`。
///
/// # Errors
/// 没有口令,连不上,或者不认得它。
pub fn connect(
    server: &Address,
    timeout: Duration,
    meeting: &Meeting,
) -> anyhow::Result<(Sender, Receiver)> {
    let state = State::open(meeting.state.clone())?;
    let token = match meeting.no_token {
        true => None,
        false => Some(Token::of_client(&state, meeting.token_file.as_deref())?),
    };
    let (wire, reader) = meet(server, timeout, meeting, &state)?;
    let writer = Outgoing(Arc::clone(&wire));
    let (sender, receiver) = link(Box::new(reader), Box::new(writer), wire);
    if let Some(token) = token {
        // 不等回答:后面的命令跟着就发,口令不对的话,服务器不会看。
        let told = sender.send(&Request::Token(token.as_bytes()));
        told.context("连接断了")?;
    }
    Ok((sender, receiver))
}

/// 写的一头。
struct Outgoing(Arc<Wire>);

impl Write for Outgoing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&*self.0).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// 从 `reader` 收,往 `writer` 发;`wire` 是它们下面的连接。
fn link(
    reader: Box<dyn Read + Send>,
    writer: Box<dyn Write + Send>,
    wire: Arc<Wire>,
) -> (Sender, Receiver) {
    let sink = Sink {
        frames: FrameWriter::new(MAX_REQUEST),
        body: Vec::new(),
        writer,
    };
    let receiver = Receiver {
        frames: FrameReader::new(MAX_REPLY),
        reader,
        wire,
        greeted: false,
    };
    (Sender(Arc::new(Mutex::new(sink))), receiver)
}

impl Sender {
    /// 说一句。
    ///
    /// # Errors
    /// 连接断了。
    pub fn send(&self, request: &Request) -> Result<(), FrameError> {
        let mut sink = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Sink {
            frames,
            body,
            writer,
        } = &mut *sink;
        body.clear();
        request.encode(body);
        frames.write(writer, body)?;
        writer.flush().map_err(FrameError::Io)
    }
}

impl Receiver {
    /// 自己的地址,和服务器的。
    ///
    /// # Errors
    /// 连接已经断了。
    pub fn addresses(&self) -> io::Result<(SocketAddr, SocketAddr)> {
        let raw = &self.wire.raw;
        Ok((raw.local_addr()?, raw.peer_addr()?))
    }

    /// 等服务器说下一句。打过招呼以后不限时:命令运行多久,就可以多久没有输出。
    ///
    /// # Errors
    /// 连接断了,或者服务器说的看不懂;服务器说出错,也是错误。
    pub fn receive(&mut self) -> anyhow::Result<Reply<'_>> {
        let body = match self.frames.read(&mut self.reader) {
            Ok(Some(body)) => body,
            Ok(None) => bail!("服务器关闭了连接"),
            Err(error) => return Err(lost(error)),
        };
        let reply = Reply::decode(body).context("看不懂服务器说的")?;
        if let Reply::Error(text) = reply {
            bail!("服务器说「{text}」");
        }
        if !self.greeted {
            if !matches!(reply, Reply::Hello { .. }) {
                bail!("看不懂服务器说的:它没有先打招呼");
            }
            self.wire.set_read_timeout(None)?;
            self.greeted = true;
        }
        Ok(reply)
    }

    /// 说「完了」,挂断。
    pub fn hang_up(&self) {
        self.wire.hang_up();
    }
}

fn lost(error: FrameError) -> anyhow::Error {
    match error {
        FrameError::Io(error) => match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => Hinted {
                text: "连上了,但服务器一直没有打招呼".to_owned(),
                hint: "它可能正忙着,也可能不是 shell-secure 的服务器".to_owned(),
            }
            .into(),
            // 有人可以伪造 TCP 的末尾,伪造不了 TLS 的。
            _ if error.get_ref().is_some_and(|inner| inner.is::<CutOff>()) => Hinted {
                text: error.to_string(),
                hint: "服务器可能突然没有了,也可能路上有人切断的:后面也许还有,没有收到".to_owned(),
            }
            .into(),
            _ => anyhow::Error::new(error).context("连接断了"),
        },
        error => anyhow!("看不懂服务器说的:{error}"),
    }
}
