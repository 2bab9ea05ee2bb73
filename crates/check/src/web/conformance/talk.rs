//! 一次对话:在一条连接上先后发什么、应当得到什么。

use std::fmt;

use super::answer::{Check, Seen};

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
    /// 等到 100 就发这个正文;等到的是最后的回答,就不发。不许不作声。
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
    bytes
        .windows(needle.len())
        .position(|window| window == needle)
}

impl Talk {
    /// 发出 `request`,等一个回答。
    pub(super) fn new(request: Vec<u8>, to_head: bool) -> Self {
        let checks = Vec::new();
        let answer = Step::Answer { to_head, checks };
        Self {
            steps: vec![Step::Send(request), answer],
            needs: None,
        }
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

    /// 先只发请求的头;等到 100 才发 `body`。
    pub(super) fn expecting(mut self, body: &str) -> Self {
        self.steps
            .insert(1, Step::Continue(body.as_bytes().to_vec()));
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

    /// 答完以后,要么关闭,要么没有错位:正文里的字节没有被当成请求。
    pub(super) fn in_sync(self) -> Self {
        self.and(Step::InSync)
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
