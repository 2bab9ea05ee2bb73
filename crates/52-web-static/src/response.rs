//! 回答:状态行、字段、空行,然后是正文(RFC 9112 §4)。

use std::fmt;

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

/// 回答的头:正文是什么类型,有多少字节。
///
/// 没有长度,浏览器就不知道正文到哪里为止,只能一直等(RFC 9112 §6.3)。
pub fn head(status: Status, kind: &str, length: u64) -> String {
    // 405 要说出可以用什么方法(RFC 9110 §15.5.6)。
    let allow = match status.code {
        405 => "Allow: GET, HEAD\r\n",
        _ => "",
    };
    format!(
        "HTTP/1.1 {status}\r\n\
         {allow}\
         Content-Type: {kind}\r\n\
         Content-Length: {length}\r\n\
         Connection: close\r\n\
         \r\n"
    )
}
