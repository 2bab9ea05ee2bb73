//! 聊天室说的话:双方说的每一句是「一行」UTF-8 文字,有两种传法,由连接的第一个字节决定。
//!
//! - 第一个字节是 0:分帧([`common::frame`]),我们的客户端用它。一行最多 [`MAX_LINE`] 字节,
//!   所以帧头的第一个字节总是 0;
//! - 别的:以 `\n` 或 `\r\n` 结尾的行,`nc`、telnet 这样的工具也能加入。

use std::time::Duration;

use common::frame::{FrameReader, FrameWriter};

/// 成员说的一行最多这么多字节:一千多个汉字,够说一段话;一万人都只发来半行,也只占 40 MB。
pub const MAX_LINE: usize = 4096;

/// 服务器说的一行最多这么多字节:[`MAX_LINE`] 个控制字符各换成 6 个字节的 `\u{1b}`,加上昵称。
pub const MAX_REPLY: usize = 8 * MAX_LINE;

/// 分帧的成员这么久没有声音,服务器问一声「还在吗」:比常见的 NAT 忘掉一条连接的时间短。
pub const HEARTBEAT: Duration = Duration::from_secs(20);

/// 连着这么多个 [`HEARTBEAT`] 没有一个字节,就当他不在了:一两次没有声音可能只是网络不好。
pub const MISSED: u32 = 3;

/// 心跳:空帧。服务器问,客户端照样回一个。
pub const HEARTBEAT_FRAME: &[u8] = &[0; 4];

/// 昵称被接受以后的第一句话这样开头,客户端由它知道自己进来了。
pub const WELCOME: &str = "* 欢迎,";

/// 服务器关闭之前的最后一句话。
pub const CLOSING: &str = "* 服务器要关闭了";

/// 人满时的回答。还不知道对方用哪种传法,所以总是一行文字。
pub const CROWDED: &str = "! 人满了,请稍后再来";

/// 一行太长:这一行不要了,到行尾为止。
pub const LINE_TOO_LONG: &str = "! 一行最多 4096 字节";

/// 一行不是 UTF-8:不猜编码,也不把乱码发给别人。
pub const NOT_UTF8: &str = "! 这一行不是 UTF-8,没有发出";

/// 一行文字的传法。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// 分帧:4 字节的长度,然后是文字。
    Frames,
    /// 分行:文字,然后是换行。
    Lines,
}

impl Way {
    /// 连接的第一个字节决定传法:[`MAX_LINE`] 比 2 的 24 次方小,所以帧头总是以 0 开头。
    pub fn of(first: u8) -> Self {
        match first {
            0 => Self::Frames,
            _ => Self::Lines,
        }
    }
}

/// 收到的一样东西。
#[derive(Debug, PartialEq, Eq)]
pub enum Received<'a> {
    /// 一行文字,不空,不含行尾。里面可能有控制字符,显示之前要经过 [`crate::name::clean`]。
    Line(&'a str),
    /// 空帧。
    Heartbeat,
    /// 这一行不是 UTF-8。
    NotUtf8,
    /// 这一行太长,已经跳过。
    TooLong,
}

/// 一帧说自己超过 [`MAX_LINE`] 字节:不知道下一帧从哪里开始,只能断开。
#[derive(Debug, PartialEq, Eq)]
pub struct Fault;

/// 断开之前的最后一句话。
pub const FRAME_TOO_LONG: &str = "! 一帧最多 4096 字节";

/// 把到达的字节变成一行行文字。字节怎样切开都一样:TCP 不保留发送时的边界。
#[derive(Debug, Default)]
pub struct Decoder {
    way: Option<Way>,
    /// 收到一半的一行;没有就不占内存,一万个人多数时候都不在说话。
    partial: Option<Box<Partial>>,
}

/// 收到一半的一行。
#[derive(Debug)]
enum Partial {
    Frames(FrameReader),
    Lines(LineReader),
}

