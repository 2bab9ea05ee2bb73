//! 几个条件一起来:谁先看,谁不看(RFC 9110 §13.2.2)。

use super::request::raw;
use super::talk::Talk;
use super::{Rule, must};

const BEFORE: &str = "Sat, 06 Nov 1993 08:49:37 GMT";
const SAME: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

/// 一个 GET:`match=x` 一类的缩写换成整个字段。`tag` 是现在的 ETag,`no` 是别的。
fn both(fields: &[(&str, &str)]) -> Talk {
    let mut lines = String::new();
    for (name, value) in fields {
        let value = match *value {
            "tag" => "{etag /letters.txt}",
            "no" => "\"no\"",
            "before" => BEFORE,
            "same" => SAME,
            other => other,
        };
        lines += &format!("{name}: {value}\r\n");
    }
    raw(format!(
        "GET /letters.txt HTTP/1.1\r\nHost: test\r\n{lines}\r\n"
    ))
}

#[rustfmt::skip]
pub(super) fn rules() -> Vec<Rule> {
    const MATCH: &str = "If-Match";
    const NONE: &str = "If-None-Match";
    const SINCE: &str = "If-Modified-Since";
    const UNMODIFIED: &str = "If-Unmodified-Since";
    const RANGE: (&str, &str) = ("Range", "bytes=0-3");
    vec![
        must("9110 §13.2.2", "order-match-then-none", "If-Match 对,If-None-Match 也对:304", both(&[(MATCH, "tag"), (NONE, "tag")]).status(&[304])),
        must("9110 §13.2.2", "order-match-fails-first", "If-Match 不对:412,不看 If-None-Match", both(&[(NONE, "tag"), (MATCH, "no")]).status(&[412])),
        must("9110 §13.2.2", "order-match-none-other", "If-Match 对,If-None-Match 不同:200", both(&[(MATCH, "tag"), (NONE, "no")]).gives("letters.txt")),
        must("9110 §13.1.4", "order-match-over-unmodified", "有 If-Match 就不看 If-Unmodified-Since", both(&[(MATCH, "tag"), (UNMODIFIED, "before")]).gives("letters.txt")),
        must("9110 §13.1.4", "order-match-fails-unmodified", "If-Match 不对:412,If-Unmodified-Since 救不了", both(&[(UNMODIFIED, "same"), (MATCH, "no")]).status(&[412])),
        must("9110 §13.1.3", "order-none-over-since", "有 If-None-Match 就不看 If-Modified-Since", both(&[(NONE, "no"), (SINCE, "same")]).gives("letters.txt")),
        must("9110 §13.1.3", "order-none-same-since-before", "If-None-Match 对:304,不管 If-Modified-Since", both(&[(SINCE, "before"), (NONE, "tag")]).status(&[304])),
        must("9110 §13.2.2", "order-unmodified-then-none", "If-Unmodified-Since 不对:412,不看 If-None-Match", both(&[(UNMODIFIED, "before"), (NONE, "tag")]).status(&[412])),
        must("9110 §13.2.2", "order-unmodified-ok-none", "If-Unmodified-Since 对,If-None-Match 对:304", both(&[(UNMODIFIED, "same"), (NONE, "tag")]).status(&[304])),
        must("9110 §13.2.2", "order-unmodified-since", "If-Unmodified-Since 不对:412,不看 If-Modified-Since", both(&[(UNMODIFIED, "before"), (SINCE, "same")]).status(&[412])),
        must("9110 §13.2.2", "order-match-since", "If-Match 对,If-Modified-Since 相同:304", both(&[(MATCH, "tag"), (SINCE, "same")]).status(&[304])),
        must("9110 §14.2", "order-none-over-range", "304 优先于 Range", both(&[(NONE, "tag"), RANGE]).status(&[304])),
        must("9110 §14.2", "order-match-over-range", "412 优先于 Range", both(&[(MATCH, "no"), RANGE]).status(&[412])),
        must("9110 §14.2", "order-unmodified-over-range", "If-Unmodified-Since 的 412 优先于 Range", both(&[(UNMODIFIED, "before"), RANGE]).status(&[412])),
        must("9110 §14.2", "order-since-over-range", "If-Modified-Since 的 304 优先于 Range", both(&[(SINCE, "same"), RANGE]).status(&[304])),
        must("9110 §14.2", "order-304-over-416", "304 优先于 416", both(&[(NONE, "tag"), ("Range", "bytes=99-")]).status(&[304])),
        must("9110 §13.2.2", "order-none-over-if-range", "304 优先于 If-Range", both(&[(NONE, "tag"), ("If-Range", "no"), RANGE]).status(&[304])),
        must("9110 §13.2.2", "order-match-if-range", "If-Match 对,If-Range 不对:整个文件", both(&[(MATCH, "tag"), ("If-Range", "no"), RANGE]).gives("letters.txt")),
        must("9110 §13.2.2", "order-all", "五个都来,都对:304", both(&[(MATCH, "tag"), (UNMODIFIED, "same"), (NONE, "tag"), (SINCE, "same"), ("If-Range", "tag"), RANGE]).status(&[304])),
    ]
}
