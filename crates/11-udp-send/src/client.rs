//! 客户端:把输入的每一行发给服务器。

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use anyhow::{Context, bail};
use common::addr::Address;

use crate::cli;
use crate::encoding::{self, Encoding};

/// IPv4 上一个数据报最多装这么多字节:总长 65,535,减去 IP 头 20 和 UDP 头 8(RFC 791、RFC 768)。
const MAX_PAYLOAD: usize = 65_507;

/// 逐行发送,直到 `exit` 或输入结束。
///
/// 一行发不出去只影响它自己:报告,然后继续;最后以错误结束。
pub fn run(server: &Address, bind: Option<&Address>, encoding: Encoding) -> anyhow::Result<()> {
    let (socket, server) = open(server, bind)?;
    cli::note(format_args!("从 {} 发往 {server}", socket.local_addr()?));
    let mut failures = 0;
    while let Some(text) = next_message()? {
        if let Err(error) = send(&socket, server, &text, encoding) {
            cli::report(&error);
            failures += 1;
        }
    }
    match failures {
        0 => Ok(()),
        _ => bail!("有 {failures} 行没有发送"),
    }
}

/// 建一个套接字,选定服务器的一个地址。
///
/// 没有指定本机地址时绑定到端口 0:由操作系统挑一个空闲的端口,以后每次发送都从它出去。
fn open(server: &Address, bind: Option<&Address>) -> anyhow::Result<(UdpSocket, SocketAddr)> {
    let servers = server.resolve()?;
    let local = match bind {
        Some(bind) => bind.resolve()?[0],
        None if servers[0].is_ipv4() => SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0),
        None => SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), 0),
    };
    // IPv4 的套接字只能发往 IPv4 的地址,IPv6 也一样。
    let Some(server) = servers
        .into_iter()
        .find(|server| server.is_ipv4() == local.is_ipv4())
    else {
        bail!("本机地址 {local} 和服务器地址 {server} 一个是 IPv4,一个是 IPv6,不能通信");
    };
    if server.port() == 0 {
        bail!("{server} 的端口是 0,它只表示「请系统挑一个」,不能当目标");
    }
    let socket = UdpSocket::bind(local).with_context(|| format!("绑定 {local} 失败"))?;
    Ok((socket, server))
}

/// 用户要发的下一行;`exit` 和输入结束都是 `None`。
fn next_message() -> anyhow::Result<Option<String>> {
    let line = cli::read_line()?;
    let text = line.map(|line| encoding::typed_text(&line));
    Ok(text.filter(|text| text.trim() != "exit"))
}

/// 发送一个数据报。空行也发:长度为 0 的数据报是真的数据报。
fn send(
    socket: &UdpSocket,
    server: SocketAddr,
    text: &str,
    encoding: Encoding,
) -> anyhow::Result<()> {
    let payload = encoding.encode(text)?;
    if payload.len() > MAX_PAYLOAD {
        bail!(
            "这一行有 {} 字节,一个数据报最多装 {MAX_PAYLOAD} 字节,没有发送",
            payload.len()
        );
    }
    let sent = socket
        .send_to(&payload, server)
        .with_context(|| format!("发送 {} 字节到 {server} 失败", payload.len()))?;
    cli::note(format_args!("已发送 {sent} 字节"));
    Ok(())
}
