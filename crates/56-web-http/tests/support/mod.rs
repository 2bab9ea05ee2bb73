//! 一次对话的全过程:测试和模糊测试都用它。

pub mod parse;

use std::time::SystemTime;

use crate::clock::Clock;
use crate::dialogue::{Answer, Dialogue, Origin, Step, Waiting};
use crate::request::{LONGEST, Request};
use crate::response::{Body, Fields, Response};
use crate::status::Status;

/// 正文最多这么多字节。
pub const BODY: u64 = 100;

/// 回答请求行的网站,`/304` 那样的路径给那个状态。
#[derive(Default)]
pub struct Echo {
    /// 被问了什么。
    pub asked: Vec<String>,
}

impl Origin for Echo {
    fn answer(&mut self, request: &Request<'_>, _now: SystemTime) -> Response {
        let line = String::from_utf8_lossy(request.line).into_owned();
        let path = line.split(['/', ' ']).nth(2).unwrap_or_default();
        let status = Status(path.parse().unwrap_or(200));
        self.asked.push(line.clone());
        page(status, &line)
    }

    fn refuse(&mut self, status: Status, _reason: &'static str) -> Response {
        page(status, "refused")
    }
}

fn page(status: Status, text: &str) -> Response {
    let mut fields = Fields::new();
    fields.length(text.len() as u64);
    Response::new(status, fields, Body::Bytes(text.as_bytes().into()))
}

/// 听到的。
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Heard {
    /// 每个回答的头(没有 Date)和正文,各加一个换行。
    pub output: String,
    /// 每个回答的请求行。
    pub lines: Vec<String>,
    /// 最后在等什么;关闭了就是 `None`。
    pub waiting: Option<Waiting>,
}

impl Heard {
    /// 每个回答的状态码。
    pub fn statuses(&self) -> Vec<&str> {
        let heads = self.output.lines();
        heads
            .filter_map(|line| line.strip_prefix("HTTP/1.1 "))
            .map(|line| line.get(..3).unwrap_or_default())
            .collect()
    }
}

/// 每次多给几个字节:轮流用 `steps` 里的数。
pub fn converse(mut dialogue: Dialogue, input: &[u8], steps: &[usize]) -> (Heard, Echo) {
    let (mut echo, clock) = (Echo::default(), Clock::new());
    let (mut heard, mut output) = (Heard::default(), Vec::new());
    let mut steps = steps.iter().map(|&step| step.max(1)).cycle();
    let (mut used, mut end) = (0, 0);
    loop {
        let (more, next) = dialogue.advance(&input[used..end], &mut echo, &clock, &mut output);
        used += more;
        match next {
            Step::Read(waiting) => {
                assert_eq!(waiting, dialogue.waiting());
                assert!(end - used < LONGEST, "要留着太多的字节");
                heard.waiting = Some(waiting);
                if end == input.len() {
                    break;
                }
                end = input.len().min(end + steps.next().unwrap_or(1));
            }
            Step::Answer(answer) => {
                heard.waiting = None;
                let close = answer.close;
                listen(answer, &mut heard, &mut output);
                if close {
                    break;
                }
            }
        }
    }
    let date = format!("Date: {}\r\n", clock.date());
    heard.output = String::from_utf8_lossy(&output).replace(&date, "");
    (heard, echo)
}

fn listen(answer: Answer, heard: &mut Heard, output: &mut Vec<u8>) {
    let line = String::from_utf8_lossy(&answer.line).into_owned();
    heard.lines.push(line);
    match answer.body {
        Body::Bytes(bytes) => output.extend_from_slice(&bytes),
        Body::Empty => {}
        other => panic!("没有给过这样的正文:{other:?}"),
    }
    output.extend_from_slice(b"\n");
}
