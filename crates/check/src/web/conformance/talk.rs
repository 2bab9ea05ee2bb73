//! 一次对话:在一条连接上先后发什么、应当得到什么。

use std::fmt;

use super::answer::{Check, Seen};
use super::site;

/// 藏在主体里的请求:哪个服务器答了它,就是把别人的主体当成了请求。
const HIDDEN: &str = "GET /hidden.txt HTTP/1.1\r\nHost: test\r\n\r\n";

/// 对话的一步。
pub(super) enum Step {
    /// 一次发出这些字节。
    Send(Vec<u8>),
    /// 一个字节一个字节地发。
    Drip(Vec<u8>),
    /// 说完了,还接着听。
    HalfClose,
    /// 读一个最后的回答(跳过 1xx),它应当合乎每一条。
    Answer { to_head: bool, checks: Vec<Check> },
    /// 等到 100 就发这个主体;等到的是最后的回答,就不发。不许不作声。
    Continue(Vec<u8>),
    /// 连接应当关闭,不再说什么。
    Closed,
    /// 连接应当还在:再问一页,应当答得对。
    Open,
    /// 关闭,或者还在并且没有错位。
    InSync,
    /// 回答拒绝,或者不回答;总之关闭。
    Gone,
}

/// 一次对话。
pub(super) struct Talk {
    pub(super) steps: Vec<Step>,
    /// 要用到网站里的这个文件;有的系统上没有(例如符号链接),这一行就不做。
    pub(super) needs: Option<&'static str>,
}

impl fmt::Debug for Talk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Talk({} 步)", self.steps.len())
    }
}

/// 照原样发出的一个请求。`{hidden}`、`{length}`、`{hex}` 换成藏着的请求和它的长度,
/// `{etag /x}` 在发出之前换成 `/x` 现在的 ETag,`{etag gzip /x}` 是它的 gzip 版本的。
pub(super) fn raw(request: impl AsRef<[u8]>) -> Talk {
    Talk::new(fill(request.as_ref()), false)
}

/// 同 [`raw`],是一个 HEAD:回答没有主体。
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

/// 一个没有主体的请求。
pub(super) fn ask(method: &str, target: &str) -> Talk {
    ask_with(method, target, "")
}

/// 一个没有主体的请求,多带几个字段。
pub(super) fn ask_with(method: &str, target: &str, fields: &str) -> Talk {
    let request = request(method, target.as_bytes(), fields.as_bytes());
    Talk::new(request, false)
}

/// 一个带主体的 POST,`fields` 说主体怎样分界;模板同 [`raw`]。
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
    Talk { steps: rest, needs: None }
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

/// `bytes` 里的每一个 `old` 换成 `new`。
pub(super) fn replace(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut output = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = find(rest, old) {
        output.extend_from_slice(&rest[..at]);
        output.extend_from_slice(new);
        rest = &rest[at + old.len()..];
    }
    output.extend_from_slice(rest);
    output
}

/// `needle` 在 `bytes` 里的位置。
pub(super) fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle)
}

impl Talk {
    fn new(request: Vec<u8>, to_head: bool) -> Self {
        let checks = Vec::new();
        let answer = Step::Answer { to_head, checks };
        Self { steps: vec![Step::Send(request), answer], needs: None }
    }

    fn and(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// 一个字节一个字节地发,不是一次。
    pub(super) fn drip(mut self) -> Self {
        for step in &mut self.steps {
            if let Step::Send(bytes) = step {
                *step = Step::Drip(std::mem::take(bytes));
            }
        }
        self
    }

    /// 发完第一个请求就半关闭。
    pub(super) fn half_close(mut self) -> Self {
        self.steps.insert(1, Step::HalfClose);
        self
    }

    /// 先只发请求的头部;等到 100 才发 `body`。
    pub(super) fn expecting(mut self, body: &str) -> Self {
        self.steps.insert(1, Step::Continue(body.as_bytes().to_vec()));
        self
    }

    /// 在同一条连接上,接着做另一段对话。
    pub(super) fn then(mut self, next: Talk) -> Self {
        self.steps.extend(next.steps);
        self
    }

    /// 要用到网站里的这个文件,没有就不做。
    pub(super) fn needs(mut self, file: &'static str) -> Self {
        self.needs = Some(file);
        self
    }

    /// 答完以后,连接应当关闭。
    pub(super) fn closed(self) -> Self {
        self.and(Step::Closed)
    }

    /// 答完以后,连接应当还能用。
    pub(super) fn open(self) -> Self {
        self.and(Step::Open)
    }

    /// 答完以后,要么关闭,要么没有错位:主体里的字节没有被当成请求。
    pub(super) fn in_sync(self) -> Self {
        self.and(Step::InSync)
    }

    /// 拒绝(4xx 或 5xx),然后关闭:分不清边界的,决不猜。
    pub(super) fn refused(self) -> Self {
        self.check(|seen| match seen.last().status {
            400..=599 => Ok(()),
            status => Err(format!("应当拒绝(4xx 或 5xx),却是 {status}")),
        })
        .closed()
    }

    /// 拒绝或者不回答,总之关闭。
    pub(super) fn gone(mut self) -> Self {
        let last = self.steps.len() - 1;
        self.steps[last] = Step::Gone;
        self
    }

    /// 最后一个回答应当合乎 `check`。
    pub(super) fn check(
        mut self,
        check: impl Fn(&Seen<'_>) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        let answers = self.steps.iter_mut().rev().find_map(|step| match step {
            Step::Answer { checks, .. } => Some(checks),
            _ => None,
        });
        if let Some(checks) = answers {
            checks.push(Box::new(check));
        }
        self
    }
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
        let expected = format!("Content-Length: 42\r\n\r\n2a {HIDDEN}");
        assert_eq!(String::from_utf8_lossy(&filled), expected);
    }
}
