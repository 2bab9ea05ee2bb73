//! 回答:状态行、字段、空行,然后是正文(RFC 9112 §4)。

use std::fmt;
use std::fs::File;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::files::Found;
use crate::request::{Method, Request};

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
    /// 不是一个请求。
    pub const BAD_REQUEST: Self = Self::new(400, "Bad Request");
    /// 有,但不给。
    pub const FORBIDDEN: Self = Self::new(403, "Forbidden");
    /// 没有。
    pub const NOT_FOUND: Self = Self::new(404, "Not Found");
    /// 这里不会这个方法。
    pub const METHOD_NOT_ALLOWED: Self = Self::new(405, "Method Not Allowed");
    /// 头太长(RFC 6585 §5)。
    pub const HEAD_TOO_LARGE: Self = Self::new(431, "Request Header Fields Too Large");

    /// 服务器自己出了错。
    pub const SERVER_ERROR: Self = Self::new(500, "Internal Server Error");

    const fn new(code: u16, reason: &'static str) -> Self {
        Self { code, reason }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.reason)
    }
}

/// 不成功的时候,正文是一行字。
const TEXT: &str = "text/plain; charset=utf-8";

/// 文件一次读这么多字节、发这么多:再大,也快不了多少,占的内存却更多。
const CHUNK: u64 = 64 << 10;

/// 头,然后是正文;返回状态和正文的长度。
pub fn send(
    mut stream: &TcpStream,
    request: &Request,
    found: Result<Found, Status>,
) -> anyhow::Result<(Status, u64)> {
    // HEAD 只要头,说的长度还是整个文件的(RFC 9110 §9.3.2)。
    let wanted = |length| match request.method {
        Method::Get => length,
        Method::Head => 0,
    };
    match found {
        Ok(Found { file, length, kind }) => {
            let head = head(Status::OK, kind, length, request.keep);
            send_file(stream, head, file, wanted(length))?;
            Ok((Status::OK, wanted(length)))
        }
        Err(status) => {
            let text = format!("{status}\n");
            let length = wanted(text.len() as u64);
            let head = head(status, TEXT, text.len() as u64, request.keep);
            let answer = head + &text[..length as usize];
            stream.write_all(answer.as_bytes()).context("发送失败")?;
            Ok((status, length))
        }
    }
}

/// 头和文件的前 `left` 个字节。
///
/// 说好了多少就发多少,文件正在变长也不多发。一块一块地发,占的内存和文件多大没有关系;头和第一块一次发出。
fn send_file(
    mut stream: &TcpStream,
    head: String,
    mut file: File,
    mut left: u64,
) -> anyhow::Result<()> {
    let mut buffer = head.into_bytes();
    loop {
        let start = buffer.len();
        let piece = left.min(CHUNK);
        buffer.resize(start + piece as usize, 0);
        let read = file.read_exact(&mut buffer[start..]);
        read.context("读文件失败,它可能变短了")?;
        stream.write_all(&buffer).context("发送失败")?;
        buffer.clear();
        left -= piece;
        if left == 0 {
            return Ok(());
        }
    }
}

/// 回答的头:正文是什么类型,有多少字节;答完以后,连接留不留。
///
/// 没有长度,浏览器就不知道正文到哪里为止,只能一直等(RFC 9112 §6.3)。
fn head(status: Status, kind: &str, length: u64, keep: bool) -> String {
    // 405 要说出可以用什么方法(RFC 9110 §15.5.6)。
    let allow = match status.code {
        405 => "Allow: GET, HEAD\r\n",
        _ => "",
    };
    let close = match keep {
        true => "",
        false => "Connection: close\r\n",
    };
    format!(
        "HTTP/1.1 {status}\r\n\
         {allow}\
         Content-Type: {kind}\r\n\
         Content-Length: {length}\r\n\
         {close}\
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
