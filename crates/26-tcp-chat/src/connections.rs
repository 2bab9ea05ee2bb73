//! 所有的连接:限制条数;请谁离开时,找得到他的连接;收场时等他们走完。

use std::collections::HashMap;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use socket2::SockRef;

use crate::members::Id;
use crate::outbox::Outbox;
use crate::protocol::{self, CLOSING, Way};

/// 人满以后,同时最多和这么多位说「人满了」;再多的直接挂断,不为他们花线程。
const REFUSALS: usize = 16;

/// 一条连接。
#[derive(Debug)]
pub struct Connection {
    /// 编号。
    pub id: Id,
    /// 对方的地址。
    pub peer: SocketAddr,
    /// 读线程和写线程共用:一个描述符,可以同时读和写。
    pub stream: TcpStream,
    /// 等着写给他的字节。
    pub outbox: Outbox,
    /// 他的传法;第一个字节到达以前还没有。
    pub way: OnceLock<Way>,
    /// 来的时候已经人满:只告诉他一声。
    pub crowded: bool,
}

/// 所有的连接。
pub struct Connections {
    limit: usize,
    queue: usize,
    table: Mutex<Table>,
    /// 有人离开时通知。
    left: Condvar,
}

#[derive(Default)]
struct Table {
    next: Id,
    open: HashMap<Id, Arc<Connection>>,
    /// `open` 里不是来得太晚的有几条。
    members: usize,
}

/// 一条连接的座位:离开作用域时让出来,无论服务得顺利不顺利。
pub struct Seat<'a> {
    connections: &'a Connections,
    /// 坐在这里的连接。
    pub connection: Arc<Connection>,
}

impl Connections {
    /// 最多 `limit` 位成员,每位的发件箱最多 `queue` 字节。
    pub fn new(limit: usize, queue: usize) -> Self {
        Self {
            limit,
            queue,
            table: Mutex::default(),
            left: Condvar::new(),
        }
    }

    /// 请一条连接入座;连说「人满了」的人手也不够就是 `None`。
    pub fn admit(&self, stream: TcpStream, peer: SocketAddr) -> Option<Seat<'_>> {
        let mut table = self.lock();
        let crowded = table.members >= self.limit;
        if crowded && table.open.len() - table.members >= REFUSALS {
            return None;
        }
        let connection = Arc::new(Connection {
            id: table.next,
            peer,
            stream,
            outbox: Outbox::new(self.queue),
            way: OnceLock::new(),
            crowded,
        });
        table.next += 1;
        table.members += usize::from(!crowded);
        table.open.insert(connection.id, Arc::clone(&connection));
        Some(Seat {
            connections: self,
            connection,
        })
    }

    /// 一条连接对方的地址;已经断开是 `None`。
    pub fn peer(&self, id: Id) -> Option<SocketAddr> {
        Some(self.lock().open.get(&id)?.peer)
    }

    /// 挂断一条连接:它的读线程和写线程会马上得到末尾或错误。
    pub fn hang_up(&self, id: Id) {
        let connection = self.lock().open.get(&id).cloned();
        if let Some(connection) = connection {
            cut(&connection.stream);
        }
    }

    /// 等到有人离开,最多等 `longest`。
    pub fn wait_for_departure(&self, longest: Duration) {
        drop(self.left.wait_timeout(self.lock(), longest));
    }

    /// 还有几条连接。
    pub fn count(&self) -> usize {
        self.lock().open.len()
    }

    /// 谁的发件箱都不再收了,等写完、等大家走完,最多等 `longest`;还没有走的挂断。
    pub fn see_off(&self, longest: Duration) {
        let table = self.lock();
        for connection in table.open.values() {
            // 房间里的已经听到了,他们的发件箱不再收;还没有昵称的,在这里告诉他。
            if let Some(way) = connection.way.get() {
                let mut bytes = Vec::new();
                protocol::encode(CLOSING, *way, &mut bytes);
                let _ = connection.outbox.push(&bytes);
            }
            connection.outbox.finish();
        }
        let present = |table: &mut Table| !table.open.is_empty();
        let waited = self.left.wait_timeout_while(table, longest, present);
        let (table, _) = waited.unwrap_or_else(PoisonError::into_inner);
        for connection in table.open.values() {
            cut(&connection.stream);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // 持锁时不会恐慌;即使有过,名单也还是好的。
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 挂断一直不收的人。还没有送到的不必再送:用复位关闭,系统也不用替他留着(socket(7) SO_LINGER)。
fn cut(stream: &TcpStream) {
    let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
    let _ = stream.shutdown(Shutdown::Both);
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let mut table = self.connections.lock();
        table.open.remove(&self.connection.id);
        table.members -= usize::from(!self.connection.crowded);
        self.connections.left.notify_all();
    }
}
