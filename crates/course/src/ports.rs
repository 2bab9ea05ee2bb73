//! 端口:讲义里写 8080,真正跑的时候换成空闲的,再把输出换回来。

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener, UdpSocket};
use std::ops::{Range, RangeInclusive};

use anyhow::bail;

use crate::session::{Action, Session};

/// 在这一段里挑:系统自动分配的端口从 32768(Linux)或 49152(macOS、Windows)起,
/// 挑在它们之外,挑好到用上之间就不会被别的程序碰巧拿走。
const RANGE: RangeInclusive<u16> = 20_000..=31_999;

/// 挑这么多次还没有空闲的,就是机器有毛病了。
const ATTEMPTS: usize = 1_000;

/// 讲义里的端口和真正用的端口。
#[derive(Debug, Clone, Default)]
pub struct Ports {
    pairs: Vec<(u16, u16)>,
}

impl Ports {
    /// 给会话里 `$` 行的每个端口找一个空闲的。
    ///
    /// # Errors
    /// 找不到空闲的端口。
    pub fn for_session(session: &Session) -> anyhow::Result<Self> {
        let mut ports = Self::default();
        for step in &session.steps {
            if let Action::Start(words) = &step.action {
                for port in places(words).into_iter().map(|(_, _, port)| port) {
                    if !ports.pairs.iter().any(|(noted, _)| *noted == port) {
                        ports.pairs.push((port, ports.free()?));
                    }
                }
            }
        }
        Ok(ports)
    }

    /// 讲义里的端口,和它这一次换成的端口。
    #[must_use]
    pub fn pairs(&self) -> &[(u16, u16)] {
        &self.pairs
    }

    /// 命令里的端口换成真正用的。
    #[must_use]
    pub fn in_command(&self, words: &[String]) -> Vec<String> {
        let mut words = words.to_vec();
        for (index, range, _) in places(&words) {
            let real = replace(&words[index][range.clone()], &self.pairs, |pair| pair);
            words[index].replace_range(range, &real);
        }
        words
    }

    /// 打的字里的端口换成真正用的。
    #[must_use]
    pub fn in_typed(&self, text: &str) -> String {
        replace(text, &self.pairs, |pair| pair)
    }

    /// 输出里的端口换回讲义里的。
    #[must_use]
    pub fn in_output(&self, text: &str) -> String {
        replace(text, &self.pairs, |(noted, real)| (real, noted))
    }

    fn free(&self) -> anyhow::Result<u16> {
        let taken = |port| {
            self.pairs
                .iter()
                .any(|&(noted, real)| port == noted || port == real)
        };
        for _ in 0..ATTEMPTS {
            let span = u64::from(RANGE.end() - RANGE.start()) + 1;
            let offset = u16::try_from(random() % span).unwrap_or_default();
            let port = RANGE.start() + offset;
            if !taken(port) && is_free(port) {
                return Ok(port);
            }
        }
        bail!("{}–{} 里找不到空闲的端口", RANGE.start(), RANGE.end())
    }
}

/// TCP 和 UDP 都绑得上才算空闲。没有 IPv6 的机器上只看 IPv4。
fn is_free(port: u16) -> bool {
    let v4 = Ipv4Addr::UNSPECIFIED;
    let v6 = Ipv6Addr::LOCALHOST;
    let has_v6 = UdpSocket::bind((v6, 0)).is_ok();
    TcpListener::bind((v4, port)).is_ok()
        && UdpSocket::bind((v4, port)).is_ok()
        && (!has_v6 || TcpListener::bind((v6, port)).is_ok() && UdpSocket::bind((v6, port)).is_ok())
}

/// 标准库给哈希表用的随机种子,够用来错开两次运行。
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// 命令里哪些地方是端口:第几个词、词里的哪一段、端口号。
///
/// 只认两种样子:`…:8080`(后面可以跟路径),和单独一个数(前面不是 `--count` 这样的选项)。
fn places(words: &[String]) -> Vec<(usize, Range<usize>, u16)> {
    let mut places = Vec::new();
    for (index, word) in words.iter().enumerate().skip(1) {
        let after_option = words[index - 1].starts_with('-');
        let whole = (!after_option).then_some(0..word.len());
        let range = after_colon(word).or(whole);
        let port = range.and_then(|range| Some((range.clone(), port(&word[range])?)));
        places.extend(port.map(|(range, port)| (index, range, port)));
    }
    places
}

