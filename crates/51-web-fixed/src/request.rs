//! 请求:从请求行到空行的一个头(RFC 9112 §2.1)。

use std::io::{ErrorKind, Read};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::response::Status;

/// 头最多这么多字节:带着很多 Cookie 的浏览器也只有几千,nginx 的默认值也是 8 KiB。
const MAX_HEAD: usize = 8 << 10;

/// 一个头最多说这么久:从第一个字节等起,一个字节一个字节地说,也不能一直占着。
const PATIENCE: Duration = Duration::from_secs(10);

/// 一个请求。
pub struct Request {
    /// 请求行,例如 `GET /index.html HTTP/1.1`;日志里写的样子。
    pub line: String,
    /// 该回答的状态。
    pub status: Status,
}

/// 听一个请求,直到空行。什么也没有说就走了、太久不说完,是 `None`。
///
/// TCP 没有边界:一次 `read` 可能只得到半个头,所以读到空行(`\r\n\r\n`)才算完。
pub fn read(mut stream: &TcpStream) -> anyhow::Result<Option<Request>> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let deadline = Instant::now() + PATIENCE;
    let mut buffer = [0; MAX_HEAD];
    let mut length = 0;
    loop {
        let received = &buffer[..length];
        if let Some(blank) = received.windows(4).position(|four| four == b"\r\n\r\n") {
            return Ok(Some(parse(&received[..blank])));
        }
        // 满了还没有空行。不再读下去:内存不能由陌生人说了算(RFC 6585 §5)。
        if length == buffer.len() {
            return Ok(Some(too_large()));
        }
        match stream.read(&mut buffer[length..]) {
            Ok(0) => return Ok(None),
            Ok(more) => length += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if is_timeout(error.kind()) => return Ok(None),
            Err(error) => return Err(error).context("接收失败"),
        }
        if Instant::now() >= deadline {
            return Ok(None);
        }
    }
}

/// 到了期限:Unix 报 WouldBlock,Windows 报 TimedOut。
fn is_timeout(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// 读懂一个头;`head` 不含最后的空行。
fn parse(head: &[u8]) -> Request {
    let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    Request {
        line: shown(line),
        status: Status::OK,
    }
}

/// 头太长,没有听完。
fn too_large() -> Request {
    Request {
        line: "-".to_owned(),
        status: Status::HEAD_TOO_LARGE,
    }
}

/// 陌生人说的字节在日志里怎样写:不是 UTF-8 的和控制字符,写成看得见的样子。
fn shown(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character.is_control() {
                true => text.extend(character.escape_default()),
                false => text.push(character),
            }
        }
        text.push_str(&chunk.invalid().escape_ascii().to_string());
    }
    text
}
