//! 门口:太忙或者要收场了,告诉来的人一声 503,请他走。

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

/// 刚请走的,最多留着这么多条连接:马上关闭的话,还在路上的请求会换来一个复位,把 503 也冲掉。
const KEPT: usize = 8;

/// 503 的主体。
const BUSY: &str = "现在太忙,请过一会儿再来\n";

/// 门口,和刚请走的连接。
#[derive(Default)]
pub struct Door {
    sent_away: VecDeque<TcpStream>,
}

impl Door {
    /// 说一声 503,请他走;返回主体发出了几个字节。从不等待:这时后面还有人。
    pub fn send_away(&mut self, stream: TcpStream) -> u64 {
        let head = format!(
            "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Content-Length: {}\r\nRetry-After: 1\r\nConnection: close\r\n\r\n",
            BUSY.len()
        );
        let told = stream.set_nonblocking(true);
        let told = told.and_then(|()| (&stream).write((head.clone() + BUSY).as_bytes()));
        let _ = stream.shutdown(Shutdown::Write);
        // 取走他已经说的:关闭时还有没读的,对方收到的就是复位(RFC 1122 §4.2.2.13)。
        let _ = (&stream).read(&mut [0; 4096]);
        if self.sent_away.len() == KEPT {
            self.sent_away.pop_front();
        }
        self.sent_away.push_back(stream);
        told.unwrap_or_default().saturating_sub(head.len()) as u64
    }

    /// 留着的都关掉:描述符不够了。
    pub fn clear(&mut self) {
        self.sent_away.clear();
    }

    /// 关门。还在队列里等着的,告诉他们一声;不说的话,他们只会看到连接被复位。
    pub fn close(mut self, listener: &TcpListener) {
        let ready = listener.set_nonblocking(true);
        while let (Ok(()), Ok((stream, _))) = (&ready, listener.accept()) {
            self.send_away(stream);
        }
    }
}
