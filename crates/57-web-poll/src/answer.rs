//! 回答:一起来的几个请求,回答攒在一起,一次写出。

use std::io;
use std::net::Shutdown;

use crate::connection::{Connection, Next};
use crate::desk::Desk;
use crate::dialogue::{Answer, Step, Waiting, crowded};
use crate::outbox::{Outbox, Then};
use crate::payload::Payload;
use crate::response::Body;
use crate::send::Sent;
use crate::timers::Wait;

/// 不比这个大的正文抄在头后面,一次写出;更大的不抄,用 writev 或 sendfile。
const SMALL: usize = 8 * 1024;

/// 流水线上的回答攒到这么多字节就发:再多,每次写出省下的也不值一提了。
const TRAIN: usize = 64 * 1024;

impl Connection {
    /// 回答 `input` 里的请求,直到要再读、发不下或者该关闭;返回用掉了多少字节。
    pub fn respond(&mut self, input: &[u8], desk: &mut Desk) -> io::Result<(usize, Next)> {
        let (mut used, mut answered) = (0, false);
        loop {
            let before = desk.output.len();
            let rest = &input[used..];
            let (length, step) =
                self.dialogue
                    .advance(rest, &mut desk.origin, &desk.clock, &mut desk.output);
            used += length;
            let answer = match step {
                Step::Answer(answer) => answer,
                Step::Read(waiting) => {
                    let wait = wait(waiting);
                    let next = match desk.output.is_empty() {
                        true => Next::Wait(wait, answered),
                        false => self.dispatch(Payload::Nothing, Then::Go, wait, desk)?,
                    };
                    return Ok((used, next));
                }
            };
            answered = true;
            let then = self.then(&answer, used == input.len(), desk);
            let payload = load(answer, before, desk);
            if then == Then::Go && payload.is_empty() && desk.output.len() < TRAIN {
                continue;
            }
            match self.dispatch(payload, then, Wait::Idle, desk)? {
                Next::Wait(Wait::Idle, _) => {}
                next => return Ok((used, next)),
            }
        }
    }

    /// 接着发没有发完的;发完了,再回答留着的请求。
    pub fn resume(&mut self, desk: &mut Desk) -> io::Result<Next> {
        let Some(outbox) = &mut self.outbox else {
            return Ok(Next::Wait(self.place.wait(), false));
        };
        let sent = outbox.send(&mut self.stream)?;
        let then = outbox.then;
        if sent == Sent::All {
            outbox.close(self.peer, desk);
            self.outbox = None;
        }
        match self.after(sent, then, Wait::Idle)? {
            Next::Wait(Wait::Idle, _) => self.hear(&[], desk),
            next => Ok(next),
        }
    }

    /// 等不到请求的其余部分:说一声(408),然后关闭。
    pub fn time_out(&mut self, desk: &mut Desk) -> io::Result<Next> {
        let (origin, output) = (&mut desk.origin, &mut desk.output);
        let Some(answer) = self.dialogue.timed_out(origin, &desk.clock, output) else {
            return Ok(Next::Close);
        };
        let payload = load(answer, 0, desk);
        self.dispatch(payload, Then::Linger, Wait::Idle, desk)
    }

    /// 满了:不等请求,说一声(503),然后关闭。
    pub fn turn_away(&mut self, desk: &mut Desk) -> io::Result<Next> {
        let answer = crowded(&mut desk.origin, &desk.clock, &mut desk.output);
        let payload = load(answer, 0, desk);
        self.dispatch(payload, Then::Linger, Wait::Idle, desk)
    }

    /// 发完这个回答以后怎样;`last` 是收到的都用掉了。
    fn then(&self, answer: &Answer, last: bool, desk: &Desk) -> Then {
        match answer.close {
            false => Then::Go,
            true if last && !self.unread && desk.origin.said_goodbye() => Then::Close,
            true => Then::Linger,
        }
    }

    /// 发出 `desk.output` 和 `payload`;发不完的留着。发完了就等 `wait`。
    fn dispatch(
        &mut self,
        payload: Payload,
        then: Then,
        wait: Wait,
        desk: &mut Desk,
    ) -> io::Result<Next> {
        let (sent, outbox) = Outbox::open(&mut self.stream, payload, then, self.peer, desk)?;
        self.outbox = outbox;
        self.after(sent, then, wait)
    }

    /// 发过以后怎样。
    fn after(&self, sent: Sent, then: Then, wait: Wait) -> io::Result<Next> {
        match (sent, then) {
            (Sent::Blocked, _) => Ok(Next::Wait(Wait::Write, true)),
            (Sent::Stuck, _) => Ok(Next::Wait(Wait::Write, false)),
            (Sent::Enough, _) => Ok(Next::Again),
            (Sent::All, Then::Go) => Ok(Next::Wait(wait, true)),
            (Sent::All, Then::Close) => Ok(Next::Close),
            (Sent::All, Then::Linger) => {
                self.stream.shutdown(Shutdown::Write)?;
                Ok(Next::Wait(Wait::Linger, true))
            }
        }
    }
}

/// 小的正文抄在头后面,大的原样留着;头从 `desk.output` 的第 `before` 个字节起。
fn load(answer: Answer, before: usize, desk: &mut Desk) -> Payload {
    let head = desk.output.len() - before;
    let Answer {
        body, line, status, ..
    } = answer;
    if let Body::Bytes(bytes) = &body
        && bytes.len() <= SMALL
    {
        desk.output.extend_from_slice(bytes);
        desk.note(line, status, head, bytes.len() as u64);
        return Payload::Nothing;
    }
    let payload = Payload::new(body);
    desk.note(line, status, head, payload.left());
    payload
}

/// 对话在等的,用哪一个期限。
fn wait(waiting: Waiting) -> Wait {
    match waiting {
        Waiting::Request => Wait::Idle,
        Waiting::Head => Wait::Head,
        Waiting::Body => Wait::Body,
    }
}
