//! 正文的长度写成 Content-Length(RFC 9112 §6.2、§6.3)。
//!
//! 正文里藏着一个请求:长度看对了,它只是正文;看错了,它就会得到回答。

use super::request::{get, post, raw};
use super::{Rule, must, own, should};

#[rustfmt::skip]
pub(super) fn rules() -> Vec<Rule> {
    let mut rules = vec![
        must("9112 §6.3", "length-post", "POST 的正文读完或者关闭,不当成请求", post("Content-Length: {length}", "{hidden}").in_sync()),
        must("9112 §6.3", "length-get", "GET 也可以有正文:读完或者关闭",
            raw("GET /letters.txt HTTP/1.1\r\nHost: test\r\nContent-Length: {length}\r\n\r\n{hidden}").in_sync()),
        must("9112 §6.3", "length-head", "HEAD 也可以有正文:读完或者关闭",
            super::request::raw_head("HEAD /letters.txt HTTP/1.1\r\nHost: test\r\nContent-Length: {length}\r\n\r\n{hidden}").in_sync()),
        must("9112 §6.3", "length-options", "OPTIONS 的正文也一样",
            raw("OPTIONS /letters.txt HTTP/1.1\r\nHost: test\r\nContent-Length: {length}\r\n\r\n{hidden}").in_sync()),
        must("9112 §6.3", "length-unknown-method", "不认得的方法,正文也一样",
            raw("BREW /letters.txt HTTP/1.1\r\nHost: test\r\nContent-Length: {length}\r\n\r\n{hidden}").in_sync()),
        must("9112 §6.3", "length-404", "404 的正文也一样",
            raw("GET /nothing HTTP/1.1\r\nHost: test\r\nContent-Length: {length}\r\n\r\n{hidden}").in_sync()),
        must("9112 §6.3", "length-redirect", "跳转的正文也一样",
            raw("GET /sub HTTP/1.1\r\nHost: test\r\nContent-Length: {length}\r\n\r\n{hidden}").in_sync()),
        must("9112 §6.3", "length-304", "304 的正文也一样",
            raw("GET /letters.txt HTTP/1.1\r\nHost: test\r\nIf-None-Match: *\r\nContent-Length: {length}\r\n\r\n{hidden}").in_sync()),
        must("9112 §6.3", "length-slow", "正文一个字节一个字节地来", post("Content-Length: {length}", "{hidden}").drip().in_sync()),
        must("9112 §6.3", "length-zero", "长度 0:没有正文", post("Content-Length: 0", "").in_sync()),
        must("9112 §6.3", "length-none", "没有说长度:没有正文,后面是下一个请求", get("/letters.txt").gives("letters.txt").in_sync()),
        must("9112 §6.3", "length-leading-zeros", "前面的 0 合文法",
            post("Content-Length: 000{length}", "{hidden}").in_sync()),
        must("9112 §6.3", "length-10", "HTTP/1.0 的正文也一样",
            raw("POST /index.html HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: {length}\r\n\r\n{hidden}").in_sync()),
        must("9112 §6.3", "length-list-same", "逗号隔开的相同的长度:当作一个,或者拒绝",
            post("Content-Length: {length}, {length}", "{hidden}").in_sync()),
        must("9112 §6.3", "length-twice-same", "两个相同的长度:当作一个,或者拒绝",
            post("Content-Length: {length}\r\nContent-Length: {length}", "{hidden}").in_sync()),
        must("9112 §6.3", "length-short-then-end", "正文没有来完就半关闭:不完整,关闭",
            post("Content-Length: 100", "{hidden}").half_close().check(|_| Ok(())).gone()),
        must("9110 §8.6", "length-overflow", "大得装不下的长度:不许绕回去变小",
            post("Content-Length: 18446744073709551656", "{hidden}").never_hidden()),
        must("9110 §8.6", "length-30-digits", "三十位的长度:不许溢出",
            post("Content-Length: 100000000000000000000000000000", "{hidden}").never_hidden()),
        own("9110 §15.5.14", "length-too-large", "正文太大:不等它来,先拒绝(405、413),然后关闭",
            post("Content-Length: 10000000000", "").status(&[405, 413]).closed()),
        own("9110 §15.5.14", "length-too-large-get", "GET 的正文太大:413 或者 400,然后关闭",
            raw("GET /letters.txt HTTP/1.1\r\nHost: test\r\nContent-Length: 10000000000\r\n\r\n").status(&[400, 413]).closed()),
        should("9112 §9.3", "length-small-stays-open", "正文小:读完,连接还能用",
            post("Content-Length: 5", "hello").not(&[400]).in_sync()),
    ];
    rules.extend(WRONG.iter().map(|(id, length)| {
        let title = format!("Content-Length: {}:400,然后关闭", length.escape_ascii());
        let field = [b"Content-Length: ", *length].concat();
        must("9112 §6.3", id, &title, post(field, "{hidden}").status(&[400]).closed())
    }));
    rules.extend(TWICE.iter().map(|(id, fields)| {
        let title = "两个不同的长度:400,然后关闭";
        must("9112 §6.3", id, title, post(fields, "{hidden}").status(&[400]).closed())
    }));
    rules
}

impl super::talk::Talk {
    /// 拒绝也好,不作声地等着读正文也好,只是不把正文当成请求;问到底就关闭。
    fn never_hidden(mut self) -> Self {
        self = self.half_close();
        self.gone()
    }
}

/// 不是一个十进制数。
#[rustfmt::skip]
const WRONG: [(&str, &[u8]); 14] = [
    ("length-plus", b"+{length}"),
    ("length-minus", b"-1"),
    ("length-minus-zero", b"-0"),
    ("length-hex", b"0x28"),
    ("length-letters", b"{length}a"),
    ("length-point", b"{length}.0"),
    ("length-exponent", b"1e1"),
    ("length-underscore", b"4_0"),
    ("length-space-inside", b"4 0"),
    ("length-quoted", b"\"{length}\""),
    ("length-semicolon", b"{length};x"),
    ("length-nul", b"{length}\0"),
    ("length-arabic", "٤٠".as_bytes()),
    ("length-words", b"many"),
];

/// 两个不同的。
#[rustfmt::skip]
const TWICE: [(&str, &str); 5] = [
    ("length-twice", "Content-Length: {length}\r\nContent-Length: 0"),
    ("length-twice-reversed", "Content-Length: 0\r\nContent-Length: {length}"),
    ("length-list", "Content-Length: {length}, 0"),
    ("length-list-bad", "Content-Length: {length}, x"),
    ("length-twice-spelled", "Content-Length: {length}\r\ncontent-LENGTH: 5"),
];
