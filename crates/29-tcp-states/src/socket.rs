//! 套接字:socket、bind、listen、connect、accept 一步一步来,都在回环上,端口由系统挑。

use std::io::{self, ErrorKind, Read, Write};
use std::mem::MaybeUninit;
use std::net::{Ipv4Addr, SocketAddr};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};

use crate::cli::Hinted;
use crate::scene::PATIENCE;

/// 非阻塞的 `accept` 每隔这么久再试一次。
const INTERVAL: Duration = Duration::from_millis(1);

/// 发出 SYN 以后等这么久:回环上的握手用不了一毫秒,丢了的 SYN 要一秒才重传。
const GLANCE: Duration = Duration::from_millis(1);

/// 要不要 `SO_REUSEADDR`。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reuse {
    /// 设。
    Set,
    /// 不设。
    Unset,
}

/// 一个 TCP 套接字,收发都有期限。
pub fn new() -> anyhow::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP));
    let socket = socket.map_err(|error| Hinted {
        text: format!("建立套接字失败:系统说「{error}」"),
        hint: "一个进程能打开的描述符有限(ulimit -n),backlog 的 N 写小一点".to_owned(),
    })?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.set_write_timeout(Some(PATIENCE))?;
    Ok(socket)
}

/// 回环上的一个端口;0 是请系统挑。
pub fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// 绑定在系统挑的端口上,还没有连接。
pub fn bound() -> anyhow::Result<Socket> {
    let socket = new()?;
    socket.bind(&loopback(0).into()).context("绑定失败")?;
    Ok(socket)
}

/// 监听 `address`,最多让 `backlog` 个排队。错误原样给出:绑定失败是有的实验要看的结果。
pub fn listen(address: SocketAddr, backlog: i32, reuse: Reuse) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    // Windows 上的同名选项是让别的程序抢走端口,意思不同,不设。
    #[cfg(unix)]
    if reuse == Reuse::Set {
        socket.set_reuse_address(true)?;
    }
    #[cfg(not(unix))]
    let _ = reuse;
    socket.bind(&address.into())?;
    socket.listen(backlog)?;
    Ok(socket)
}

/// 套接字自己的地址。
pub fn local(socket: &Socket) -> anyhow::Result<SocketAddr> {
    address(&socket.local_addr()?)
}

fn address(address: &SockAddr) -> anyhow::Result<SocketAddr> {
    address.as_socket().context("套接字没有 IP 地址")
}

/// 建立连接,等到握手完成。
pub fn connect(client: &Socket, server: SocketAddr) -> anyhow::Result<()> {
    client
        .connect_timeout(&server.into(), PATIENCE)
        .with_context(|| format!("连接 {server} 失败"))
}

/// 发出 SYN,只等一眨眼;没有握完手的,系统接着握。
///
/// # Errors
/// 马上就失败了,例如没有程序监听。
pub fn start_connect(client: &Socket, server: SocketAddr) -> io::Result<()> {
    match client.connect_timeout(&server.into(), GLANCE) {
        Err(error) if error.kind() == ErrorKind::TimedOut => Ok(()),
        connected => connected,
    }
}

/// 从队列里取一条握完手的连接,最多等 [`PATIENCE`]。
pub fn accept(listener: &Socket) -> anyhow::Result<Socket> {
    let deadline = Instant::now() + PATIENCE;
    listener.set_nonblocking(true)?;
    loop {
        match listener.accept() {
            Ok((server, _)) => {
                // BSD 一系上,新套接字继承监听套接字的非阻塞。
                server.set_nonblocking(false)?;
                server.set_read_timeout(Some(PATIENCE))?;
                server.set_write_timeout(Some(PATIENCE))?;
                return Ok(server);
            }
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) =>
            {
                if Instant::now() >= deadline {
                    bail!("等了 {} 秒,没有连接可取", PATIENCE.as_secs());
                }
                thread::park_timeout(INTERVAL);
            }
            Err(error) => return Err(error).context("取连接失败"),
        }
    }
}

/// 一条建立好的连接的两端:客户端、服务器。
pub fn connected() -> anyhow::Result<(Socket, Socket)> {
    let listener = listen(loopback(0), 1, Reuse::Unset).context("监听失败")?;
    let client = bound()?;
    connect(&client, local(&listener)?)?;
    let server = accept(&listener)?;
    Ok((client, server))
}

/// `from` 发 `payload`,`to` 收齐。
pub fn pass(mut from: &Socket, mut to: &Socket, payload: &[u8]) -> anyhow::Result<()> {
    from.write_all(payload).context("发送失败")?;
    let mut received = vec![0; payload.len()];
    to.read_exact(&mut received).context("接收失败")?;
    ensure!(received == payload, "收到的和发出的不一样");
    Ok(())
}

/// 一问一答 `rounds` 次,各 5 字节。
pub fn converse(client: &Socket, server: &Socket, rounds: u32) -> anyhow::Result<()> {
    for _ in 0..rounds {
        pass(client, server, b"hello")?;
        pass(server, client, b"HELLO")?;
    }
    Ok(())
}

/// 读到的应当是「对方说完了」。
pub fn expect_end(mut socket: &Socket) -> anyhow::Result<()> {
    let length = socket.read(&mut [0; 1]).context("接收失败")?;
    ensure!(length == 0, "对方应当说完了,却又收到 {length} 字节");
    Ok(())
}

/// 等到有数据可读,不取走它。
pub fn wait_readable(socket: &Socket) -> anyhow::Result<()> {
    let length = socket.peek(&mut [MaybeUninit::uninit(); 1]);
    ensure!(
        length.context("等数据失败")? > 0,
        "对方应当发来数据,却说完了"
    );
    Ok(())
}
