//! 范围请求:一段、几段、不合理的、If-Range(RFC 9110 §14、§13.1.5)。

use super::request::{ask_with, get, get_with, head_with, raw};
use super::talk::Talk;
use super::{Rule, must, own, should};

/// 要 `letters.txt`(26 个字母)的一部分。
fn range(range: &str) -> Talk {
    get_with("/letters.txt", format!("Range: {range}"))
}

/// 带 If-Range 的;`{etag}` 是现在的 ETag。
fn if_range(validator: &str) -> Talk {
    let validator = validator.replace("{etag}", "{etag /letters.txt}");
    raw(format!(
        "GET /letters.txt HTTP/1.1\r\nHost: test\r\nRange: bytes=0-3\r\nIf-Range: {validator}\r\n\r\n"
    ))
}

/// 合理的一段:范围,首,尾。
const SINGLE: [(&str, &str, usize, usize); 12] = [
    ("first", "bytes=0-0", 0, 0),
    ("some", "bytes=3-7", 3, 7),
    ("open", "bytes=20-", 20, 25),
    ("whole", "bytes=0-", 0, 25),
    ("whole-exact", "bytes=0-25", 0, 25),
    ("last", "bytes=25-25", 25, 25),
    ("past-end", "bytes=20-99", 20, 25),
    ("suffix", "bytes=-5", 21, 25),
    ("suffix-one", "bytes=-1", 25, 25),
    ("suffix-long", "bytes=-99", 0, 25),
    ("leading-zeros", "bytes=000003-0007", 3, 7),
    ("unit-case", "BYTES=3-7", 3, 7),
];

/// 不合文法的,服务器可以不理(200),可以拒绝(400、416),不许给一段。
const INVALID: [(&str, &str); 16] = [
    ("reversed", "bytes=7-3"),
    ("empty", "bytes="),
    ("only-dash", "bytes=-"),
    ("words", "bytes=abc-xyz"),
    ("no-dash", "bytes=5"),
    ("two-dashes", "bytes=1-2-3"),
    ("negative", "bytes=--5"),
    ("plus", "bytes=+1-5"),
    ("hex", "bytes=0x1-0x5"),
    ("point", "bytes=1.0-5"),
    ("space-inside", "bytes=1 - 5"),
    ("no-unit", "0-5"),
    ("no-equals", "bytes 0-5"),
    ("space-before-equals", "bytes =0-5"),
    ("one-of-two", "bytes=0-3,7-5"),
    ("semicolon", "bytes=0-3;5-7"),
];

#[rustfmt::skip]
pub(super) fn rules() -> Vec<Rule> {
    let mut rules: Vec<Rule> = SINGLE.iter().map(|&(name, value, from, to)| {
        let content: &'static str = match (from, to) {
            (0, 0) => "bytes 0-0/26", (3, 7) => "bytes 3-7/26", (20, 25) => "bytes 20-25/26",
            (25, 25) => "bytes 25-25/26", (21, 25) => "bytes 21-25/26", _ => "bytes 0-25/26",
        };
        should("9110 §14.2", &format!("range-{name}"), &format!("{value}:206,{content}"),
            range(value).status(&[206]).field("Content-Range", content).slice("letters.txt", from, to).in_sync())
    }).collect();
    rules.extend(INVALID.iter().map(|(name, value)| {
        should("9110 §14.1.1", &format!("range-invalid-{name}"), &format!("{value}:不合文法,不给一段"),
            range(value).status(&[200, 400, 416]).if_ok("letters.txt"))
    }));
    rules.extend(single());
    rules.extend(several());
    rules.extend(conditions());
    rules
}

