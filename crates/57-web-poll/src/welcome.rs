//! 接待:有位子的进来,没有位子的听一声「满了」。

use std::mem;
use std::net::IpAddr;

use mio::net::TcpStream;
use mio::{Interest, Token};

use crate::connection::Connection;
use crate::dialogue::Dialogue;
use crate::limits::Limits;
use crate::reactor::Reactor;
use crate::timers::Wait;

/// 说过「满了」的连接,最多等这么多条关闭。
const REFUSED: usize = 64;

impl Reactor {
    /// 位子已经占好的一条:等它的请求。
    pub fn welcome(&mut self, stream: TcpStream, peer: IpAddr) {
        let key = self.enter(stream, peer);
        let connection = &mut self.connections[key];
        connection.seated = true;
        // 请求往往已经跟着握手来了,先读一次。
        connection.unread = true;
        self.door.fresh.push(key);
    }

    /// 满了:说一声,等他也关闭。
    pub fn turn_away(&mut self, stream: TcpStream, peer: IpAddr) {
        // 说过的太多,最早的不再等。
        if self.door.refused >= REFUSED
            && let Some(key) = self.timers.oldest(Wait::Linger)
        {
            self.close(key);
        }
        self.door.refused += 1;
        let key = self.enter(stream, peer);
        let next = self.connections[key].turn_away(&mut self.desk);
        self.door.fresh.push(key);
        self.proceed(key, next);
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
        if self.door.fresh.is_empty() {
            return;
        }
        // 他们的请求,也许是这一批开始以后才发来的。
        self.desk.begin();
        for key in mem::take(&mut self.door.fresh) {
            self.turn(key);
            let Some(connection) = self.connections.get_mut(key) else {
                continue;
            };
            let interest = Interest::READABLE | Interest::WRITABLE;
            let (registry, stream) = (self.poll.registry(), &mut connection.stream);
            if let Err(error) = registry.register(stream, Token(key), interest) {
                self.places.complain(error, "登记不了新的连接");
                self.close(key);
            }
        }
    }
}
