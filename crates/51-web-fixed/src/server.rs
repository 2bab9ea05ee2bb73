//! 服务器:在一个固定的端口上等浏览器,一位接一位,听一个请求,回答同一页,关闭连接。

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use anyhow::Context;
use common::addr::Address;
use socket2::{Domain, Protocol, Socket, Type};

use crate::cli;
use crate::inbox;
use crate::response;

/// 监听队列的长度,位。
const BACKLOG: i32 = 128;

/// 一次发送最多等这么久:对方一直不收,不能让他占住不放。
const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// 逐个服务客户,直到出错。
pub fn run(listen: &Address, page: &[u8]) -> anyhow::Result<()> {
    let listener = open(listen)?;
    cli::print_line(format_args!("监听 {}", listener.local_addr()?))?;
    serve(&listener, page)
}

/// 逐个服务客户。
fn serve(listener: &TcpListener, page: &[u8]) -> anyhow::Result<()> {
    loop {
        let (stream, peer) = match listener.accept() {
            Ok(accepted) => accepted,
            // 还在队列里就走了的客户,不算服务器出错(accept(2))。
            Err(error) if is_client_gone(error.kind()) => continue,
            Err(error) => return Err(error).context("等待客户时出错"),
        };
        match answer(&stream, peer, page) {
            Ok(()) => {}
            Err(error) if error.is::<cli::OutputClosed>() => return Err(error),
            // 一位客户出错只影响他自己:报告,然后继续。
            Err(error) => cli::report(&error.context(format!("服务 {peer} 时"))),
        }
    }
}

/// 听一个请求,回答一次。
fn answer(stream: &TcpStream, peer: SocketAddr, page: &[u8]) -> anyhow::Result<()> {
    stream.set_write_timeout(Some(SEND_TIMEOUT))?;
    // 浏览器常常先连上备用:没有请求,就没有回答。
    let Some(request) = inbox::read(stream)? else {
        return Ok(());
    };
    let (status, length) = response::send(stream, &request, page)?;
    let (line, code) = (request.line, status.code);
    cli::print_line(format_args!("{peer} \"{line}\" {code} {length}"))?;
    response::hang_up(stream);
    Ok(())
}

/// 开始监听:socket、bind、listen 三步(socket(7)、listen(2))。
fn open(listen: &Address) -> anyhow::Result<TcpListener> {
    let address = listen.resolve()?[0];
    let domain = Domain::for_address(address);
    let socket =
        Socket::new(domain, Type::STREAM, Some(Protocol::TCP)).context("建立套接字失败")?;
    // 上一次运行留下的 TIME_WAIT 不再挡住这个端口(socket(7))。Windows 上同名的选项会让
    // 别的程序抢走端口,那里也不需要它。
    #[cfg(unix)]
    socket.set_reuse_address(true).context("设置地址复用失败")?;
    let bound = socket.bind(&address.into());
    bound.with_context(|| format!("绑定 {listen} 失败"))?;
    socket.listen(BACKLOG).context("开始监听失败")?;
    Ok(socket.into())
}

fn is_client_gone(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted
    )
}