#[rustfmt::skip]
fn single() -> Vec<Rule> {
    vec![
        must("9110 §15.3.7.1", "range-content-range", "一段的 206 必须有 Content-Range", range("bytes=3-7").parts("letters.txt", &[(3, 7)])),
        must("9110 §15.3.7", "range-length", "206 的长度是这一段的",
            range("bytes=3-7").check(|seen| match (seen.last().status, seen.last().field("Content-Length")) {
                (206, Some("5") | None) | (200, _) => Ok(()),
                (status, length) => Err(format!("{status},Content-Length {length:?}")),
            })),
        must("9110 §15.3.7", "range-etag", "206 带着 200 会有的 ETag", get("/letters.txt").then(range("bytes=0-0").status(&[200, 206])).same("ETag")),
        must("9110 §15.3.7", "range-last-modified", "206 带着 200 会有的 Last-Modified", get("/letters.txt").then(range("bytes=0-0")).same("Last-Modified")),
        must("9110 §15.3.7", "range-type", "206 带着 200 会有的 Content-Type", get("/letters.txt").then(range("bytes=0-0")).same("Content-Type")),
        must("9110 §15.3.7", "range-vary", "206 带着 200 会有的 Vary",
            get("/page.css").then(get_with("/page.css", "Range: bytes=0-0")).same("Vary")),
        must("9110 §15.3.7", "range-cache-control", "206 带着 200 会有的 Cache-Control", get("/letters.txt").then(range("bytes=0-0")).same("Cache-Control")),
        must("9110 §14.2", "range-head", "HEAD 不看 Range:200 和整个长度",
            head_with("/letters.txt", "Range: bytes=0-3").status(&[200]).without("Content-Range")),
        must("9110 §14.2", "range-head-unsatisfiable", "HEAD 的 Range 越界也不看", head_with("/letters.txt", "Range: bytes=99-").status(&[200])),
        must("9110 §14.2", "range-options", "OPTIONS 不看 Range", ask_with("OPTIONS", "/letters.txt", "Range: bytes=99-").not(&[206, 416])),
        must("9110 §14.2", "range-unknown-unit", "不认得的单位:不理它", range("letters=0-3").gives("letters.txt")),
        must("9110 §14.2", "range-similar-unit", "bytesx 不是 bytes", range("bytesx=0-3").gives("letters.txt")),
        should("9110 §14.2", "range-unsatisfiable", "整个越界:416", range("bytes=26-").status(&[416]).in_sync()),
        should("9110 §14.2", "range-unsatisfiable-far", "远远越界:416", range("bytes=1000-2000").status(&[416])),
        should("9110 §14.1.2", "range-suffix-zero", "最后 0 个字节:416", range("bytes=-0").status(&[416, 200])),
        should("9110 §14.4", "range-416-length", "416 说文件有多长", range("bytes=26-").status(&[416]).field("Content-Range", "bytes */26")),
        must("9110 §14.1.2", "range-huge-last", "尾数超过 64 位:就是到末尾",
            range("bytes=3-99999999999999999999999999").parts("letters.txt", &[(3, 25)])),
        must("9110 §14.1.2", "range-huge-first", "首数超过 64 位:越界",
            range("bytes=99999999999999999999999999-").status(&[416, 200]).if_ok("letters.txt")),
        must("9110 §14.1.2", "range-huge-suffix", "最后很多很多个:整个文件",
            range("bytes=-99999999999999999999999999").parts("letters.txt", &[(0, 25)])),
        must("9110 §14.1.2", "range-wraps", "2 的 64 次方不是 0",
            range("bytes=18446744073709551616-18446744073709551620").status(&[416, 200]).if_ok("letters.txt")),
        must("9110 §14.1.2", "range-empty-file", "空文件的范围:416,或者不理", get_with("/empty.txt", "Range: bytes=0-").status(&[416, 200])),
        must("9110 §14.1.2", "range-empty-file-suffix", "空文件的最后 5 个:没有写法,200 或 416",
            get_with("/empty.txt", "Range: bytes=-5").status(&[416, 200])),
        must("9110 §14.2", "range-404", "没有的文件:404", get_with("/nothing", "Range: bytes=0-3").status(&[404])),
        must("9110 §14.2", "range-redirect", "要跳转的:跳转", get_with("/sub", "Range: bytes=0-3").not(&[200, 206, 416])),
        should("9110 §14.2", "range-index", "目录的首页也可以要一段", get_with("/", "Range: bytes=0-14").status(&[206]).slice("index.html", 0, 14)),
        should("9110 §14.2", "range-big", "大文件的中间一段",
            get_with("/big.bin", "Range: bytes=2500000-3499999").status(&[206]).slice("big.bin", 2_500_000, 3_499_999).in_sync()),
        should("9110 §14.2", "range-10", "HTTP/1.0 也可以要一段",
            raw("GET /letters.txt HTTP/1.0\r\nRange: bytes=3-7\r\n\r\n").status(&[206]).slice("letters.txt", 3, 7)),
        must("9110 §14.4", "range-request-content-range", "GET 的 Content-Range 不理它",
            get_with("/letters.txt", "Content-Range: bytes 0-3/26").gives("letters.txt")),
        must("9110 §14.1.2", "range-of-coding", "压缩了的,范围按压缩后的字节算",
            get_with("/page.css", "Accept-Encoding: gzip\r\nRange: bytes=3-20").check(|seen| {
                let answer = seen.last();
                let name = match answer.field("Content-Encoding") { Some("gzip") => "page.css.gz", _ => "page.css" };
                let whole = seen.file(name)?;
                match (answer.status, answer.field("Content-Range")) {
                    (206, Some(range)) => super::parts::same(range, &answer.body, &whole).map(drop),
                    (206, None) => Err("206 应当有 Content-Range".to_owned()),
                    // 当场压缩的服务器可以不理 Range。
                    _ => Ok(()),
                }
            })),
    ]
}

