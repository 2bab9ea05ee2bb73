//! 门口:接下新的连接;位子或者描述符用完了,空闲得最久的让一让。

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use mio::net::TcpStream;

use crate::reactor::Reactor;
use crate::timers::Wait;

/// 接不下时,隔这么久再试一次。
const RETRY: Duration = Duration::from_millis(10);

/// 等位子最多这么久,再等不到就说 503。
const PATIENCE: Duration = Duration::from_millis(50);

/// 空闲了这么久的才让位:刚刚连上的,请求也许正在路上。
const SETTLED: Duration = Duration::from_millis(20);

/// 接不下的新连接。
#[derive(Default)]
pub struct Door {
    /// 在等位子的一条,最多等到什么时候;它后面的留在监听队列里。
    waiting: Option<(TcpStream, IpAddr, Instant)>,
    /// 刚刚有一条没有等到位子:到这时为止,后面的不用再等。
    hopeless: Option<Instant>,
    /// 刚接下、还没有登记的连接。
    pub fresh: Vec<usize>,
    /// 描述符用完了,队列里还有人。
    full: bool,
    /// 正在说「满了」的连接,条。
    pub refused: usize,
}

impl Door {
    /// 多久以后再试一次。
    pub fn retry(&self) -> Option<Duration> {
        (self.waiting.is_some() || self.full).then_some(RETRY)
    }
}

impl Reactor {
    /// 接下在门口排队的每一条连接,直到队列空了,或者接不下了。
    fn accept(&mut self) {
        while self.door.waiting.is_none()
            && let Some(listener) = &self.listener
        {
            match listener.accept() {
                Ok((stream, peer)) => self.admit(stream, peer),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.door.full = false;
                    return;
                }
                // 还在队列里就走了的客户,不算服务器出错(accept(2))。
                Err(error) if is_client_gone(error.kind()) => {}
                // 描述符或内存用完了。队列里还有人,却不会再有事件来提醒:过一会儿自己再试。
                Err(_) if self.give_way() => {}
                Err(error) => return self.block(error),
            }
        }
    }

    /// 接下一条;没有位子就让它等着。
    fn admit(&mut self, stream: TcpStream, peer: SocketAddr) {
        let peer = peer.ip();
        if self.places.take() {
            return self.welcome(stream, peer);
        }
        if self.give_way() && self.places.take() {
            return self.welcome(stream, peer);
        }
        let now = Instant::now();
        if self.door.hopeless.is_some_and(|until| now < until) {
            return self.turn_away(stream, peer);
        }
        self.places.ask();
        self.door.waiting = Some((stream, peer, now + PATIENCE));
    }

    /// 可以让位的:空闲得最久的;没有空闲的,就是说完了、只等对方关闭的。
    pub fn settled(&self) -> Option<usize> {
        let longest = |wait| self.timers.longest(&self.connections, wait, SETTLED);
        longest(Wait::Idle).or_else(|| longest(Wait::Linger))
    }

    /// 请一条让位;没有这样的是 `false`。
    fn give_way(&mut self) -> bool {
        let key = self.settled();
        key.inspect(|&key| self.close(key)).is_some()
    }

    /// 接不下:请别的工作线程让一让,过一会儿自己再试。
    fn block(&mut self, error: io::Error) {
        self.places.complain(error, "等待浏览器时出错");
        self.door.full = true;
        self.places.ask();
    }

    /// 关门。还在队列里等着的,告诉他们一声(503);不说的话,他们只会看到连接被复位。
    pub fn shut(&mut self) {
        if let Some((stream, peer, _)) = self.door.waiting.take() {
            self.turn_away(stream, peer);
        }
        if let Some(listener) = self.listener.take() {
            while let Ok((stream, peer)) = listener.accept() {
                self.turn_away(stream, peer.ip());
            }
        }
    }

    /// 门口有人等着的再试一次;`new` 是又有人来了。
    pub fn knock(&mut self, new: bool) {
        if let Some((stream, peer, until)) = self.door.waiting.take() {
            if self.places.take() || self.give_way() && self.places.take() {
                self.welcome(stream, peer);
            } else if Instant::now() < until {
                // 别人那里的也要空闲一会儿才让,所以再问一次。
                self.places.ask();
                self.door.waiting = Some((stream, peer, until));
                return;
            } else {
                self.door.hopeless = Some(Instant::now() + PATIENCE);
                self.turn_away(stream, peer);
            }
            self.places.withdraw();
            return self.accept();
        }
        if new || self.door.full {
            self.accept();
        }
    }
}

fn is_client_gone(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted
    )
}
