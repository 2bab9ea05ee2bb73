//! 问题:一个地址的网络,或者两个地址是不是在同一个子网。

use std::net::IpAddr;

use anyhow::anyhow;

use crate::cli::Hinted;
use crate::network::Network;
use crate::{address, mask};

/// 出错时把学生写的字照样说一遍,最多说这么多个字:再长,看不到后面的解释。
const MAX_SHOWN: usize = 48;

/// 一个问题。
pub enum Question {
    /// 一个地址和它的网络。
    Describe(Network),
    /// 两个地址是不是在同一个子网。
    Same(Network, Network),
}

impl Question {
    /// 读一个问题的各个词:`地址/前缀`,`地址 掩码`,或者 `same 地址/前缀 地址/前缀`。
    ///
    /// 写错时的错误自带正确的写法。
    pub fn parse(words: &[&str]) -> anyhow::Result<Self> {
        match words {
            ["same", one, other] => {
                let (one, other) = (network(one, None)?, network(other, None)?);
                if one.address().is_ipv4() != other.address().is_ipv4() {
                    let (one, other) = (one.address(), other.address());
                    return wrong(
                        format!("{one} 和 {other} 一个是 IPv4,一个是 IPv6,不能比较"),
                        "两个地址要是同一个版本",
                    );
                }
                Ok(Self::Same(one, other))
            }
            ["same", rest @ ..] => wrong(
                format!("same 后面要有两个地址,这里有 {} 个", rest.len()),
                "试试 same 192.168.9.1/24 192.168.9.193/25",
            ),
            [address] => Ok(Self::Describe(network(address, None)?)),
            [address, mask] => Ok(Self::Describe(network(address, Some(mask))?)),
            _ => wrong(
                format!("这里有 {} 个词,不知道要算什么", words.len()),
                "写成 地址/前缀,地址 掩码,或者 same A/前缀 B/前缀",
            ),
        }
    }
}

/// 读「地址/前缀」,或者分开写的地址和掩码。
fn network(text: &str, mask: Option<&str>) -> anyhow::Result<Network> {
    let text: String = text.chars().map(half_width).collect();
    let mask: Option<String> = mask.map(|mask| mask.trim().chars().map(half_width).collect());
    let (text, prefix) = match text.split_once('/') {
        Some((text, prefix)) => (text, Some(prefix)),
        None => (&*text, None),
    };
    let address = address::parse(text.trim())?;
    let example = example(address);
    let length = match (prefix, &mask) {
        (Some(prefix), None) => mask::parse(prefix.trim(), address)?,
        (None, Some(mask)) => mask::parse(mask.strip_prefix('/').unwrap_or(mask), address)?,
        (Some(_), Some(_)) => return wrong("前缀和掩码写一个就够了", &example),
        (None, None) => return wrong("只有地址,没有前缀或掩码,算不出它的网络", &example),
    };
    Ok(Network::new(address, length))
}

/// 这个地址的一种正确写法:家里和办公室最常见的前缀。
fn example(address: IpAddr) -> String {
    let length = if address.is_ipv4() { 24 } else { 64 };
    format!("试试 {address}/{length}")
}

/// 中文输入法打出的全角字符(U+FF01–U+FF5E)和句号,当作半角。
fn half_width(typed: char) -> char {
    match typed {
        '。' | '｡' => '.',
        '！'..='～' => char::from_u32(typed as u32 - 0xfee0).unwrap_or(typed),
        _ => typed,
    }
}

/// 学生写的字,看不见的字符写成 `\u{1b}` 的样子,太长就只要开头。
pub fn shown(text: &str) -> String {
    let start: String = text.chars().take(MAX_SHOWN).collect();
    let more = if start.len() < text.len() { "…" } else { "" };
    format!("「{}{more}」", start.escape_debug())
}

/// 一个写错的地方:错在哪里,怎样才对。
pub fn wrong<T>(text: impl Into<String>, hint: &str) -> anyhow::Result<T> {
    let (text, hint) = (text.into(), hint.to_owned());
    Err(anyhow!(Hinted { text, hint }))
}
