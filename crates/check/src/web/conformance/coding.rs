//! 预先压缩的版本:Accept-Encoding、Vary、每个版本自己的 ETag(RFC 9110 §12.5.3、§8.8.3.3)。
//!
//! `page.css` 旁边有 `.gz`、`.br`、`.zst`。服务器可以从不压缩;压缩了,就要照客户说的来。

use super::answer::Seen;
use super::request::{get, get_with, head_with, raw};
use super::talk::Talk;
use super::{Rule, must, own, should};

/// 要 `page.css`,说自己接受什么。
fn accept(codings: &str) -> Talk {
    get_with("/page.css", format!("Accept-Encoding: {codings}"))
}

/// 回答用的编码;没有就是 identity。
fn coding(seen: &Seen<'_>) -> String {
    let coding = seen.last().field("Content-Encoding").unwrap_or("identity");
    coding.to_ascii_lowercase()
}

impl Talk {
    /// 用的编码只许是其中一个。
    fn only(self, allowed: &'static [&'static str]) -> Self {
        self.check(move |seen| {
            let coding = coding(seen);
            match allowed.contains(&coding.as_str()) || seen.last().status == 406 {
                true => Ok(()),
                false => Err(format!("编码只许是 {allowed:?},却是 {coding}")),
            }
        })
    }

    /// 用的恰好是预先压缩的那个文件。
    fn file(self, encoding: &'static str, name: &'static str) -> Self {
        self.field("Content-Encoding", encoding).gives(name)
    }
}