/// `主机:端口`、`[IPv6]:端口`、`http://主机:端口/路径` 里的端口。
fn after_colon(word: &str) -> Option<Range<usize>> {
    let address = word.find("://").map_or(0, |scheme| scheme + 3);
    let address = address.max(word.find('=').map_or(0, |equals| equals + 1));
    let end = word[address..]
        .find('/')
        .map_or(word.len(), |slash| address + slash);
    // 用中文输入法打的冒号,程序也认。
    let colon = word[address..end].rfind([':', '\u{ff1a}'])? + address;
    let start = colon + word[colon..].chars().next()?.len_utf8();
    let host = &word[address..colon];
    // `fe80::8080` 没有方括号,是地址的一部分,不是端口。
    let bare_v6 = host.contains(':') && !host.ends_with(']');
    (!bare_v6).then_some(start..end)
}

/// 1024 以下的端口不换:那是约定好的服务,0 则是「请系统分配」。
fn port(digits: &str) -> Option<u16> {
    let digits_only = digits.bytes().all(|byte| byte.is_ascii_digit());
    let port = digits.parse().ok().filter(|port| *port >= 1024)?;
    digits_only.then_some(port)
}

/// 把 `text` 里的数(左右都不再是数字的一段)按 `pairs` 换掉。
fn replace(text: &str, pairs: &[(u16, u16)], order: fn((u16, u16)) -> (u16, u16)) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|next: char| next.is_ascii_digit()) {
        let (before, digits) = rest.split_at(start);
        let length = digits
            .find(|next: char| !next.is_ascii_digit())
            .unwrap_or(digits.len());
        let (number, after) = digits.split_at(length);
        let known = pairs.iter().map(|pair| order(*pair));
        let to = known
            .filter(|(from, _)| from.to_string() == number)
            .map(|(_, to)| to)
            .next();
        replaced.push_str(before);
        replaced.push_str(&to.map_or_else(|| number.to_owned(), |to| to.to_string()));
        rest = after;
    }
    replaced.push_str(rest);
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(command: &str) -> Vec<u16> {
        let words = crate::words::plain(command).unwrap();
        places(&words)
            .into_iter()
            .map(|(_, _, port)| port)
            .collect()
    }

    #[test]
    fn only_what_looks_like_a_port_is_one() {
        assert_eq!(found("udp-echo server 127.0.0.1:8080"), [8080]);
        assert_eq!(found("udp-echo server 8080"), [8080]);
        assert_eq!(found("udp-echo server :8080"), [8080]);
        assert_eq!(
            found("udp-send [::1]:8080 --bind 0.0.0.0:9000"),
            [8080, 9000]
        );
        assert_eq!(found("udp-send --bind=127.0.0.1:9000"), [9000]);
        assert_eq!(found("curl http://localhost:8080/a:9"), [8080]);
        assert_eq!(found("udp-recv 127。0。0。1:8080"), [8080]);
        assert_eq!(found("udp-recv --count 2000"), []);
        assert_eq!(found("udp-recv 127.0.0.1:0"), []);
        assert_eq!(found("ip-calc fe80::8080"), []);
        assert_eq!(found("ip-calc 192.168.1.7/24"), []);
        assert_eq!(found("8080"), []);
    }

    #[test]
    fn ports_are_mapped_there_and_back() {
        let ports = Ports {
            pairs: vec![(8080, 20001), (9000, 20002)],
        };
        let words = ["x", "127.0.0.1:8080", "--count", "9000", "9000"].map(str::to_owned);
        assert_eq!(
            ports.in_command(&words),
            ["x", "127.0.0.1:20001", "--count", "9000", "20002"]
        );
        assert_eq!(ports.in_typed("8080 18080 :9000"), "20001 18080 :20002");
        assert_eq!(ports.in_output("20001,200010"), "8080,200010");
    }
}
