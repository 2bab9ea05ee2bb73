//! 监听:每个工作线程一个监听套接字,都绑定同一个地址,内核把新的连接分给它们。

use std::net::SocketAddr;

use crate::limits::BACKLOG;
use anyhow::Context;
use common::addr::Address;
use mio::net::TcpListener;
use socket2::{Domain, Protocol, Socket, Type};

/// 只有 Linux 的 SO_REUSEPORT 会把连接分给各个套接字(socket(7));macOS 也有这个名字,
/// 连接却都给一个。那里和 Windows 上只用一个工作线程。
pub const SHARES_PORT: bool = cfg!(target_os = "linux");

/// 监听 `listen`,要 `count` 个套接字;[`SHARES_PORT`] 是假时 `count` 是 1。
///
/// # Errors
/// 地址不能用,或者已经有别的程序在用。
pub fn open(listen: &Address, count: usize) -> anyhow::Result<Vec<TcpListener>> {
    let address = listen.resolve()?[0];
    let first = bind(address, false).with_context(|| format!("绑定 {listen} 失败"))?;
    if count == 1 {
        return Ok(vec![accepting(first)?]);
    }
    // SO_REUSEPORT 也让同一个用户的另一个程序绑定这个端口,分走一半的连接,谁也看不出来。
    // 先不带它绑定一次:端口有人用,就在这里失败。0 号端口也在这里变成真的。
    let address = first.local_addr()?.as_socket().unwrap_or(address);
    drop(first);
    let one = || accepting(bind(address, true).with_context(|| format!("绑定 {address} 失败"))?);
    (0..count).map(|_| one()).collect()
}

/// 绑定。
fn bind(address: SocketAddr, share: bool) -> anyhow::Result<Socket> {
    let domain = Domain::for_address(address);
    let socket =
        Socket::new(domain, Type::STREAM, Some(Protocol::TCP)).context("建立套接字失败")?;
    // 上一次运行留下的 TIME_WAIT 不再挡住这个端口(socket(7))。Windows 上同名的选项会让
    // 别的程序抢走端口,那里也不需要它。
    #[cfg(unix)]
    socket.set_reuse_address(true).context("设置地址复用失败")?;
    #[cfg(target_os = "linux")]
    socket.set_reuse_port(share).context("设置端口复用失败")?;
    #[cfg(not(target_os = "linux"))]
    let _ = share;
    socket.bind(&address.into())?;
    Ok(socket)
}

/// 开始监听,不阻塞。
fn accepting(socket: Socket) -> anyhow::Result<TcpListener> {
    // 一批回答已经是一次写出,不用 Nagle 算法再攒。Linux 上新的连接从监听套接字继承它,
    // 省下每条连接的一次系统调用;别的系统在接下连接时再设。
    socket
        .set_tcp_nodelay(true)
        .context("设置 TCP_NODELAY 失败")?;
    socket.listen(BACKLOG).context("开始监听失败")?;
    socket.set_nonblocking(true).context("设置非阻塞失败")?;
    Ok(TcpListener::from_std(socket.into()))
}
