//! 状态文件:没有收齐的文件是哪个版本、分成几段、每一段收了多少。是文字,人也看得懂。
//!
//! ```text
//! download-resume 1
//! version 3f0c…(32 个十六进制数字)
//! size 10485760
//! segment 0 5242880 1048576
//! segment 5242880 10485760 0
//! ```

use std::fmt::Write;

use crate::protocol::Version;

/// 第一行:认出自己写的文件。
const HEADING: &str = "download-resume 1";

/// 最多这么多段;自己不会写更多。
pub const MAX_SEGMENTS: usize = 64;

/// 状态文件最多这么多字节:一段一行,一行不超过 80 字节。
pub const MAX_SIZE: u64 = 80 * (MAX_SEGMENTS as u64 + 3);

/// 状态文件的内容。
#[derive(Debug, PartialEq, Eq)]
pub struct State {
    /// 服务器上文件的版本。
    pub version: Version,
    /// 整个文件的大小,字节。
    pub size: u64,
    /// 各段:从、到(不含)、开头已经收到的字节。首尾相接,正好是整个文件。
    pub segments: Vec<(u64, u64, u64)>,
}

impl State {
    /// 写成文字。
    pub fn encode(&self) -> String {
        let mut text = format!("{HEADING}\nversion ");
        for byte in self.version {
            // 写进内存,不会失败。
            let _ = write!(text, "{byte:02x}");
        }
        let _ = writeln!(text, "\nsize {}", self.size);
        for (start, end, held) in &self.segments {
            let _ = writeln!(text, "segment {start} {end} {held}");
        }
        text
    }

    /// 从文字读出;有一处不对就不信它。
    pub fn decode(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        lines.next().filter(|heading| *heading == HEADING)?;
        let version = hex(lines.next()?.strip_prefix("version ")?)?;
        let size = lines.next()?.strip_prefix("size ")?.parse().ok()?;
        let mut segments = Vec::new();
        let mut expected = 0;
        for line in lines {
            let mut numbers = line.strip_prefix("segment ")?.split(' ').map(str::parse);
            let mut number = || numbers.next()?.ok();
            let (start, end, held): (u64, u64, u64) = (number()?, number()?, number()?);
            if start != expected || end <= start || held > end - start {
                return None;
            }
            expected = end;
            segments.push((start, end, held));
        }
        let whole = expected == size && segments.len() <= MAX_SEGMENTS;
        whole.then_some(Self {
            version,
            size,
            segments,
        })
    }
}

fn hex(text: &str) -> Option<Version> {
    let mut version = Version::default();
    if text.len() != 2 * version.len() || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (index, byte) in version.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).ok()?;
    }
    Some(version)
}
