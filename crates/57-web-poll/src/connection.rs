//! 一条连接:收到的字节交给对话,回答发出去。空闲时只有这一个小结构,没有缓冲区。

use std::io::{self, ErrorKind, Read};
use std::mem;
use std::net::IpAddr;

use mio::net::TcpStream;

use crate::desk::Desk;
use crate::dialogue::Dialogue;
use crate::limits::LINGER_SIZE;
use crate::outbox::Outbox;
use crate::timers::{Place, Wait};

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
    /// 占着一个位子;只是来听一声「满了」的没有。
    pub seated: bool,
    /// 说完以后,又读掉了多少字节。
    discarded: u32,
    /// 对方的地址。
    pub peer: IpAddr,
    /// 一问一答的规矩。
    pub dialogue: Dialogue,
    /// 收到了、还没有用的字节;空闲时不占内存。
    pub input: Vec<u8>,
    /// 写好了、还没有发出的;空闲时没有。
    pub outbox: Option<Box<Outbox>>,
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
            seated: false,
            discarded: 0,
            peer,
            dialogue,
            input: Vec::new(),
            outbox: None,
        }
    }

    /// 办一轮:先发没有发完的,再读一次,再回答。`buffer` 是一个工作线程的所有连接共用的接收缓冲区。
    ///
    /// # Errors
    /// 连接断了,或者正在发的文件变短了:只能关闭。
    pub fn turn(&mut self, buffer: &mut [u8], desk: &mut Desk) -> io::Result<Next> {
        let wait = self.place.wait();
        if wait == Wait::Linger {
            return self.linger(buffer);
        }
        let mut next = Next::Wait(wait, false);
        if self.outbox.is_some() {
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

    /// 读一次;没有可读的是 `None`,流的末尾是 0。
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        if !self.unread {
            return Ok(None);
        }
        match self.stream.read(buffer) {
            Ok(length) => {
                // 没有读满,就是读完了(epoll(7)):以后再来的会有新的事件。流的末尾要再读一次
                // 才读到;Windows 上要读到 WouldBlock 才有下一个事件。
                self.unread = length == buffer.len() || self.hushed || cfg!(windows);
                Ok(Some(length))
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                self.unread = false;
                Ok(None)
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// 收到 `fresh`,和以前没有用掉的接在一起。
    pub fn hear(&mut self, fresh: &[u8], desk: &mut Desk) -> io::Result<Next> {
        if self.input.is_empty() {
            let (used, next) = self.respond(fresh, desk)?;
            self.input.extend_from_slice(&fresh[used..]);
            return Ok(next);
        }
        let mut input = mem::take(&mut self.input);
        input.extend_from_slice(fresh);
        let (used, next) = self.respond(&input, desk)?;
        input.drain(..used);
        if !input.is_empty() {
            self.input = input;
        }
        Ok(next)
    }

    /// 说完了:他再发的都不要,等他关闭。发个不停的,也不值得一直读。
    fn linger(&mut self, buffer: &mut [u8]) -> io::Result<Next> {
        match self.read(buffer)? {
            Some(0) => return Ok(Next::Close),
            Some(length) => self.discarded += length as u32,
            None => {}
        }
        match self.discarded as usize > LINGER_SIZE {
            true => Ok(Next::Close),
            false => Ok(Next::Wait(Wait::Linger, false)),
        }
    }
}
