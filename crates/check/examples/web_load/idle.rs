//! 许多开着、不说话的连接。

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};

use crate::answer::Exchange;

/// 打开的连接。
pub struct Crowd {
    streams: Vec<TcpStream>,
}

/// 一条一条地打开 `connections` 条连接,每条请求一次。打不开了就到此为止:多少条是服务器的本事。
pub fn gather(server: SocketAddr, exchange: &Exchange, connections: usize) -> Crowd {
    let mut streams = Vec::with_capacity(connections);
    while streams.len() < connections {
        match crate::open(server, exchange) {
            Ok(stream) => streams.push(stream),
            Err(error) => {
                eprintln!("第 {} 条连接:{error:#}", streams.len() + 1);
                break;
            }
        }
    }
    Crowd { streams }
}

impl Crowd {
    /// 现在还有几条开着:读一读,没有东西可读才是开着,读到末尾是服务器关了。
    pub fn still_open(&self) -> usize {
        let is_open = |stream: &&TcpStream| {
            let nothing = stream
                .set_nonblocking(true)
                .and_then(|()| stream.peek(&mut [0]));
            matches!(nothing, Err(error) if error.kind() == ErrorKind::WouldBlock)
        };
        self.streams.iter().filter(is_open).count()
    }
}
