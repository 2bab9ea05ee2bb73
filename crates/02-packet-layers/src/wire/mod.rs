//! 各层的头:每个头是一串有名字的字节范围,读和写都照着它。
//!
//! 这里只有字节和结构,没有文件、没有终端:属性测试和模糊测试单独编译这个目录。

pub mod arp;
pub mod checksum;
pub mod dissect;
pub mod ethernet;
pub mod extension;
pub mod fragment;
pub mod icmp;
pub mod ipv4;
pub mod ipv6;
pub mod layer;
pub mod link;
pub mod network;
pub mod options;
pub mod protocol;
pub mod reassembly;
pub mod tcp;
pub mod transport;
pub mod udp;
pub mod vlan;

use std::fmt;
use std::ops::Range;

/// 一层的头。
///
/// 默认值是一个合法的、最短的头:截断的头缺哪些字节,就用它的补上再读。
pub trait Header: Default {
    /// 这一层的名字。
    const NAME: &'static str;

    /// 从字节的开头读一个头。
    ///
    /// # Errors
    /// 字节不够,或者不合这种头的规则。
    fn parse(bytes: &[u8]) -> Result<Self, Malformed>;

    /// 写出来有多少字节。
    fn size(&self) -> usize;

    /// 写到 `packet` 的末尾。
    fn write(&self, packet: &mut Vec<u8>);

    /// 各个字段;位置从这个头的第一个字节算起。
    fn fields(&self) -> Vec<Field>;
}

/// 读不出一个头的原因。
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Malformed {
    /// 这个头要这么多字节。
    Short(usize),
    /// 不合规则。
    Invalid(String),
}

/// 开头的 `size` 个字节。
///
/// # Errors
/// 没有那么多。
pub fn need(bytes: &[u8], size: usize) -> Result<&[u8], Malformed> {
    bytes.get(..size).ok_or(Malformed::Short(size))
}

/// 一个字段:在哪几个字节里、占几位、叫什么、值是什么。
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// 在哪几个字节里。
    pub range: Range<usize>,
    /// 不是整字节的字段占几位。
    pub bits: Option<usize>,
    /// 名字。
    pub name: &'static str,
    /// 值;括号里是说明。
    pub value: String,
}

impl Field {
    /// 占整字节的字段。
    pub fn new(range: Range<usize>, name: &'static str, value: impl fmt::Display) -> Self {
        Self {
            range,
            bits: None,
            name,
            value: value.to_string(),
        }
    }

    /// 占几位的字段。
    pub fn bits(
        range: Range<usize>,
        bits: usize,
        name: &'static str,
        value: impl fmt::Display,
    ) -> Self {
        Self {
            bits: Some(bits),
            ..Self::new(range, name, value)
        }
    }
}

/// 字节写成十六进制,例如 `e4 bd a0`。
pub fn hex(bytes: &[u8]) -> String {
    let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(" ")
}

/// 带说明的值,例如 `17(UDP)`;没有说明就只有值。
pub fn named(value: impl fmt::Display, name: &str) -> String {
    match name {
        "" => value.to_string(),
        name => format!("{value}({name})"),
    }
}
