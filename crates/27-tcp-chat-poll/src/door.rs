//! 门口:谁来,谁走,关门。

use std::io::{ErrorKind, Read, Write};
use std::mem;
use std::net::Shutdown;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Interest, Token};
use socket2::{SockRef, TcpKeepalive};

use crate::cli;
use crate::connection::{Connection, GOODBYE};
use crate::event::{Event, Kind, Leaving};
use crate::members::Id;
use crate::protocol::{CLOSING, CROWDED, Way, encode};
use crate::reactor::Reactor;

/// 这么久没有往来,操作系统替我们问一声对方的主机还在不在(tcp(7) TCP_KEEPIDLE)。
const KEEPALIVE: Duration = Duration::from_secs(60);

/// 系统替每条连接存着的、还没有送到的字节。让系统自己定,一位从来不收的成员就能占几 MB,
/// 好几分钟以后才看得出他收得慢。
const SEND_BUFFER: usize = 64 * 1024;

/// 人满时,最多同时请这么多人走;再多的说一声就关闭。
const REFUSALS: usize = 64;

impl Reactor {
    /// 接待在门口排队的每一位,直到队列空了。
    pub fn accept(&mut self, now: Instant) {
        let was_full = mem::take(&mut self.full);
        while let Some(listener) = &self.listener {
            match listener.accept() {
                Ok((stream, _)) => self.welcome(stream, now),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                // 还在队列里就走了的客户,不算服务器出错(accept(2))。
                Err(error) if is_client_gone(error.kind()) => {}
                // 描述符或内存用完了。队列里还有人,却不会再有事件来提醒:过一会儿自己再试。
                Err(error) => {
                    self.full = true;
                    if !was_full {
                        cli::report(&anyhow::Error::new(error).context("等待客户时出错"));
                    }
                    return;
                }
            }
        }
    }

    fn welcome(&mut self, mut stream: TcpStream, now: Instant) {
        if self.connections.len() >= self.limits.max_members {
            return self.turn_away(stream, now);
        }
        let socket = SockRef::from(&stream);
        // 一句话已经是一次写出,不用 Nagle 算法再攒。设置不了也能用。
        let _ = socket.set_tcp_nodelay(true);
        let _ = socket.set_send_buffer_size(SEND_BUFFER);
        let _ = socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEPALIVE));
        let id = self.next;
        self.next += 1;
        let registry = self.poll.registry();
        let registered = registry.register(&mut stream, Token(id as usize), Interest::READABLE);
        if let Err(error) = registered {
            return cli::report(&anyhow::Error::new(error).context("登记不了新的连接"));
        }
        let connection = Connection::new(stream, self.outboxes.open(id), now);
        self.connections.insert(id, Box::new(connection));
    }

    /// 人满了:说一声,不再写,等他也关闭。刚连上的缓冲区是空的,不会写不下。
    ///
    /// 他的昵称可能已经到了:不读就关闭会变成复位,连这一声也毁掉(RFC 1122 §4.2.2.13)。
    fn turn_away(&mut self, mut stream: TcpStream, now: Instant) {
        let mut bytes = Vec::new();
        encode(CROWDED, Way::Lines, &mut bytes);
        let _ = stream.write(&bytes);
        let _ = stream.shutdown(Shutdown::Write);
        if self.refused.len() < REFUSALS {
            self.refused.push((stream, now));
        }
    }

    /// 一件事在日志里怎样写。
    pub fn describe(&self, event: &Event) -> String {
        let Kind::Joined(way) = event.kind else {
            return event.text.clone();
        };
        let connection = self.connections.get(&event.id);
        let peer = connection.and_then(|it| it.stream.peer_addr().ok());
        match (way, peer) {
            (Way::Frames, Some(peer)) => format!("{}({peer},帧)", event.text),
            (Way::Lines, Some(peer)) => format!("{}({peer},行)", event.text),
            (_, None) => event.text.clone(),
        }
    }

    /// 看看谁等得太久了;上次没有接待完的,再试一次。许多人同时掉线,就分几次:大家要知道的一次写不下。
    pub fn tidy(&mut self, now: Instant) {
        let (room, limits, outboxes) = (&mut self.room, &self.limits, &self.outboxes);
        self.connections
            .retain(|_, connection| outboxes.is_heavy() || connection.tidy(room, limits, now));
        self.refused
            .retain_mut(|(stream, since)| now - *since < GOODBYE && !is_over(stream));
        if self.full {
            self.accept(now);
        }
    }

    /// 一条连接坏了:离开房间,马上关闭。
    pub fn drop(&mut self, id: Id, leaving: Leaving, now: Instant) {
        if let Some(mut connection) = self.connections.remove(&id) {
            connection.depart(&mut self.room, leaving, now);
        }
    }

    /// 挂断一直不收的人。还没有写出的不必再写:用复位关闭,操作系统也不用替他留着(socket(7) SO_LINGER)。
    pub fn hang_up(&mut self, id: Id) {
        if let Some(connection) = self.connections.remove(&id) {
            let _ = SockRef::from(&connection.stream).set_linger(Some(Duration::ZERO));
        }
    }

    /// 收场:先关门,不再有人来;告诉大家;已经收下的话写完再关闭。
    pub fn close(&mut self, now: Instant) -> Instant {
        self.listener = None;
        let count = self.connections.len();
        if count > 0 {
            let seconds = GOODBYE.as_secs();
            cli::note(format_args!(
                "正在告别 {count} 位,最多等 {seconds} 秒,再按一次 Ctrl-C 立刻结束"
            ));
        }
        self.room.close();
        for connection in self.connections.values_mut() {
            connection.dismiss(CLOSING, &mut self.room, now);
        }
        now
    }
}

fn is_client_gone(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted
    )
}

/// 请他走的人关闭了没有。他说的都不要;一直说个不停的,下次再看。
fn is_over(stream: &mut TcpStream) -> bool {
    match stream.read(&mut [0; 4096]) {
        Ok(length) => length == 0,
        Err(error) => error.kind() != ErrorKind::WouldBlock,
    }
}
