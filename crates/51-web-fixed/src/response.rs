//! 回答:状态行、字段、空行,然后是正文(RFC 9112 §4)。

use std::fmt;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::request::Request;

/// 回答完了,等对方关闭最多这么久。
const LINGER: Duration = Duration::from_secs(1);

/// 状态:三位数字给程序看,短语给人看(RFC 9110 §15)。
#[derive(Clone, Copy)]
pub struct Status {
    /// 三位数字。
    pub code: u16,
    reason: &'static str,
}

impl Status {
    /// 成功。
    pub const OK: Self = Self::new(200, "OK");
    /// 头太长(RFC 6585 §5)。
    pub const HEAD_TOO_LARGE: Self = Self::new(431, "Request Header Fields Too Large");

    const fn new(code: u16, reason: &'static str) -> Self {
        Self { code, reason }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.reason)
    }
}

/// 网页的类型;说清楚编码,浏览器就不用猜。
const HTML: &str = "text/html; charset=utf-8";

/// 头,然后是正文;返回状态和正文的长度。
pub fn send(
    mut stream: &TcpStream,
    request: &Request,
    page: &[u8],
) -> anyhow::Result<(Status, u64)> {
    let status = request.status;
    let text = format!("{status}\n");
    let body = match status.code {
        200 => page,
        _ => text.as_bytes(),
    };
    let length = body.len() as u64;
    let answer = [head(status, HTML, length).as_bytes(), body].concat();
    stream.write_all(&answer).context("发送失败")?;
    Ok((status, length))
}

/// 回答的头:正文是什么类型,有多少字节。
///
/// 没有长度,浏览器就不知道正文到哪里为止,只能一直等(RFC 9112 §6.3)。
fn head(status: Status, kind: &str, length: u64) -> String {
    format!(
        "HTTP/1.1 {status}\r\n\
         Content-Type: {kind}\r\n\
         Content-Length: {length}\r\n\
         Connection: close\r\n\
         \r\n"
    )
}

/// 说「我说完了」(FIN),把对方还在说的读完,再关闭。
///
/// 收到的字节没有读走就关闭,操作系统发出的是复位(RFC 1122 §4.2.2.13);对方还没有读的回答,可能跟着没了
/// (RFC 9112 §9.6)。尽力而为:对方已经走了,就不用等。
pub fn hang_up(mut stream: &TcpStream) {
    let ready = stream.shutdown(Shutdown::Write);
    let ready = ready.and_then(|()| stream.set_read_timeout(Some(LINGER)));
    let deadline = Instant::now() + LINGER;
    let mut rest = [0; 4096];
    while ready.is_ok() && Instant::now() < deadline && matches!(stream.read(&mut rest), Ok(1..)) {}
}
