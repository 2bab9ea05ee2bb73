//! 谢绝:没有地方了,说一声 503,挂断。

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

use crate::response;

/// 谢绝过的,最近的这么多位先不关闭。
///
/// 他的请求可能还在路上:关闭以后才到,操作系统回的是复位,他就读不到这句话了。又不能为了他等在这里。
const RECENT: usize = 64;

/// 谢绝过的客户。
#[derive(Default)]
pub struct Refusals {
    recent: VecDeque<TcpStream>,
}

impl Refusals {
    /// 说一声 503 和「我说完了」。尽力而为,不等他。
    pub fn refuse(&mut self, mut stream: TcpStream) {
        let told = stream.set_nonblocking(true);
        // 他已经说的先读走:关闭时还有没读的字节,发出的也是复位(RFC 1122 §4.2.2.13)。
        let _ = stream.read(&mut [0; 4096]);
        let told = told.and_then(|()| stream.write(response::busy().as_bytes()));
        if told.and_then(|_| stream.shutdown(Shutdown::Write)).is_err() {
            return;
        }
        self.recent.push_back(stream);
        if self.recent.len() > RECENT {
            self.recent.pop_front();
        }
    }

    /// 关门。还在监听队列里等着的,也说一声。
    pub fn turn_away(&mut self, listener: TcpListener) {
        let ready = listener.set_nonblocking(true);
        while let (Ok(()), Ok((stream, _))) = (&ready, listener.accept()) {
            self.refuse(stream);
        }
    }
}
