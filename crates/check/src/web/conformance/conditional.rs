//! 条件请求:ETag 的四个字段(RFC 9110 §13.1、§8.8.3)。

use super::request::{ask_with, get_with, head_with};
use super::talk::Talk;
use super::{Rule, must, own, should};

/// 一个 GET,带上 `fields`;`{etag}` 是这个文件现在的 ETag。
fn letters(fields: &str) -> Talk {
    let fields = fields.replace("{etag}", "{etag /letters.txt}");
    super::request::raw(format!(
        "GET /letters.txt HTTP/1.1\r\nHost: test\r\n{fields}\r\n\r\n"
    ))
}

#[rustfmt::skip]
pub(super) fn rules() -> Vec<Rule> {
    vec![
        must("9110 §13.1.2", "none-match-same", "If-None-Match 是现在的:304", letters("If-None-Match: {etag}").status(&[304]).empty().in_sync()),
        must("9110 §13.1.2", "none-match-other", "If-None-Match 是别的:200", letters("If-None-Match: \"no\"").gives("letters.txt")),
        must("9110 §13.1.2", "none-match-star", "If-None-Match: *:有就是 304", letters("If-None-Match: *").status(&[304])),
        must("9110 §13.1.2", "none-match-weak", "If-None-Match 用弱比较:W/ 不影响", letters("If-None-Match: W/{etag}").status(&[304])),
        must("9110 §13.1.2", "none-match-list", "列表里有一个就算", letters("If-None-Match: \"a\", W/\"b\", {etag}, \"c\"").status(&[304])),
        must("9110 §13.1.2", "none-match-list-none", "列表里没有", letters("If-None-Match: \"a\", W/\"b\", \"c\"").gives("letters.txt")),
        must("9110 §13.1.2", "none-match-no-spaces", "列表的逗号后面可以没有空格", letters("If-None-Match: \"a\",{etag},\"c\"").status(&[304])),
        must("9110 §8.8.3", "none-match-comma-inside", "ETag 里可以有逗号", letters("If-None-Match: \"a,b\", {etag}").status(&[304])),
        must("9110 §8.8.3", "none-match-comma-hides", "逗号在引号里面,不是分隔", letters("If-None-Match: \"a, b\"").gives("letters.txt")),
        must("9110 §13.1.2", "none-match-part", "只有一部分相同不算", letters("If-None-Match: \"x{etag}\"").status(&[200, 400]).if_ok("letters.txt")),
        must("9110 §13.1.2", "none-match-empty-tag", "空的 ETag 也是 ETag,只是不同", letters("If-None-Match: \"\"").gives("letters.txt")),
        must("9110 §13.1.2", "none-match-two-lines", "分成两行的列表", letters("If-None-Match: {etag}\r\nIf-None-Match: \"no\"").status(&[304])),
        own("9110 §13.1.2", "none-match-garbage", "不合文法的 If-None-Match:不理它,或者 400", letters("If-None-Match: nonsense").status(&[200, 400])),
        must("9110 §13.1.2", "none-match-head", "HEAD 也是 304", head_with("/letters.txt", "If-None-Match: *").status(&[304]).in_sync()),
        must("9110 §13.2.1", "none-match-404", "没有的文件:404,不看条件", get_with("/nothing", "If-None-Match: *").status(&[404])),
        must("9110 §13.2.1", "none-match-redirect", "要跳转的:跳转,不看条件", get_with("/sub", "If-None-Match: *").not(&[304, 412, 200])),
        must("9110 §13.2.1", "none-match-405", "405:不看条件", ask_with("DELETE", "/letters.txt", "If-None-Match: *").not(&[304, 412])),
        must("9110 §15.4.5", "not-modified-etag", "304 带着 200 会有的 ETag", letters("X: 1").then(letters("If-None-Match: {etag}").status(&[304])).same("ETag")),
        must("9110 §15.4.5", "not-modified-cache-control", "304 带着 200 会有的 Cache-Control", letters("X: 1").then(letters("If-None-Match: *").status(&[304])).same("Cache-Control")),
        must("9110 §15.4.5", "not-modified-expires", "304 带着 200 会有的 Expires 的有无", letters("X: 1").then(letters("If-None-Match: *").status(&[304])).check(|seen| {
            let has = |index: usize| seen.answers[index].field("Expires").is_some();
            match has(0) == has(1) { true => Ok(()), false => Err("Expires 应当和 200 的一样".to_owned()) }
        })),
        must("9110 §15.4.5", "not-modified-vary", "304 带着 200 会有的 Vary",
            get_with("/page.css", "X: 1").then(get_with("/page.css", "If-None-Match: *").status(&[304])).same("Vary")),
        must("9110 §8.6", "not-modified-length", "304 的 Content-Length 只许是 200 会有的", letters("If-None-Match: *").status(&[304]).check(|seen| {
            match seen.last().field("Content-Length") { None | Some("26") => Ok(()), Some(other) => Err(format!("Content-Length 不应当是 {other}")) }
        })),
        should("9110 §15.4.5", "not-modified-no-type", "304 不说 Content-Type", letters("If-None-Match: *").status(&[304]).without("Content-Type")),
        must("9110 §13.1.1", "match-same", "If-Match 是现在的:200", letters("If-Match: {etag}").gives("letters.txt")),
        must("9110 §13.1.1", "match-other", "If-Match 是别的:412", letters("If-Match: \"no\"").status(&[412]).in_sync()),
        must("9110 §13.1.1", "match-star", "If-Match: *:有就是 200", letters("If-Match: *").gives("letters.txt")),
        must("9110 §13.1.1", "match-weak", "If-Match 用强比较:W/ 的不算", letters("If-Match: W/{etag}").status(&[412])),
        must("9110 §13.1.1", "match-list", "列表里有一个就算", letters("If-Match: \"a\", {etag}").gives("letters.txt")),
        must("9110 §13.1.1", "match-list-none", "列表里没有:412", letters("If-Match: \"a\", \"b\"").status(&[412])),
        must("9110 §13.1.1", "match-two-lines", "分成两行的列表", letters("If-Match: \"a\"\r\nIf-Match: {etag}").gives("letters.txt")),
        must("9110 §13.1.1", "match-head", "HEAD 也是 412", head_with("/letters.txt", "If-Match: \"no\"").status(&[412]).in_sync()),
        must("9110 §13.2.1", "match-404", "没有的文件:404,不是 412", get_with("/nothing", "If-Match: \"no\"").status(&[404])),
        must("9110 §13.2.1", "match-404-star", "没有的文件和 *:404 或者 412", get_with("/nothing", "If-Match: *").status(&[404, 412])),
        own("9110 §13.2.1", "match-redirect", "要跳转的:跳转,不看 If-Match", get_with("/sub", "If-Match: \"no\"").status(&[301, 302, 307, 308])),
        must("9110 §13.2.1", "match-options", "OPTIONS 不看 If-None-Match", ask_with("OPTIONS", "/letters.txt", "If-None-Match: *").not(&[304, 412])),
        must("9110 §13.1.2", "match-directory", "目录的首页也有条件", get_with("/", "If-None-Match: *").status(&[304])),
        must("9110 §13.1.2", "match-empty-file", "空文件也有条件", get_with("/empty.txt", "If-None-Match: *").status(&[304])),
        must("9110 §8.8.3", "etag-of-other-file", "别的文件的 ETag 不算", letters("If-None-Match: {etag /index.html}").gives("letters.txt")),
    ]
}
