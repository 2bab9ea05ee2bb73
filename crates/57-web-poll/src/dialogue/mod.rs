//! 对话:一条连接上一问一答的规矩,不碰套接字。
//!
//! 收到的字节交给 [`Dialogue::advance`],它说下一步做什么:再读,还是回答。所以线程和事件循环可以用同一份。
//!
//! 头完整了就去问网站,回答先放着;正文丢完了才说出来,因为下一个请求在正文后面。
//! 出了错就回答、关闭:下一个请求从哪里开始已经说不清,后面的字节一个也不再看。

mod draft;
mod step;

use crate::body::Drain;
use crate::clock::Clock;
use crate::request::{Framing, Parser, Reject};
use draft::{Connection, Draft};

pub use draft::crowded;
pub use step::{Answer, Origin, Step, Waiting};

/// 一条连接上的对话。空闲时只有几十个字节:一万条空闲的连接也不到一兆。
#[derive(Debug)]
pub struct Dialogue {
    parser: Parser,
    /// 还能回答几个请求;0 就是已经要关闭,什么也不再听。
    left: u32,
    body_size: u64,
    /// 正在丢正文的那个请求,和对它的回答。
    pending: Option<Box<(Draft, Drain)>>,
    logging: bool,
}

impl Dialogue {
    /// 新的连接。`logging` 是要不要给出请求行;最多 `requests` 个请求,正文最多 `body_size` 字节。
    pub fn new(logging: bool, requests: u32, body_size: u64) -> Self {
        Self {
            parser: Parser::default(),
            left: requests.max(1),
            body_size,
            pending: None,
            logging,
        }
    }

    /// 看看 `input`(还没有用掉的字节),往前一步。返回用掉了多少字节,和下一步。
    ///
    /// `Step::Read` 时没有用掉的字节要留着,下一次和新来的一起给;它们总少于
    /// [`crate::request::LONGEST`]。说了 [`Answer::close`] 以后,给什么都丢掉。
    pub fn advance(
        &mut self,
        input: &[u8],
        origin: &mut impl Origin,
        clock: &Clock,
        output: &mut Vec<u8>,
    ) -> (usize, Step) {
        if self.left == 0 {
            return (input.len(), Step::Read(Waiting::Request));
        }
        let mut used = 0;
        if self.pending.is_none() {
            match self.head(input, origin, clock) {
                Ok(Some((length, draft, None))) => {
                    return (length, Step::Answer(self.say(draft, clock, output)));
                }
                Ok(Some((length, draft, Some(drain)))) => {
                    used = length;
                    self.pending = Some(Box::new((draft, drain)));
                }
                Ok(None) => return (0, Step::Read(self.waiting())),
                Err(reject) => {
                    let line = self.parser.line(input);
                    let draft =
                        Draft::refusal(reject, origin, line.starts_with(b"HEAD "), self.log(line));
                    return (input.len(), Step::Answer(self.say(draft, clock, output)));
                }
            }
        }
        let body = input.get(used..).unwrap_or_default();
        let (drained, step) = self.drain(body, origin, clock, output);
        (used + drained, step)
    }

    /// 期限到了。等头或者正文的,回答 408,然后关闭;等下一个请求的,没有人在听,直接关闭(`None`)。
    pub fn timed_out(
        &mut self,
        origin: &mut impl Origin,
        clock: &Clock,
        output: &mut Vec<u8>,
    ) -> Option<Answer> {
        if self.left == 0 || self.waiting() == Waiting::Request {
            return None;
        }
        let late = Reject::new(408, "等了太久,请求还不完整");
        let (head_only, line) = match self.pending.take() {
            Some(pending) => (pending.0.head_only, pending.0.line),
            None => (false, Box::default()),
        };
        let draft = Draft::refusal(late, origin, head_only, line);
        Some(self.say(draft, clock, output))
    }

    /// 收场:下一个回答说 `Connection: close`,是最后一个。
    pub fn close_after_this(&mut self) {
        self.left = self.left.min(1);
        if let Some(pending) = &mut self.pending {
            pending.0.connection = Connection::Close;
        }
    }

    /// 在等什么。
    pub fn waiting(&self) -> Waiting {
        if self.pending.is_some() {
            Waiting::Body
        } else if self.parser.started() {
            Waiting::Head
        } else {
            Waiting::Request
        }
    }

    /// 头完整了就问网站:头占多少字节,怎样回答,要丢掉怎样的正文。
    fn head(
        &mut self,
        input: &[u8],
        origin: &mut impl Origin,
        clock: &Clock,
    ) -> Result<Option<(usize, Draft, Option<Drain>)>, Reject> {
        let Some(request) = self.parser.parse(input)? else {
            return Ok(None);
        };
        let mut drain = match request.framing {
            Framing::Length(0) => None,
            framing => Some(Drain::new(framing, self.body_size)?),
        };
        let mut connection = Connection::after(&request, self.left == 1);
        // 客户等着一声 100 再发正文。正文没有用,所以直接回答;它发不发不一定,所以关闭(RFC 9110 §10.1.1)。
        if request.expects_continue()? && drain.take().is_some() {
            connection = Connection::Close;
        }
        let draft = Draft {
            response: origin.answer(&request, clock.now()),
            connection,
            head_only: request.method == b"HEAD",
            line: self.log(request.line),
        };
        Ok(Some((request.length, draft, drain)))
    }

    /// 丢掉正文;丢完了就说出放着的回答。
    fn drain(
        &mut self,
        input: &[u8],
        origin: &mut impl Origin,
        clock: &Clock,
        output: &mut Vec<u8>,
    ) -> (usize, Step) {
        let Some(mut pending) = self.pending.take() else {
            return (0, Step::Read(Waiting::Request));
        };
        let (used, draft) = match pending.1.advance(input) {
            Ok((used, false)) => {
                self.pending = Some(pending);
                return (used, Step::Read(Waiting::Body));
            }
            Ok((used, true)) => (used, pending.0),
            Err(reject) => {
                let Draft {
                    head_only, line, ..
                } = pending.0;
                (input.len(), Draft::refusal(reject, origin, head_only, line))
            }
        };
        (used, Step::Answer(self.say(draft, clock, output)))
    }

    /// 说出来:下一个请求从头开始。
    fn say(&mut self, draft: Draft, clock: &Clock, output: &mut Vec<u8>) -> Answer {
        let answer = draft.write(clock, output);
        self.parser = Parser::default();
        self.left = if answer.close {
            0
        } else {
            self.left.saturating_sub(1)
        };
        answer
    }

    /// 日志要的请求行。
    fn log(&self, line: &[u8]) -> Box<[u8]> {
        if self.logging {
            line.into()
        } else {
            Box::default()
        }
    }
}
