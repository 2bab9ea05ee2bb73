//! Expect:100-continue 和别的(RFC 9110 §10.1.1)。

use super::request::{get_with, raw};
use super::talk::Talk;
use super::{Rule, must, own, should};

/// 只有头的一个 POST,说正文有五个字节。
fn waiting(expect: &str) -> Talk {
    raw(format!(
        "POST /index.html HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nExpect: {expect}\r\n\r\n"
    ))
}

#[rustfmt::skip]
pub(super) fn rules() -> Vec<Rule> {
    vec![
        must("9110 §10.1.1", "expect-answered", "等着 100 的 POST:给 100,或者给最后的回答,不许不作声",
            waiting("100-continue").expecting("hello")),
        must("9110 §10.1.1", "expect-case", "100-Continue 不分大小写", waiting("100-CONTINUE").expecting("hello")),
        must("9110 §10.1.1", "expect-get", "等着 100 的 GET 也一样",
            raw("GET /letters.txt HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n").expecting("hello")),
        must("9110 §10.1.1", "expect-chunked", "正文分块,也一样",
            raw("POST /index.html HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n")
                .expecting("5\r\nhello\r\n0\r\n\r\n")),
        must("9110 §10.1.1", "expect-no-content", "没有正文的 100-continue:照常答",
            get_with("/letters.txt", "Expect: 100-continue").gives("letters.txt").in_sync()),
        must("9110 §10.1.1", "expect-10", "HTTP/1.0 的 Expect 不理它,不给 100",
            raw("GET /letters.txt HTTP/1.0\r\nExpect: 100-continue\r\n\r\n").gives("letters.txt")
                .check(|seen| match seen.interim { 0 => Ok(()), _ => Err("不应当给 HTTP/1.0 一个 100".to_owned()) })),
        must("9110 §15.2", "expect-10-post", "HTTP/1.0 带正文的也不给 1xx",
            raw("POST /index.html HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello")
                .check(|seen| match seen.interim { 0 => Ok(()), _ => Err("不应当给 HTTP/1.0 一个 100".to_owned()) })),
        must("9110 §10.1.1", "expect-body-sent", "正文已经来了:照常答,不错位",
            raw("POST /index.html HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello").in_sync()),
        should("9110 §10.1.1", "expect-early-says-close", "没有读正文就答了:说明白是不是要关闭,或者不错位",
            waiting("100-continue").expecting("hello").check(|seen| {
                let early = seen.interim == 0;
                match early && !seen.last().has("Connection", "close") && seen.last().status < 400 {
                    true => Err("没有等正文就成功了,又没有说要关闭".to_owned()),
                    false => Ok(()),
                }
            })),
        own("9110 §10.1.1", "expect-other", "别的期望:417", get_with("/letters.txt", "Expect: tea").status(&[417])),
        own("9110 §10.1.1", "expect-list", "100-continue 和别的一起:417", get_with("/letters.txt", "Expect: 100-continue, tea").status(&[417])),
        own("9110 §10.1.1", "expect-parameter", "带值的期望:417", get_with("/letters.txt", "Expect: wait=5").status(&[417])),
    ]
}
