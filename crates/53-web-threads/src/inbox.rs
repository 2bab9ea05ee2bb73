//! 收件箱:把一条连接上的字节分成一个一个请求。

use std::io::{ErrorKind, Read};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::request::{self, Request};
use crate::response::Status;

/// 头最多这么多字节:带着很多 Cookie 的浏览器也只有几千,nginx 的默认值也是 8 KiB。
const MAX_HEAD: usize = 8 << 10;

/// 等下一个请求最多这么久,一个头也最多说这么久:看网页的人停一会儿,不必重新握手;一个字节一个字节地说,
/// 也不能一直占着。
pub const PATIENCE: Duration = Duration::from_secs(30);

/// 一条连接上收到了、还没有读成请求的字节。
pub struct Inbox {
    bytes: [u8; MAX_HEAD],
    length: usize,
}

impl Inbox {
    /// 还什么也没有收到。
    pub fn new() -> Self {
        Self {
            bytes: [0; MAX_HEAD],
            length: 0,
        }
    }

    /// 听一个请求,直到空行。没有下一个了、太久不说完,是 `None`。
    ///
    /// TCP 没有边界:一次 `read` 可能只得到半个头,也可能得到几个请求(流水线)。先看已经收到的,不够再收;
    /// 多出来的留给下一次。
    pub fn read(&mut self, stream: &TcpStream) -> anyhow::Result<Option<Request>> {
        // 从半个头到整个头的期限;等第一个字节的期限,已经在套接字上。
        let mut deadline = None;
        loop {
            let received = &self.bytes[..self.length];
            if let Some(blank) = received.windows(4).position(|four| four == b"\r\n\r\n") {
                let request = request::parse(&received[..blank]);
                self.bytes.copy_within(blank + 4..self.length, 0);
                self.length -= blank + 4;
                if deadline.is_some() {
                    stream.set_read_timeout(Some(PATIENCE))?;
                }
                return Ok(Some(request));
            }
            // 满了还没有空行。不再读下去:内存不能由陌生人说了算(RFC 6585 §5)。
            if self.length == self.bytes.len() {
                return Ok(Some(request::refused(b"-", Status::HEAD_TOO_LARGE)));
            }
            if self.length > 0 {
                let now = Instant::now();
                let until = *deadline.get_or_insert(now + PATIENCE);
                if now >= until {
                    return Ok(None);
                }
                stream.set_read_timeout(Some(until - now))?;
            }
            if !self.receive(stream)? {
                return Ok(None);
            }
        }
    }

    /// 收一次,来多少算多少;不会再有了,是 `false`。
    fn receive(&mut self, mut stream: &TcpStream) -> anyhow::Result<bool> {
        match stream.read(&mut self.bytes[self.length..]) {
            Ok(0) => Ok(false),
            Ok(more) => {
                self.length += more;
                Ok(true)
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(true),
            Err(error) if is_over(error.kind()) => Ok(false),
            Err(error) => Err(error).context("接收失败"),
        }
    }
}

/// 到了期限(Unix 报 WouldBlock,Windows 报 TimedOut),或者客户不等关闭就走了:都不会再有请求。
fn is_over(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::ConnectionReset
    )
}
