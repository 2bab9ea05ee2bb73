//! UDP 回声的上限:只有两个系统调用的循环,别的什么也没有。
//!
//! 用标准库逐个收发数据报的程序,不可能比它快多少;回声服务器离它多远,就是多做的事花了多少。
//! 用法:`bare_echo 127.0.0.1:0`。由 `scripts/bench udp` 运行。

use std::io::{self, ErrorKind};
use std::net::UdpSocket;

/// 比基准里的数据报大;真正的服务器要放得下 65,507 字节。
const BUFFER: usize = 2048;

fn main() -> io::Result<()> {
    let Some(listen) = std::env::args().nth(1) else {
        return Err(io::Error::new(
            ErrorKind::InvalidInput,
            "用法:bare_echo 监听地址",
        ));
    };
    let socket = UdpSocket::bind(listen)?;
    println!("监听 {}", socket.local_addr()?);
    let mut buffer = [0; BUFFER];
    loop {
        let (length, peer) = socket.recv_from(&mut buffer)?;
        socket.send_to(&buffer[..length], peer)?;
    }
}
