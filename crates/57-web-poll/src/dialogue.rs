//! 对话:一条连接上一问一答的规矩,不碰套接字。
//!
//! 收到的字节交给 [`Dialogue::advance`],它说下一步做什么:再读,还是回答。所以线程和事件循环可以用同一份。

use std::time::SystemTime;

use crate::clock::Clock;
use crate::request::{Parser, Request};
use crate::response::{Body, Response};
use crate::status::Status;

/// 谁来回答请求:网站自己,或者它前面的缓存。
pub trait Origin {
    /// 回答一个请求。
    fn answer(&mut self, request: &Request<'_>, now: SystemTime) -> Response;

    /// 拒绝一个看不懂的请求。
    fn refuse(&mut self, status: Status, reason: &'static str) -> Response;
}

/// 在等什么:决定用哪一个期限。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// 下一个请求,一个字节也还没有来。
    Request,
    /// 头部的其余部分。
    Head,
    /// 主体的其余部分。
    Body,
}

/// 下一步。
#[derive(Debug)]
pub enum Step {
    /// 要更多的字节。
    Read(Waiting),
    /// 回答:头部已经写在 `output` 的末尾,接着发 `body`。
    Answer(Answer),
}

/// 一个回答。
#[derive(Debug)]
pub struct Answer {
    /// 主体。
    pub body: Body,
    /// 发完就关闭连接:先关自己的方向,再读掉对方还在发的(有限度),免得复位吃掉回答(RFC 9112 §9.6)。
    pub close: bool,
    /// 状态码,日志用。
    pub status: Status,
    /// 请求行,日志用;不记日志就是空的,不分配。
    pub line: Box<[u8]>,
}

/// 一条连接上的对话。空闲时很小:一万条空闲的连接也只要几百千字节。
#[derive(Debug)]
pub struct Dialogue {
    parser: Parser,
    answered: u32,
    last: bool,
}

impl Dialogue {
    /// 新的连接。`logging` 是要不要给出请求行;最多 `requests` 个请求,主体最多 `body_size` 字节。
    pub fn new(logging: bool, requests: u32, body_size: u64) -> Self {
        let _ = (logging, requests, body_size);
        Self {
            parser: Parser::default(),
            answered: 0,
            last: false,
        }
    }

    /// 下一个回答是最后一个,它会说 `Connection: close`:收场,或者给别人让路。
    pub fn conclude(&mut self) {
        self.last = true;
    }

    /// 不等了,拒绝:头部或主体到了期限(408)。头部写在 `output` 的末尾,发完要关闭。
    pub fn refuse(
        &mut self,
        status: Status,
        reason: &'static str,
        origin: &mut impl Origin,
        clock: &Clock,
        output: &mut Vec<u8>,
    ) -> Answer {
        let response = origin.refuse(status, reason);
        output.extend(format!("HTTP/1.1 {} {}\r\n", status.0, status.reason()).bytes());
        output.extend(format!("Date: {}\r\nConnection: close\r\n", clock.date()).bytes());
        output.extend_from_slice(&response.fields);
        output.extend_from_slice(b"\r\n");
        Answer {
            body: response.body,
            close: true,
            status,
            line: Box::default(),
        }
    }

    /// 看看 `input`(还没有用掉的字节),往前一步。返回用掉了多少字节,和下一步。
    ///
    /// `Step::Read` 时没有用掉的字节要留着,下一次和新来的一起给。
    pub fn advance(
        &mut self,
        input: &[u8],
        origin: &mut impl Origin,
        clock: &Clock,
        output: &mut Vec<u8>,
    ) -> (usize, Step) {
        let _ = self.answered;
        let (used, response, line, close) = match self.parser.parse(input) {
            Ok(None) if input.is_empty() => return (0, Step::Read(Waiting::Request)),
            Ok(None) => return (0, Step::Read(Waiting::Head)),
            Ok(Some(request)) => {
                let response = origin.answer(&request, clock.now());
                (
                    request.length,
                    response,
                    request.line.into(),
                    self.last || !request.keep_alive(),
                )
            }
            Err(reject) => {
                let response = origin.refuse(reject.status, reject.reason);
                (input.len(), response, Box::default(), true)
            }
        };
        self.parser = Parser::default();
        let status = response.status;
        output.extend(format!("HTTP/1.1 {} {}\r\n", status.0, status.reason()).bytes());
        output.extend(format!("Date: {}\r\n", clock.date()).bytes());
        output.extend_from_slice(&response.fields);
        output.extend_from_slice(b"\r\n");
        let body = response.body;
        (
            used,
            Step::Answer(Answer {
                body,
                close,
                status,
                line,
            }),
        )
    }
}
