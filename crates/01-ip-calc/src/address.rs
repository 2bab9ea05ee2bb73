//! 读地址:十进制、二进制、十六进制,每一种写错都说清楚错在哪里。

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::question::{shown, wrong};

/// 一段是一个字节,8 位。
const OCTET_BITS: usize = 8;

/// 读一个 IPv4 或 IPv6 地址。
///
/// IPv4 写成四段十进制或四段二进制;IPv6 的写法见 RFC 4291 §2.2。
pub fn parse(text: &str) -> anyhow::Result<IpAddr> {
    if text.is_empty() {
        return wrong("没有写地址", "试试 192.168.9.193/25");
    }
    if !text.contains(':') {
        return Ok(ipv4(text)?.into());
    }
    match text.parse::<Ipv6Addr>() {
        Ok(address) => Ok(address.into()),
        Err(_) => {
            let (what, hint) = ipv6_mistake(text);
            wrong(what, &hint)
        }
    }
}

/// 四段,每段十进制 0–255,或者每段 8 位二进制。
pub fn ipv4(text: &str) -> anyhow::Result<Ipv4Addr> {
    let octets: Vec<&str> = text.split('.').collect();
    if octets.len() != 4 {
        let what = format!("{}有 {} 段,IPv4 地址有 4 段", shown(text), octets.len());
        return wrong(what, "试试 192.168.9.193/25");
    }
    // 十进制的一段没有这么长;有一段像二进制,四段就都应当是。
    let is_binary = |octet: &&str| octet.len() + 1 >= OCTET_BITS && is_binary(octet);
    let read = match octets.iter().any(is_binary) {
        true => binary_octet,
        false => decimal_octet,
    };
    let mut bytes = [0; 4];
    for (index, octet) in octets.iter().enumerate() {
        bytes[index] = read(octet, index + 1)?;
    }
    Ok(bytes.into())
}

fn is_binary(octet: &str) -> bool {
    octet.bytes().all(|digit| matches!(digit, b'0' | b'1'))
}

fn binary_octet(octet: &str, place: usize) -> anyhow::Result<u8> {
    if !is_binary(octet) {
        let what = format!("第 {place} 段{}不是二进制数,别的段却是", shown(octet));
        return wrong(what, "四段要么都写十进制,要么都写二进制");
    }
    match u8::from_str_radix(octet, 2) {
        Ok(value) if octet.len() == OCTET_BITS => Ok(value),
        _ => wrong(
            format!(
                "第 {place} 段{}有 {} 位二进制数,应当正好 8 位",
                shown(octet),
                octet.len()
            ),
            "一段是一个字节:8 位;四段一共 32 位",
        ),
    }
}

fn decimal_octet(octet: &str, place: usize) -> anyhow::Result<u8> {
    let what = match octet.parse() {
        _ if octet.is_empty() => format!("第 {place} 段是空的,两个点之间要有一个数"),
        _ if !octet.bytes().all(|digit| digit.is_ascii_digit()) => {
            format!("第 {place} 段{}不是数字", shown(octet))
        }
        // inet_aton(3) 当成八进制,别的程序当成十进制:010 可以是 8,也可以是 10。
        _ if octet.len() > 1 && octet.starts_with('0') => {
            let shown = shown(octet);
            let what = format!("第 {place} 段{shown}以 0 开头:有的系统当成八进制,有的当成十进制");
            return wrong(what, "去掉开头的 0");
        }
        Ok(value) => return Ok(value),
        Err(_) => format!("第 {place} 段{}太大:一段是一个字节,最大 255", shown(octet)),
    };
    wrong(what, "试试 192.168.9.193/25")
}

/// IPv6 地址错在哪里,怎样才对。
fn ipv6_mistake(text: &str) -> (String, String) {
    let inside = text.trim_start_matches('[').trim_end_matches(']');
    let (without_zone, zone) = text.split_once('%').unwrap_or((text, ""));
    let (host, port) = text.rsplit_once(':').unwrap_or((text, ""));
    let groups: Vec<&str> = text.split(':').collect();
    let long = groups.iter().find(|group| group.len() > 4);
    let odd = groups
        .iter()
        .find(|group| group.bytes().any(|digit| !digit.is_ascii_hexdigit()));
    let hint = |address: &str| format!("试试 {address}/64");
    let what = match (odd, long) {
        _ if inside != text && inside.parse::<Ipv6Addr>().is_ok() => {
            let what = "方括号只在后面有端口时才要";
            return (what.to_owned(), hint(inside));
        }
        _ if text.contains('%') && without_zone.parse::<Ipv6Addr>().is_ok() => {
            let what = format!("{}是网卡的名字,不是地址的一部分", shown(zone));
            return (what, hint(without_zone));
        }
        _ if host.parse::<Ipv4Addr>().is_ok() => {
            let what = format!("{}是端口,不是地址的一部分", shown(port));
            return (what, format!("试试 {host}/24"));
        }
        _ if text.matches("::").count() > 1 || text.contains(":::") => {
            ":: 只能写一次:写两次,就不知道各代表几段 0".to_owned()
        }
        (Some(odd), _) if odd.contains('.') => format!("末尾的{}不是 IPv4 地址", shown(odd)),
        (Some(odd), _) => format!("{}里有十六进制以外的字符", shown(odd)),
        (None, Some(long)) => format!("{}有 {} 位,一段最多 4 位", shown(long), long.len()),
        (None, None) => format!(
            "{}有 {} 段:IPv6 地址有 8 段,连续的几段 0 可以写成一个 ::",
            shown(text),
            groups.iter().filter(|group| !group.is_empty()).count()
        ),
    };
    (what, hint("2001:db8::1"))
}
