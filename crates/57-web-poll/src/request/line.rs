//! 请求行:`方法 目标 版本`,中间恰好一个空格(RFC 9112 §3)。
//!
//! 一样一样地看。看到一半没有字节了,就记下看到哪里,下一次从那里接着看。

use super::bytes::{is_target, is_token, line_end, run};
use super::{Reject, Version};
use crate::limits::REQUEST_LINE;

/// 请求行之前最多忽略这么多个空行:有的老客户端在 POST 的正文之后多发一个(RFC 9112 §2.2)。
pub const BLANK_LINES: usize = 2;

/// `HTTP/1.1` 的长度:再长就不是版本了。
const VERSION: usize = 8;

/// 正在看哪一样。
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Blank,
    Method,
    Target,
    Version,
    Done,
}

/// 看到哪里了。位置都从输入的开头算,最大四万多,两个字节的数就够:空闲的连接要小。
#[derive(Debug, Default)]
pub struct Line {
    phase: Phase,
    version: Version,
    scanned: u16,
    start: u16,
    method: u16,
    target: u16,
}

impl Line {
    /// 接着看,直到请求行完整(`true`)或者看完了 `input`(`false`)。
    pub fn scan(&mut self, input: &[u8]) -> Result<bool, Reject> {
        while self.phase != Phase::Done {
            // 只在上限以内看:给得再多,也和一个一个字节地给一样。
            let limit = usize::from(self.start) + REQUEST_LINE;
            let window = input.get(..limit).unwrap_or(input);
            let whole = match self.phase {
                Phase::Blank => self.blank(window)?,
                Phase::Method => self.method(window)?,
                Phase::Target => self.target(window)?,
                Phase::Version | Phase::Done => self.version(window)?,
            };
            if !whole {
                return if window.len() == limit {
                    Err(self.too_long())
                } else {
                    Ok(false)
                };
            }
        }
        Ok(true)
    }

    /// 忽略空行,直到别的字节。
    fn blank(&mut self, window: &[u8]) -> Result<bool, Reject> {
        let rest = self.skip(window, |_| false);
        match rest.first() {
            None => return Ok(false),
            Some(b'\r' | b'\n') if usize::from(self.scanned) == 2 * BLANK_LINES => {
                return Err(Reject::bad("请求行之前的空行太多"));
            }
            Some(b'\r' | b'\n') if !line_end(rest, "")? => return Ok(false),
            Some(b'\r' | b'\n') => self.scanned += 2,
            Some(_) => {
                self.start = self.scanned;
                self.phase = Phase::Method;
            }
        }
        Ok(true)
    }

    /// 方法是一个 token。认不认识它,由网站说(405、501)。
    fn method(&mut self, window: &[u8]) -> Result<bool, Reject> {
        let rest = self.skip(window, is_token);
        self.method = self.scanned;
        match rest.first() {
            None => Ok(false),
            Some(b' ') if self.method > self.start => {
                self.scanned += 1;
                self.phase = Phase::Target;
                Ok(true)
            }
            Some(_) => Err(Reject::bad("这不是 HTTP 的请求:开头应当是方法和一个空格")),
        }
    }

    /// 目标是看得见的 ASCII。四种写法在头完整以后再分。
    fn target(&mut self, window: &[u8]) -> Result<bool, Reject> {
        let rest = self.skip(window, is_target);
        self.target = self.scanned;
        match rest.first() {
            None => Ok(false),
            Some(b' ') if self.target > self.method + 1 => {
                self.scanned += 1;
                self.phase = Phase::Version;
                Ok(true)
            }
            Some(b' ') => Err(Reject::bad("方法和目标之间只能有一个空格")),
            Some(b'\r' | b'\n') => Err(Reject::bad("请求行没有版本:HTTP/0.9 已经不用了")),
            Some(_) => Err(Reject::bad("目标里有不许的字节:要写成百分号编码")),
        }
    }

    /// 版本之后必须马上是行尾。
    fn version(&mut self, window: &[u8]) -> Result<bool, Reject> {
        let rest = self.skip(window, |byte| byte.is_ascii_graphic());
        let word = between(window, self.target + 1, self.scanned);
        if word.len() > VERSION {
            return Err(Reject::bad("版本应当是 HTTP/1.1 或者 HTTP/1.0"));
        }
        let whole = line_end(rest, "版本之后应当是行尾")?;
        if whole {
            self.version = Version::parse(word)?;
            self.scanned += 2;
            self.phase = Phase::Done;
        }
        Ok(whole)
    }

    /// 跳过 `allowed` 允许的字节,给出其余的。
    fn skip<'w>(&mut self, window: &'w [u8], allowed: impl Fn(u8) -> bool) -> &'w [u8] {
        let rest = window.get(usize::from(self.scanned)..).unwrap_or_default();
        let word = run(rest, allowed);
        self.scanned += word as u16;
        rest.get(word..).unwrap_or_default()
    }

    /// 到了上限还没有完:是哪一样太长(RFC 9112 §3)。
    fn too_long(&self) -> Reject {
        match self.phase {
            Phase::Blank | Phase::Method => Reject::new(501, "没有这么长的方法"),
            _ => Reject::new(414, "请求的目标太长"),
        }
    }

    /// 来了空行以外的字节没有。
    pub fn started(&self) -> bool {
        self.phase != Phase::Blank
    }

    /// 请求行(连行尾)占多少字节,包括它之前的空行。
    pub fn length(&self) -> usize {
        usize::from(self.scanned)
    }

    /// 版本。
    pub fn version_of(&self) -> Version {
        self.version
    }

    /// 方法。
    pub fn method_of<'a>(&self, input: &'a [u8]) -> &'a [u8] {
        between(input, self.start, self.method)
    }

    /// 目标。
    pub fn target_of<'a>(&self, input: &'a [u8]) -> &'a [u8] {
        between(input, self.method + 1, self.target)
    }

    /// 完整的请求行,不带行尾;还不完整是空的。
    pub fn text<'a>(&self, input: &'a [u8]) -> &'a [u8] {
        match self.phase {
            Phase::Done => between(input, self.start, self.scanned - 2),
            _ => &[],
        }
    }
}

/// 从一个位置到另一个位置。
fn between(bytes: &[u8], start: u16, end: u16) -> &[u8] {
    bytes
        .get(usize::from(start)..usize::from(end))
        .unwrap_or_default()
}

impl Version {
    /// `HTTP/数字.数字`,区分大小写(RFC 9112 §2.3)。
    fn parse(word: &[u8]) -> Result<Self, Reject> {
        match word {
            b"HTTP/1.0" => Ok(Self::Http10),
            [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'0'..=b'9'] => Ok(Self::Http11),
            [b'H', b'T', b'T', b'P', b'/', b'0'..=b'9', b'.', b'0'..=b'9'] => {
                Err(Reject::new(505, "只会 HTTP/1.1 和 HTTP/1.0"))
            }
            _ => Err(Reject::bad("版本应当是 HTTP/1.1 或者 HTTP/1.0")),
        }
    }
}
