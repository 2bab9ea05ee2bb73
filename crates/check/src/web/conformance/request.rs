//! 对话的开头:一个请求,从最常见的到照原样的。

use super::site;
use super::talk::{Step, Talk, replace};

/// 藏在正文里的请求:哪个服务器答了它,就是把别人的正文当成了请求。
const HIDDEN: &str = "GET /hidden.txt HTTP/1.1\r\nHost: test\r\n\r\n";

/// 照原样发出的一个请求。`{hidden}`、`{length}`、`{hex}` 换成藏着的请求和它的长度,
/// `{etag /x}` 在发出之前换成 `/x` 现在的 ETag,`{etag gzip /x}` 是它的 gzip 版本的。
pub(super) fn raw(request: impl AsRef<[u8]>) -> Talk {
    Talk::new(fill(request.as_ref()), false)
}

/// 同 [`raw`],是一个 HEAD:回答没有正文。
pub(super) fn raw_head(request: impl AsRef<[u8]>) -> Talk {
    Talk::new(fill(request.as_ref()), true)
}

/// 一个普通的 GET。
pub(super) fn get(target: &str) -> Talk {
    get_with(target, "")
}

/// 一个 GET,多带几个字段;几个之间用 `\r\n` 隔开。
pub(super) fn get_with(target: &str, fields: impl AsRef<[u8]>) -> Talk {
    Talk::new(request("GET", target.as_bytes(), fields.as_ref()), false)
}

/// 一个 GET,目标不一定是文字。
pub(super) fn get_bytes(target: &[u8]) -> Talk {
    Talk::new(request("GET", target, b""), false)
}

/// 一个普通的 HEAD。
pub(super) fn head(target: &str) -> Talk {
    head_with(target, "")
}

/// 一个 HEAD,多带几个字段。
pub(super) fn head_with(target: &str, fields: &str) -> Talk {
    let request = request("HEAD", target.as_bytes(), fields.as_bytes());
    Talk::new(request, true)
}

/// 一个没有正文的请求。
pub(super) fn ask(method: &str, target: &str) -> Talk {
    ask_with(method, target, "")
}

/// 一个没有正文的请求,多带几个字段。
pub(super) fn ask_with(method: &str, target: &str, fields: &str) -> Talk {
    let request = request(method, target.as_bytes(), fields.as_bytes());
    Talk::new(request, false)
}

/// 一个带正文的 POST,`fields` 说正文怎样分界;模板同 [`raw`]。
pub(super) fn post(fields: impl AsRef<[u8]>, body: impl AsRef<[u8]>) -> Talk {
    let mut bytes = request("POST", b"/index.html", fields.as_ref());
    bytes.extend_from_slice(body.as_ref());
    Talk::new(fill(&bytes), false)
}

/// 一次发出几个请求,回答应当照次序来。
pub(super) fn pipeline(talks: impl IntoIterator<Item = Talk>) -> Talk {
    let (mut sent, mut rest) = (Vec::new(), Vec::new());
    for talk in talks {
        for step in talk.steps {
            match step {
                Step::Send(bytes) => sent.extend(bytes),
                other => rest.push(other),
            }
        }
    }
    rest.insert(0, Step::Send(sent));
    Talk {
        steps: rest,
        needs: None,
    }
}

fn request(method: &str, target: &[u8], fields: &[u8]) -> Vec<u8> {
    let mut bytes = method.as_bytes().to_vec();
    bytes.push(b' ');
    bytes.extend_from_slice(target);
    bytes.extend_from_slice(b" HTTP/1.1\r\nHost: test\r\n");
    bytes.extend_from_slice(fields);
    if !fields.is_empty() {
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    bytes
}

/// 填好模板里藏着的请求。
fn fill(template: &[u8]) -> Vec<u8> {
    let length = HIDDEN.len().to_string();
    let hex = format!("{:x}", HIDDEN.len());
    let mut bytes = template.to_vec();
    for (name, value) in [("{hidden}", HIDDEN), ("{length}", &length), ("{hex}", &hex)] {
        bytes = replace(&bytes, name.as_bytes(), value.as_bytes());
    }
    bytes
}

/// 「连接还在吗」问的一页。
pub(super) fn probe() -> Vec<u8> {
    request("GET", site::PROBE.as_bytes(), b"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_templates() {
        let filled = fill(b"Content-Length: {length}\r\n\r\n{hex} {hidden}");
        let expected = format!("Content-Length: 40\r\n\r\n28 {HIDDEN}");
        assert_eq!(String::from_utf8_lossy(&filled), expected);
    }
}
