//! 请求的头部:请求行和字段(RFC 9112 §3、§5)。
//!
//! 解析是增量的、有界的:来多少字节看多少,看过的不再看;不完整就等,超过上限、不合文法就拒绝。
//! 结果全是借来的切片,不复制,不分配。

use crate::status::Status;

/// 协议的版本。1.0 和 1.1 以外的 1.x 当 1.1,其余是 505。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// HTTP/1.0:默认答完就关。
    Http10,
    /// HTTP/1.1:默认留着连接。
    Http11,
}

/// 请求目标的四种写法(RFC 9112 §3.2)。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<'a> {
    /// `/路径?查询`,absolute-form 也化成这一种;`path` 以 `/` 开头,还没有解码。
    Path {
        /// 问号之前。
        path: &'a [u8],
        /// 问号之后。
        query: Option<&'a [u8]>,
    },
    /// `*`,只用于 OPTIONS。
    Asterisk,
    /// `主机:端口`,只用于 CONNECT。
    Authority,
}

/// 主体有多长(RFC 9112 §6.3)。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// 没有主体,或者恰好这么多字节。
    Length(u64),
    /// 分块。
    Chunked,
}

/// 一个请求的头部。
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// 方法,区分大小写。
    pub method: &'a [u8],
    /// 目标。
    pub target: Target<'a>,
    /// 版本。
    pub version: Version,
    /// 主体有多长。
    pub framing: Framing,
    /// 请求行,不带行尾:日志用。
    pub line: &'a [u8],
    /// 头部占多少字节,包括结尾的空行(和请求行之前被忽略的空行)。
    pub length: usize,
    // 字段的表:怎样存由解析器决定。
}

impl<'a> Request<'a> {
    /// 字段 `name`(小写)的值,去掉了两头的空白;出现几次就给几个,先后为序。
    pub fn fields(&self, name: &'static str) -> impl Iterator<Item = &'a [u8]> {
        let _ = name;
        std::iter::empty()
    }

    /// 字段 `name`(小写)唯一的值;没有,或者出现了不止一次,都是 `None`。
    pub fn field(&self, name: &'static str) -> Option<&'a [u8]> {
        let _ = name;
        None
    }

    /// 普通的请求:除了 Host、Connection 和与静态文件无关的字段,没有别的会改变回答的字段
    /// (If-*、Range、Accept-Encoding)。
    pub fn is_plain(&self) -> bool {
        true
    }

    /// 客户想不想留着连接(RFC 9112 §9.3)。
    pub fn keep_alive(&self) -> bool {
        self.version == Version::Http11
    }
}

/// 拒绝一个请求:回答这个状态,说这个原因,然后关闭连接。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reject {
    /// 状态码。
    pub status: Status,
    /// 中文的原因,写进错误页。
    pub reason: &'static str,
}

/// 解析到哪里了:看过的字节不再看。一个请求完了,换一个新的。
#[derive(Debug, Default)]
pub struct Parser {
    scanned: usize,
}

impl Parser {
    /// 从 `input` 的开头解析一个头部。还不完整是 `None`;下一次给的 `input` 要以这一次的为开头。
    ///
    /// # Errors
    /// 不合文法或者超过上限。
    pub fn parse<'a>(&mut self, input: &'a [u8]) -> Result<Option<Request<'a>>, Reject> {
        let from = self.scanned.saturating_sub(3);
        let Some(end) = input[from..]
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
        else {
            self.scanned = input.len();
            return Ok(None);
        };
        let line = input.split(|&byte| byte == b'\r').next().unwrap_or(input);
        let mut words = line.split(|&byte| byte == b' ');
        let (Some(method), Some(path), Some(_)) = (words.next(), words.next(), words.next()) else {
            return Err(Reject {
                status: Status::BAD_REQUEST,
                reason: "请求行应当是:方法 目标 版本",
            });
        };
        Ok(Some(Request {
            method,
            target: Target::Path { path, query: None },
            version: Version::Http11,
            framing: Framing::Length(0),
            line,
            length: from + end + 4,
        }))
    }
}
