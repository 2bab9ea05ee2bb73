//! 请求行:空白、行尾、版本、长度(RFC 9112 §2.2、§2.3、§3)。

use super::request::{get, get_with, raw};
use super::talk::Talk;
use super::{Rule, must, own, should};

/// 请求行是 `line`,其余都对。
fn line(line: &str) -> Talk {
    raw(format!("{line}\r\nHost: test\r\n\r\n"))
}

/// 请求目标有 `length` 个字节。
fn long(length: usize) -> Talk {
    let query = "q".repeat(length - "/index.html?".len());
    get(&format!("/index.html?{query}"))
}

#[rustfmt::skip]
pub(super) fn rules() -> Vec<Rule> {
    let mut rules = vec![
        must("9112 §3", "line-get", "一行请求,一个 Host:200",
            raw("GET /index.html HTTP/1.1\r\nHost: test\r\n\r\n").gives("index.html")),
        must("9112 §2.2", "line-slow", "一个字节一个字节地来,和一次来一样",
            get_with("/letters.txt", "X-Slow: yes").drip().gives("letters.txt")),
        should("9112 §2.2", "line-after-empty-line", "请求行之前有一个空行(CRLF):不理它",
            raw("\r\nGET /index.html HTTP/1.1\r\nHost: test\r\n\r\n").gives("index.html")),
        must("9112 §2.2", "line-after-bare-lf", "请求行之前只有 LF:可以不理,可以拒绝",
            raw("\nGET /index.html HTTP/1.1\r\nHost: test\r\n\r\n").status(&[200, 400]).if_ok("index.html")),
        own("9112 §2.2", "line-endless-empty-lines", "没完没了的空行:有个头",
            raw("\r\n".repeat(50_000)).gone()),
        must("9112 §2.2", "line-bare-lf", "只用 LF 结尾:可以认,可以拒绝",
            raw("GET /index.html HTTP/1.1\nHost: test\n\n").status(&[200, 400]).if_ok("index.html")),
        must("9112 §2.2", "line-bare-cr-end", "只用 CR 结尾:不是一行的结尾",
            raw("GET /index.html HTTP/1.1\rHost: test\r\n\r\n").status(&[400])),
        must("9112 §2.2", "line-bare-cr-inside", "目标里有 CR:不是目标的一部分",
            raw("GET /index\r.html HTTP/1.1\r\nHost: test\r\n\r\n").status(&[400])),
        must("9112 §2.2", "line-space-before-field", "请求行和字段之间有空白开头的行:拒绝,或者整行不要",
            raw("GET /index.html HTTP/1.1\r\n X: y\r\nHost: test\r\n\r\n").status(&[200, 400]).if_ok("index.html")),
        must("9112 §2.2", "line-space-before-host", "唯一的 Host 在空白开头的行里:等于没有",
            raw("GET /index.html HTTP/1.1\r\n Host: test\r\n\r\n").status(&[400])),
        must("9112 §3", "line-tabs", "用制表符隔开:可以认,可以拒绝",
            line("GET\t/index.html\tHTTP/1.1").status(&[200, 400]).if_ok("index.html")),
        must("9112 §3", "line-two-spaces", "用两个空格隔开:可以认,可以拒绝",
            line("GET  /index.html  HTTP/1.1").status(&[200, 400]).if_ok("index.html")),
        must("9112 §3", "line-trailing-space", "版本后面有空格:可以认,可以拒绝",
            line("GET /index.html HTTP/1.1 ").status(&[200, 400]).if_ok("index.html")),
        must("9112 §3", "line-leading-space", "方法前面有空格:可以认,可以拒绝",
            line(" GET /index.html HTTP/1.1").status(&[200, 400]).if_ok("index.html")),
        should("9112 §3.2", "line-space-in-target", "目标里有空格:400 或 301,不许改好了再答",
            line("GET /a b.txt HTTP/1.1").status(&[400, 301])),
        should("9112 §3", "line-only-method", "只有方法:400", line("GET").status(&[400])),
        should("9112 §3", "line-four-words", "版本后面还有一个词:400", line("GET / HTTP/1.1 x").status(&[400])),
        should("9112 §2.2", "line-garbage", "不是 HTTP:400", raw("how do you do\r\n\r\n").status(&[400]).closed()),
        should("9112 §2.2", "line-binary", "TLS 的开头发给了明文的端口:400 或者关闭",
            raw(b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00\r\n\r\n").gone()),
        should("9112 §2.2", "line-nul", "请求行里有 NUL:400",
            raw(b"GET /index.html\0 HTTP/1.1\r\nHost: test\r\n\r\n").status(&[400])),
        should("9112 §3.2", "line-control", "目标里有控制字符:400 或 301",
            raw(b"GET /index\x01.html HTTP/1.1\r\nHost: test\r\n\r\n").status(&[400, 301])),
        should("9112 §3.2", "line-delete", "目标里有 DEL:400 或 301",
            raw(b"GET /index\x7f.html HTTP/1.1\r\nHost: test\r\n\r\n").status(&[400, 301])),
        own("9112 §3.2", "line-raw-utf8", "目标里有没有编码的中文:认得就给对,或者 400、301",
            get("/中文.html").status(&[400, 404, 301])),
        should("9112 §3.2", "line-fragment", "目标里有 #:片段不属于目标",
            line("GET /index.html#top HTTP/1.1").status(&[400, 301, 404])),
        own("9112 §C.1.1", "line-http09", "没有版本的请求行(HTTP/0.9):400",
            raw("GET /index.html\r\n\r\n").status(&[400]).closed()),
        must("9112 §3", "line-target-too-long", "目标太长:414", long(200_000).status(&[414])),
        must("9112 §3", "line-endless-target", "目标没完没了,也没有行尾:414 或者别的 4xx,然后关闭",
            raw(format!("GET /{}", "a".repeat(2_000_000))).gone()),
        should("9112 §3", "line-8000", "8000 字节的请求行:建议至少支持这么长",
            long(8000 - "GET  HTTP/1.1".len()).gives("index.html")),
        should("9112 §3", "line-long-method", "方法比认得的都长:501",
            line(&format!("{} / HTTP/1.1", "M".repeat(200))).status(&[501])),
        must("9110 §2.5", "version-10", "HTTP/1.0 的请求:照样答",
            raw("GET /index.html HTTP/1.0\r\n\r\n").gives("index.html").closed()),
        should("9110 §2.5", "version-12", "次版本更高(1.2):当作认得的最高的那个",
            line("GET /index.html HTTP/1.2").gives("index.html")),
        should("9110 §2.5", "version-19", "次版本更高(1.9):当作认得的最高的那个",
            line("GET /index.html HTTP/1.9").gives("index.html")),
        own("9110 §15.6.6", "version-20-505", "主版本更高:505", line("GET /index.html HTTP/2.0").status(&[505])),
        own("9110 §15.6.6", "version-30-505", "HTTP/3.0:505", line("GET /index.html HTTP/3.0").status(&[505])),
        must("9112 §2.3", "version-preface", "HTTP/2 的开场白:不是这里的话",
            raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").gone()),
    ];
    rules.extend(WRONG_VERSIONS.iter().map(|(id, version)| {
        let title = format!("版本写成 {version}:不合文法");
        should("9112 §2.3", id, &title, line(&format!("GET /index.html {version}")).status(&[400, 505]))
    }));
    rules
}

/// 不合 `HTTP/数字.数字` 的版本。
const WRONG_VERSIONS: [(&str, &str); 11] = [
    ("version-lower-case", "http/1.1"),
    ("version-no-minor", "HTTP/1"),
    ("version-empty-minor", "HTTP/1."),
    ("version-two-digits", "HTTP/1.10"),
    ("version-leading-zero", "HTTP/01.1"),
    ("version-plus", "HTTP/+1.1"),
    ("version-comma", "HTTP/1,1"),
    ("version-suffix", "HTTP/1.1x"),
    ("version-other-name", "HTTPS/1.1"),
    ("version-letter", "HTTP/1.x"),
    ("version-colon", "HTTP:1.1"),
];
