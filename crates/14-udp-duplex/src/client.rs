//! 一位谈话者:一个线程把输入的每一行发给对方,另一个线程把对方说的随到随显示。

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail};
use common::addr::Address;

use crate::cli;
use crate::encoding::Encoding;
use crate::terminal::{self, Display, Keyboard};

/// IPv4 上一个数据报最多装这么多字节:总长 65,535,减去 IP 头 20 和 UDP 头 8(RFC 791、RFC 768)。
const MAX_PAYLOAD: usize = 65_507;

/// 接收线程每隔这么久看一眼谈话结束了没有:人感觉不到,也不费 CPU。
const POLL: Duration = Duration::from_millis(200);

/// 同时收发,直到 `exit` 或输入结束。
///
/// 一个套接字可以同时给两个线程用:收和发在操作系统里是两条互不相干的队列。
pub fn run(server: &Address, bind: Option<&Address>, encoding: Encoding) -> anyhow::Result<()> {
    let socket = open(server, bind)?;
    let server = socket.peer_addr()?;
    cli::note(format_args!("从 {} 发往 {server}", socket.local_addr()?));
    let (mut keyboard, mut display) = terminal::open();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            match receive_all(&socket, server, encoding, &mut display, &done) {
                // 显示不了了(例如输出的另一头关了)。发送线程停在键盘上,叫不醒,只能结束整个程序。
                // 谈话已经结束时不算:键盘关了,最后一句显示不出来。
                Err(error) if !done.load(Ordering::Relaxed) => {
                    let quiet = cli::finish(Err(error)) == ExitCode::SUCCESS;
                    std::process::exit(i32::from(!quiet));
                }
                _ => {}
            }
        });
        let sent = send_all(&socket, server, encoding, &mut keyboard);
        done.store(true, Ordering::Relaxed);
        // 关掉键盘,正等着它显示的那句话就不会再等。
        drop(keyboard);
        sent
    })
}

/// 逐行发送,直到 `exit` 或输入结束。
///
/// 一行发不出去只影响它自己:报告,然后继续;最后以错误结束。
fn send_all(
    socket: &UdpSocket,
    server: SocketAddr,
    encoding: Encoding,
    keyboard: &mut Keyboard,
) -> anyhow::Result<()> {
    let mut failures = 0;
    while let Some(text) = next_message(keyboard)? {
        if let Err(error) = send(socket, server, &text, encoding) {
            cli::report(&error);
            failures += 1;
        }
    }
    match failures {
        0 => Ok(()),
        _ => bail!("有 {failures} 行没有发送"),
    }
}

/// 显示对方说的每一句,直到 `done`。
fn receive_all(
    socket: &UdpSocket,
    server: SocketAddr,
    encoding: Encoding,
    display: &mut Display,
    done: &AtomicBool,
) -> anyhow::Result<()> {
    socket.set_read_timeout(Some(POLL))?;
    let mut buffer = vec![0; MAX_PAYLOAD];
    while !done.load(Ordering::Relaxed) {
        match socket.recv(&mut buffer) {
            Ok(length) => {
                let text = encoding.decode(&buffer[..length]);
                display.show(&format!("{server} 发送了:{text}"))?;
            }
            Err(error) if is_timeout(error.kind()) => {}
            Err(error) if is_refusal(error.kind()) => display.show(NOBODY)?,
            Err(error) => return Err(error).context("接收失败"),
        }
    }
    Ok(())
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
fn next_message(keyboard: &mut Keyboard) -> anyhow::Result<Option<String>> {
    let text = keyboard.read_line()?;
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
    let sent = match socket.send(&payload) {
        // 这个错误说的是上一个数据报:对方的回绝刚刚到。这一个还没有发,再发一次。
        Err(error) if is_refusal(error.kind()) => socket.send(&payload),
        sent => sent,
    };
    sent.with_context(|| format!("发送 {} 字节到 {server} 失败", payload.len()))?;
    Ok(())
}

/// 对方主机回绝了上一个数据报时的说明。
const NOBODY: &str = "(对方那个端口上没有程序:刚才的话没有人听到)";

/// 到了期限:Unix 报 WouldBlock,Windows 报 TimedOut;程序被暂停过又继续时报 Interrupted。
fn is_timeout(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}

/// 对方主机用 ICMP 说没有这个端口:Unix 报 ConnectionRefused,Windows 报 ConnectionReset。
fn is_refusal(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset
    )
}
