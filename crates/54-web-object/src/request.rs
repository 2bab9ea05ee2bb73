//! 请求:从请求行到空行的一个头(RFC 9112 §2.1)。

use crate::response::Status;

/// 一个请求。
pub struct Request {
    /// 请求行,例如 `GET /index.html HTTP/1.1`;日志里写的样子。
    pub line: String,
    /// 要做什么。
    pub method: Method,
    /// 请求目标:路径,可能带着查询串;不像请求、不会的,是该回答的状态。
    pub target: Result<String, Status>,
    /// 答完以后,连接留着等下一个请求。
    pub keep: bool,
}

/// 方法(RFC 9110 §9)。
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// 要这个文件。
    Get,
    /// 只要头,不要正文。
    Head,
}

/// 读懂一个头;`head` 不含最后的空行。
pub fn parse(head: &[u8]) -> Request {
    let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let (Some((method, target)), Some(keep)) = (request_line(line), keeps(head)) else {
        return refused(line, Status::BAD_REQUEST);
    };
    let method = match method {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        _ => return refused(line, Status::METHOD_NOT_ALLOWED),
    };
    Request {
        line: shown(line),
        method,
        target: Ok(target.to_owned()),
        keep: keep && line.ends_with(b"HTTP/1.1"),
    }
}

/// 请求行是「方法 目标 版本」,各隔一个空格(RFC 9112 §3);不是这样的,不猜。
fn request_line(line: &[u8]) -> Option<(&str, &str)> {
    let mut words = str::from_utf8(line).ok()?.split(' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    let named = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
    let path = target.starts_with('/') && !target.contains(char::is_control);
    let known = matches!(version, "HTTP/1.1" | "HTTP/1.0") && words.next().is_none();
    (named && path && known).then_some((method, target))
}

/// 不答应的请求;它后面的字节是什么,也不好说,答完就关闭。
pub fn refused(line: &[u8], status: Status) -> Request {
    Request {
        line: shown(line),
        method: Method::Get,
        target: Err(status),
        keep: false,
    }
}

/// 看各个字段,HTTP/1.1 的连接留不留(RFC 9112 §9.3);有一行不是字段,是 `None`。
///
/// 有正文的不留:这里不读正文,留着,正文就会被当成下一个请求(RFC 9112 §11.2)。
fn keeps(head: &[u8]) -> Option<bool> {
    let mut keep = true;
    for line in head.split(|byte| *byte == b'\n').skip(1) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let colon = line.iter().position(|byte| *byte == b':');
        let (name, value) = line.split_at(colon?);
        // 名字和冒号之间的空格、单独的回车,两个程序看法不同:不猜。
        if name.is_empty() || name.contains(&b' ') || line.contains(&b'\r') {
            return None;
        }
        let has_body = [&b"content-length"[..], b"transfer-encoding"];
        if has_body
            .iter()
            .any(|field| name.eq_ignore_ascii_case(field))
        {
            keep = false;
        } else if name.eq_ignore_ascii_case(b"connection") {
            let mut options = value[1..].split(|byte| *byte == b',');
            keep &= !options.any(|option| option.trim_ascii().eq_ignore_ascii_case(b"close"));
        }
    }
    Some(keep)
}

/// 陌生人说的字节在日志里怎样写:不是 UTF-8 的和控制字符,写成看得见的样子。
fn shown(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character.is_control() {
                true => text.extend(character.escape_default()),
                false => text.push(character),
            }
        }
        text.push_str(&chunk.invalid().escape_ascii().to_string());
    }
    text
}
