//! 一问一答,在 UDP 上:一个数据报去,一个数据报回。

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use crate::cli;
use crate::client::is_timeout;
use crate::message::Message;

/// 一个数据报再大也装得下:EDNS 里说了只收 1,232 字节,服务器却可以不守约。
const BUFFER: usize = 65_535;

/// 随机的端口从这里起,到 65535。再往下,本机的服务器多。
const FIRST_PORT: u16 = 32_768;

/// 挑中的端口恰好有人用,就再挑;连续十次都碰上,让操作系统挑。
const TRIES: usize = 10;

/// 问一次,最多等 `patience`:给出第一个对得上的回答,别的不理会。
///
/// 没有等到是 `TimedOut`;对方主机说那个端口上没有程序,是 `ConnectionRefused`。
pub fn exchange(
    server: SocketAddr,
    query: &Message,
    bytes: &[u8],
    patience: Duration,
) -> io::Result<Vec<u8>> {
    let socket = open(server)?;
    socket.send(bytes)?;
    let deadline = Instant::now() + patience;
    let mut buffer = vec![0; BUFFER];
    let mut ignored = false;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        // 期限比 1 毫秒还短时,有的系统会当成 0,也就是「一直等」。
        socket.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
        match socket.recv(&mut buffer) {
            Ok(length) if is_reply(&buffer[..length], query) => {
                buffer.truncate(length);
                return Ok(buffer);
            }
            // 只说一次:有人乱发的话,会有很多。
            Ok(length) if !ignored => {
                ignored = true;
                cli::note(format_args!("收到 {length} 字节,编号或问题对不上,不理会"));
            }
            Ok(_) => {}
            Err(error) if is_timeout(&error) || error.kind() == ErrorKind::Interrupted => {}
            // 对方主机用 ICMP 说没有这个端口:Unix 报 ConnectionRefused,Windows 报 ConnectionReset。
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {
                return Err(ErrorKind::ConnectionRefused.into());
            }
            Err(error) => return Err(error),
        }
    }
}

/// 这个数据报是 `query` 的回答吗?头或问题读不通的也不是。
fn is_reply(datagram: &[u8], query: &Message) -> bool {
    Message::decode_head(datagram).is_ok_and(|(head, ..)| head.is_reply_to(query))
}

/// 建一个套接字,用一个随机的端口,认定服务器为对方:别人发来的由操作系统丢弃。
///
/// 编号只有 16 位,猜 65,536 次总会中;端口也随机,要猜的就多出几万倍(RFC 5452 §9.2)。
fn open(server: SocketAddr) -> io::Result<UdpSocket> {
    let local = |port| match server {
        SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)),
        SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)),
    };
    for _ in 0..TRIES {
        if let Ok(socket) = UdpSocket::bind(local(random()? | FIRST_PORT)) {
            socket.connect(server)?;
            return Ok(socket);
        }
    }
    let socket = UdpSocket::bind(local(0))?;
    socket.connect(server)?;
    Ok(socket)
}

/// 一个猜不中的数,来自操作系统的随机源。
pub fn random() -> io::Result<u16> {
    let mut bytes = [0; 2];
    getrandom::fill(&mut bytes)?;
    Ok(u16::from_ne_bytes(bytes))
}
