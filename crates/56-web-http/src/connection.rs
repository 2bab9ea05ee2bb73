//! 一条连接:收字节,交给对话,发回答;每一样等待都有期限。

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant, SystemTime};

use socket2::SockRef;

use crate::clock::Clock;
use crate::dialogue::{Answer, Dialogue, Origin, Step, Waiting};
use crate::limits::{LINGER, LINGER_SIZE, Limits};
use crate::log::Log;
use crate::pool::Desk;
use crate::request::Request;
use crate::response::Response;
use crate::send::send;
use crate::site::Site;
use crate::status::Status;

/// 收字节的缓冲区:比最长的头部大,请求再长也放得下。
const BUFFER: usize = 64 * 1024;

/// 新来的连接,第一个请求这么久还没有来,才算闲着:刚握完手,不等人开口就请走,太不近人情。
const OPENING: Duration = Duration::from_millis(100);

/// 读过期限的结果:没有更多了。
enum Received {
    /// 有新的字节。
    Bytes,
    /// 对方说完了,或者连接断了。
    End,
    /// 到了期限。
    Late,
}

/// 一位工人:他的缓冲区和钟,一条连接用完,下一条接着用。
pub struct Worker<'a> {
    site: &'a Site,
    limits: &'a Limits,
    log: &'a Log,
    clock: Clock,
    buffer: Box<[u8]>,
    output: Vec<u8>,
}

impl<'a> Worker<'a> {
    /// 一位新工人。
    pub fn new(site: &'a Site, limits: &'a Limits, log: &'a Log) -> Self {
        Self {
            site,
            limits,
            log,
            clock: Clock::new(),
            buffer: vec![0; BUFFER].into_boxed_slice(),
            output: Vec::new(),
        }
    }

    /// 照看一条连接,直到它结束。出错只影响这条连接,结束就是了。
    pub fn attend(&mut self, desk: &Desk<'_>) {
        let stream = &desk.visitor.stream;
        // 一次写出的就马上发,不等前一段的确认(Nagle,RFC 1122 §4.2.3.4)。
        let _ = stream.set_nodelay(true);
        if stream.set_write_timeout(Some(self.limits.write)).is_err() {
            return;
        }
        let Limits {
            requests,
            body_size,
            ..
        } = *self.limits;
        let connection = Connection {
            worker: self,
            desk,
            stream,
            start: 0,
            end: 0,
            timeout: None,
            awaited: None,
            fresh: true,
        };
        let logging = connection.worker.log.enabled();
        connection.converse(Dialogue::new(logging, requests, body_size));
    }
}

/// 一条连接的状态。
struct Connection<'a, 'b> {
    worker: &'a mut Worker<'b>,
    desk: &'a Desk<'a>,
    stream: &'a TcpStream,
    /// 缓冲区里收到了、还没有用掉的:从 `start` 到 `end`。
    start: usize,
    end: usize,
    /// 套接字上现在的接收期限:没有变就不用再设。
    timeout: Option<Duration>,
    /// 在等什么,等到什么时候。
    awaited: Option<(Waiting, Instant)>,
    /// 还没有收到过一个字节。
    fresh: bool,
}

