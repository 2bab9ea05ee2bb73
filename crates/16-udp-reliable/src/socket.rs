//! 套接字:带期限的接收,和各个系统不同的错误。

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use anyhow::{Context, bail};
use common::addr::Address;

/// Windows 收到装不下的数据报时报告的错误(WSAEMSGSIZE)。
const WSAEMSGSIZE: i32 = 10040;

/// 绑定监听地址:从此发到这里的数据报都归这个套接字。
pub fn listen(address: &Address) -> anyhow::Result<UdpSocket> {
    UdpSocket::bind(address.resolve()?.as_slice()).with_context(|| format!("绑定 {address} 失败"))
}

/// 建一个套接字,认定 `server` 为对方:以后只收它的数据报,别人的由操作系统丢弃。
pub fn towards(server: SocketAddr) -> anyhow::Result<UdpSocket> {
    if server.port() == 0 {
        bail!("{server} 的端口是 0,它只表示「请系统挑一个」,不能当目标");
    }
    let local = match server {
        SocketAddr::V4(_) => SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0),
        SocketAddr::V6(_) => SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), 0),
    };
    let socket = UdpSocket::bind(local).with_context(|| format!("绑定 {local} 失败"))?;
    socket
        .connect(server)
        .with_context(|| format!("认定 {server} 为对方时失败"))?;
    Ok(socket)
}

/// 等一个数据报,最多等 `wait`:它的长度和发送方;没有等到是 `None`。
///
/// # Errors
/// 对方没有那个端口是 [`ErrorKind::ConnectionRefused`];别的是套接字坏了。
pub fn receive(
    socket: &UdpSocket,
    wait: Duration,
    buffer: &mut [u8],
) -> io::Result<Option<(usize, SocketAddr)>> {
    // 期限为 0 会变成「一直等」,所以至少等 1 毫秒。
    socket.set_read_timeout(Some(wait.max(Duration::from_millis(1))))?;
    match socket.recv_from(buffer) {
        Ok(received) => Ok(Some(received)),
        // 太大的不是我们的报文,不要。
        Err(error) if error.raw_os_error() == Some(WSAEMSGSIZE) => Ok(None),
        Err(error) => match error.kind() {
            // 到了期限:Unix 报 WouldBlock,Windows 报 TimedOut。
            ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => Ok(None),
            // 对方主机用 ICMP 说没有这个端口:Unix 报 ConnectionRefused,Windows 报 ConnectionReset。
            ErrorKind::ConnectionReset => Err(ErrorKind::ConnectionRefused.into()),
            _ => Err(error),
        },
    }
}

/// 同 [`receive`],但对方走了也当作没有等到:服务器和链路不为一个走了的人停下。
pub fn receive_any(
    socket: &UdpSocket,
    wait: Duration,
    buffer: &mut [u8],
) -> anyhow::Result<Option<(usize, SocketAddr)>> {
    match receive(socket, wait, buffer) {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => Ok(None),
        received => received.context("接收失败"),
    }
}
