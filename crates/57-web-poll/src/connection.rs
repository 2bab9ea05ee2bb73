//! 一条连接:收到的字节交给对话,回答发出去。空闲时只有这一个小结构,没有缓冲区。

use std::io::{self, Read};
use std::mem;
use std::net::{IpAddr, Shutdown};

use mio::net::TcpStream;

use crate::cache::Cache;
use crate::clock::Clock;
use crate::dialogue::{Answer, Dialogue, Step, Waiting};
use crate::response::Body;
use crate::send::{self, Cargo, Sent};
use crate::timers::{Place, Wait};

/// 不比这个大的主体抄在头部后面,一次写出;更大的不抄,用 writev 或 sendfile。
const SMALL: usize = 8 * 1024;

/// 流水线上的回答攒到这么多字节就发:比它大的一批,发出去的好处不再增加。
const TRAIN: usize = 64 * 1024;

/// 一个工人的所有连接共用的东西。
pub struct Desk {
    /// 网站,和它前面的缓存。
    pub origin: Cache,
    /// 钟,一批事件看一次。
    pub clock: Clock,
    /// 正在写的回答,发完就空。
    pub output: Vec<u8>,
}

/// 一条连接。
pub struct Connection {
    /// 套接字,非阻塞。
    pub stream: TcpStream,
    /// 在等什么,从什么时候起。
    pub place: Place,
    /// 有还没有读的:事件来过,不会再来。
    pub unread: bool,
    /// 对方不再说了,这个事件只来一次:要一直读到流的末尾。
    pub hushed: bool,
    dialogue: Dialogue,
    peer: IpAddr,
    /// 没有办完的事;空闲时没有。
    rest: Option<Box<Rest>>,
}

/// 没有办完的事。
#[derive(Debug, Default)]
struct Rest {
    /// 收到了、还没有用的字节。
    input: Vec<u8>,
    /// 头部(和攒着的小主体),从 `at` 起还没有发。
    head: Vec<u8>,
    at: usize,
    cargo: Cargo,
    /// 发完以后怎样。
    then: Then,
}

/// 发完以后怎样。
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Then {
    /// 接着听。
    #[default]
    Go,
    /// 关闭。客户自己说了不再要(`Connection: close`),也没有多发什么:直接关闭也不会变成复位。
    Close,
    /// 先关自己的方向,再等对方关闭:他也许还在发,不读就关闭会变成复位,吃掉回答(RFC 9112 §9.6)。
    Linger,
}

/// 一条连接这一轮办完以后。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// 等;`true` 是从现在起重新计时。
    Wait(Wait, bool),
    /// 还没有发完,下一轮接着发。
    Again,
    /// 关闭。
    Close,
}

impl Connection {
    /// 刚接下的一条连接。
    pub fn new(stream: TcpStream, peer: IpAddr, dialogue: Dialogue, place: Place) -> Self {
        Self {
            stream,
            place,
            unread: false,
            hushed: false,
            dialogue,
            peer,
            rest: None,
        }
    }

    /// 有还没有发完的。
    fn is_sending(&self) -> bool {
        let rest = self.rest.as_ref();
        rest.is_some_and(|rest| rest.at < rest.head.len() || !rest.cargo.is_empty())
    }

    /// 办一轮:先发没有发完的,再读一次,再回答。`buffer` 是一个工人的所有连接共用的接收缓冲区。
    ///
    /// # Errors
    /// 连接断了,或者正在发的文件变短了:只能关闭。
    pub fn turn(&mut self, buffer: &mut [u8], desk: &mut Desk) -> io::Result<Next> {
        let wait = self.place.wait();
        if wait == Wait::Linger {
            return self.linger(buffer);
        }
        let mut next = Next::Wait(wait, false);
        if self.is_sending() {
            next = self.resume(desk)?;
            if !matches!(next, Next::Wait(Wait::Idle | Wait::Head | Wait::Body, _)) {
                return Ok(next);
            }
        }
        match self.read(buffer)? {
            None => Ok(next),
            // 他不再说了,完整的请求都已经回答(还在发的时候不读)。
            Some(0) => Ok(Next::Close),
            Some(length) => self.hear(&buffer[..length], desk),
        }
    }

