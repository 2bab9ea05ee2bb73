//! Host 字段:1.1 必须恰好有一个,值要对(RFC 9112 §3.2、RFC 9110 §7.2)。

use super::request::raw;
use super::talk::Talk;
use super::{Rule, must, own, should};

/// 一个 GET,Host 之类的字段由 `fields` 给出,每行以 CRLF 结尾。
fn with(fields: impl AsRef<[u8]>) -> Talk {
    raw([b"GET /letters.txt HTTP/1.1\r\n", fields.as_ref(), b"\r\n"].concat())
}

#[rustfmt::skip]
pub(super) fn rules() -> Vec<Rule> {
    let mut rules = vec![
        must("9112 §3.2", "host-missing", "HTTP/1.1 没有 Host:400", with("").status(&[400])),
        must("9112 §3.2", "host-missing-others", "有别的字段,没有 Host:400", with("X: y\r\n").status(&[400])),
        must("9112 §3.2", "host-twice", "两个不同的 Host:400", with("Host: a\r\nHost: b\r\n").status(&[400])),
        must("9112 §3.2", "host-twice-same", "两个一样的 Host:400", with("Host: a\r\nHost: a\r\n").status(&[400])),
        must("9112 §3.2", "host-twice-case", "Host 和 hOST 也是两个:400", with("Host: a\r\nhOST: a\r\n").status(&[400])),
        must("9112 §3.2", "host-twice-apart", "两个 Host 隔得很远:400",
            with("Host: a\r\nX: 1\r\nY: 2\r\nZ: 3\r\nHost: b\r\n").status(&[400])),
        must("9112 §3.2", "host-10-missing", "HTTP/1.0 可以没有 Host",
            raw("GET /letters.txt HTTP/1.0\r\n\r\n").gives("letters.txt")),
        must("9112 §3.2", "host-10-twice", "HTTP/1.0 也不许有两个 Host",
            raw("GET /letters.txt HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n").status(&[400])),
        must("9112 §3.2", "host-12-missing", "1.2 当作 1.1,也要 Host",
            raw("GET /letters.txt HTTP/1.2\r\n\r\n").status(&[400])),
        must("9112 §3.2", "host-empty", "空的 Host 合文法:可以答,可以拒绝",
            with("Host:\r\n").status(&[200, 400]).if_ok("letters.txt")),
        must("9110 §5.1", "host-name-case", "字段名不分大小写", with("hOsT: test\r\n").gives("letters.txt")),
        should("9110 §7.2", "host-empty-port", "Host 的端口可以是空的", with("Host: test:\r\n").gives("letters.txt")),
        own("9110 §7.2", "host-other", "只有一个网站:别的主机名也答", with("Host: whatever.example\r\n").gives("letters.txt")),
    ];
    rules.extend(GOOD.iter().map(|(id, host)| {
        let title = format!("Host: {host} 合文法");
        must("9110 §7.2", id, &title, with(format!("Host: {host}\r\n")).gives("letters.txt"))
    }));
    rules.extend(BAD.iter().map(|(id, host)| {
        let title = format!("Host: {} 不合文法:400", host.escape_ascii());
        must("9112 §3.2", id, &title, with([b"Host: ", *host, b"\r\n"].concat()).status(&[400]))
    }));
    rules
}

/// 合 `uri-host [ ":" port ]` 的值。
const GOOD: [(&str, &str); 6] = [
    ("host-port", "test:8080"),
    ("host-ipv4", "127.0.0.1:80"),
    ("host-ipv6", "[::1]"),
    ("host-ipv6-port", "[2001:db8::1]:8080"),
    ("host-upper-case", "TEST.Example"),
    ("host-underscore", "my_host-1.example"),
];

/// 不合的值。
const BAD: [(&str, &[u8]); 14] = [
    ("host-space", b"a b"),
    ("host-slash", b"test/x"),
    ("host-userinfo", b"user@test"),
    ("host-query", b"test?x"),
    ("host-fragment", b"test#x"),
    ("host-backslash", b"test\\x"),
    ("host-angle", b"<test>"),
    ("host-two-ports", b"test:80:80"),
    ("host-bad-port", b"test:8o"),
    ("host-open-bracket", b"[::1"),
    ("host-url", b"http://test/"),
    ("host-control", b"te\x01st"),
    ("host-nul", b"te\0st"),
    ("host-bare-cr", b"te\rst"),
];
