//! 以前的话:留着最后几条,晚来的人也知道大家在说什么。

use std::collections::VecDeque;

/// 总共最多留这么多字节:要能一次放进最小的发件箱。
const MAX_BYTES: usize = 32 * 1024;

/// 每条另算这么多字节:短的消息在网线上还有帧头或换行。
const OVERHEAD: usize = 4;

/// 最后的几条消息,先后为序。
#[derive(Debug)]
pub struct History {
    lines: VecDeque<String>,
    bytes: usize,
    limit: usize,
}

impl History {
    /// 最多留 `limit` 条。
    pub fn new(limit: usize) -> Self {
        Self {
            lines: VecDeque::new(),
            bytes: 0,
            limit,
        }
    }

    /// 记下一条;最早的让位。
    pub fn push(&mut self, line: String) {
        self.bytes += line.len() + OVERHEAD;
        self.lines.push_back(line);
        while self.lines.len() > self.limit || self.bytes > MAX_BYTES {
            let Some(oldest) = self.lines.pop_front() else {
                break;
            };
            self.bytes -= oldest.len() + OVERHEAD;
        }
    }

    /// 给刚来的人看的各行,带着头尾;没有就一行也没有。
    pub fn shown(&self) -> impl Iterator<Item = &str> {
        let (begin, end) = match self.lines.is_empty() {
            true => (None, None),
            false => (Some("* 以前的话:"), Some("* 以上是以前的话")),
        };
        let lines = self.lines.iter().map(String::as_str);
        begin.into_iter().chain(lines).chain(end)
    }
}
