//! 收件箱:把一条连接上的字节收齐,到一个请求为止。

use std::io::{ErrorKind, Read};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::request::{self, Request};

/// 头最多这么多字节:带着很多 Cookie 的浏览器也只有几千,nginx 的默认值也是 8 KiB。
const MAX_HEAD: usize = 8 << 10;

/// 一个头最多说这么久:从第一个字节等起,一个字节一个字节地说,也不能一直占着。
const PATIENCE: Duration = Duration::from_secs(10);

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
            return Ok(Some(request::parse(&received[..blank])));
        }
        // 满了还没有空行。不再读下去:内存不能由陌生人说了算(RFC 6585 §5)。
        if length == buffer.len() {
            return Ok(Some(request::too_large()));
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
