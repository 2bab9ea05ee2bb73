//! 正文分块:Transfer-Encoding(RFC 9112 §6.1、§7.1)。

use super::request::{post, raw};
use super::{Rule, must, own, should};

/// 一块里装着藏着的请求。
const BODY: &str = "{hex}\r\n{hidden}\r\n0\r\n\r\n";

/// 一个分块的正文,在文法之内。
#[rustfmt::skip]
const GOOD: [(&str, &str, &str); 12] = [
    ("chunk-one", "一块", BODY),
    ("chunk-none", "没有块,只有结尾", "0\r\n\r\n"),
    ("chunk-several", "几块", "3\r\nabc\r\n{hex}\r\n{hidden}\r\n0\r\n\r\n"),
    ("chunk-upper-case", "大写的十六进制", "A\r\n0123456789\r\n0\r\n\r\n"),
    ("chunk-lower-case", "小写的十六进制", "a\r\n0123456789\r\n0\r\n\r\n"),
    ("chunk-leading-zeros", "长度前面有 0", "000{hex}\r\n{hidden}\r\n000\r\n\r\n"),
    ("chunk-extension", "不认得的扩展不理它", "{hex};name=value\r\n{hidden}\r\n0;last\r\n\r\n"),
    ("chunk-quoted-extension", "扩展的值可以有引号", "{hex};name=\"a;b\"\r\n{hidden}\r\n0\r\n\r\n"),
    ("chunk-spaced-extension", "扩展前后可以有空白", "{hex} ; name = value\r\n{hidden}\r\n0\r\n\r\n"),
    ("chunk-trailer", "尾部的字段丢掉", "{hex}\r\n{hidden}\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n"),
    ("chunk-trailer-length", "尾部的 Content-Length 不算数", "3\r\nabc\r\n0\r\nContent-Length: 40\r\n\r\n"),
    ("chunk-trailer-host", "尾部的 Host 不算数", "3\r\nabc\r\n0\r\nHost: other\r\n\r\n"),
];

/// 一个分块的正文,不合文法。
#[rustfmt::skip]
const BAD: [(&str, &str, &str); 18] = [
    ("chunk-no-size", "块没有长度", "\r\n{hidden}\r\n0\r\n\r\n"),
    ("chunk-size-letters", "长度不是十六进制", "xyz\r\n{hidden}\r\n0\r\n\r\n"),
    ("chunk-size-0x", "长度写成 0x…", "0x{hex}\r\n{hidden}\r\n0\r\n\r\n"),
    ("chunk-size-plus", "长度有正号", "+{hex}\r\n{hidden}\r\n0\r\n\r\n"),
    ("chunk-size-minus", "长度有负号", "-1\r\n{hidden}\r\n0\r\n\r\n"),
    ("chunk-size-underscore", "长度里有下划线", "0_{hex}\r\n{hidden}\r\n0\r\n\r\n"),
    ("chunk-size-leading-space", "长度前面有空格", " {hex}\r\n{hidden}\r\n0\r\n\r\n"),
    ("chunk-size-suffix", "长度后面有别的", "{hex}x\r\n{hidden}\r\n0\r\n\r\n"),
    ("chunk-size-two-words", "长度后面有空格和别的", "{hex} x\r\n{hidden}\r\n0\r\n\r\n"),
    ("chunk-data-too-long", "块比说的长", "5\r\nhello world\r\n0\r\n\r\n{hidden}"),
    ("chunk-no-crlf", "块的后面没有换行", "5\r\nhello0\r\n\r\n{hidden}"),
    ("chunk-data-lf", "块的后面只有 LF", "5\r\nhello\n0\r\n\r\n{hidden}"),
    ("chunk-data-wrong-end", "块的后面是别的两个字节", "5\r\nhelloXX0\r\n\r\n{hidden}"),
    ("chunk-size-lf", "长度的一行只有 LF", "5\nhello\r\n0\r\n\r\n{hidden}"),
    ("chunk-size-cr", "长度的一行只有 CR", "5\rhello\r\n0\r\n\r\n{hidden}"),
    ("chunk-extension-lf", "扩展里有 LF", "5;a\nhello\r\n0\r\n\r\n{hidden}"),
    ("chunk-extension-cr", "扩展里有 CR", "5;a\rb\r\nhello\r\n0\r\n\r\n{hidden}"),
    ("chunk-size-nul", "长度里有 NUL", "5\0\r\nhello\r\n0\r\n\r\n{hidden}"),
];

