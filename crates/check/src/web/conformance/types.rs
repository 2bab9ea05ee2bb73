//! 类型:Content-Type 和字符集(RFC 9110 §8.3)。

use super::request::{get, head};
use super::{Rule, must, own, should};

/// 扩展名最常见的几种;文字的带字符集。
const TYPES: [(&str, &str, &str); 12] = [
    ("html", "/index.html", "text/html; charset=utf-8"),
    ("txt", "/letters.txt", "text/plain; charset=utf-8"),
    ("css", "/page.css", "text/css; charset=utf-8"),
    ("js", "/script.js", "text/javascript; charset=utf-8"),
    ("mjs", "/module.mjs", "text/javascript; charset=utf-8"),
    ("json", "/data.json", "application/json"),
    ("svg", "/image.svg", "image/svg+xml"),
    ("png", "/image.png", "image/png"),
    ("jpg-upper-case", "/photo.JPG", "image/jpeg"),
    ("woff2", "/font.woff2", "font/woff2"),
    ("mp4", "/video.mp4", "video/mp4"),
    ("pdf", "/paper.pdf", "application/pdf"),
];

#[rustfmt::skip]
pub(super) fn rules() -> Vec<Rule> {
    let mut rules: Vec<Rule> = TYPES.iter().map(|&(name, target, kind)| {
        let title = format!("{target} 的类型是 {kind}");
        own("9110 §8.3", &format!("type-{name}"), &title, get(target).status(&[200]).field_is("Content-Type", "合乎扩展名", move |actual| {
            let plain = |kind: &str| kind.to_ascii_lowercase().replace(' ', "");
            // JSON 和 SVG 自带编码的规定,写不写字符集都可以。
            plain(actual) == plain(kind) || plain(actual) == plain(kind) + ";charset=utf-8"
        }))
    }).collect();
    rules.extend([
        should("9110 §8.3", "type-sent", "知道类型就说出来", get("/index.html").field_is("Content-Type", "是 text/html", |kind| {
            kind.to_ascii_lowercase().starts_with("text/html")
        })),
        should("9110 §8.3", "type-sent-head", "HEAD 也说", head("/index.html").has("Content-Type")),
        own("9110 §8.3", "type-unknown", "不知道的类型:application/octet-stream", get("/noext").field("Content-Type", "application/octet-stream")),
        own("9110 §8.3", "type-directory", "目录的首页是网页", get("/sub/").field_is("Content-Type", "是 text/html", |kind| kind.starts_with("text/html"))),
        own("9110 §8.3", "type-chinese-name", "中文名字的类型也看扩展名",
            get("/%E4%B8%AD%E6%96%87%20%E5%90%8D.html").field_is("Content-Type", "是 text/html", |kind| kind.starts_with("text/html"))),
        own("9110 §8.3", "type-nosniff", "X-Content-Type-Options: nosniff 或者没有", get("/letters.txt").check(|seen| {
            match seen.last().field("X-Content-Type-Options") {
                None | Some("nosniff") => Ok(()),
                Some(other) => Err(format!("X-Content-Type-Options 应当是 nosniff,却是 {other}")),
            }
        })),
        must("9110 §8.3", "type-one", "只有一个 Content-Type", get("/index.html").check(|seen| match seen.last().all("Content-Type").count() {
            0 | 1 => Ok(()),
            many => Err(format!("有 {many} 个 Content-Type")),
        })),
    ]);
    rules
}
