//! 请求:从请求行到空行的一个头(RFC 9112 §2.1)。

use crate::response::Status;

/// 一个请求。
pub struct Request {
    /// 请求行,例如 `GET /index.html HTTP/1.1`;日志里写的样子。
    pub line: String,
    /// 该回答的状态。
    pub status: Status,
}

/// 读懂一个头;`head` 不含最后的空行。
pub fn parse(head: &[u8]) -> Request {
    let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    Request {
        line: shown(line),
        status: Status::OK,
    }
}

/// 头太长,没有听完。
pub fn too_large() -> Request {
    Request {
        line: "-".to_owned(),
        status: Status::HEAD_TOO_LARGE,
    }
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
