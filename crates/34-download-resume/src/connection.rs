//! 客户端和服务器的一条连接:问一句,等它的回答。

use std::io::{self, ErrorKind, Read};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use byteorder::{ByteOrder, NetworkEndian};
use common::addr::Address;
use common::frame::{FrameError, FrameReader, FrameWriter, HEADER};
use socket2::{Domain, Protocol, Socket, Type};

use crate::congestion;
use crate::failure::Failure;
use crate::names::Name;
use crate::protocol::{self, Action, Digest, Entry, MAX_ANSWER, MAX_REQUEST, Range, Stat, Version};
use crate::status::Status;

/// 等对方接受连接最多这么久:握手只要一个往返,操作系统自己却会试上两分钟。
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// 闲了这么久的连接不再用:服务器可能已经嫌它太久没有说话。
const FRESH: Duration = Duration::from_secs(3);

/// 到一个服务器的各条连接:用完还回来,下一位接着用。
pub struct Pool {
    server: Address,
    timeout: Duration,
    algorithm: Option<String>,
    spare: Mutex<Vec<Connection>>,
    /// 连上过:以后连不上,是断了,值得再试。
    reached: AtomicBool,
}

impl Pool {
    /// 还没有连。`timeout` 是每次等服务器的期限。
    pub fn new(server: Address, timeout: Duration, algorithm: Option<String>) -> Self {
        Self {
            server,
            timeout,
            algorithm,
            spare: Mutex::default(),
            reached: AtomicBool::new(false),
        }
    }

    /// 一条能用的连接:有还回来的就用它,没有就新连一条。
    pub fn connection(&self) -> Result<Connection, Failure> {
        let spare = self.lock().pop();
        match spare.filter(|connection| connection.used.elapsed() < FRESH) {
            Some(connection) => Ok(connection),
            None => self.connect(),
        }
    }

    /// 还回一条连接;它应当停在两次问答之间。
    pub fn put_back(&self, connection: Connection) {
        self.lock().push(connection);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn connect(&self) -> Result<Connection, Failure> {
        let mut result = Err(ErrorKind::NotFound.into());
        // 一个名字可能有几个地址:依次试,直到有一个连得上。
        for address in self.server.resolve().map_err(anyhow::Error::new)? {
            let domain = Domain::for_address(address);
            let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP));
            let socket = socket.context("建立套接字失败")?;
            if let Some(algorithm) = &self.algorithm {
                congestion::set(&socket, algorithm)?;
            }
            result = socket.connect_timeout(&address.into(), CONNECT_TIMEOUT);
            if result.is_ok() {
                self.reached.store(true, Ordering::Relaxed);
                let stream = TcpStream::from(socket);
                stream
                    .set_read_timeout(Some(self.timeout))
                    .context("设置期限失败")?;
                stream
                    .set_write_timeout(Some(self.timeout))
                    .context("设置期限失败")?;
                return Ok(Connection::new(stream));
            }
        }
        let error = result.err().unwrap_or_else(|| ErrorKind::NotFound.into());
        let error = anyhow::Error::new(error).context(format!("连不上 {}", self.server));
        match self.reached.load(Ordering::Relaxed) {
            true => Err(Failure::Interrupted(error)),
            false => Err(Failure::Fatal(error)),
        }
    }
}

/// 一条连接。
pub struct Connection {
    /// GET 的回答之后,文件的字节从这里收。
    pub stream: TcpStream,
    frames: FrameReader,
    used: Instant,
}

impl Connection {
    fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            frames: FrameReader::new(MAX_ANSWER),
            used: Instant::now(),
        }
    }

    /// 有没有、多大、哪个版本。
    pub fn stat(&mut self, name: &Name) -> Result<Stat, Failure> {
        let content = self.ask(Action::Stat, name)?;
        Stat::decode(&content).map_err(nonsense)
    }

    /// 目录里有什么,逐项交给 `visit`。
    pub fn list(
        &mut self,
        name: &Name,
        mut visit: impl FnMut(Entry) -> anyhow::Result<()>,
    ) -> Result<(), Failure> {
        self.ask(Action::List, name)?;
        loop {
            let body = self.frame()?;
            if body.is_empty() {
                return Ok(());
            }
            visit(Entry::decode(body).map_err(nonsense)?)?;
        }
    }

    /// 要一段内容;返回从哪里起。随后是「到 - 从」个字节。
    pub fn get(&mut self, name: &Name, range: Range) -> Result<u64, Failure> {
        let content = self.ask(Action::Get(range), name)?;
        let from = protocol::number(&content).map_err(nonsense)?;
        match from == range.start || from == range.start + range.have {
            true => Ok(from),
            false => Err(nonsense(ErrorKind::InvalidData.into())),
        }
    }

    /// 要整个文件的摘要。
    pub fn digest(&mut self, name: &Name, version: Version) -> Result<Digest, Failure> {
        let content = self.ask(Action::Digest(version), name)?;
        Digest::try_from(content.as_slice()).map_err(|_| nonsense(ErrorKind::InvalidData.into()))
    }

    /// 问一句,等到状态是「有」的回答,返回它的内容。
    fn ask(&mut self, action: Action, name: &Name) -> Result<Vec<u8>, Failure> {
        let request = action.encode(name.as_str()).map_err(nonsense)?;
        let sent = FrameWriter::new(MAX_REQUEST).write(&mut self.stream, &request);
        // 发不出去,也许是因为它已经说了「太忙」就挂断:先看它说了什么。
        if let Err(FrameError::TooLong { .. }) = sent {
            return Err(Status::BadName.into());
        }
        let mut hashed = None;
        loop {
            let body = self.frame()?;
            let (status, content) = body
                .split_first()
                .ok_or(ErrorKind::InvalidData.into())
                .map_err(nonsense)?;
            match Status::from_byte(*status) {
                Some(Status::Ok) => return Ok(content.to_vec()),
                Some(Status::Working) => {
                    // 没有进展的「还在算」不算数:不能永远等下去。
                    let now = Some(protocol::number(content).map_err(nonsense)?);
                    if now <= hashed {
                        return Err(nonsense(ErrorKind::InvalidData.into()));
                    }
                    hashed = now;
                }
                Some(status) => return Err(status.into()),
                None => return Err(nonsense(ErrorKind::InvalidData.into())),
            }
        }
    }

    /// 收一帧,一个字节也不多读:后面跟着的可能是文件的字节。
    fn frame(&mut self) -> Result<&[u8], Failure> {
        let mut header = [0; HEADER];
        let read = self.stream.read_exact(&mut header);
        read.map_err(|error| Failure::interrupted(error, "没有等到回答"))?;
        let body = (&self.stream).take(NetworkEndian::read_u32(&header).into());
        let mut frame = header.as_slice().chain(body);
        self.used = Instant::now();
        match self.frames.read(&mut frame) {
            Ok(Some(body)) => Ok(body),
            Ok(None) => Err(nonsense(ErrorKind::InvalidData.into())),
            Err(FrameError::Io(error)) => Err(Failure::interrupted(error, "没有等到回答")),
            Err(error @ FrameError::Cut { .. }) => Err(Failure::Interrupted(error.into())),
            Err(error) => Err(Failure::Fatal(
                anyhow::Error::new(error).context("看不懂服务器的回答"),
            )),
        }
    }
}

fn nonsense(_: io::Error) -> Failure {
    Failure::Fatal(anyhow::anyhow!("看不懂服务器的回答"))
}