    /// 读一次;没有可读的是 `None`。
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        if !self.unread {
            return Ok(None);
        }
        match self.stream.read(buffer) {
            Ok(length) => {
                // 没有读满,就是读完了(epoll(7) Q9):以后再来的,会有新的事件。流的末尾要再读一次
                // 才读到;Windows 上要读到 WouldBlock 才有下一个事件。
                self.unread = length == buffer.len() || self.hushed || cfg!(windows);
                Ok(Some(length))
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.unread = false;
                Ok(None)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// 说完了:他再发的都不要,等他关闭。
    fn linger(&mut self, buffer: &mut [u8]) -> io::Result<Next> {
        match self.read(buffer)? {
            Some(0) => Ok(Next::Close),
            _ => Ok(Next::Wait(Wait::Linger, false)),
        }
    }

    /// 收到 `fresh`,和以前没有用掉的接在一起。
    fn hear(&mut self, fresh: &[u8], desk: &mut Desk) -> io::Result<Next> {
        let Some(rest) = &mut self.rest else {
            let (used, next) = self.respond(fresh, desk)?;
            self.keep(&fresh[used..]);
            return Ok(next);
        };
        let mut input = mem::take(&mut rest.input);
        self.rest = None;
        input.extend_from_slice(fresh);
        let (used, next) = self.respond(&input, desk)?;
        input.drain(..used);
        if !input.is_empty() {
            self.rest.get_or_insert_default().input = input;
        }
        Ok(next)
    }

    /// 留着没有用掉的。
    fn keep(&mut self, unused: &[u8]) {
        if !unused.is_empty() {
            self.rest.get_or_insert_default().input = unused.to_vec();
        }
    }

    /// 回答 `input` 里的请求,直到要再读、发不下或者该关闭;返回用掉了多少字节。
    ///
    /// 一起来的几个请求,回答攒在一起,一次写出。
    fn respond(&mut self, input: &[u8], desk: &mut Desk) -> io::Result<(usize, Next)> {
        let (mut used, mut answered) = (0, false);
        desk.output.clear();
        loop {
            let before = desk.output.len();
            let (length, step) = self.dialogue.advance(
                &input[used..],
                &mut desk.origin,
                &desk.clock,
                &mut desk.output,
            );
            used += length;
            let Answer { body, close, .. } = match step {
                Step::Read(waiting) => {
                    let next = match desk.output.is_empty() {
                        true => Next::Wait(wait(waiting), answered),
                        false => self.dispatch(desk, Cargo::Nothing, Then::Go, wait(waiting))?,
                    };
                    return Ok((used, next));
                }
                Step::Answer(answer) => answer,
            };
            let _ = before;
            answered = true;
            let cargo = load(body, &mut desk.output);
            let then = self.then(close, used == input.len(), desk);
            if then == Then::Go && cargo.is_empty() && desk.output.len() < TRAIN {
                continue;
            }
            match self.dispatch(desk, cargo, then, Wait::Idle)? {
                Next::Wait(Wait::Idle, _) => {}
                next => return Ok((used, next)),
            }
        }
    }

    /// 这个回答以后怎样。
    fn then(&self, close: bool, is_last: bool, desk: &Desk) -> Then {
        match close {
            false => Then::Go,
            true if desk.origin.said_goodbye() && is_last && !self.unread => Then::Close,
            true => Then::Linger,
        }
    }

    /// 发出 `desk.output` 和 `cargo`;发不完的留着。发完了就等 `wait`。
    fn dispatch(
        &mut self,
        desk: &mut Desk,
        mut cargo: Cargo,
        then: Then,
        wait: Wait,
    ) -> io::Result<Next> {
        let mut at = 0;
        let sent = send::send(&mut self.stream, &desk.output, &mut at, &mut cargo)?;
        if sent != Sent::All {
            self.rest = Some(Box::new(Rest {
                input: Vec::new(),
                head: desk.output[at..].to_vec(),
                at: 0,
                cargo,
                then,
            }));
        }
        desk.output.clear();
        self.after(sent, then, wait)
    }

    /// 接着发没有发完的;发完了,再回答留着的请求。
    fn resume(&mut self, desk: &mut Desk) -> io::Result<Next> {
        let Some(rest) = &mut self.rest else {
            return Ok(Next::Wait(Wait::Idle, true));
        };
        let sent = send::send(&mut self.stream, &rest.head, &mut rest.at, &mut rest.cargo)?;
        let then = rest.then;
        match self.after(sent, then, Wait::Idle)? {
            Next::Wait(Wait::Idle, _) => self.hear(&[], desk),
            next => Ok(next),
        }
    }

    /// 发过以后怎样。
    fn after(&mut self, sent: Sent, then: Then, wait: Wait) -> io::Result<Next> {
        match (sent, then) {
            (Sent::Blocked, _) => Ok(Next::Wait(Wait::Write, true)),
            (Sent::Stuck, _) => Ok(Next::Wait(Wait::Write, false)),
            (Sent::Enough, _) => Ok(Next::Again),
            (Sent::All, Then::Go) => Ok(Next::Wait(wait, true)),
            (Sent::All, Then::Close) => Ok(Next::Close),
            (Sent::All, Then::Linger) => {
                self.rest = None;
                self.stream.shutdown(Shutdown::Write)?;
                Ok(Next::Wait(Wait::Linger, true))
            }
        }
    }
}

/// 小的主体抄在头部后面;大的留给 [`send::send`]。
fn load(body: Body, output: &mut Vec<u8>) -> Cargo {
    match body {
        Body::Bytes(bytes) if bytes.len() <= SMALL => {
            output.extend_from_slice(&bytes);
            Cargo::Nothing
        }
        body => Cargo::new(body),
    }
}

/// 对话在等的,用哪一个期限。
fn wait(waiting: Waiting) -> Wait {
    match waiting {
        Waiting::Request => Wait::Idle,
        Waiting::Head => Wait::Head,
        Waiting::Body => Wait::Body,
    }
}
