//! 全部成员:连上、进来、等到人人都在场,然后听。

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::protocol::{self, Protocol, SPEAKER};

/// 每次进来这么多人:ngircd 的监听队列只有 10,排不下的要等一秒才重新握手。
const TOGETHER: usize = 8;

/// 一直没有动静,就是服务器停住了或者弄丢了消息。
pub const PATIENCE: Duration = Duration::from_secs(10);

/// 一次读这么多字节:32 条消息只有几 KB,一次读得完。
const BUFFER: usize = 64 * 1024;

/// 一次取出这么多事件。
const EVENTS: usize = 1024;

/// 一位成员。
pub struct Member {
    pub stream: TcpStream,
    /// 进来的时候收到、还没有读懂的字节。
    inbox: Vec<u8>,
    /// 这次负载里收到的字节。
    pub received: u64,
}

/// 一屋子的人。
pub struct Crowd {
    pub poll: Poll,
    pub events: Events,
    pub members: Vec<Member>,
    pub buffer: Vec<u8>,
    pub protocol: Protocol,
    /// 听的人收到的一条消息是什么样子,编号从第几个字节开始。
    pub heard: Vec<u8>,
    pub number_at: usize,
    /// 消息的文字,字节。
    pub size: usize,
    /// 下一条消息的编号。
    pub next: u64,
}

impl Crowd {
    /// 让 `members` 位成员都进来,说第一条 `size` 字节的话,等其余的人都听到。
    pub fn join(
        server: SocketAddr,
        protocol: Protocol,
        members: usize,
        size: usize,
    ) -> anyhow::Result<Self> {
        let mut crowd = Self {
            poll: Poll::new().context("建不了 poll")?,
            events: Events::with_capacity(EVENTS),
            members: Vec::with_capacity(members),
            buffer: vec![0; BUFFER],
            protocol,
            heard: Vec::new(),
            number_at: 0,
            size,
            next: 1,
        };
        while crowd.members.len() < members {
            let first = crowd.members.len();
            let last = members.min(first + TOGETHER);
            for member in first..last {
                crowd
                    .connect(server, member)
                    .with_context(|| format!("第 {member} 位成员连不上 {server}"))?;
            }
            let missing = last - first;
            crowd.listen_until(missing, |_, member, packet| {
                protocol.welcomes(member, packet)
            })?;
        }
        crowd.greet()?;
        Ok(crowd)
    }

    fn connect(&mut self, server: SocketAddr, member: usize) -> anyhow::Result<()> {
        let mut stream = std::net::TcpStream::connect(server)?;
        // 负载不等别人:一条消息一写出就上路。
        stream.set_nodelay(true)?;
        stream.write_all(&self.protocol.hello(member))?;
        stream.set_nonblocking(true)?;
        let mut stream = TcpStream::from_std(stream);
        let registry = self.poll.registry();
        registry.register(&mut stream, Token(member), Interest::READABLE)?;
        self.members.push(Member {
            stream,
            inbox: Vec::new(),
            received: 0,
        });
        Ok(())
    }

    /// 说第一条话。人人听到它的时候,别人进来的通知也都收完了;它是什么样子,以后的就是什么样子。
    fn greet(&mut self) -> anyhow::Result<()> {
        let text = protocol::text(0, self.size);
        let bytes = self.protocol.message(&text);
        self.members[SPEAKER]
            .stream
            .write_all(&bytes)
            .context("说不了第一条话")?;
        let listeners = self.members.len() - 1;
        self.listen_until(listeners, |crowd, member, packet| {
            let found = packet.windows(text.len()).position(|window| window == text);
            let Some(number_at) = found else {
                return Ok(false);
            };
            if crowd.heard.is_empty() {
                (crowd.heard, crowd.number_at) = (packet.to_vec(), number_at);
            }
            ensure!(
                member != SPEAKER && packet == crowd.heard,
                "第 {member} 位成员听到的第一条话和别人的不一样:{}",
                packet.escape_ascii()
            );
            Ok(true)
        })?;
        // 第一条话以后还没有人说话。
        match self.members.iter().position(|m| !m.inbox.is_empty()) {
            Some(member) => bail!("第 {member} 位成员听到了没有人说过的话"),
            None => Ok(()),
        }
    }

    /// 听,直到 `wanted` 认出了 `missing` 句。
    fn listen_until(
        &mut self,
        mut missing: usize,
        mut wanted: impl FnMut(&mut Self, usize, &[u8]) -> anyhow::Result<bool>,
    ) -> anyhow::Result<()> {
        let mut deadline = Instant::now() + PATIENCE;
        while missing > 0 {
            self.wait(PATIENCE)?;
            ensure!(Instant::now() < deadline, "还差 {missing} 位成员没有动静");
            let ready: Vec<usize> = self.events.iter().map(|event| event.token().0).collect();
            for member in ready {
                self.receive(member)?;
                let mut inbox = std::mem::take(&mut self.members[member].inbox);
                let mut used = 0;
                while let Some(length) = self.protocol.packet(&inbox[used..]) {
                    if wanted(self, member, &inbox[used..used + length])? {
                        missing -= 1;
                        deadline = Instant::now() + PATIENCE;
                    }
                    used += length;
                }
                inbox.drain(..used);
                self.members[member].inbox = inbox;
            }
        }
        Ok(())
    }

    /// 等到有动静,最多等 `patience` 这么久;被信号打断就算没有动静。
    pub fn wait(&mut self, patience: Duration) -> anyhow::Result<()> {
        match self.poll.poll(&mut self.events, Some(patience)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => self.events.clear(),
            polled => polled.context("等不了事件")?,
        }
        Ok(())
    }

    /// 读到没有了为止,放进这位成员的收件箱。
    fn receive(&mut self, member: usize) -> anyhow::Result<()> {
        loop {
            let who = &mut self.members[member];
            match read(&mut who.stream, &mut self.buffer, member)? {
                Some(length) => who.inbox.extend_from_slice(&self.buffer[..length]),
                None => return Ok(()),
            }
        }
    }
}

/// 读一次;`None` 是现在没有了。连接结束就是错误。
pub fn read(
    stream: &mut TcpStream,
    buffer: &mut [u8],
    member: usize,
) -> anyhow::Result<Option<usize>> {
    loop {
        match stream.read(buffer) {
            Ok(0) => bail!("服务器断开了第 {member} 位成员"),
            Ok(length) => return Ok(Some(length)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => {
                return Err(error).with_context(|| format!("第 {member} 位成员接收失败"));
            }
        }
    }
}
