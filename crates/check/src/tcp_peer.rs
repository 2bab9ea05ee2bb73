//! 检查扮演的 TCP 对端:客户,或者监听的服务器。

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use anyhow::Context;
use socket2::SockRef;

use crate::exam::Stop;
use crate::failure::Failure;

/// 没有期限可设的操作,每隔多久试一次。
const POLL: Duration = Duration::from_millis(2);

/// 一次最多收这么多字节。
const CHUNK: usize = 64 << 10;

/// 接收为什么停下。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// 要的字节都到了。
    Enough,
    /// 流的末尾:对方关闭了自己的方向。
    Eof,
    /// 连接被复位。
    Reset,
    /// 到了期限。
    TimedOut,
}

/// 一次接收的结果。
#[derive(Debug)]
pub struct Received {
    /// 收到的字节。
    pub bytes: Vec<u8>,
    /// 为什么停下。
    pub end: End,
}

/// 一条连接的这一头。
#[derive(Debug)]
pub struct TcpPeer {
    stream: TcpStream,
}

impl TcpPeer {
    /// 连到被检查的服务器。
    ///
    /// # Errors
    /// 到了 `deadline` 还连不上:服务器已经不在监听。
    pub fn connect(server: SocketAddr, deadline: Instant) -> Result<Self, Stop> {
        loop {
            let left = deadline.saturating_duration_since(Instant::now()).max(POLL);
            match TcpStream::connect_timeout(&server, left) {
                Ok(stream) => return Ok(Self { stream }),
                // 已经绑定、还没有 listen 的一瞬间也会拒绝。
                Err(_) if Instant::now() < deadline => std::thread::park_timeout(POLL),
                Err(error) => {
                    return Err(Failure::new(format!("连不上 {server}:{error}")).into());
                }
            }
        }
    }

    /// 自己的地址。
    ///
    /// # Errors
    /// 操作系统答不上来。
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.stream.local_addr()
    }

    /// 发出全部字节。
    ///
    /// # Errors
    /// 连接已经断了,或者到了 `deadline` 对方还不收。
    pub fn send(&mut self, bytes: &[u8], deadline: Instant) -> Verdict {
        let sent = self.send_some(bytes, deadline)?;
        if sent == bytes.len() {
            return Ok(());
        }
        let text = format!("发了 {sent} 字节以后,程序不再接收");
        Err(Failure::new(text).sent(bytes).into())
    }

    /// 能发多少发多少,直到 `deadline`;返回发出的字节数。
    ///
    /// # Errors
    /// 连接已经断了。
    pub fn send_some(&mut self, bytes: &[u8], deadline: Instant) -> Result<usize, Stop> {
        let mut sent = 0;
        while sent < bytes.len() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            self.stream.set_write_timeout(Some(left.max(POLL)))?;
            match self.stream.write(&bytes[sent..]) {
                Ok(length) => sent += length,
                Err(error) if is_temporary(error.kind()) => {}
                Err(error) => {
                    let text = format!("发了 {sent} 字节以后,连接断了:{error}");
                    return Err(Failure::new(text).sent(bytes).into());
                }
            }
        }
        Ok(sent)
    }

    /// 收满 `length` 个字节,或者流结束、复位、到了 `deadline`。
    ///
    /// # Errors
    /// 本机的套接字坏了。
    pub fn receive(&mut self, length: usize, deadline: Instant) -> anyhow::Result<Received> {
        let mut bytes = Vec::new();
        while bytes.len() < length {
            let more = self.receive_some(length - bytes.len(), deadline)?;
            bytes.extend(more.bytes);
            if more.end != End::Enough {
                let end = more.end;
                return Ok(Received { bytes, end });
            }
        }
        let end = End::Enough;
        Ok(Received { bytes, end })
    }

    /// 收一次,来多少算多少,最多 `most` 个字节。
    ///
    /// # Errors
    /// 同 [`receive`](Self::receive)。
    pub fn receive_some(&mut self, most: usize, deadline: Instant) -> anyhow::Result<Received> {
        let mut bytes = vec![0; most.clamp(1, CHUNK)];
        let (length, end) = loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break (0, End::TimedOut);
            }
            self.stream.set_read_timeout(Some(left.max(POLL)))?;
            match self.stream.read(&mut bytes) {
                Ok(0) => break (0, End::Eof),
                Ok(length) => break (length, End::Enough),
                Err(error) if is_temporary(error.kind()) => {}
                Err(error) if is_reset(error.kind()) => break (0, End::Reset),
                Err(error) => return Err(error).context("检查接收失败"),
            }
        };
        bytes.truncate(length);
        Ok(Received { bytes, end })
    }

    /// 一直收到流的末尾。
    ///
    /// # Errors
    /// 同 [`receive`](Self::receive)。
    pub fn receive_all(&mut self, deadline: Instant) -> anyhow::Result<Received> {
        self.receive(usize::MAX, deadline)
    }

    /// 说完了,还接着听(半关闭)。
    ///
    /// # Errors
    /// 连接已经断了。
    pub fn half_close(&self) -> Verdict {
        let closed = self.stream.shutdown(Shutdown::Write);
        closed.map_err(|error| Failure::new(format!("连接已经断了:{error}")).into())
    }

    /// 用复位(RST)代替正常的关闭。
    ///
    /// # Errors
    /// 操作系统不肯。
    pub fn reset(self) -> anyhow::Result<()> {
        // 逗留时间为 0 的关闭就是复位(socket(7) SO_LINGER)。
        let linger = SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
        linger.context("检查设置不了 SO_LINGER")
    }
}

type Verdict = Result<(), Stop>;

/// 检查扮演的服务器。
#[derive(Debug)]
pub struct TcpHost {
    listener: TcpListener,
}

impl TcpHost {
    /// 在回环地址上监听,端口由操作系统挑。
    ///
    /// # Errors
    /// 本机开不了套接字。
    pub fn open() -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("检查监听不了")?;
        listener.set_nonblocking(true)?;
        Ok(Self { listener })
    }

    /// 自己的地址。
    ///
    /// # Errors
    /// 操作系统答不上来。
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// 等被检查的客户端连来;到了 `deadline` 是 `None`。
    ///
    /// # Errors
    /// 监听的套接字坏了。
    pub fn accept(&self, deadline: Instant) -> anyhow::Result<Option<TcpPeer>> {
        loop {
            match self.listener.accept() {
                Ok((stream, _)) => {
                    // 有的系统上,新套接字继承监听套接字的非阻塞。
                    stream.set_nonblocking(false)?;
                    return Ok(Some(TcpPeer { stream }));
                }
                Err(error) if error.kind() != ErrorKind::WouldBlock && !is_reset(error.kind()) => {
                    return Err(error).context("检查等不了客户");
                }
                Err(_) if Instant::now() >= deadline => return Ok(None),
                // 没有带期限的 accept:隔一会儿看一次。
                Err(_) => std::thread::park_timeout(POLL),
            }
        }
    }
}

fn is_temporary(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}

fn is_reset(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe
    )
}
