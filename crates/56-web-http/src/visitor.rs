//! 来访的一条连接,和它闲不闲。

use std::net::{IpAddr, Shutdown, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};

/// 不闲:正在收一个请求,或者正在回答。
const BUSY: u64 = 0;

/// 刚来,还没有开口:加在时刻上,于是排在所有闲着的后面。
const OPENING: u64 = 1 << 63;

/// 已经请它离开。
const LEAVING: u64 = u64::MAX;

/// 一条连接。
pub struct Visitor {
    /// 套接字。
    pub stream: TcpStream,
    /// 对方的 IP 地址。
    pub peer: IpAddr,
    /// 从什么时候起闲着(纳秒),或者 `BUSY`、`LEAVING`;刚来的加上 `OPENING`。
    since: AtomicU64,
}

impl Visitor {
    /// 刚来。
    pub fn new(stream: TcpStream, peer: IpAddr) -> Self {
        Self {
            stream,
            peer,
            since: AtomicU64::new(BUSY),
        }
    }

    /// 从 `now` 起没有话说;`opening` 是还没有开过口。
    pub fn wait(&self, now: u64, opening: bool) {
        let kind = if opening { OPENING } else { 0 };
        self.change(self.idle_since().unwrap_or(BUSY), kind | now.max(1));
    }

    /// 又有话说了:从现在起不要打扰。
    pub fn busy(&self) {
        if let Some(since) = self.idle_since() {
            self.change(since, BUSY);
        }
    }

    /// 从什么时候起闲着;不闲,或者已经请它离开,是 `None`。只用来比先后。
    pub fn idle_since(&self) -> Option<u64> {
        let since = self.since.load(Ordering::SeqCst);
        (since != BUSY && since != LEAVING).then_some(since)
    }

    /// 已经请它离开。
    pub fn is_leaving(&self) -> bool {
        self.since.load(Ordering::SeqCst) == LEAVING
    }

    /// 从 `since` 起一直闲着的话,请它离开;刚才忙起来了是 `false`。
    ///
    /// 只关接收的方向:工人马上读到末尾。请求刚好这时来了的话,Linux 上它还读得到,还会得到回答。
    pub fn send_away(&self, since: u64) -> bool {
        let sent = self.change(since, LEAVING);
        if sent {
            let _ = self.stream.shutdown(Shutdown::Read);
        }
        sent
    }

    fn change(&self, from: u64, to: u64) -> bool {
        let changed = self
            .since
            .compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst);
        changed.is_ok()
    }
}

/// 这样的时刻是刚来的,还没有开口。
pub fn is_opening(since: u64) -> bool {
    since >= OPENING
}
