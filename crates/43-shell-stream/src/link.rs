//! 客户端的一条连接:发的一头可以由几个线程用,收的一头只有一个线程用。

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use common::addr::Address;
use common::frame::{FrameError, FrameReader, FrameWriter};

use crate::cli::Hinted;
use crate::keepalive;
use crate::protocol::{MAX_REPLY, MAX_REQUEST};
use crate::reply::Reply;
use crate::request::Request;

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
    /// 连接本身:只用来设期限。
    raw: TcpStream,
    greeted: bool,
}

/// 连到 `server`。每个地址、以及等服务器打招呼,最多 `timeout`。
///
/// # Errors
/// 连不上。
pub fn connect(server: &Address, timeout: Duration) -> anyhow::Result<(Sender, Receiver)> {
    let mut result = Err(ErrorKind::NotFound.into());
    // 一个名字可能有几个地址:依次试,直到有一个连得上。
    for address in server.resolve()? {
        result = TcpStream::connect_timeout(&address, timeout);
        if result.is_ok() {
            break;
        }
    }
    let stream = result.with_context(|| format!("连不上 {server}"))?;
    keepalive::set(&stream)?;
    stream.set_read_timeout(Some(timeout))?;
    let copy = || stream.try_clone().context("复制套接字失败");
    Ok(link(Box::new(copy()?), Box::new(copy()?), copy()?))
}

/// 从 `reader` 收,往 `writer` 发;`raw` 是它们下面的连接。
fn link(
    reader: Box<dyn Read + Send>,
    writer: Box<dyn Write + Send>,
    raw: TcpStream,
) -> (Sender, Receiver) {
    let sink = Sink {
        frames: FrameWriter::new(MAX_REQUEST),
        body: Vec::new(),
        writer,
    };
    let receiver = Receiver {
        frames: FrameReader::new(MAX_REPLY),
        reader,
        raw,
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
        Ok((self.raw.local_addr()?, self.raw.peer_addr()?))
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
            self.raw.set_read_timeout(None)?;
            self.greeted = true;
        }
        Ok(reply)
    }
}

fn lost(error: FrameError) -> anyhow::Error {
    match error {
        FrameError::Io(error) => match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => Hinted {
                text: "连上了,但服务器一直没有打招呼".to_owned(),
                hint: "它可能正忙着,也可能不是 shell-stream 的服务器".to_owned(),
            }
            .into(),
            _ => anyhow::Error::new(error).context("连接断了"),
        },
        error => anyhow!("看不懂服务器说的:{error}"),
    }
}
