//! 客户端:把输入的每一行发给服务器,等一个回答。

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use common::addr::Address;

use crate::cli;
use crate::encoding::{self, Encoding};

/// IPv4 上一个数据报最多装这么多字节:总长 65,535,减去 IP 头 20 和 UDP 头 8(RFC 791、RFC 768)。
const MAX_PAYLOAD: usize = 65_507;

/// 等一个回答最多这么久:比任何一次正常的往返都长,又不会让人以为程序死了。
const ANSWER_TIMEOUT: Duration = Duration::from_secs(3);

/// 逐行发送,每行等一个回答,直到 `exit` 或输入结束。
///
/// 一行发不出去或没有回答,只影响它自己:报告,然后继续;最后以错误结束。
pub fn run(server: &Address, bind: Option<&Address>, encoding: Encoding) -> anyhow::Result<()> {
    let socket = open(server, bind)?;
    let server = socket.peer_addr()?;
    cli::note(format_args!("从 {} 发往 {server}", socket.local_addr()?));
    let mut buffer = vec![0; MAX_PAYLOAD];
    let mut failures = 0;
    while let Some(text) = next_message()? {
        take_late_answers(&socket, &mut buffer, encoding)?;
        let answer =
            send(&socket, server, &text, encoding).and_then(|()| receive(&socket, &mut buffer));
        match answer {
            Ok(answer) => cli::print_line(format_args!("回声:{}", encoding.decode(answer)))?,
            Err(error) => {
                cli::report(&error);
                failures += 1;
            }
        }
    }
    match failures {
        0 => Ok(()),
        _ => bail!("有 {failures} 行没有得到回答"),
    }
}

/// 建一个套接字,选定服务器的一个地址。
///
/// 没有指定本机地址时绑定到端口 0:由操作系统挑一个空闲的端口,以后每次发送都从它出去。
///
/// `connect` 不发送任何东西,只是认定一个对方:以后只收它的数据报,别人的由操作系统丢弃;
/// 对方主机用 ICMP 说「没有这个端口」时,也才有人可以报告(RFC 1122 §4.1.3.3)。
fn open(server: &Address, bind: Option<&Address>) -> anyhow::Result<UdpSocket> {
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
    socket
        .connect(server)
        .with_context(|| format!("认定 {server} 为对方时失败"))?;
    Ok(socket)
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
        .send(&payload)
        .with_context(|| format!("发送 {} 字节到 {server} 失败", payload.len()))?;
    cli::note(format_args!("已发送 {sent} 字节"));
    Ok(())
}

/// 等一个回答,最多等 [`ANSWER_TIMEOUT`]。
fn receive<'a>(socket: &UdpSocket, buffer: &'a mut [u8]) -> anyhow::Result<&'a [u8]> {
    let deadline = Instant::now() + ANSWER_TIMEOUT;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        // 期限为 0 会变成「一直等」,所以至少等 1 毫秒。
        socket.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
        match socket.recv(buffer) {
            Ok(length) => return Ok(&buffer[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // 到了期限:Unix 报 WouldBlock,Windows 报 TimedOut。
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                let text = format!("等了 {} 秒,没有回答", ANSWER_TIMEOUT.as_secs());
                let hint = "看看服务器启动了没有、地址对不对;UDP 不保证送到,也可以再发一次";
                return Err(cli::Hinted {
                    text,
                    hint: hint.to_owned(),
                }
                .into());
            }
            // 对方主机用 ICMP 说没有这个端口:Unix 报 ConnectionRefused,Windows 报 ConnectionReset。
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {
                return Err(io::Error::from(ErrorKind::ConnectionRefused)).context("没有得到回答");
            }
            Err(error) => return Err(error).context("没有得到回答"),
        }
    }
}

/// 上一条等到期限以后才到的回答,不能算作下一条的:发送之前先取走。
fn take_late_answers(
    socket: &UdpSocket,
    buffer: &mut [u8],
    encoding: Encoding,
) -> anyhow::Result<()> {
    socket.set_nonblocking(true)?;
    while let Ok(length) = socket.recv(buffer) {
        cli::note(format_args!(
            "迟到的回答:{}",
            encoding.decode(&buffer[..length])
        ));
    }
    socket.set_nonblocking(false)?;
    Ok(())
}
