//! 长连接和短连接:谁关,什么时候关,流水线的次序(RFC 9112 §9)。

use super::request::{ask, get, get_with, head, pipeline, raw};
use super::talk::Talk;
use super::{Rule, must, own, should};

fn close() -> Talk {
    get_with("/letters.txt", "Connection: close")
}

#[rustfmt::skip]
pub(super) fn rules() -> Vec<Rule> {
    vec![
        should("9112 §9.3", "persist-11", "HTTP/1.1 默认留着连接", get("/letters.txt").gives("letters.txt").open().open()),
        should("9112 §9.3", "persist-keep-alive", "1.1 的 Connection: keep-alive 也留着",
            get_with("/letters.txt", "Connection: keep-alive").gives("letters.txt").open()),
        should("9112 §9.3", "persist-unknown-option", "不认得的 Connection 选项不影响",
            get_with("/letters.txt", "Connection: x-hop\r\nX-Hop: 1").gives("letters.txt").open()),
        should("9112 §9.3", "persist-close-elsewhere", "别的字段里的 close 不是 Connection",
            get_with("/letters.txt", "X: close\r\nProxy-Connection: close").gives("letters.txt").open()),
        must("9112 §9.6", "persist-close", "Connection: close:答完就关", close().gives("letters.txt").closed()),
        should("9112 §9.6", "persist-close-told", "要关的回答里说 close", close().lists("Connection", "close")),
        must("9112 §9.6", "persist-close-case", "close 不分大小写",
            get_with("/letters.txt", "Connection: CLOSE").gives("letters.txt").closed()),
        must("9112 §9.6", "persist-close-list", "close 在列表里",
            get_with("/letters.txt", "Connection: x-hop, close").gives("letters.txt").closed()),
        must("9112 §9.3", "persist-close-wins", "keep-alive 和 close 都有:close 优先",
            get_with("/letters.txt", "Connection: keep-alive, close").gives("letters.txt").closed()),
        must("9112 §9.3", "persist-close-two-lines", "close 在第二行 Connection 里",
            get_with("/letters.txt", "Connection: keep-alive\r\nConnection: close").gives("letters.txt").closed()),
        must("9112 §9.6", "persist-after-close", "close 后面的请求不再处理",
            pipeline([close().gives("letters.txt"), Talk::only_sent("/probe.txt")]).closed()),
        must("9112 §9.6", "persist-head-close", "HEAD 和 close", super::request::head_with("/letters.txt", "Connection: close").closed()),
        must("9112 §9.6", "persist-404-close", "404 和 close", get_with("/nothing", "Connection: close").status(&[404]).closed()),
        must("9112 §9.3", "persist-10", "HTTP/1.0 默认答完就关",
            raw("GET /letters.txt HTTP/1.0\r\nHost: test\r\n\r\n").gives("letters.txt").closed()),
        must("9112 §9.3", "persist-10-close", "HTTP/1.0 的 keep-alive, close:关",
            raw("GET /letters.txt HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n").gives("letters.txt").closed()),
        own("9112 §C.2.2", "persist-10-keep-alive", "HTTP/1.0 的 keep-alive:留着,并且说出来",
            raw("GET /letters.txt HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").gives("letters.txt").lists("Connection", "keep-alive").open()),
        must("9112 §6.1", "persist-10-no-chunks", "给 HTTP/1.0 的回答不分块",
            raw("GET /big.bin HTTP/1.0\r\n\r\n").gives("big.bin").without("Transfer-Encoding").closed()),
        must("9112 §9.3.2", "pipeline-order", "流水线:照来的次序答",
            pipeline([get("/letters.txt").gives("letters.txt"), get("/index.html").gives("index.html"),
                      get("/a+b.txt").gives("a+b.txt")]).in_sync()),
        must("9112 §9.3.2", "pipeline-sizes", "流水线:大的、空的、小的,照次序",
            pipeline([get("/big.bin").gives("big.bin"), get("/empty.txt").gives("empty.txt"),
                      get("/letters.txt").gives("letters.txt")]).in_sync()),
        must("9112 §9.3.2", "pipeline-mixed", "流水线:HEAD、404、304、206 夹在中间",
            pipeline([get("/letters.txt").gives("letters.txt"), head("/index.html").status(&[200]),
                      get("/nothing").status(&[404]), get_with("/index.html", "If-None-Match: *").status(&[304]),
                      get_with("/letters.txt", "Range: bytes=0-3").status(&[206, 200]),
                      get("/letters.txt").gives("letters.txt")]).in_sync()),
        must("9112 §9.3.2", "pipeline-40", "流水线:一次四十个",
            pipeline((0..40).map(|_| get("/letters.txt").gives("letters.txt"))).in_sync()),
        must("9112 §9.3.2", "pipeline-slow", "流水线的两个,一个字节一个字节地来",
            pipeline([get("/letters.txt").gives("letters.txt"), get("/a+b.txt").gives("a+b.txt")]).drip().in_sync()),
        must("9112 §9.3.2", "pipeline-then-error", "流水线:前面的照答,后面的坏请求 400",
            pipeline([get("/letters.txt").gives("letters.txt"), raw("BAD\r\n\r\n").status(&[400])])),
        should("9112 §2.2", "pipeline-crlf-between", "两个请求之间多一个 CRLF:不理它",
            pipeline([get("/letters.txt").gives("letters.txt"), raw("\r\nGET /a+b.txt HTTP/1.1\r\nHost: test\r\n\r\n").gives("a+b.txt")])),
        should("9112 §9.5", "persist-after-404", "404 以后连接还在", get("/nothing").status(&[404]).open()),
        should("9112 §9.5", "persist-after-304", "304 以后连接还在",
            get_with("/letters.txt", "If-None-Match: *").status(&[304]).open()),
        should("9112 §9.5", "persist-after-206", "206 以后连接还在",
            get_with("/letters.txt", "Range: bytes=0-3").status(&[206]).open()),
        should("9112 §9.5", "persist-after-416", "416 以后连接还在",
            get_with("/letters.txt", "Range: bytes=99-").status(&[416]).open()),
        should("9112 §9.5", "persist-after-412", "412 以后连接还在",
            get_with("/letters.txt", "If-Match: \"no\"").status(&[412]).open()),
        should("9112 §9.5", "persist-after-redirect", "跳转以后连接还在", get("/sub").not(&[200]).open()),
        own("9112 §9.5", "persist-after-405", "没有正文的 405 以后连接还在", ask("DELETE", "/index.html").status(&[405]).open()),
        should("9112 §2.2", "error-closes", "看不懂的请求:400,关闭", raw("GET / HTTP/1.1\r\nHost: test\r\n bad\x01: \r\n: \r\n\r\n").status(&[400]).closed()),
        should("9112 §9.6", "error-close-told", "关闭的 400 里说 close",
            raw("BAD\r\n\r\n").status(&[400]).lists("Connection", "close").closed()),
        should("9112 §2.2", "error-hides-rest", "坏请求后面的字节不再当成请求",
            raw("GET / HTTP/1.1\r\nno colon\r\nHost: test\r\n\r\n{hidden}").status(&[400]).closed()),
        own("9112 §9.6", "half-close-answered", "客户半关闭,回答还是要给", get("/big.bin").half_close().gives("big.bin")),
        own("9112 §8", "half-head-then-end", "头没有说完就结束:关闭", raw("GET /letters.txt HTTP/1.1\r\nHos").half_close().gone()),
        own("9112 §8", "nothing-then-end", "什么也不说就结束:关闭", raw("").half_close().gone()),
    ]
}

impl Talk {
    /// 只发一个请求,不等它的回答。
    fn only_sent(target: &str) -> Self {
        let mut talk = get(target);
        talk.steps.truncate(1);
        talk
    }
}