#[rustfmt::skip]
fn several() -> Vec<Rule> {
    let comb: Vec<String> = (0..500).map(|_| "0-".to_owned()).collect();
    let many: Vec<String> = (0..1000).map(|index| format!("{}-{}", index * 2, index * 2)).collect();
    vec![
        must("9110 §15.3.7.2", "ranges-two", "两段:multipart/byteranges", range("bytes=0-1,20-21").parts("letters.txt", &[(0, 1), (20, 21)]).in_sync()),
        must("9110 §15.3.7.2", "ranges-three", "三段,有后缀", range("bytes=0-1, 10-11, -2").parts("letters.txt", &[(0, 1), (10, 11), (24, 25)])),
        must("9110 §15.3.7.2", "ranges-big", "大文件的两段",
            get_with("/big.bin", "Range: bytes=0-99999,4000000-").parts("big.bin", &[(0, 99_999), (4_000_000, 4_999_999)]).in_sync()),
        own("9110 §15.3.7.2", "ranges-exact", "大文件远隔的两段:恰好两段,照要的次序",
            get_with("/big.bin", "Range: bytes=100-199,300000-300099").status(&[206]).exactly_parts("big.bin", &[(100, 199), (300_000, 300_099)])),
        must("9110 §15.3.7.2", "ranges-descending", "倒着要的两段:照着给,或者不理",
            range("bytes=20-21,0-1").parts("letters.txt", &[(0, 1), (20, 21)])),
        must("9110 §15.3.7.2", "ranges-overlapping", "重叠的两段:可以合并", range("bytes=0-10,5-15").parts("letters.txt", &[(0, 15)])),
        must("9110 §15.3.7.2", "ranges-adjacent", "相邻的两段:可以合并", range("bytes=0-4,5-9").parts("letters.txt", &[(0, 9)])),
        must("9110 §15.3.7.2", "ranges-same", "一样的两段", range("bytes=3-7,3-7").parts("letters.txt", &[(3, 7)])),
        must("9110 §14.1.1", "ranges-one-satisfiable", "两段只有一段合理:给那一段", range("bytes=0-1,99-").parts("letters.txt", &[(0, 1)])),
        should("9110 §14.2", "ranges-none-satisfiable", "几段都越界:416", range("bytes=30-40,99-").status(&[416])),
        must("9110 §5.6.1", "ranges-empty-members", "列表里的空成员不算", range("bytes=,0-1, ,").status(&[200, 206]).if_ok("letters.txt")),
        must("9110 §14.2", "ranges-spaces", "逗号前后可以有空白", range("bytes=0-1 ,\t20-21").parts("letters.txt", &[(0, 1), (20, 21)])),
        must("9110 §15.3.7.2", "ranges-not-multipart", "只要一段,不许用 multipart",
            range("bytes=0-1").check(|seen| match seen.last().field("Content-Type") {
                Some(kind) if kind.starts_with("multipart/") => Err("只要一段,不应当是 multipart".to_owned()),
                _ => Ok(()),
            })),
        must("9110 §15.3.7", "ranges-etag", "几段的 206 也有 ETag", get("/letters.txt").then(range("bytes=0-1,20-21")).same("ETag")),
        should("9110 §15.3.7.2", "ranges-part-type", "每一段里有 Content-Type",
            range("bytes=0-1,20-21").check(|seen| {
                let multipart = seen.last().field("Content-Type").is_some_and(|kind| kind.starts_with("multipart/"));
                let text = String::from_utf8_lossy(&seen.last().body).to_ascii_lowercase();
                match multipart && text.matches("content-type: text/plain").count() < 2 {
                    true => Err("每一段里应当有文件的 Content-Type".to_owned()),
                    false => Ok(()),
                }
            })),
        must("9110 §17.15", "ranges-comb", "五百个重叠的「整个文件」:回答不许比文件大很多",
            range(&format!("bytes={}", comb.join(","))).status(&[200, 206, 400, 416]).bounded("letters.txt", 4)),
        must("9110 §17.15", "ranges-comb-big", "大文件的五百个重叠:也一样",
            get_with("/big.bin", format!("Range: bytes={}", comb.join(","))).status(&[200, 206, 400, 416]).bounded("big.bin", 2)),
        own("9110 §17.15", "ranges-many-small", "一千段,每段一个字节:不给一千段",
            get_with("/big.bin", format!("Range: bytes={}", many.join(","))).status(&[200, 206, 400, 416, 431]).bounded("big.bin", 1)),
    ]
}