#[rustfmt::skip]
pub(super) fn rules() -> Vec<Rule> {
    vec![
        own("9110 §12.5.3", "coding-none", "没有 Accept-Encoding:不压缩", get("/page.css").gives("page.css").without("Content-Encoding")),
        own("9110 §12.5.3", "coding-takes-gzip", "接受 gzip:给 .gz", accept("gzip").file("gzip", "page.css.gz")),
        own("9110 §12.5.3", "coding-takes-br", "接受 br:给 .br", accept("br").file("br", "page.css.br")),
        own("9110 §12.5.3", "coding-takes-zstd", "接受 zstd:给 .zst", accept("zstd").file("zstd", "page.css.zst")),
        own("9110 §12.5.3", "coding-browser", "浏览器的 gzip, deflate, br, zstd:给其中一个", accept("gzip, deflate, br, zstd").only(&["gzip", "br", "zstd"])),
        own("9110 §12.5.3", "coding-prefers", "q 高的优先", accept("gzip;q=0.5, br;q=1.0").file("br", "page.css.br")),
        own("9110 §12.5.3", "coding-prefers-reversed", "写在后面,q 高的也优先", accept("br;q=0.2, gzip;q=0.8").file("gzip", "page.css.gz")),
        own("9110 §12.5.3", "coding-prefers-identity", "identity 的 q 最高:不压缩", accept("gzip;q=0.5, identity;q=1").gives("page.css").without("Content-Encoding")),
        own("9110 §12.5.3", "coding-star-chosen", "*:给一个压缩的", accept("*").only(&["gzip", "br", "zstd"])),
        must("9110 §12.5.3", "coding-only-offered", "只接受 br:不许给别的", accept("br").only(&["br", "identity"])),
        must("9110 §12.5.3", "coding-unknown", "只接受不认得的:不压缩", accept("rot13").only(&["identity"])),
        must("9110 §12.5.3", "coding-empty", "空的 Accept-Encoding:什么编码也不要", accept("").only(&["identity"])),
        must("9110 §12.5.3", "coding-q-zero", "gzip;q=0:不许给 gzip", accept("gzip;q=0").only(&["identity"])),
        must("9110 §12.5.3", "coding-q-zero-decimals", "gzip;q=0.000 也是 0", accept("gzip;q=0.000").only(&["identity"])),
        must("9110 §12.5.3", "coding-q-zero-spaces", "分号前后可以有空白", accept("gzip ; q=0").only(&["identity"])),
        must("9110 §12.5.3", "coding-q-zero-upper-case", "Q 不分大小写", accept("gzip;Q=0").only(&["identity"])),
        must("9110 §12.5.3", "coding-q-zero-among", "gzip;q=0, br:不许给 gzip", accept("gzip;q=0, br").only(&["br", "identity"])),
        must("9110 §12.5.3", "coding-star-zero-but-gzip", "*;q=0, gzip:不许给 br、zstd", accept("*;q=0, gzip").only(&["gzip", "identity"])),
        own("9110 §12.5.3", "coding-star-zero-gives-gzip", "*;q=0, gzip:给 gzip", accept("*;q=0, gzip").only(&["gzip"])),
        must("9110 §12.5.3", "coding-star-but-gzip-zero", "*, gzip;q=0:不许给 gzip", accept("*, gzip;q=0").only(&["br", "zstd", "deflate", "identity"])),
        own("9110 §12.5.3", "coding-identity-zero", "identity;q=0, gzip:只许 gzip,或者 406", accept("identity;q=0, gzip").only(&["gzip"])),
        should("9110 §12.5.3", "coding-all-refused", "*;q=0:一个也不接受,406 或者不压缩", accept("*;q=0").only(&["identity"])),
        must("9110 §12.5.3", "coding-case", "GZIP 不分大小写:给 gzip 或者不压缩", accept("GZIP").only(&["gzip", "identity"])),
        must("9110 §12.5.3", "coding-prefix", "gzipped 不是 gzip", accept("gzipped, xbr, zstd2").only(&["identity"])),
        own("9110 §12.5.3", "coding-q-small", "q=0.001 不是 0", accept("gzip;q=0.001, identity;q=0").only(&["gzip"])),
        must("9110 §5.3", "coding-two-lines", "两行 Accept-Encoding:一起看",
            get_with("/page.css", "Accept-Encoding: br;q=0\r\nAccept-Encoding: gzip;q=0").only(&["identity"])),
        must("9110 §5.6.1", "coding-empty-members", "空成员不算", accept(",gzip;q=0, ,").only(&["identity"])),
        own("9110 §12.4.2", "coding-bad-q", "写错的 q:不崩溃", accept("gzip;q=abc, br;q=9, zstd;q=").status(&[200, 400, 406])),
        should("9110 §12.5.5", "coding-vary", "压缩了的有 Vary: Accept-Encoding", accept("gzip").check(vary_if_coded)),
        should("9110 §12.5.5", "coding-vary-identity", "没有压缩的也要有:缓存要知道",
            accept("gzip").then(get("/page.css")).check(|seen| {
                let coded = seen.answers[0].field("Content-Encoding").is_some();
                match coded && !seen.last().has("Vary", "Accept-Encoding") && !seen.last().has("Vary", "*") {
                    true => Err("没有压缩的回答也应当有 Vary: Accept-Encoding".to_owned()),
                    false => Ok(()),
                }
            })),
        must("9110 §8.8.3.3", "coding-etag", "两个版本的强 ETag 不同",
            accept("gzip").then(get("/page.css")).check(|seen| {
                let (first, last) = (&seen.answers[0], seen.last());
                let coded = first.field("Content-Encoding").is_some();
                let strong = first.field("ETag").is_some_and(|tag| !tag.starts_with("W/"));
                match coded && strong && first.field("ETag") == last.field("ETag") {
                    true => Err(format!("两个版本的 ETag 一样:{:?}", first.field("ETag"))),
                    false => Ok(()),
                }
            })),
        must("9110 §13.1.2", "coding-none-match", "压缩版本的 ETag,还要压缩的:304",
            raw("GET /page.css HTTP/1.1\r\nHost: test\r\nAccept-Encoding: gzip\r\nIf-None-Match: {etag gzip /page.css}\r\n\r\n").status(&[304])),
        own("9110 §13.1.2", "coding-none-match-other", "压缩版本的 ETag,这次不要压缩的:200",
            raw("GET /page.css HTTP/1.1\r\nHost: test\r\nIf-None-Match: {etag gzip /page.css}\r\n\r\n").gives("page.css")),
        must("9110 §8.8.3.3", "coding-if-match-other", "If-Match 是压缩版本的,选中的是没有压缩的:412(不压缩的服务器 200)",
            raw("GET /page.css HTTP/1.1\r\nHost: test\r\nIf-Match: {etag gzip /page.css}\r\n\r\n").status(&[200, 412])),
        own("9110 §8.3", "coding-type", "压缩了,类型还是 text/css",
            accept("gzip").field_is("Content-Type", "以 text/css 开头", |kind| kind.starts_with("text/css"))),
        own("9110 §8.6", "coding-length", "长度是压缩以后的", accept("gzip").field("Content-Length", "164")),
        must("9110 §9.3.2", "coding-head", "HEAD 也说同一个编码", accept("gzip").then(head_with("/page.css", "Accept-Encoding: gzip")).same("Content-Encoding")),
        own("9110 §8.4", "coding-file-itself", "直接要 page.css.gz:就是那个文件,没有 Content-Encoding",
            get_with("/page.css.gz", "Accept-Encoding: gzip").gives("page.css.gz").without("Content-Encoding")),
        must("9110 §8.4", "coding-plain-file", "没有压缩版本的:给对",
            get_with("/letters.txt", "Accept-Encoding: identity").gives("letters.txt")),
        own("9110 §12.5.3", "coding-plain-file-gzip", "没有压缩版本的,接受 gzip 也不当场压缩",
            get_with("/letters.txt", "Accept-Encoding: gzip, br, zstd").gives("letters.txt").without("Content-Encoding")),
    ]
}

fn vary_if_coded(seen: &Seen<'_>) -> Result<(), String> {
    let listed = seen.last().has("Vary", "Accept-Encoding") || seen.last().has("Vary", "*");
    match coding(seen) != "identity" && !listed {
        true => Err("压缩了的回答应当有 Vary: Accept-Encoding".to_owned()),
        false => Ok(()),
    }
}
