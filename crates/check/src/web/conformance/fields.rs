//! 字段:名字、冒号、空白、折行、控制字符、太多太大(RFC 9112 §5、RFC 9110 §5、RFC 6585 §5)。

use super::request::{get_with, raw};
use super::talk::Talk;
use super::{Rule, must, own, should};

/// 一个 GET,多带 `lines`(照原样)。
fn with(lines: impl AsRef<[u8]>) -> Talk {
    raw([
        b"GET /letters.txt HTTP/1.1\r\nHost: test\r\n",
        lines.as_ref(),
        b"\r\n\r\n",
    ]
    .concat())
}

#[rustfmt::skip]
pub(super) fn rules() -> Vec<Rule> {
    vec![
        must("9112 §5.1", "field-space-before-colon", "名字和冒号之间有空格:400", with("X-A : b").status(&[400])),
        must("9112 §5.1", "field-tab-before-colon", "名字和冒号之间有制表符:400", with("X-A\t: b").status(&[400])),
        must("9112 §5.1", "field-host-space-colon", "Host 和冒号之间有空格:400",
            raw("GET /letters.txt HTTP/1.1\r\nHost : test\r\n\r\n").status(&[400])),
        should("9112 §5", "field-space-in-name", "名字里有空格:400", with("X A: b").status(&[400])),
        should("9112 §5", "field-no-colon", "没有冒号的一行:400", with("nonsense").status(&[400])),
        should("9112 §5", "field-empty-name", "空的名字:400", with(": b").status(&[400])),
        should("9112 §5", "field-delimiter-in-name", "名字里有括号:400", with("X(A): b").status(&[400])),
        should("9112 §5", "field-control-in-name", "名字里有控制字符:400", with(b"X\x01A: b").status(&[400])),
        should("9112 §5", "field-nul-in-name", "名字里有 NUL:400", with(b"X\0A: b").status(&[400])),
        should("9112 §5", "field-utf8-in-name", "名字里有中文:400", with("名字: b").status(&[400])),
        should("9112 §5", "field-slash-in-name", "名字里有斜线:400", with("X/A: b").status(&[400])),
        must("9110 §5.1", "field-token-name", "名字可以用 token 的每一个字符",
            with("!#$%&'*+-.^_`|~09Az: b").gives("letters.txt")),
        must("9110 §5.5", "field-nul", "值里有 NUL:拒绝,或者换成空格", with(b"X: a\0b").status(&[200, 400]).if_ok("letters.txt")),
        must("9110 §5.5", "field-nul-in-range", "Range 里有 NUL:不许当作没有",
            with(b"Range: bytes=0-\x000").status(&[200, 400, 416])),
        must("9112 §2.2", "field-bare-cr", "值里有 CR:拒绝,或者换成空格", with("X: a\rb").status(&[200, 400]).if_ok("letters.txt")),
        must("9112 §2.2", "field-bare-cr-hides-field", "CR 后面不是新的字段",
            with("X: a\rRange: bytes=0-0").status(&[200, 400]).if_ok("letters.txt")),
        must("9110 §5.5", "field-control", "值里有别的控制字符:可以答,可以拒绝",
            with(b"X: a\x01\x7fb").status(&[200, 400]).if_ok("letters.txt")),
        should("9110 §5.5", "field-obs-text", "值里有 0x80 以上的字节:不懂,但是不拒绝",
            with(b"X: \xe4\xb8\xad\xff\x80").gives("letters.txt")),
        must("9112 §5", "field-no-space", "冒号后面可以没有空格", with("Range:bytes=0-0").status(&[206, 200])),
        must("9112 §5", "field-blank-around", "值前后的空白不算", with("If-None-Match: \t * \t ").status(&[304])),
        must("9112 §5", "field-empty-value", "值可以是空的", with("X:").gives("letters.txt")),
        must("9110 §5.1", "field-unknown", "不认得的字段不理它", with("X-Unknown: 1\r\nAnother: 2").gives("letters.txt")),
        must("9110 §5.1", "field-case", "字段名不分大小写", with("iF-nONE-mATCH: *").status(&[304])),
        must("9112 §5.2", "field-fold", "折行:拒绝,或者换成空格",
            with("X: a\r\n b").status(&[200, 400]).if_ok("letters.txt")),
        must("9112 §5.2", "field-fold-tab", "制表符开头的折行:拒绝,或者换成空格",
            with("X: a\r\n\tb").status(&[200, 400]).if_ok("letters.txt")),
        must("9112 §5.2", "field-fold-hides-field", "折行里的字段不是字段",
            with("X: a\r\n Range: bytes=0-0").status(&[200, 400]).if_ok("letters.txt")),
        must("9112 §5.2", "field-fold-host", "Host 的值在折行里:拒绝,或者接上",
            raw("GET /letters.txt HTTP/1.1\r\nHost:\r\n test\r\n\r\n").status(&[200, 400]).if_ok("letters.txt")),
        own("9112 §5.2", "field-fold-400", "折行:400", with("X: a\r\n b").status(&[400])),
        must("9110 §5.3", "field-two-lines", "列表可以分成两行",
            with("If-None-Match: \"no\"\r\nIf-None-Match: {etag /letters.txt}").status(&[304])),
        must("9110 §5.6.1", "field-empty-members", "列表里的空成员不算",
            with("If-None-Match: , ,{etag /letters.txt},,").status(&[304])),
        must("9110 §5.4", "field-too-large", "一个字段太大:4xx", huge(1, 400_000).client_error()),
        must("9110 §5.4", "field-too-many", "字段太多:4xx", huge(20_000, 10).client_error()),
        must("9110 §5.4", "field-name-too-long", "名字太长:4xx", with(format!("{}: x", "N".repeat(400_000))).client_error()),
        own("6585 §5", "field-too-large-431", "一个字段太大:431", huge(1, 400_000).status(&[431]).closed()),
        own("6585 §5", "field-too-many-431", "字段太多:431", huge(20_000, 10).status(&[431]).closed()),
        own("6585 §5", "field-endless", "没完没了的一个字段,没有行尾:431 或者关闭",
            raw(format!("GET / HTTP/1.1\r\nHost: test\r\nX: {}", "x".repeat(2_000_000))).gone()),
        own("9110 §5.4", "field-4k-cookie", "4 KB 的 Cookie:答", get_with("/letters.txt", cookie(4096)).gives("letters.txt")),
        own("9110 §5.4", "field-60-fields", "60 个字段:答", huge(60, 10).gives("letters.txt")),
        own("9110 §5.4", "field-16k-total", "共 6 KB 的字段:答", huge(3, 2000).gives("letters.txt")),
    ]
}

fn cookie(length: usize) -> String {
    format!("Cookie: {}", "c".repeat(length))
}

/// 多带 `count` 个字段,每个值 `length` 字节。
fn huge(count: usize, length: usize) -> Talk {
    let lines: Vec<String> = (0..count)
        .map(|index| format!("X-{index}: {}", "v".repeat(length)))
        .collect();
    with(lines.join("\r\n"))
}

impl Talk {
    fn client_error(self) -> Self {
        self.check(|seen| match seen.last().status {
            400..=499 => Ok(()),
            status => Err(format!("应当是 4xx,却是 {status}")),
        })
    }
}
