//! 发件箱:写好了、一次没有发完的回答。系统的缓冲区有了空处,再接着发。

use std::io;
use std::net::IpAddr;

use mio::net::TcpStream;

use crate::desk::{Desk, Record};
use crate::payload::Payload;
use crate::send::{self, Sent};

/// 写好了、还没有发完的。
#[derive(Debug)]
pub struct Outbox {
    /// 头(和攒着的小正文),从 `at` 起还没有发。
    head: Vec<u8>,
    at: usize,
    payload: Payload,
    /// 发完以后怎样。
    pub then: Then,
    records: Vec<Record>,
}

/// 发完以后怎样。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// 接着听。
    Go,
    /// 关闭。客户自己说了不再要(`Connection: close`),也没有多发什么:直接关闭也不会变成复位。
    Close,
    /// 先关自己的方向,再等对方关闭:他也许还在发,不读就关闭会变成复位,吃掉回答(RFC 9112 §9.6)。
    Linger,
}

impl Outbox {
    /// 先试着发出 `desk.output` 和 `payload`;发不完的装进发件箱。
    ///
    /// # Errors
    /// 和 [`send::send`] 一样;发了多少已经记在日志里。
    pub fn open(
        stream: &mut TcpStream,
        mut payload: Payload,
        then: Then,
        peer: IpAddr,
        desk: &mut Desk,
    ) -> io::Result<(Sent, Option<Box<Self>>)> {
        let mut at = 0;
        let sent = send::send(stream, &desk.output, &mut at, &mut payload);
        let outbox = match &sent {
            Ok(Sent::All) => {
                desk.settle(peer, 0);
                None
            }
            Ok(_) => Some(Box::new(Self {
                head: desk.output[at..].to_vec(),
                at: 0,
                payload,
                then,
                records: desk.records.drain(..).collect(),
            })),
            Err(_) => {
                desk.settle(peer, (desk.output.len() - at) as u64 + payload.left());
                None
            }
        };
        desk.output.clear();
        Ok((sent?, outbox))
    }

    /// 接着发。
    ///
    /// # Errors
    /// 和 [`send::send`] 一样。
    pub fn send(&mut self, stream: &mut TcpStream) -> io::Result<Sent> {
        send::send(stream, &self.head, &mut self.at, &mut self.payload)
    }

    /// 不再发了:记日志,没有发出的不算。
    pub fn close(&mut self, peer: IpAddr, desk: &Desk) {
        let unsent = (self.head.len() - self.at) as u64 + self.payload.left();
        desk.record(peer, &mut self.records, unsent);
    }
}
