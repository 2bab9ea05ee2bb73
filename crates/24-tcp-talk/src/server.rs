//! 服务器:在一个固定的端口上等人,一位接一位,和他对话。

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, TcpStream};

use anyhow::Context;
use common::addr::Address;
use socket2::{Domain, Protocol, Socket, Type};

use crate::cli;
use crate::encoding::Encoding;
use crate::session::{self, Ended};

/// 逐个服务客户,直到这边的人不说了。
pub fn run(listen: &Address, backlog: i32, encoding: Encoding) -> anyhow::Result<()> {
    let listener = open(listen, backlog)?;
    cli::print_line(format_args!("监听 {}", listener.local_addr()?))?;
    serve(&listener, encoding)
}

/// 开始监听。标准库的 `TcpListener::bind` 把这几步合成一步,这里分开写。
fn open(listen: &Address, backlog: i32) -> anyhow::Result<TcpListener> {
    let address = listen.resolve()?[0];
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
    socket.listen(backlog).context("开始监听失败")?;
    Ok(socket.into())
}

/// 逐个服务客户。
///
/// `accept` 返回两样东西:专门服务这位客户的新套接字,和他的地址。监听套接字自己不收发数据,
/// 服务完马上可以去等下一位。
fn serve(listener: &TcpListener, encoding: Encoding) -> anyhow::Result<()> {
    loop {
        let (stream, peer) = match listener.accept() {
            Ok(accepted) => accepted,
            // 还在队列里就走了的客户,不算服务器出错(accept(2))。
            Err(error) if is_client_gone(error.kind()) => continue,
            Err(error) => return Err(error).context("等待客户时出错"),
        };
        match answer(stream, peer, encoding) {
            Ok(Ended::Talk) => {}
            Ok(Ended::Input) => return Ok(()),
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

/// 和一位客户对话;他先说。
fn answer(stream: TcpStream, peer: SocketAddr, encoding: Encoding) -> anyhow::Result<Ended> {
    cli::print_line(format_args!("{peer} 连上了"))?;
    let ended = session::talk(stream, true, encoding)?;
    cli::print_line(format_args!("{peer} 服务完了"))?;
    Ok(ended)
}
