//! 请求走私:两种读法的消息,一律不猜(RFC 9112 §6.1、§11.2)。
//!
//! 每一行都在正文里藏着一个请求。服务器可以拒绝,可以照 RFC 的读法答第一个;藏着的那个决不能得到回答。

use super::request::{get_with, post, raw};
use super::{Rule, must, own, should};

/// 分块的正文,后面跟着藏着的请求。
const AFTER: &str = "0\r\n\r\n{hidden}";

/// 藏着的请求在一块里面。
const INSIDE: &str = "{hex}\r\n{hidden}\r\n0\r\n\r\n";

/// 长度和分块都有:拒绝,或者只看分块;无论如何,答完关闭。
#[rustfmt::skip]
const BOTH: [(&str, &str, &str); 8] = [
    ("smuggle-cl-te", "Content-Length: 45\r\nTransfer-Encoding: chunked", AFTER),
    ("smuggle-te-cl", "Transfer-Encoding: chunked\r\nContent-Length: 4", INSIDE),
    ("smuggle-te-cl-zero", "Transfer-Encoding: chunked\r\nContent-Length: 0", INSIDE),
    ("smuggle-cl-te-case", "content-length: 5\r\ntransfer-ENCODING: Chunked", AFTER),
    ("smuggle-cl-cl-te", "Content-Length: 5\r\nContent-Length: 45\r\nTransfer-Encoding: chunked", AFTER),
    ("smuggle-cl-te-te", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked", AFTER),
    ("smuggle-cl-te-identity", "Content-Length: {length}\r\nTransfer-Encoding: identity", "{hidden}"),
    ("smuggle-cl-te-empty", "Content-Length: {length}\r\nTransfer-Encoding:", "{hidden}"),
];

/// 名字或值写得古怪的 Transfer-Encoding,长度说正文是整个藏着的请求:拒绝,或者当作正文。
/// 看成分块的,后面的字节就不合文法,也只能关闭。
#[rustfmt::skip]
const OBSCURED: [(&str, &[u8]); 18] = [
    ("smuggle-te-space-colon", b"Transfer-Encoding : chunked"),
    ("smuggle-te-tab-colon", b"Transfer-Encoding\t: chunked"),
    ("smuggle-te-nul-colon", b"Transfer-Encoding\0: chunked"),
    ("smuggle-te-vt-colon", b"Transfer-Encoding\x0b: chunked"),
    ("smuggle-te-underscore", b"Transfer_Encoding: chunked"),
    ("smuggle-te-space-name", b"Transfer Encoding: chunked"),
    ("smuggle-te-vt-value", b"Transfer-Encoding: \x0bchunked"),
    ("smuggle-te-ff-value", b"Transfer-Encoding: \x0cchunked"),
    ("smuggle-te-nul-value", b"Transfer-Encoding: chunked\0"),
    ("smuggle-te-nbsp-value", b"Transfer-Encoding: \xa0chunked"),
    ("smuggle-te-comma", b"Transfer-Encoding: ,chunked,"),
    ("smuggle-te-semicolon", b"Transfer-Encoding: chunked;"),
    ("smuggle-te-fold", b"Transfer-Encoding:\r\n chunked"),
    ("smuggle-te-in-fold", b"X: y\r\n Transfer-Encoding: chunked"),
    ("smuggle-te-after-cr", b"X: y\rTransfer-Encoding: chunked"),
    ("smuggle-te-after-lf", b"X: y\nTransfer-Encoding: chunked"),
    ("smuggle-te-cr-value", b"Transfer-Encoding: chunked\r"),
    ("smuggle-te-two-lines", b"Transfer-Encoding: x\r\nTransfer-Encoding: chunked"),
];

/// 写得古怪的 Content-Length:有的服务器看成没有正文,有的看成有。
#[rustfmt::skip]
const OBSCURED_LENGTH: [(&str, &[u8]); 7] = [
    ("smuggle-cl-space-colon", b"Content-Length : {length}"),
    ("smuggle-cl-tab-colon", b"Content-Length\t: {length}"),
    ("smuggle-cl-nul-colon", b"Content-Length\0: {length}"),
    ("smuggle-cl-space-name", b"Content Length: {length}"),
    ("smuggle-cl-vt-value", b"Content-Length: \x0b{length}"),
    ("smuggle-cl-nbsp-value", b"Content-Length: \xa0{length}"),
    ("smuggle-cl-after-cr", b"X: y\rContent-Length: {length}"),
];

#[rustfmt::skip]
pub(super) fn rules() -> Vec<Rule> {
    let mut rules: Vec<Rule> = BOTH.iter().map(|(id, fields, body)| {
        let title = "长度和分块都有:拒绝,或者只看分块;答完关闭";
        must("9112 §6.1", id, title, post(fields, body).closed())
    }).collect();
    rules.extend(BOTH.iter().map(|(id, fields, body)| {
        let title = "长度和分块都有:400,关闭";
        own("9112 §6.1", &format!("{id}-400"), title, post(fields, body).status(&[400, 501]).closed())
    }));
    rules.extend(OBSCURED.iter().map(|(id, field)| {
        let title = format!("{}:不许有两种读法", field.escape_ascii());
        let fields = [field, &b"\r\nContent-Length: {length}"[..]].concat();
        must("9112 §11.2", id, &title, post(fields, "{hidden}").in_sync())
    }));
    rules.extend(OBSCURED_LENGTH.iter().map(|(id, field)| {
        let title = format!("{}:400,关闭", field.escape_ascii());
        must("9112 §11.2", id, &title, post(field, "{hidden}").status(&[400]).closed())
    }));
    rules.extend([
        must("9112 §6.1", "smuggle-te-te", "chunked 和 identity 两行:不许挑一个",
            post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", AFTER).status(&[400, 501]).closed()),
        should("9112 §6.1", "smuggle-te-te-reversed", "identity 和 chunked 两行:不认得 identity",
            post("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked", INSIDE).status(&[400, 501]).in_sync()),
        must("9112 §7.1", "smuggle-trailer-fold", "尾部的折行里的请求不是请求",
            post("Transfer-Encoding: chunked", "0\r\nX: y\r\n GET /hidden.txt HTTP/1.1\r\nHost: test\r\n\r\n").in_sync()),
        must("9112 §6.3", "smuggle-expect", "Expect 写错了,正文还是正文",
            post("Expect: 100-continu\r\nContent-Length: {length}", "{hidden}").in_sync()),
        must("9112 §6.3", "smuggle-expect-sent", "Expect: 100-continue 而正文已经来了:还是正文",
            post("Expect: 100-continue\r\nContent-Length: {length}", "{hidden}").in_sync()),
        must("9112 §6.3", "smuggle-cl-get-twice", "GET 的两个长度:400",
            raw("GET /letters.txt HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\nContent-Length: {length}\r\n\r\n{hidden}")
                .status(&[400]).closed()),
        must("9112 §9.6", "smuggle-connection-length", "Connection 里点名 Content-Length,正文还是正文",
            post("Connection: Content-Length\r\nContent-Length: {length}", "{hidden}").in_sync()),
        must("9112 §2.2", "smuggle-bare-cr", "头里用 CR 分开的两行不是两行",
            raw("GET /letters.txt HTTP/1.1\r\nHost: test\r\nX: y\r\r{hidden}\r\n\r\n").in_sync()),
        should("9110 §5.1", "smuggle-pseudo-header", "HTTP/2 的 :path 不是字段:400",
            get_with("/letters.txt", ":path: /hidden.txt").status(&[400])),
        must("9110 §7.8", "smuggle-upgrade-h2c", "Upgrade: h2c:可以不理,不换就还是 1.1",
            get_with("/letters.txt", "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nConnection: Upgrade, HTTP2-Settings")
                .gives("letters.txt").in_sync()),
        must("9110 §7.8", "smuggle-upgrade-body", "要求换协议,正文还是正文",
            post("Upgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: {length}", "{hidden}").in_sync()),
        own("9112 §3.2", "smuggle-rewrite-url", "X-Original-URL、X-Rewrite-URL 不改变目标",
            get_with("/letters.txt", "X-Original-URL: /hidden.txt\r\nX-Rewrite-URL: /hidden.txt").gives("letters.txt")),
    ]);
    rules
}
