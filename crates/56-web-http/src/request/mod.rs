//! 请求的头:请求行和字段(RFC 9112 §3、§5)。
//!
//! 解析是增量的、有界的:来多少字节看多少,看过的不再看;不完整就等,超过上限、不合文法就拒绝。
//! 结果全是借来的切片,不复制,不分配。
//!
//! 分两步。第一步看文法,一个字节一个字节地:请求行([`line`])、字段([`fields`]),错了马上拒绝。
//! 第二步在头完整以后看意思:目标是哪一种、Host 对不对([`target`])、正文有多长([`framing`])。

mod bytes;
mod extension;
mod fields;
mod framing;
mod line;
mod parser;
mod target;

use crate::limits::{FIELD_COUNT, FIELDS, REQUEST_LINE};
use crate::status::Status;
use fields::Index;

pub use bytes::trim;
pub use extension::Extension;
pub use fields::Section;
pub use parser::Parser;

/// 头最多占这么多字节:连接的缓冲区有这么大,就总能往前走。
pub const LONGEST: usize = 2 * line::BLANK_LINES + REQUEST_LINE + FIELDS;

// 位置用两个字节的数记,个数用一个字节的数记。
const _: () = assert!(LONGEST <= u16::MAX as usize && FIELD_COUNT < u8::MAX as usize);

/// 协议的版本。1.0 和 1.1 以外的 1.x 当 1.1,其余是 505。
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Version {
    /// HTTP/1.0:默认答完就关。
    Http10,
    /// HTTP/1.1:默认留着连接。
    #[default]
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

/// 正文有多长(RFC 9112 §6.3)。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// 没有正文,或者恰好这么多字节。
    Length(u64),
    /// 分块。
    Chunked,
}

/// 一个请求的头。
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// 方法,区分大小写。
    pub method: &'a [u8],
    /// 目标。
    pub target: Target<'a>,
    /// 版本。
    pub version: Version,
    /// 正文有多长。
    pub framing: Framing,
    /// 请求行,不带行尾:日志用。
    pub line: &'a [u8],
    /// 头占多少字节,包括结尾的空行(和请求行之前被忽略的空行)。
    pub length: usize,
    section: &'a [u8],
    index: Index,
}

impl<'a> Request<'a> {
    /// 字段 `name`(小写)的值,去掉了两头的空白;出现几次就给几个,先后为序。
    pub fn fields(&self, name: &'static str) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.index.values(self.section, name)
    }

    /// 字段 `name`(小写)唯一的值;没有,或者出现了不止一次,都是 `None`。
    pub fn field(&self, name: &'static str) -> Option<&'a [u8]> {
        let mut values = self.fields(name);
        match (values.next(), values.next()) {
            (Some(value), None) => Some(value),
            _ => None,
        }
    }

    /// 普通的请求:GET 或者 HEAD,目标是没有查询的路径,没有正文,也没有 If-*、Range。
    ///
    /// 这样的请求,方法、路径和 Accept-Encoding(见 [`Request::has_accept_encoding`])就决定了回答,
    /// 可以从缓存里拿;别的字段(Cookie、User-Agent……)对静态网站没有意义。
    #[allow(dead_code, reason = "网站前面有缓存的阶段才用")]
    pub fn is_plain(&self) -> bool {
        const CONDITIONS: [&str; 6] = [
            "range",
            "if-range",
            "if-match",
            "if-none-match",
            "if-modified-since",
            "if-unmodified-since",
        ];
        matches!(self.method, b"GET" | b"HEAD")
            && matches!(self.target, Target::Path { query: None, .. })
            && self.framing == Framing::Length(0)
            && !CONDITIONS.iter().any(|name| self.index.has(name))
    }

    /// 有没有 Accept-Encoding:浏览器总会带,只是内容不多几种。
    #[allow(dead_code, reason = "网站前面有缓存的阶段才用")]
    pub fn has_accept_encoding(&self) -> bool {
        self.index.has("accept-encoding")
    }

    /// 客户是不是等着一声 100 再发正文(RFC 9110 §10.1.1);HTTP/1.0 的不理。
    ///
    /// # Errors
    /// 别的期望做不到:417。
    pub fn expects_continue(&self) -> Result<bool, Reject> {
        let mut expects = false;
        for expectation in self.fields("expect") {
            if self.version == Version::Http10 {
                break;
            }
            if !expectation.eq_ignore_ascii_case(b"100-continue") {
                return Err(Reject::new(417, "只懂 Expect: 100-continue"));
            }
            expects = true;
        }
        Ok(expects)
    }

    /// 客户想不想留着连接(RFC 9112 §9.3):1.1 除非说 close,1.0 除非说 keep-alive。
    pub fn keep_alive(&self) -> bool {
        let said = |option: &str| {
            self.fields("connection")
                .flat_map(|value| value.split(|&byte| byte == b','))
                .any(|one| trim(one).eq_ignore_ascii_case(option.as_bytes()))
        };
        !said("close") && (self.version == Version::Http11 || said("keep-alive"))
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

impl Reject {
    /// 以状态码 `status` 拒绝。
    pub const fn new(status: u16, reason: &'static str) -> Self {
        Self {
            status: Status(status),
            reason,
        }
    }

    /// 看不懂:400。
    pub const fn bad(reason: &'static str) -> Self {
        Self::new(400, reason)
    }
}
