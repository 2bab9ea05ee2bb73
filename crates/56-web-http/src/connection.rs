//! 一条连接:收字节,交给对话,发回答;每一样等待都有期限。

use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use socket2::SockRef;

use crate::desk::Desk;
use crate::dialogue::{Answer, Dialogue, Step, Waiting};
use crate::inbox::{Received, is_timeout};
use crate::limits::{LINGER, LINGER_SIZE};
use crate::send::send;
use crate::status::Status;
use crate::worker::Worker;

/// 新来的连接,第一个请求这么久还没有来,才算闲着:刚握完手,不等人开口就请走,太不近人情。
const OPENING: Duration = Duration::from_millis(100);

/// 一条连接。
pub struct Connection<'a, 'b> {
    worker: &'a mut Worker<'b>,
    desk: &'a Desk<'a>,
    stream: &'a TcpStream,
    /// 在等请求的哪一部分,等到什么时候。
    awaited: Option<(Waiting, Instant)>,
    /// 还没有等过它开口。
    fresh: bool,
}

impl<'a, 'b> Connection<'a, 'b> {
    /// 刚来。
    pub fn new(worker: &'a mut Worker<'b>, desk: &'a Desk<'a>) -> Self {
        Self {
            worker,
            desk,
            stream: &desk.seat.stream,
            awaited: None,
            fresh: true,
        }
    }

    /// 一问一答,直到说完、断了,或者到了期限。
    pub fn converse(mut self, mut dialogue: Dialogue) {
        loop {
            if self.desk.is_last() {
                dialogue.close_after_this();
            }
            let worker = &mut *self.worker;
            let (bytes, clock) = (worker.inbox.bytes(), &worker.clock);
            let output = &mut worker.output;
            let (used, step) = dialogue.advance(bytes, &mut worker.site, clock, output);
            worker.inbox.consume(used);
            let answer = match step {
                Step::Answer(answer) => answer,
                Step::Read(waiting) => match self.receive(waiting) {
                    Received::Bytes(_) => continue,
                    Received::Late => match self.time_out(&mut dialogue) {
                        Some(answer) => answer,
                        None => return,
                    },
                    Received::End => return,
                },
            };
            if !self.answer(&answer) {
                return;
            }
            if answer.close {
                return self.linger();
            }
        }
    }

    /// 再收一些。
    fn receive(&mut self, waiting: Waiting) -> Received {
        let limits = self.worker.limits;
        let received = match waiting {
            Waiting::Request => self.receive_idle(limits.idle),
            Waiting::Head => self.receive_before(waiting, limits.header),
            Waiting::Body => self.receive_before(waiting, limits.body),
        };
        self.worker.clock.tick();
        received
    }

    /// 等下一个请求:这时可以让路。
    fn receive_idle(&mut self, longest: Duration) -> Received {
        if std::mem::take(&mut self.fresh) {
            self.desk.fresh();
            let received = self.worker.inbox.read(self.stream, OPENING.min(longest));
            if received != Received::Late {
                self.desk.wake();
                return received;
            }
        }
        self.desk.rest();
        let received = self.worker.inbox.read(self.stream, longest);
        self.desk.wake();
        received
    }

    /// 等请求的其余部分,从开始等起一共最多 `longest`:一秒来一个字节,也不能把它拖长。
    fn receive_before(&mut self, waiting: Waiting, longest: Duration) -> Received {
        let deadline = match self.awaited {
            Some((same, deadline)) if same == waiting => deadline,
            _ => Instant::now() + longest,
        };
        self.awaited = Some((waiting, deadline));
        let left = deadline.saturating_duration_since(Instant::now());
        self.worker.inbox.read(self.stream, left)
    }

    /// 到了期限:请求说了一半的,回答 408;一个字节也没有说的,没有什么可回答。
    fn time_out(&mut self, dialogue: &mut Dialogue) -> Option<Answer> {
        let worker = &mut *self.worker;
        let (clock, output) = (&worker.clock, &mut worker.output);
        dialogue.timed_out(&mut worker.site, clock, output)
    }

    /// 发一个回答,记一行日志;发完了是 `true`。
    fn answer(&mut self, answer: &Answer) -> bool {
        self.awaited = None;
        let worker = &mut *self.worker;
        let (sent, result) = send(self.stream, &mut worker.output, &answer.body);
        let peer = self.desk.seat.peer;
        let (line, status) = (&answer.line, answer.status);
        worker.log.write(peer, line, status, sent, &worker.clock);
        // 网站打不开文件,多半是描述符都给了连接:请一条闲着的离开,下一次就有了。
        if status == Status::SERVICE_UNAVAILABLE {
            self.desk.pool().free_one(Duration::ZERO);
        }
        if let Err(error) = &result
            && is_timeout(error.kind())
        {
            // 他不收,系统还替我们留着几兆字节等他:不留了,直接复位(SO_LINGER,socket(7))。
            let _ = SockRef::from(self.stream).set_linger(Some(Duration::ZERO));
        }
        result.is_ok()
    }

    /// 关闭:先关自己的方向,再读掉对方还在发的。
    ///
    /// 还有没读的字节就关闭,系统发的是复位,对方没来得及收的回答也跟着没了(RFC 9112 §9.6)。
    fn linger(self) {
        if self.stream.shutdown(Shutdown::Write).is_err() {
            return;
        }
        self.desk.rest();
        let deadline = Instant::now() + LINGER;
        let mut drained = 0;
        while drained < LINGER_SIZE {
            let inbox = &mut self.worker.inbox;
            inbox.clear();
            let left = deadline.saturating_duration_since(Instant::now());
            match inbox.read(self.stream, left) {
                Received::Bytes(length) => drained += length,
                Received::End | Received::Late => return,
            }
        }
    }
}
