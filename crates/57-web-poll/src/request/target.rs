//! 请求目标的四种写法,和主机的写法(RFC 9112 §3.2,RFC 3986 §3.2)。

use std::net::Ipv6Addr;

use super::bytes::run;
use super::{Reject, Request, Target, Version};

/// 目标是哪一种。
pub fn parse<'a>(method: &[u8], target: &'a [u8]) -> Result<Target<'a>, Reject> {
    match (method, target) {
        (b"CONNECT", _) if is_authority(target) && has_port(target) => Ok(Target::Authority),
        (b"CONNECT", _) => Err(Reject::bad("CONNECT 的目标应当是:主机:端口")),
        (b"OPTIONS", b"*") => Ok(Target::Asterisk),
        (_, [b'/', ..]) => Ok(split(target)),
        _ => absolute(target),
    }
}

/// `http://主机:端口/路径?查询`:发给代理的写法,服务器也必须认识(RFC 9112 §3.2.2)。
///
/// 本站只有一个,所以主机只检查、不使用;别的协议(ftp:…)不归我们管。
fn absolute(target: &[u8]) -> Result<Target<'_>, Reject> {
    let wrong = Reject::bad("目标应当以 / 开头,或者是 http:// 开头的网址");
    let colon = run(target, |byte| byte != b':');
    let (scheme, rest) = target.split_at(colon);
    // 加密的资源不能从明文的连接上要(RFC 9110 §7.4):路上的人可以改。
    if scheme.eq_ignore_ascii_case(b"https") {
        return Err(Reject::new(421, "这里没有 https 的资源"));
    }
    if !scheme.eq_ignore_ascii_case(b"http") {
        return Err(wrong);
    }
    let rest = rest.strip_prefix(b"://").ok_or(wrong)?;
    let (authority, rest) = rest.split_at(run(rest, |byte| byte != b'/' && byte != b'?'));
    if !is_authority(authority) {
        return Err(Reject::bad("网址里的主机不合文法,或者带着用户名"));
    }
    match split(rest) {
        // 空的路径就是 /(RFC 9110 §4.2.3)。
        Target::Path { path: [], query } => Ok(Target::Path { path: b"/", query }),
        target => Ok(target),
    }
}

/// 在第一个问号分开。
fn split(target: &[u8]) -> Target<'_> {
    let (path, query) = target.split_at(run(target, |byte| byte != b'?'));
    Target::Path {
        path,
        query: query.get(1..),
    }
}

/// Host 恰好一个,而且合文法(RFC 9112 §3.2);HTTP/1.0 可以没有。
///
/// 目标是网址时以网址为准,Host 也还是要对:路上的代理可能看的是它。
pub fn check_host(request: &Request<'_>) -> Result<(), Reject> {
    let mut hosts = request.fields("host");
    match (hosts.next(), hosts.next()) {
        (None, _) if request.version == Version::Http10 => Ok(()),
        (None, _) => Err(Reject::bad("没有 Host 字段")),
        (Some(_), Some(_)) => Err(Reject::bad("不止一个 Host 字段")),
        (Some(host), None) if is_authority(host) => Ok(()),
        (Some(_), None) => Err(Reject::bad("Host 字段不合文法")),
    }
}

/// `主机` 或者 `主机:端口`;http 的主机不能是空的(RFC 9110 §4.2.1),用户名不行(§4.2.4)。
fn is_authority(authority: &[u8]) -> bool {
    let (host, port) = match authority {
        [b'[', ..] => authority.split_at(run(authority, |byte| byte != b']')),
        _ => authority.split_at(run(authority, |byte| byte != b':')),
    };
    let (valid, port) = match (host, port) {
        ([b'[', address @ ..], [b']', port @ ..]) => (is_ipv6(address), port),
        _ => (is_name(host), port),
    };
    valid
        && match port {
            [] => true,
            [b':', digits @ ..] => digits.iter().all(u8::is_ascii_digit),
            _ => false,
        }
}

/// 端口不是空的(RFC 9110 §9.3.6:CONNECT 必须写明)。
fn has_port(authority: &[u8]) -> bool {
    authority.last().is_some_and(u8::is_ascii_digit)
        && authority.iter().rposition(|&byte| byte == b':')
            > authority.iter().rposition(|&byte| byte == b']')
}

/// 方括号里的地址。
fn is_ipv6(address: &[u8]) -> bool {
    std::str::from_utf8(address).is_ok_and(|text| text.parse::<Ipv6Addr>().is_ok())
}

/// 名字或者 IPv4 地址:reg-name(RFC 3986 §3.2.2)。
fn is_name(name: &[u8]) -> bool {
    let mut bytes = name.iter();
    while let Some(&byte) = bytes.next() {
        let valid = match byte {
            b'%' => [bytes.next(), bytes.next()]
                .iter()
                .all(|digit| digit.is_some_and(u8::is_ascii_hexdigit)),
            b'-' | b'.' | b'_' | b'~' => true,
            b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' => true,
            _ => byte.is_ascii_alphanumeric(),
        };
        if !valid {
            return false;
        }
    }
    !name.is_empty()
}
