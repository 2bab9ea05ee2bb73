//! 服务器:在一个固定的端口上等客户,一位接一位,听他说一个文件名,先说状态和长度,再把文件发给他。

use std::fs;
use std::io::{self, ErrorKind, Read};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use common::addr::Address;
use socket2::{Domain, Protocol, Socket, Type};

use crate::cli;
use crate::names;
use crate::protocol::{self, Status};

/// 监听队列的长度,位。
const BACKLOG: i32 = 128;

/// 等客户说话、等客户收,一次最多这么久:一位接一位地服务,不能让一个人占住不放。
const PATIENCE: Duration = Duration::from_secs(10);

/// 逐个服务客户,直到出错。
pub fn run(listen: &Address, root: &Path) -> anyhow::Result<()> {
    let listed = fs::read_dir(root);
    listed.with_context(|| format!("打不开目录 {}", root.display()))?;
    let listener = open(listen)?;
    cli::print_line(format_args!("监听 {}", listener.local_addr()?))?;
    serve(&listener, root)
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

/// 逐个服务客户。
fn serve(listener: &TcpListener, root: &Path) -> anyhow::Result<()> {
    loop {
        let (stream, peer) = match listener.accept() {
            Ok(accepted) => accepted,
            // 还在队列里就走了的客户,不算服务器出错(accept(2))。
            Err(error) if is_client_gone(error.kind()) => continue,
            Err(error) => return Err(error).context("等待客户时出错"),
        };
        match answer(stream, peer, root) {
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

/// 听一个文件名,先说状态和长度,再把文件的字节发给他。
///
/// 离开这里时 `stream` 被释放,连接随之关闭。
fn answer(mut stream: TcpStream, peer: SocketAddr, root: &Path) -> anyhow::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let Some(name) = protocol::receive_request(&mut stream)? else {
        return Ok(());
    };
    let shown = names::shown(&name);
    let (file, length) = match names::open(root, &name) {
        Ok(opened) => opened,
        Err(status) => {
            protocol::send_answer(&mut stream, status, 0)?;
            return cli::print_line(format_args!("{peer} 要 {shown}:{status}"));
        }
    };
    protocol::send_answer(&mut stream, Status::Ok, length)?;
    // 说好了多少就发多少:文件正在变长,也不多发。一块一块地发,占的内存和文件多大没有关系。
    let sent = io::copy(&mut file.take(length), &mut stream).context("发送失败")?;
    if sent < length {
        bail!("{shown} 变短了:说好 {length} 字节,只发出 {sent}");
    }
    cli::print_line(format_args!("{peer} 要 {shown}:发出 {sent} 字节"))
}
