//! 读掩码:前缀长度、点分的掩码,和 macOS 的 `ifconfig` 打印的十六进制。

use std::net::{IpAddr, Ipv4Addr};

use crate::address;
use crate::question::{shown, wrong};

/// 网络部分有几位:写成 `25`、`255.255.255.128` 或 `0xffffff80`;IPv6 只写前缀长度。
pub fn parse(text: &str, address: IpAddr) -> anyhow::Result<u8> {
    if address.is_ipv4() && text.contains('.') {
        return contiguous(address::ipv4(text)?);
    }
    let hex = text.strip_prefix("0x").filter(|_| address.is_ipv4());
    if let Some(Ok(bits)) = hex.map(|hex| u32::from_str_radix(hex, 16)) {
        return contiguous(Ipv4Addr::from_bits(bits));
    }
    let bits = if address.is_ipv4() { 32 } else { 128 };
    let digits = !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    match text.parse() {
        Ok(length) if digits && length <= bits => Ok(length),
        _ if digits => wrong(
            format!("前缀{}太大:{address} 只有 {bits} 位", shown(text)),
            &format!("试试 {address}/{bits},或者小一点的"),
        ),
        _ => wrong(
            format!("前缀{}不对,应当是 0 到 {bits} 的数字", shown(text)),
            &format!("试试 {address}/{}", bits - 8),
        ),
    }
}

/// 掩码里 1 的个数;1 和 0 交错的不是掩码(RFC 4632 §3.1)。
fn contiguous(mask: Ipv4Addr) -> anyhow::Result<u8> {
    let bits = mask.to_bits();
    let length = bits.leading_ones();
    if bits.count_ones() == length {
        return Ok(u8::try_from(length)?);
    }
    if bits.leading_zeros() == bits.count_zeros() {
        return wrong(
            format!("{mask} 是反掩码,1 和 0 颠倒了"),
            &format!("试试 {}", Ipv4Addr::from_bits(!bits)),
        );
    }
    let octets = mask.octets().map(|octet| format!("{octet:08b}"));
    // 保留开头连续的 1:最可能的本意。这时 length 小于 32,移位不会溢出。
    let nearest = Ipv4Addr::from_bits(!(u32::MAX >> length));
    wrong(
        format!(
            "{mask} 的二进制是 {},1 和 0 交错;掩码先是连续的 1,再是连续的 0",
            octets.join(".")
        ),
        &format!("试试 {nearest},它是 /{length}"),
    )
}
