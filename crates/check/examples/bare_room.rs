//! 聊天室的上限:一个线程,收到的帧原样转给其余的人,别的什么也没有。
//!
//! 没有昵称、没有历史、没有限制,不读懂任何内容。每取一次事件,给每位成员最多写一次。
//! 真正的聊天室离它多远,就是多做的事花了多少。
//! 用法:`bare_room 127.0.0.1:0`。由 `scripts/bench chat` 运行。

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::ops::Range;

use anyhow::Context;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Registry, Token};

/// 一次取出这么多事件。
const EVENTS: usize = 1024;

/// 一次读这么多字节:比 32 条消息多。
const BUFFER: usize = 64 * 1024;

/// 监听套接字的标记;成员的标记是他在名单里的位置。
const LISTENER: Token = Token(usize::MAX);

/// 新成员先说昵称,等着一句欢迎;第一帧不转给别人。
const WELCOME: &str = "* 欢迎,";

/// 一位成员。离开的人留下空位,名单不变短:基准里没有人中途离开。
struct Member {
    stream: TcpStream,
    welcomed: bool,
    /// 内核暂时不收的字节。空着的时候不关心能不能写。
    pending: Vec<u8>,
}

/// 这批事件里说的话:谁说的,在 `bytes` 的哪一段。
#[derive(Default)]
struct Said {
    bytes: Vec<u8>,
    parts: Vec<(usize, Range<usize>)>,
}

fn main() -> anyhow::Result<()> {
    let listen = std::env::args().nth(1).context("用法:bare_room 监听地址")?;
    let listen: SocketAddr = listen.parse().context("看不懂监听地址")?;
    let mut listener = TcpListener::bind(listen)?;
    println!("监听 {}", listener.local_addr()?);
    let mut poll = Poll::new()?;
    poll.registry()
        .register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut events = Events::with_capacity(EVENTS);
    let mut members: Vec<Option<Member>> = Vec::new();
    let mut buffer = vec![0; BUFFER];
    let mut said = Said::default();
    loop {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            polled => polled?,
        }
        for event in &events {
            if event.token() == LISTENER {
                accept(&listener, poll.registry(), &mut members)?;
                continue;
            }
            let index = event.token().0;
            let Some(member) = &mut members[index] else {
                continue;
            };
            let read = event
                .is_readable()
                .then(|| member.read(&mut buffer, index, &mut said));
            let wrote = event
                .is_writable()
                .then(|| member.send(poll.registry(), index, &[]));
            if read
                .into_iter()
                .chain(wrote)
                .any(|outcome| outcome.is_err())
            {
                members[index] = None;
            }
        }
        spread(&mut members, poll.registry(), &mut said);
    }
}

fn accept(
    listener: &TcpListener,
    registry: &Registry,
    members: &mut Vec<Option<Member>>,
) -> io::Result<()> {
    loop {
        let mut stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        };
        stream.set_nodelay(true)?;
        registry.register(&mut stream, Token(members.len()), Interest::READABLE)?;
        members.push(Some(Member {
            stream,
            welcomed: false,
            pending: Vec::new(),
        }));
    }
}

/// 这批事件里说的话,给每位成员写一次,除去他自己说的。
fn spread(members: &mut [Option<Member>], registry: &Registry, said: &mut Said) {
    if said.bytes.is_empty() {
        return;
    }
    for (index, place) in members.iter_mut().enumerate() {
        let Some(member) = place.as_mut().filter(|member| member.welcomed) else {
            continue;
        };
        let outcome = if said.parts.iter().any(|(speaker, _)| *speaker == index) {
            let others = said.parts.iter().filter(|(speaker, _)| *speaker != index);
            let bytes: Vec<u8> = others
                .flat_map(|(_, part)| &said.bytes[part.clone()])
                .copied()
                .collect();
            member.send(registry, index, &bytes)
        } else {
            member.send(registry, index, &said.bytes)
        };
        if outcome.is_err() {
            *place = None;
        }
    }
    said.bytes.clear();
    said.parts.clear();
}

impl Member {
    /// 读完这位说的话。负载每次写整帧,这里就不拼半帧了。
    fn read(&mut self, buffer: &mut [u8], index: usize, said: &mut Said) -> io::Result<()> {
        loop {
            let length = match self.stream.read(buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(length) => length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            if self.welcomed {
                let start = said.bytes.len();
                said.bytes.extend_from_slice(&buffer[..length]);
                said.parts.push((index, start..said.bytes.len()));
            } else {
                self.welcomed = true;
                let length = (WELCOME.len() as u32).to_be_bytes();
                self.stream
                    .write_all(&[&length, WELCOME.as_bytes()].concat())?;
            }
            // 没有读满就是读完了,再来字节会有新的事件。
            if length < buffer.len() {
                return Ok(());
            }
        }
    }

    /// 先写欠着的,再写 `bytes`;内核不收的留下,等能写的时候再写。
    fn send(&mut self, registry: &Registry, index: usize, bytes: &[u8]) -> io::Result<()> {
        let waiting = !self.pending.is_empty();
        if waiting {
            self.pending.extend_from_slice(bytes);
            let written = write(&mut self.stream, &self.pending)?;
            self.pending.drain(..written);
        } else {
            let written = write(&mut self.stream, bytes)?;
            self.pending.extend_from_slice(&bytes[written..]);
        }
        let interest = match (waiting, self.pending.is_empty()) {
            (false, false) => Interest::READABLE | Interest::WRITABLE,
            (true, true) => Interest::READABLE,
            _ => return Ok(()),
        };
        registry.reregister(&mut self.stream, Token(index), interest)
    }
}

/// 写到内核不收为止,返回写了几个字节。
fn write(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<usize> {
    let mut written = 0;
    while written < bytes.len() {
        match stream.write(&bytes[written..]) {
            Ok(length) => written += length,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    Ok(written)
}
