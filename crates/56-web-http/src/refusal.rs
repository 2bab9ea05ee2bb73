//! 谢绝:没有地方了,或者要收场了,说一声 503,挂断。

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

/// 谢绝过的,最近的这么多位先不关闭。
///
/// 他的请求可能还在路上:关闭以后才到,操作系统回的是复位,他就读不到这句话了。又不能为了他等在这里。
const RECENT: usize = 8;

/// 主体。
const BUSY: &str = "现在太忙,请过一会儿再来\n";

/// 谢绝过的客户。
#[derive(Default)]
pub struct Refusals {
    recent: VecDeque<TcpStream>,
}

impl Refusals {
    /// 说一声 503 和「我说完了」;返回主体发出了几个字节。尽力而为,不等他。
    pub fn refuse(&mut self, mut stream: TcpStream) -> u64 {
        let head = format!(
            "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Content-Length: {}\r\nRetry-After: 1\r\nConnection: close\r\n\r\n",
            BUSY.len()
        );
        let told = stream.set_nonblocking(true);
        // 他已经说的先读走:关闭时还有没读的字节,发出的也是复位(RFC 1122 §4.2.2.13)。
        let _ = stream.read(&mut [0; 4096]);
        let told = told.and_then(|()| stream.write((head.clone() + BUSY).as_bytes()));
        let _ = stream.shutdown(Shutdown::Write);
        self.recent.push_back(stream);
        if self.recent.len() > RECENT {
            self.recent.pop_front();
        }
        told.unwrap_or_default().saturating_sub(head.len()) as u64
    }

    /// 留着的都关掉:描述符不够了。
    pub fn clear(&mut self) {
        self.recent.clear();
    }
}
