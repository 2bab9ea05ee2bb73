//! 服务器:在一个固定的端口上等客户,听他说一次,回答一次。

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use anyhow::Context;
use common::addr::Address;
use socket2::{Domain, Protocol, Socket, Type};

use crate::cli;
use crate::encoding::Encoding;

/// 接收缓冲区,字节:一次 `read` 最多取走这么多。不大,好让讲义里看得到「一条消息分几次收」。
const BUFFER: usize = 1024;

/// 服务一位客户,然后结束。
pub fn run(listen: &Address, backlog: i32, encoding: Encoding) -> anyhow::Result<()> {
    let listener = open(listen, backlog)?;
    cli::print_line(format_args!("监听 {}", listener.local_addr()?))?;
    let (stream, peer) = listener.accept().context("等待客户时出错")?;
    answer(stream, peer, encoding).with_context(|| format!("服务 {peer} 时"))
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

/// 听一次,把英文字母变成大写,发回去。
///
/// 离开这里时 `stream` 被释放,连接随之关闭:客户会读到流的末尾。
fn answer(mut stream: TcpStream, peer: SocketAddr, encoding: Encoding) -> anyhow::Result<()> {
    cli::print_line(format_args!("{peer} 连上了"))?;
    let mut buffer = [0; BUFFER];
    let length = stream.read(&mut buffer).context("接收失败")?;
    let message = &mut buffer[..length];
    cli::print_line(format_args!("{peer} 发送了:{}", encoding.decode(message)))?;
    message.make_ascii_uppercase();
    stream.write_all(message).context("发送失败")?;
    cli::print_line(format_args!("{peer} 服务完了"))
}