impl Connection<'_, '_> {
    /// 一问一答,直到说完、断了,或者到了期限。
    fn converse(mut self, mut dialogue: Dialogue) {
        loop {
            if self.desk.is_last() {
                dialogue.conclude();
            }
            let mut origin = self.worker.site;
            let (used, step) = dialogue.advance(
                &self.worker.buffer[self.start..self.end],
                &mut origin,
                &self.worker.clock,
                &mut self.worker.output,
            );
            self.start += used;
            let answer = match step {
                Step::Answer(answer) => answer,
                Step::Read(waiting) => match self.receive(waiting) {
                    Received::Bytes => continue,
                    Received::Late if waiting != Waiting::Request => {
                        self.time_out(&mut dialogue, waiting)
                    }
                    Received::Late | Received::End => return,
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

    /// 再收一些,最多等到这一种等待的期限。先把要说的说了:`100 Continue`,对方等着它才发主体。
    fn receive(&mut self, waiting: Waiting) -> Received {
        let output = std::mem::take(&mut self.worker.output);
        let told = (&mut &*self.stream).write_all(&output);
        self.worker.output = output;
        self.worker.output.clear();
        if told.is_err() || !self.make_space() {
            return Received::End;
        }
        let received = match waiting {
            Waiting::Request => self.read_idle(),
            Waiting::Head => self.read_before(waiting, self.worker.limits.header),
            Waiting::Body => self.read_before(waiting, self.worker.limits.body),
        };
        self.worker.clock.tick();
        match received {
            Ok(0) => Received::End,
            Ok(length) => {
                self.end += length;
                Received::Bytes
            }
            Err(error) if is_timeout(error.kind()) => Received::Late,
            Err(_) => Received::End,
        }
    }

    /// 等下一个请求:这时闲着,可以让路。
    fn read_idle(&mut self) -> io::Result<usize> {
        let idle = self.worker.limits.idle;
        if std::mem::take(&mut self.fresh) {
            match self.read(OPENING.min(idle)) {
                Err(error) if is_timeout(error.kind()) => {}
                received => return received,
            }
        }
        self.desk.idle();
        let received = self.read(idle);
        self.desk.busy();
        received
    }

    /// 等请求的其余部分,从开始等起一共最多 `limit`:一秒来一个字节,也不能把它拖长。
    fn read_before(&mut self, waiting: Waiting, limit: Duration) -> io::Result<usize> {
        let deadline = match self.awaited {
            Some((same, deadline)) if same == waiting => deadline,
            _ => Instant::now() + limit,
        };
        self.awaited = Some((waiting, deadline));
        self.read(deadline.saturating_duration_since(Instant::now()))
    }

    /// 读一次,最多等 `longest`。
    fn read(&mut self, longest: Duration) -> io::Result<usize> {
        if longest.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        if self.timeout != Some(longest) {
            self.stream.set_read_timeout(Some(longest))?;
            self.timeout = Some(longest);
        }
        let room = &mut self.worker.buffer[self.end..];
        match (&mut &*self.stream).read(room) {
            // 信号打断了:这一次再等一遍,信号很少。
            Err(error) if error.kind() == ErrorKind::Interrupted => self.read(longest),
            received => received,
        }
    }

    /// 没有用掉的挪到缓冲区的开头;满了是 `false`,那不会是一个合格的请求。
    fn make_space(&mut self) -> bool {
        self.worker.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        self.end < BUFFER
    }

    /// 等不到请求的其余部分:408。
    fn time_out(&mut self, dialogue: &mut Dialogue, waiting: Waiting) -> Answer {
        let reason = match waiting {
            Waiting::Body => "等了很久,请求的主体还没有来完",
            Waiting::Request | Waiting::Head => "等了很久,请求的头部还没有来完",
        };
        let (clock, output) = (&self.worker.clock, &mut self.worker.output);
        let mut origin = self.worker.site;
        dialogue.refuse(Status::REQUEST_TIMEOUT, reason, &mut origin, clock, output)
    }

    /// 发一个回答,记一行日志;发完了是 `true`。
    fn answer(&mut self, answer: &Answer) -> bool {
        self.awaited = None;
        let worker = &mut *self.worker;
        let (sent, result) = send(self.stream, &mut worker.output, &answer.body);
        let peer = self.desk.visitor.peer;
        let log = worker.log;
        log.write(peer, &answer.line, answer.status, sent, &worker.clock);
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
    fn linger(mut self) {
        if self.stream.shutdown(Shutdown::Write).is_err() {
            return;
        }
        self.desk.idle();
        let deadline = Instant::now() + LINGER;
        let mut drained = 0;
        while drained < LINGER_SIZE {
            (self.start, self.end) = (0, 0);
            match self.read(deadline.saturating_duration_since(Instant::now())) {
                Ok(length) if length > 0 => drained += length,
                _ => return,
            }
        }
    }
}

impl Origin for &Site {
    fn answer(&mut self, request: &Request<'_>, now: SystemTime) -> Response {
        Site::answer(self, request, now)
    }

    fn refuse(&mut self, status: Status, reason: &'static str) -> Response {
        Site::refuse(self, status, reason)
    }
}

/// 到了期限:Unix 报 WouldBlock,Windows 报 TimedOut。
fn is_timeout(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