/// 说正文不是(或者不只是)分块的:最后不是 chunked,长度就说不准。
#[rustfmt::skip]
const NOT_LAST: [(&str, &str); 9] = [
    ("transfer-identity", "identity"),
    ("transfer-gzip", "gzip"),
    ("transfer-unknown", "rot13"),
    ("transfer-chunked-identity", "chunked, identity"),
    ("transfer-chunked-gzip", "chunked, gzip"),
    ("transfer-empty", ""),
    ("transfer-prefix", "xchunked"),
    ("transfer-short", "chunke"),
    ("transfer-quoted", "\"chunked\""),
];

#[rustfmt::skip]
pub(super) fn rules() -> Vec<Rule> {
    let mut rules: Vec<Rule> = GOOD.iter().map(|(id, title, body)| {
        must("9112 §7.1", id, &format!("分块:{title}"), post("Transfer-Encoding: chunked", body).not(&[400]).in_sync())
    }).collect();
    rules.extend(BAD.iter().map(|(id, title, body)| {
        should("9112 §7.1", id, &format!("分块:{title},关闭"), post("Transfer-Encoding: chunked", body).gone())
    }));
    rules.extend(NOT_LAST.iter().map(|(id, coding)| {
        let title = format!("Transfer-Encoding: {coding}:最后不是 chunked,400(或者 501),然后关闭");
        let fields = format!("Transfer-Encoding: {coding}");
        must("9112 §6.3", id, &title, post(fields, BODY).status(&[400, 501]).closed())
    }));
    rules.extend([
        must("9112 §7", "transfer-case", "CHUNKED 不分大小写", post("Transfer-Encoding: CHUNKED", BODY).not(&[400, 501]).in_sync()),
        must("9112 §5", "transfer-blank", "chunked 前后的空白不算", post("Transfer-Encoding: \t chunked \t", BODY).not(&[400, 501]).in_sync()),
        must("9112 §7.1", "chunk-size-overflow", "块的长度超过 64 位:不许绕回去",
            post("Transfer-Encoding: chunked", "100000000000000{hex}\r\n{hidden}\r\n0\r\n\r\n").gone()),
        must("9112 §7.1", "chunk-size-huge", "块的长度有几百位:不许溢出",
            post("Transfer-Encoding: chunked", format!("{}\r\n{{hidden}}\r\n0\r\n\r\n", "f".repeat(200))).gone()),
        must("9112 §7.1", "chunk-get", "GET 的分块正文:读完或者关闭",
            raw(format!("GET /letters.txt HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n{BODY}")).in_sync()),
        must("9112 §7.1", "chunk-slow", "分块,一个字节一个字节地来", post("Transfer-Encoding: chunked", BODY).drip().in_sync()),
        must("9112 §7.1.2", "chunk-trailer-range", "尾部的 Range 不是头的",
            raw("GET /letters.txt HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nRange: bytes=0-0\r\n\r\n")
                .not(&[206]).in_sync()),
        must("9112 §8", "chunk-incomplete", "没有结尾就半关闭:不完整,关闭",
            post("Transfer-Encoding: chunked", "{hex}\r\n{hidden}\r\n").half_close().gone()),
        should("9112 §6.1", "transfer-gzip-chunked", "gzip, chunked:不认得 gzip,501",
            post("Transfer-Encoding: gzip, chunked", BODY).status(&[501, 400]).in_sync()),
        should("9112 §6.1", "transfer-chunked-twice", "chunked, chunked:不许分块两次",
            post("Transfer-Encoding: chunked, chunked", BODY).status(&[400, 501]).closed()),
        should("9112 §7.1", "transfer-parameter", "chunked 没有参数:有就是错误",
            post("Transfer-Encoding: chunked;x=y", BODY).status(&[400, 501]).closed()),
        must("9112 §6.1", "transfer-10", "HTTP/1.0 的 Transfer-Encoding:答完关闭",
            raw(format!("POST /index.html HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n{BODY}")).closed()),
        must("9112 §6.1", "transfer-10-length", "HTTP/1.0 两样都有:答完关闭",
            raw(format!("POST /index.html HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n{BODY}")).closed()),
        own("9112 §7.1.1", "chunk-endless-extension", "没完没了的扩展:4xx 或者关闭",
            post("Transfer-Encoding: chunked", format!("5;{}", "x".repeat(1_000_000))).gone()),
        own("9112 §7.1.2", "chunk-endless-trailer", "没完没了的尾部:4xx 或者关闭",
            post("Transfer-Encoding: chunked", format!("0\r\n{}", "X: y\r\n".repeat(100_000))).gone()),
    ]);
    rules
}
