//! 请求的正文:静态网站用不到它,但是要读完丢掉,下一个请求在它后面(RFC 9112 §6、§7.1)。
//!
//! 一块一块地丢,不攒;长度有上限;分块的文法和头一样严:有两种读法的就拒绝。

use crate::request::{Extension, Framing, Reject, Section};

/// 一个正文里所有的分块扩展加起来最多这么多字节:没有人用它们,只有人拿它们拖时间。
const EXTENSIONS: u16 = 4096;

/// 一块的长度最多这么多位:16 位十六进制就是 64 位的数。
const DIGITS: u8 = 16;

/// 还没有丢完的正文。
#[derive(Debug)]
pub enum Drain {
    /// 还有这么多字节。
    Length(u64),
    /// 分块。
    Chunked(Chunked),
}

impl Drain {
    /// 开始丢。长度超过 `limit` 字节是 413;分块的要边丢边数。
    ///
    /// # Errors
    /// 太长。
    pub fn new(framing: Framing, limit: u64) -> Result<Self, Reject> {
        match framing {
            Framing::Length(length) if length > limit => Err(TOO_LARGE),
            Framing::Length(length) => Ok(Self::Length(length)),
            Framing::Chunked => Ok(Self::Chunked(Chunked::new(limit))),
        }
    }

    /// 丢掉 `input` 开头属于正文的字节。返回丢了多少,和完了没有;没有丢的要留着,下一次再给。
    ///
    /// # Errors
    /// 分块不合文法,或者太长。
    pub fn advance(&mut self, input: &[u8]) -> Result<(usize, bool), Reject> {
        match self {
            Self::Length(left) => {
                let used = take(left, input);
                Ok((used, *left == 0))
            }
            Self::Chunked(chunked) => chunked.advance(input),
        }
    }
}

/// 从 `input` 里拿最多 `left` 个字节;返回拿了几个,`left` 减去它。
fn take(left: &mut u64, input: &[u8]) -> usize {
    let used = usize::try_from(*left).map_or(input.len(), |left| left.min(input.len()));
    *left -= used as u64;
    used
}

const TOO_LARGE: Reject = Reject::new(413, "请求的正文太长");
const BAD_SIZE: Reject = Reject::bad("块的长度应当是十六进制数");
const BAD_END: Reject = Reject::bad("块的后面应当是 CRLF");

/// 等着什么。一块是:`长度 [;扩展] CRLF 内容 CRLF`;长度是 0 的一块之后是尾部的字段和空行。
#[derive(Debug)]
enum Expect {
    /// 长度的数字,已经有了几个。
    Size(u8),
    /// 扩展:不认识的可以不管(RFC 9112 §7.1.1),但是要合文法。
    Extension(Extension),
    /// 长度那一行的 LF。
    SizeEnd,
    /// 内容,还有这么多字节。
    Content(u64),
    /// 内容之后的 CR。
    Return,
    /// 内容之后的 LF。
    Feed,
    /// 尾部的字段。
    Trailer(Section),
}

/// 分块的正文。
#[derive(Debug)]
pub struct Chunked {
    expect: Expect,
    /// 这一块的长度。
    size: u64,
    /// 还能收多少字节。
    room: u64,
    /// 还能收多少字节的扩展。
    extensions: u16,
}

impl Chunked {
    fn new(limit: u64) -> Self {
        Self {
            expect: Expect::Size(0),
            size: 0,
            room: limit,
            extensions: EXTENSIONS,
        }
    }

    fn advance(&mut self, input: &[u8]) -> Result<(usize, bool), Reject> {
        let mut used = 0;
        loop {
            let rest = input.get(used..).unwrap_or_default();
            match &mut self.expect {
                Expect::Content(left) if *left > 0 => {
                    let taken = take(left, rest);
                    used += taken;
                    if taken == 0 {
                        return Ok((used, false));
                    }
                }
                Expect::Content(_) => self.expect = Expect::Return,
                // 尾部的字段也是网上来的:同样的文法,同样的上限;内容不用(RFC 9110 §6.5.1)。
                Expect::Trailer(section) => {
                    let whole = section.scan(rest)?;
                    let taken = if whole { section.length() } else { 0 };
                    return Ok((used + taken, whole));
                }
                _ => {
                    let Some(&byte) = rest.first() else {
                        return Ok((used, false));
                    };
                    self.expect = self.after(byte)?;
                    used += 1;
                }
            }
        }
    }

    /// 长度那一行和块的结尾,一个字节一个字节地看:看到 `byte` 之后等着什么。
    fn after(&mut self, byte: u8) -> Result<Expect, Reject> {
        match (&self.expect, byte) {
            (Expect::Size(digits), _) if byte.is_ascii_hexdigit() => self.digit(*digits, byte),
            (Expect::Size(0), _) => Err(BAD_SIZE),
            (Expect::Size(_), b'\r') => Ok(Expect::SizeEnd),
            (Expect::Size(_), b' ' | b'\t' | b';') => self.extend(Extension::Blank, byte),
            (Expect::Extension(extension), b'\r') if extension.is_whole() => Ok(Expect::SizeEnd),
            (Expect::Extension(extension), _) => self.extend(*extension, byte),
            (Expect::SizeEnd, b'\n') if self.size == 0 => Ok(Expect::Trailer(Section::default())),
            (Expect::SizeEnd, b'\n') => self.begin(),
            (Expect::Return, b'\r') => Ok(Expect::Feed),
            (Expect::Feed, b'\n') => Ok(Expect::Size(0)),
            (Expect::Return | Expect::Feed, _) => Err(BAD_END),
            _ => Err(BAD_SIZE),
        }
    }

    /// 长度又多一位。
    fn digit(&mut self, digits: u8, byte: u8) -> Result<Expect, Reject> {
        if digits == DIGITS {
            return Err(BAD_SIZE);
        }
        let digit = char::from(byte).to_digit(16).unwrap_or_default();
        let high = if digits == 0 { 0 } else { self.size << 4 };
        self.size = high | u64::from(digit);
        Ok(Expect::Size(digits + 1))
    }

    /// 长度完了,内容开始。
    fn begin(&mut self) -> Result<Expect, Reject> {
        self.room = self.room.checked_sub(self.size).ok_or(TOO_LARGE)?;
        Ok(Expect::Content(self.size))
    }

    /// 扩展又多一个字节。
    fn extend(&mut self, extension: Extension, byte: u8) -> Result<Expect, Reject> {
        let left = self.extensions.checked_sub(1);
        self.extensions = left.ok_or(Reject::bad("分块的扩展太长"))?;
        let next = extension.after(byte).map(Expect::Extension);
        next.ok_or(Reject::bad("分块的扩展不合文法"))
    }
}
