//! 校验器:ETag 和 Last-Modified,说的是「还是不是那一份」(RFC 9110 §8.8)。
//!
//! 文件变了而时间戳没有变,校验器就会骗人。时间戳有粒度:内核的钟几毫秒走一格,粗的文件系统一两秒一格。
//! 刚刚改过的文件在同一格里还可能再变,所以这时不给校验器。

#[cfg(test)]
mod tests;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::clock;

pub use crate::response::Stamp;

/// 一秒,纳秒。
pub const SECOND: i128 = 1_000_000_000;

/// 内核的钟最粗 10 毫秒一格(HZ=100),Windows 的约 16 毫秒。
const FINE: i128 = 20_000_000;

/// 时间戳没有小数部分的文件系统:FAT 两秒一格。
const COARSE: i128 = 2 * SECOND;

impl Stamp {
    /// 修改时间,从 1970-01-01 起的整秒。
    pub fn modified(&self) -> u64 {
        u64::try_from(self.modified.div_euclid(SECOND)).unwrap_or_default()
    }

    /// 是不是比 `other` 旧。没有小数部分的只比到秒:有的工具(brotli)压缩时照抄修改时间,只抄到秒。
    pub fn is_older(&self, other: &Self) -> bool {
        match self.modified % SECOND {
            0 => self.modified() < other.modified(),
            _ => self.modified < other.modified,
        }
    }

    /// 现在是 `now`,再变一次时间戳会不会还是这样。
    fn is_fresh(&self, now: SystemTime) -> bool {
        let coarse = self.modified % SECOND == 0 && self.changed % SECOND == 0;
        let newest = match cfg!(unix) {
            // 修改时间可以被人改到将来,ctime 总是真的。
            true => self.changed,
            false => self.modified,
        };
        nanoseconds(now) - newest < if coarse { COARSE } else { FINE }
    }
}

/// 从 1970-01-01 起的纳秒。
pub fn nanoseconds(time: SystemTime) -> i128 {
    let whole = |age: std::time::Duration| i128::try_from(age.as_nanos()).unwrap_or(i128::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(age) => whole(age),
        Err(before) => -whole(before.duration()),
    }
}

/// 一个文件的校验器。
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validators {
    /// 强的 ETag,带引号。
    pub tag: String,
    /// Last-Modified,从 1970-01-01 起的整秒;不晚于 Date(RFC 9110 §8.8.2.1)。
    pub modified: u64,
    /// Last-Modified 的那一秒过完了:同一秒里不会再变,可以当强的用(RFC 9110 §8.8.2.2)。
    pub settled: bool,
}

impl Validators {
    /// 文件的校验器;`suffix` 是编码的名字:同一个文件的两种编码是两份东西。刚刚改过的文件没有。
    pub fn new(stamp: &Stamp, suffix: &str, now: SystemTime) -> Option<Self> {
        if stamp.is_fresh(now) {
            return None;
        }
        let second = clock::seconds(now);
        Some(Self {
            tag: tag(stamp, suffix),
            modified: stamp.modified().min(second),
            settled: stamp.modified() < second,
        })
    }
}

/// 大小和修改时间照写,其余的写成摘要:不把 inode 告诉陌生人。
fn tag(stamp: &Stamp, suffix: &str) -> String {
    let mut hasher = DefaultHasher::new();
    stamp.hash(&mut hasher);
    let mut tag = String::with_capacity(64);
    tag.push('"');
    push_hex(&mut tag, stamp.size);
    tag.push('-');
    push_hex(&mut tag, hasher.finish());
    if !suffix.is_empty() {
        tag.push('-');
        tag.push_str(suffix);
    }
    tag.push('"');
    tag
}

/// 写成十六进制;每个响应都要写,所以不用 `format!`。
fn push_hex(text: &mut String, number: u64) {
    let digits = (u64::BITS - number.leading_zeros()).div_ceil(4).max(1);
    for place in (0..digits).rev() {
        let digit = (number >> (4 * place)) & 0xf;
        text.extend(
            u32::try_from(digit)
                .ok()
                .and_then(|digit| char::from_digit(digit, 16)),
        );
    }
}
