//! 类型:文件名的最后一段(扩展名)说的是什么,浏览器照它显示(RFC 9110 §8.3)。

use std::path::Path;

/// 扩展名(小写)和它的类型。文字都是 UTF-8:不说出来,浏览器只能猜。
const KINDS: [(&str, &str); 18] = [
    ("html", "text/html; charset=utf-8"),
    ("htm", "text/html; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("txt", "text/plain; charset=utf-8"),
    ("md", "text/markdown; charset=utf-8"),
    ("json", "application/json"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("svg", "image/svg+xml"),
    ("ico", "image/x-icon"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("webm", "video/webm"),
];

/// 不认得的,只说是一串字节:浏览器会存成文件。
const UNKNOWN: &str = "application/octet-stream";

/// 文件 `path` 的类型;扩展名不分大小写。
pub fn of(path: &Path) -> &'static str {
    let Some(extension) = path.extension().and_then(|extension| extension.to_str()) else {
        return UNKNOWN;
    };
    let known = KINDS
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(extension));
    known.map_or(UNKNOWN, |(_, kind)| kind)
}