#[rustfmt::skip]
fn conditions() -> Vec<Rule> {
    vec![
        should("9110 §13.1.5", "if-range-same", "If-Range 是现在的 ETag:206", if_range("{etag}").status(&[206]).slice("letters.txt", 0, 3)),
        must("9110 §13.1.5", "if-range-other", "If-Range 是别的:整个文件", if_range("\"no\"").gives("letters.txt")),
        must("9110 §13.1.5", "if-range-weak", "If-Range 用强比较:W/ 的不算", if_range("W/{etag}").gives("letters.txt")),
        should("9110 §13.1.5", "if-range-date", "If-Range 是文件的时间:206", if_range("Sun, 06 Nov 1994 08:49:37 GMT").status(&[206]).slice("letters.txt", 0, 3)),
        must("9110 §13.1.5", "if-range-date-later", "If-Range 的时间晚一秒:要恰好相同,整个文件", if_range("Sun, 06 Nov 1994 08:49:38 GMT").gives("letters.txt")),
        must("9110 §13.1.5", "if-range-date-earlier", "If-Range 的时间早一秒:整个文件", if_range("Sun, 06 Nov 1994 08:49:36 GMT").gives("letters.txt")),
        must("9110 §13.1.5", "if-range-wrong-date", "If-Range 不是时间也不是 ETag:整个文件", if_range("nonsense").gives("letters.txt")),
        must("9110 §13.1.5", "if-range-list", "If-Range 不是列表", if_range("\"no\", {etag}").gives("letters.txt")),
        must("9110 §13.1.5", "if-range-star", "If-Range 没有 *", if_range("*").gives("letters.txt")),
        must("9110 §13.1.5", "if-range-alone", "没有 Range 的 If-Range 不理它", get_with("/letters.txt", "If-Range: \"no\"").gives("letters.txt")),
        must("9110 §13.1.5", "if-range-head", "HEAD 的 If-Range 也不看", head_with("/letters.txt", "Range: bytes=0-3\r\nIf-Range: \"no\"").status(&[200])),
        must("9110 §13.2.2", "if-range-unsatisfiable", "If-Range 不对,越界也不是 416",
            get_with("/letters.txt", "Range: bytes=99-\r\nIf-Range: \"no\"").gives("letters.txt")),
        must("9110 §13.1.5", "if-range-other-file", "别的文件的 ETag 不算", if_range("{etag /index.html}").gives("letters.txt")),
        must("9110 §8.8.3.3", "if-range-other-coding", "压缩的版本的 ETag 不能续没有压缩的",
            raw("GET /page.css HTTP/1.1\r\nHost: test\r\nRange: bytes=0-3\r\nIf-Range: {etag gzip /page.css}\r\n\r\n").check(|seen| {
                let plain = seen.last().field("Content-Encoding").is_none();
                match seen.last().status {
                    200 => Ok(()),
                    206 if plain && seen.last().body.starts_with(b"\x1f\x8b") => Err("给的是压缩的字节".to_owned()),
                    206 => same_only_if_uncoded(seen),
                    status => Err(format!("应当是 200,却是 {status}")),
                }
            })),
    ]
}

/// 根本不压缩的服务器,两个 ETag 是同一个,给一段也对。
fn same_only_if_uncoded(seen: &super::answer::Seen<'_>) -> Result<(), String> {
    match seen.last().field("Vary") {
        Some(_) => Err("ETag 是压缩的版本的,应当给整个文件".to_owned()),
        None => Ok(()),
    }
}
