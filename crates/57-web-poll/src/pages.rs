//! 自己写的页:错误、转到别处。

use crate::failure::Failure;
use crate::response::{Body, Fields, Response};
use crate::status::Status;

/// 允许的方法(RFC 9110 §10.2.1)。
const ALLOW: &str = "GET, HEAD, OPTIONS";

/// 太忙的时候,请他过这么多秒再来。
const RETRY: &str = "1";

/// 一页说明。原因是自己写的,不重复请求里的话:陌生人的话写进网页要防的事太多。
pub fn failure(failure: Failure) -> Response {
    let mut fields = Fields::new();
    match failure.status {
        Status::METHOD_NOT_ALLOWED => _ = fields.add("Allow", ALLOW),
        Status::NOT_ACCEPTABLE => _ = fields.add("Vary", "Accept-Encoding"),
        Status::SERVICE_UNAVAILABLE => _ = fields.add("Retry-After", RETRY),
        _ => {}
    }
    page(failure, fields)
}

/// 要的范围都在文件外面:告诉他文件有多长(RFC 9110 §15.5.17)。
pub fn unsatisfiable(length: u64) -> Response {
    let mut fields = Fields::new();
    fields.add("Content-Range", format!("bytes */{length}"));
    let reason = "文件没有您要的那一段";
    page(Failure::new(Status::RANGE_NOT_SATISFIABLE, reason), fields)
}

/// 转到 `location`:自己写的绝对路径,已经编码。
pub fn moved(location: &str) -> Response {
    let mut fields = Fields::new();
    fields.add("Location", location);
    let reason = "目录的地址以 / 结尾";
    page(Failure::new(Status::MOVED_PERMANENTLY, reason), fields)
}

/// 可以用哪些方法。
pub fn options() -> Response {
    let mut fields = Fields::new();
    fields.add("Allow", ALLOW);
    Response::new(Status::NO_CONTENT, fields, Body::Empty)
}

fn page(failure: Failure, fields: Fields) -> Response {
    let Failure { status, reason } = failure;
    let title = format!("{} {}", status.0, status.reason());
    let text = format!(
        "<!doctype html>\n<html lang=\"zh\">\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
         <h1>{title}</h1>\n<p>{}</p>\n</html>\n",
        escape(reason)
    );
    html(status, fields, text)
}

/// 一页 HTML。
pub fn html(status: Status, fields: Fields, text: String) -> Response {
    document(status, fields, "text/html; charset=utf-8", text)
}

/// 内存里的一份文字。
pub fn document(status: Status, mut fields: Fields, kind: &str, text: String) -> Response {
    fields.add("Content-Type", kind);
    fields.length(text.len() as u64);
    Response::new(status, fields, Body::Bytes(text.into_bytes().into()))
}

/// 写进 HTML 的文字和带引号的属性。
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            plain => escaped.push(plain),
        }
    }
    escaped
}
