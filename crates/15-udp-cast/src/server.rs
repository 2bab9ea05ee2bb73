//! 服务器:在一个固定的端口上接收,打印谁发来了什么,原样发回给他;谁问「谁在」,就报上名字。

use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::Context;
use common::addr::Address;

use crate::cli;
use crate::encoding::Encoding;
use crate::member::{self, Identity};
use crate::protocol;

/// Windows 收到装不下的数据报时报告的错误(WSAEMSGSIZE)。
const WSAEMSGSIZE: i32 = 10040;

/// 收多少、一次收多大。
pub struct Limits {
    /// 收到这么多个数据报就结束。
    pub count: u64,
    /// 接收缓冲区,字节。
    pub buffer: usize,
}

/// 在自己的地址上服务,同时在碰头地址上等人来找,直到服务完。
pub fn run(
    listen: &Address,
    limits: &Limits,
    shown: Option<Encoding>,
    identity: &Identity,
) -> anyhow::Result<()> {
    let socket = open(listen)?;
    let members = member::join_all(socket.local_addr()?, identity)?;
    cli::print_line(format_args!("监听 {}", socket.local_addr()?))?;
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for member in &members {
            scope.spawn(|| member.answer_all(&socket, &identity.name, &done));
        }
        let served = serve(&socket, limits, shown, &identity.name);
        done.store(true, Ordering::Relaxed);
        served
    })
}

/// 接收数据报并原样发回,直到收满 `limits.count` 个。`shown` 是打印时用的编码,`None` 就不打印。
fn serve(
    socket: &UdpSocket,
    limits: &Limits,
    shown: Option<Encoding>,
    name: &str,
) -> anyhow::Result<()> {
    // 多留一个字节:连它也被填上,就知道数据报比缓冲区大。
    let mut buffer = vec![0; limits.buffer + 1];
    for _ in 0..limits.count {
        let (payload, peer) = receive(socket, &mut buffer)?;
        let payload = cut(payload, limits.buffer);
        if let Some(encoding) = shown {
            cli::print_line(format_args!("{peer} 发送了:{}", encoding.decode(payload)))?;
        }
        let answer = match protocol::read_question(payload) {
            Some(id) => protocol::answer(id, name),
            None => payload.to_vec(),
        };
        // 回答不了一位客户(例如他的网断了)只影响他自己:报告,然后继续。
        if let Err(error) = socket.send_to(&answer, peer) {
            let context = format!("回答 {peer} 时");
            cli::report(&anyhow::Error::new(error).context(context));
        }
    }
    Ok(())
}

/// 绑定监听地址:从此发到这里的数据报都归这个套接字。
fn open(listen: &Address) -> anyhow::Result<UdpSocket> {
    UdpSocket::bind(listen.resolve()?.as_slice()).with_context(|| format!("绑定 {listen} 失败"))
}

/// 等一个数据报:它的内容和发送方。
///
/// 一次 `recv_from` 恰好取走一个数据报:不会多,也不会留下半个给下一次。
fn receive<'a>(socket: &UdpSocket, buffer: &'a mut [u8]) -> anyhow::Result<(&'a [u8], SocketAddr)> {
    loop {
        match socket.recv_from(buffer) {
            Ok((length, peer)) => return Ok((&buffer[..length], peer)),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // Windows:上一个回答没有人收(客户已经走了),错误却报在下一次接收上(WSAECONNRESET)。
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            // Windows 上这是一个错误,标准库不再给出发送方和长度。
            Err(error) if error.raw_os_error() == Some(WSAEMSGSIZE) => {
                cli::note("警告:有一个数据报比缓冲区大,没有收下");
            }
            Err(error) => return Err(error).context("接收失败"),
        }
    }
}

/// 缓冲区装不下的部分,操作系统已经丢弃,再也取不回来:至少要说出来。
fn cut(payload: &[u8], limit: usize) -> &[u8] {
    if payload.len() > limit {
        cli::note(format_args!(
            "警告:下一个数据报比缓冲区({limit} 字节)大,多出的部分已经丢失"
        ));
        return &payload[..limit];
    }
    payload
}
