//! 门口:接下新的连接;位子或者描述符用完了,空闲得最久的让一让。

use std::io::{self, ErrorKind};
use std::mem;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Interest, Token};

use crate::cli;
use crate::connection::Connection;
use crate::dialogue::Dialogue;
use crate::limits::Limits;
use crate::reactor::Reactor;
use crate::timers::Wait;

/// 接不下时,隔这么久再试一次。
const RETRY: Duration = Duration::from_millis(10);

/// 等位子最多这么久,再等不到就说 503。
const PATIENCE: Duration = Duration::from_millis(200);

/// 空闲了这么久的才让位:刚刚连上的,请求也许正在路上。
const SETTLED: Duration = Duration::from_millis(20);

/// 满了的时候,最多同时向这么多条连接说一声;再多的直接关闭。
const REFUSED: usize = 64;

/// 接不下的新连接。
#[derive(Default)]
pub struct Door {
    /// 在等位子的一条,最多等到什么时候;它后面的留在监听队列里。
    waiting: Option<(TcpStream, IpAddr, Instant)>,
    /// 刚接下、还没有登记的连接。
    fresh: Vec<usize>,
    /// 描述符用完了,说过了。
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
    pub fn accept(&mut self) {
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
        self.places.ask();
        self.door.waiting = Some((stream, peer, Instant::now() + PATIENCE));
    }

    /// 位子已经占好的一条:等它的请求。
    fn welcome(&mut self, stream: TcpStream, peer: IpAddr) {
        let key = self.enter(stream, peer);
        let connection = &mut self.connections[key];
        connection.seated = true;
        // 请求往往已经跟着握手来了,先读一次。
        connection.unread = true;
        self.door.fresh.push(key);
    }

    /// 满了:说一声,等他也关闭。
    fn turn_away(&mut self, stream: TcpStream, peer: IpAddr) {
        if self.door.refused < REFUSED {
            self.door.refused += 1;
            let key = self.enter(stream, peer);
            let next = self.connections[key].turn_away(&mut self.desk);
            self.door.fresh.push(key);
            self.proceed(key, next);
        }
    }

    /// 进来一条连接,还没有位子,也没有登记。
    fn enter(&mut self, stream: TcpStream, peer: IpAddr) -> usize {
        // 别的系统上,新的连接不一定继承监听套接字的 TCP_NODELAY。设置不了也能用。
        #[cfg(not(target_os = "linux"))]
        let _ = stream.set_nodelay(true);
        let Limits {
            requests,
            body_size,
            ..
        } = self.limits;
        let dialogue = Dialogue::new(self.desk.log.enabled(), requests, body_size);
        let place = self.timers.place(Wait::Idle);
        let key = self
            .connections
            .insert(Connection::new(stream, peer, dialogue, place));
        self.timers.join(&mut self.connections, key);
        key
    }

    /// 刚接下的各办一轮,还要等的才登记:只问一句就走的,省下一次 epoll_ctl 和一个事件。
    /// 登记时已经有了的,马上会有事件(epoll(7)),不会漏掉。
    pub fn meet(&mut self) {
        for key in mem::take(&mut self.door.fresh) {
            self.turn(key);
            let Some(connection) = self.connections.get_mut(key) else {
                continue;
            };
            let interest = Interest::READABLE | Interest::WRITABLE;
            let (registry, stream) = (self.poll.registry(), &mut connection.stream);
            if let Err(error) = registry.register(stream, Token(key), interest) {
                cli::report(&anyhow::Error::new(error).context("登记不了新的连接"));
                self.close(key);
            }
        }
    }

    /// 空闲得最久的一条让位,没有空闲的就是说完了、只等对方关闭的;都没有是 `false`。
    pub fn give_way(&mut self) -> bool {
        let (timers, connections) = (&self.timers, &self.connections);
        let longest = |wait| timers.longest(connections, wait, SETTLED);
        let Some(key) = longest(Wait::Idle).or_else(|| longest(Wait::Linger)) else {
            return false;
        };
        self.close(key);
        true
    }

    /// 接不下:说一次,请别的工人让一让。
    fn block(&mut self, error: io::Error) {
        if !self.door.full {
            cli::report(&anyhow::Error::new(error).context("等待客户时出错"));
        }
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

    /// 门口有人等着:再试一次。
    pub fn knock(&mut self) {
        if let Some((stream, peer, until)) = self.door.waiting.take() {
            if self.places.take() || self.give_way() && self.places.take() {
                self.welcome(stream, peer);
            } else if Instant::now() < until {
                self.door.waiting = Some((stream, peer, until));
                return;
            } else {
                self.turn_away(stream, peer);
            }
            return self.accept();
        }
        if self.door.full {
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
