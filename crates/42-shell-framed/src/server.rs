//! 服务器:在一个固定的端口上等客户,一位接一位,听他说一个命令,运行它,把输出发回去,直到他说完。

use std::io::{ErrorKind, Read};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use anyhow::Context;
use common::addr::Address;
use socket2::{Domain, Protocol, Socket, Type};

use crate::cli;
use crate::command;
use crate::encoding::Encoding;
use crate::protocol;

/// 接收缓冲区,字节:一次 `read` 最多取走这么多。不大,好让讲义里看得到「一条消息分几次收」。
const BUFFER: usize = 1024;

/// 一次发送最多等这么久:对方一直不收,缓冲区就一直是满的,不能让他占着服务器。
const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// 每次启动都说一遍。
const WARNING: &str =
    "警告:谁连得上这里,谁就能用你的身份运行任何命令:没有密码,没有加密。用完就按 Ctrl-C";

/// 服务器给自己定的限度。
pub struct Limits {
    /// 监听队列的长度,位。
    pub backlog: i32,
    /// 客户最多这么久不说话。
    pub idle: Duration,
    /// 一个命令最多运行这么久。
    pub longest: Duration,
    /// 本机以外的人也可以连来。
    pub anyone: bool,
}

/// 逐个服务客户,直到出错。
pub fn run(listen: &Address, limits: &Limits, encoding: Encoding) -> anyhow::Result<()> {
    let listener = open(listen, limits)?;
    cli::print_line(format_args!("监听 {}", listener.local_addr()?))?;
    cli::note(WARNING);
    serve(&listener, limits, encoding)
}

/// 开始监听。标准库的 `TcpListener::bind` 把这几步合成一步,这里分开写。
fn open(listen: &Address, limits: &Limits) -> anyhow::Result<TcpListener> {
    let address = listen.resolve()?[0];
    // 回环地址只有本机的程序连得到;别的地址,同一个网里的人都连得到。
    if !limits.anyone && !address.ip().to_canonical().is_loopback() {
        let text = format!("没有在 {address} 上监听:别的机器也连得到那里,连上就能运行任何命令");
        let hint = "自己试,用 127.0.0.1;真的要让别的机器连,再加上 --anyone".to_owned();
        return Err(cli::Hinted { text, hint }.into());
    }
    // socket:要一个 TCP 套接字,它还没有地址。
    let domain = Domain::for_address(address);
    let socket =
        Socket::new(domain, Type::STREAM, Some(Protocol::TCP)).context("建立套接字失败")?;
    // 上一次运行留下的 TIME_WAIT 不再挡住这个端口(socket(7))。Windows 上同名的选项会让
    // 别的程序抢走端口,那里也不需要它。
    #[cfg(unix)]
    socket.set_reuse_address(true).context("设置地址复用失败")?;
    // bind:占住这个地址。
    let bound = socket.bind(&address.into());
    bound.with_context(|| format!("绑定 {listen} 失败"))?;
    // listen:从此由操作系统替我们和客户握手,握完手的在队列里排着,最多 backlog 位(listen(2))。
    socket.listen(limits.backlog).context("开始监听失败")?;
    Ok(socket.into())
}

/// 逐个服务客户。
///
/// `accept` 返回两样东西:专门服务这位客户的新套接字,和他的地址。监听套接字自己不收发数据,
/// 服务完马上可以去等下一位。
fn serve(listener: &TcpListener, limits: &Limits, encoding: Encoding) -> anyhow::Result<()> {
    loop {
        let (stream, peer) = match listener.accept() {
            Ok(accepted) => accepted,
            // 还在队列里就走了的客户,不算服务器出错(accept(2))。
            Err(error) if is_client_gone(error.kind()) => continue,
            Err(error) => return Err(error).context("等待客户时出错"),
        };
        match answer(stream, peer, limits, encoding) {
            Ok(()) => {}
            Err(error) if error.is::<cli::OutputClosed>() => return Err(error),
            // 一位客户出错只影响他自己:报告,然后继续。
            Err(error) => cli::report(&error.context(format!("服务 {peer} 时"))),
        }
    }
}

fn is_client_gone(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted
    )
}

/// 听一次,运行他说的命令,把输出发回去;直到客户说完,或者太久不说话。
///
/// 离开这里时 `stream` 被释放,连接随之关闭:客户会读到流的末尾。
fn answer(
    mut stream: TcpStream,
    peer: SocketAddr,
    limits: &Limits,
    encoding: Encoding,
) -> anyhow::Result<()> {
    cli::print_line(format_args!("{peer} 连上了"))?;
    stream.set_read_timeout(Some(limits.idle))?;
    stream.set_write_timeout(Some(SEND_TIMEOUT))?;
    let mut buffer = [0; BUFFER];
    loop {
        let length = match stream.read(&mut buffer) {
            // 读到 0 个字节,是流的末尾:客户说完了(recv(2))。不离开循环,以后每次都马上读到 0。
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            // 到了期限:Unix 报 WouldBlock,Windows 报 TimedOut。
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return cli::print_line(format_args!("{peer} 太久没有说话"));
            }
            Err(error) => return Err(error).context("接收失败"),
        };
        let message = &buffer[..length];
        cli::print_line(format_args!("{peer} 发送了:{}", encoding.decode(message)))?;
        if message.trim_ascii() == b"bye" {
            break;
        }
        let output = command::run(message, limits.longest, encoding)?;
        cli::print_line(format_args!("{peer} 的回答有 {} 字节", output.len()))?;
        protocol::send_answer(&mut stream, &output)?;
    }
    cli::print_line(format_args!("{peer} 服务完了"))
}
