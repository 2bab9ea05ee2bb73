//! 检查扮演的 UDP 对端。

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use anyhow::Context;

/// 能装下任何一个数据报。
const BUFFER: usize = 65_536;

/// 一个 UDP 对端。
#[derive(Debug)]
pub struct UdpPeer {
    socket: UdpSocket,
}

impl UdpPeer {
    /// 在回环地址上开一个,端口由操作系统挑。
    ///
    /// # Errors
    /// 本机开不了套接字。
    pub fn open() -> anyhow::Result<Self> {
        Self::open_on(0)
    }

    /// 在回环地址的这个端口上开一个。
    ///
    /// # Errors
    /// 端口被占用。
    pub fn open_on(port: u16) -> anyhow::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).context("检查开不了套接字")?;
        Ok(Self { socket })
    }

    /// 开一个能和 `server` 说话的:它是 IPv6 的,自己也要是 IPv6 的。
    ///
    /// # Errors
    /// 本机开不了套接字。
    pub fn facing(server: SocketAddr) -> anyhow::Result<Self> {
        let loopback: IpAddr = match server.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        };
        let socket = UdpSocket::bind((loopback, 0)).context("检查开不了套接字")?;
        Ok(Self { socket })
    }

    /// 自己的地址。
    ///
    /// # Errors
    /// 操作系统答不上来。
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// 发一个数据报。
    ///
    /// # Errors
    /// 操作系统不肯发。
    pub fn send(&self, payload: &[u8], to: SocketAddr) -> anyhow::Result<()> {
        let length = payload.len();
        self.socket
            .send_to(payload, to)
            .with_context(|| format!("检查发送 {length} 字节到 {to} 失败"))?;
        Ok(())
    }

    /// 收一个数据报和它的发送方;到了期限是 `None`。
    ///
    /// # Errors
    /// 套接字坏了。
    pub fn receive(&self, deadline: Instant) -> anyhow::Result<Option<(Vec<u8>, SocketAddr)>> {
        let mut buffer = vec![0; BUFFER];
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            self.socket
                .set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
            match self.socket.recv_from(&mut buffer) {
                Ok((length, from)) => {
                    buffer.truncate(length);
                    return Ok(Some((buffer, from)));
                }
                // ConnectionReset:Windows 把上一次发送的回绝报在这里。
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::WouldBlock
                            | ErrorKind::TimedOut
                            | ErrorKind::Interrupted
                            | ErrorKind::ConnectionReset
                    ) => {}
                Err(error) => return Err(error).context("检查接收失败"),
            }
        }
    }
}

impl From<UdpSocket> for UdpPeer {
    /// 自己设好了选项的套接字。
    fn from(socket: UdpSocket) -> Self {
        Self { socket }
    }
}
