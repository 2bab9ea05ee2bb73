//! 路径:请求目标里的路径,化成根里面的一个名字。
//!
//! 次序是这一课的要害:先按 `/` 分段,每一段解码一次,再看 `.` 和 `..`。反过来做,`%2e%2e%2f` 就能走出去;
//! 解码两次,`%252e` 就能走出去。

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use percent_encoding::{
    AsciiSet, CONTROLS, NON_ALPHANUMERIC, PercentEncode, percent_decode, percent_encode,
};

use crate::failure::Failure;
use crate::status::Status;

/// 路径的一段里,除了 RFC 3986 §2.3 的非保留字符,一概写成百分号。
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// 查询照原样写回去,只有不能出现在字段里的字节写成百分号。
const QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\');

/// 点开头、但大家都来取的目录(RFC 8615)。
const WELL_KNOWN: &[u8] = b".well-known";

/// Windows 的设备名:不管在哪个目录、有没有扩展名,打开的都是设备
/// (Microsoft「Naming Files, Paths, and Namespaces」)。
const DEVICES: [&str; 7] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"];

/// 根里面的一个名字:解过码,没有 `.`、`..` 和空的段,不以 `/` 开头。空的就是根。
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelativePath {
    /// 各段,中间是 `/`。不一定是 UTF-8:Unix 的文件名是字节。
    pub name: Vec<u8>,
    /// 说的是目录:原来以 `/`、`.` 或者 `..` 结尾。
    pub directory: bool,
}

impl RelativePath {
    /// 化简请求目标里的路径(以 `/` 开头,没有解码)。
    ///
    /// `..` 走到根就停(RFC 3986 §5.2.4);空的段(`//`)当作没有,和 POSIX 的路径一样。
    ///
    /// # Errors
    /// 400:不以 `/` 开头,百分号后面不是两个十六进制数字,解出了 NUL。
    /// 404:解出了 `/` 或 `\`:它们是名字的一部分,没有文件会叫这样的名字;这个系统上不能有的名字。
    pub fn new(target: &[u8]) -> Result<Self, Failure> {
        let path = target.strip_prefix(b"/").ok_or(MALFORMED)?;
        let mut name = Vec::with_capacity(path.len());
        let mut directory = true;
        for segment in path.split(|&byte| byte == b'/') {
            let segment = decode(segment)?;
            directory = matches!(&*segment, b"" | b"." | b"..");
            match &*segment {
                b"" | b"." => {}
                b".." => name.truncate(parent(&name)),
                plain => push(&mut name, plain)?,
            }
        }
        Ok(Self { name, directory })
    }

    /// 有没有一段以点开头;`.well-known` 不算。
    pub fn is_hidden(&self) -> bool {
        let mut segments = self.name.split(|&byte| byte == b'/');
        let first = segments.next().unwrap_or_default();
        (is_dotted(first) && first != WELL_KNOWN) || segments.any(is_dotted)
    }

    /// 这个目录里的一项。
    pub fn join(&self, entry: &[u8]) -> Self {
        let mut name = Vec::with_capacity(self.name.len() + 1 + entry.len());
        name.extend_from_slice(&self.name);
        if !name.is_empty() {
            name.push(b'/');
        }
        name.extend_from_slice(entry);
        let directory = false;
        Self { name, directory }
    }
}

const MALFORMED: Failure = Failure::new(Status::BAD_REQUEST, "请求的路径写得不对");

/// 点开头的名字。
pub fn is_dotted(name: &[u8]) -> bool {
    name.first() == Some(&b'.')
}

/// 写成链接里的一段。
pub fn encode(segment: &[u8]) -> PercentEncode<'_> {
    percent_encode(segment, SEGMENT)
}

/// 写成链接里的查询。
pub fn encode_query(query: &[u8]) -> PercentEncode<'_> {
    percent_encode(query, QUERY)
}

/// 上一层的名字有多长。
fn parent(name: &[u8]) -> usize {
    name.iter().rposition(|&byte| byte == b'/').unwrap_or(0)
}

fn push(name: &mut Vec<u8>, segment: &[u8]) -> Result<(), Failure> {
    if segment.contains(&0) {
        return Err(MALFORMED);
    }
    let separators = segment.contains(&b'/') || segment.contains(&b'\\');
    if separators || (cfg!(windows) && !fits_windows(segment)) {
        return Err(Failure::ABSENT);
    }
    if !name.is_empty() {
        name.push(b'/');
    }
    name.extend_from_slice(segment);
    Ok(())
}

/// 解码一次。
fn decode(segment: &[u8]) -> Result<Cow<'_, [u8]>, Failure> {
    let mut rest = segment;
    while let Some(at) = rest.iter().position(|&byte| byte == b'%') {
        let digits = rest.get(at + 1..at + 3).ok_or(MALFORMED)?;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(MALFORMED);
        }
        rest = &rest[at + 3..];
    }
    Ok(percent_decode(segment).into())
}

/// Windows 上只有一个意思的名字:不是设备,不是另一个流(`a.txt::$DATA`),末尾没有会被悄悄去掉的点和空格。
fn fits_windows(segment: &[u8]) -> bool {
    let Ok(name) = str::from_utf8(segment) else {
        return false;
    };
    let special = |character: char| character.is_control() || ":*?\"<>|".contains(character);
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    !name.contains(special) && !name.ends_with(['.', ' ']) && !is_device(stem)
}

/// `CON`、`COM1`、`lpt9` ……;Windows 把上标的 ¹²³ 也当作数字。
fn is_device(stem: &str) -> bool {
    let upper = stem.to_uppercase();
    let port = upper.strip_prefix("COM").or(upper.strip_prefix("LPT"));
    let numbered = port.is_some_and(|rest| {
        let mut rest = rest.chars();
        let digit = rest.next();
        digit.is_some_and(|digit| "0123456789¹²³".contains(digit)) && rest.next().is_none()
    });
    numbered || DEVICES.contains(&upper.as_str())
}