impl Decoder {
    /// 从 `bytes` 开头拿走字节,凑成一行就返回它;`None` 是拿完了还不够一行。
    /// 一批字节里可能有许多行:反复调用,直到 `None`。
    pub fn decode(&mut self, bytes: &mut &[u8]) -> Result<Option<Received<'_>>, Fault> {
        if bytes.is_empty() && self.partial.as_ref().is_none_or(|it| it.is_empty()) {
            self.partial = None;
            return Ok(None);
        }
        let first = bytes.first().copied().unwrap_or_default();
        let way = *self.way.get_or_insert(Way::of(first));
        let partial = self.partial.get_or_insert_with(|| Box::new(way.into()));
        match partial.as_mut() {
            Partial::Frames(reader) => whole_frame(reader, bytes),
            Partial::Lines(reader) => Ok(reader.decode(bytes)),
        }
    }

    /// 对方不再说了:最后一行可以没有换行(`printf '你好' | nc …`);收到一半的帧不算。
    pub fn finish(&mut self) -> Option<Received<'_>> {
        match self.partial.as_deref_mut() {
            Some(Partial::Lines(reader)) => reader.decode(&mut &b"\n"[..]),
            _ => None,
        }
    }
}

impl From<Way> for Partial {
    fn from(way: Way) -> Self {
        match way {
            Way::Frames => Self::Frames(FrameReader::new(MAX_LINE)),
            Way::Lines => Self::Lines(LineReader::default()),
        }
    }
}

impl Partial {
    /// 一个字节也没有留着。
    fn is_empty(&self) -> bool {
        match self {
            Self::Frames(reader) => reader.finish().is_ok(),
            Self::Lines(reader) => reader.given || reader.line.is_empty(),
        }
    }
}

fn whole_frame<'a>(
    reader: &'a mut FrameReader,
    bytes: &mut &[u8],
) -> Result<Option<Received<'a>>, Fault> {
    match reader.decode(bytes) {
        Ok(Some([])) => Ok(Some(Received::Heartbeat)),
        Ok(body) => Ok(body.map(text)),
        Err(_) => Err(Fault),
    }
}

fn text(bytes: &[u8]) -> Received<'_> {
    str::from_utf8(bytes).map_or(Received::NotUtf8, Received::Line)
}

/// 收行。最多留着一行的字节;太长的一行只记得它太长。
#[derive(Debug, Default)]
struct LineReader {
    line: Vec<u8>,
    /// `line` 已经交出去了,下一个字节属于下一行。
    given: bool,
}

impl LineReader {
    /// 从 `bytes` 开头拿走字节,凑成不空的一行就返回它。
    fn decode(&mut self, bytes: &mut &[u8]) -> Option<Received<'_>> {
        loop {
            if std::mem::take(&mut self.given) {
                self.line.clear();
            }
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let (part, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
            // 留到 MAX_LINE + 2 个:多出的一个可能是行尾的 \r,再多一个就一定太长。
            let room = MAX_LINE + 2 - self.line.len();
            self.line.extend_from_slice(&part[..part.len().min(room)]);
            *bytes = rest.get(1..).unwrap_or_default();
            end?;
            self.given = true;
            if self.line.len() <= MAX_LINE + 1 {
                self.line.pop_if(|byte| *byte == b'\r');
            }
            match self.line.len() {
                0 => {}
                length if length > MAX_LINE => return Some(Received::TooLong),
                _ => break,
            }
        }
        Some(text(&self.line))
    }
}

/// 一行文字变成网线上的字节,接在 `bytes` 后面。`line` 里不能有换行,最多 [`MAX_REPLY`] 字节。
pub fn encode(line: &str, way: Way, bytes: &mut Vec<u8>) {
    match way {
        Way::Frames => {
            // 写进内存不会失败;太长是程序写错了,测试时会发现。
            let written = FrameWriter::new(MAX_REPLY).write(bytes, line.as_bytes());
            debug_assert!(written.is_ok(), "{written:?}");
        }
        Way::Lines => {
            bytes.extend_from_slice(line.as_bytes());
            bytes.push(b'\n');
        }
    }
}
