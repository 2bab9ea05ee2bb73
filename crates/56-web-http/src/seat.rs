//! 一条连接,和它闲不闲。

use std::net::{IpAddr, Shutdown, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};

/// 不闲:正在收一个请求,或者正在回答。
const BUSY: u64 = 0;

/// 刚来,还没有开口:加在时刻上,于是排在所有闲着的后面。
const FRESH: u64 = 1 << 63;

/// 已经请它离开。
const ENDED: u64 = u64::MAX;

/// 一条连接。
pub struct Seat {
    /// 套接字。
    pub stream: TcpStream,
    /// 对方的 IP 地址。
    pub peer: IpAddr,
    /// 从什么时候起闲着(纳秒),或者 `BUSY`、`ENDED`;刚来的加上 `FRESH`。
    since: AtomicU64,
}

impl Seat {
    /// 刚来。
    pub fn new(stream: TcpStream, peer: IpAddr) -> Self {
        Self {
            stream,
            peer,
            since: AtomicU64::new(BUSY),
        }
    }

    /// 从 `now` 起没有话说;`fresh` 是还没有开过口。
    pub fn rest(&self, now: u64, fresh: bool) {
        let kind = if fresh { FRESH } else { 0 };
        self.change(self.rested_since().unwrap_or(BUSY), kind | now.max(1));
    }

    /// 又有话说了:从现在起不要打扰。
    pub fn wake(&self) {
        if let Some(since) = self.rested_since() {
            self.change(since, BUSY);
        }
    }

    /// 从什么时候起闲着;不闲,或者已经请它离开,是 `None`。只用来比先后。
    pub fn rested_since(&self) -> Option<u64> {
        let since = self.since.load(Ordering::SeqCst);
        (since != BUSY && since != ENDED).then_some(since)
    }

    /// 已经请它离开。
    pub fn is_ended(&self) -> bool {
        self.since.load(Ordering::SeqCst) == ENDED
    }

    /// 从 `since` 起一直闲着的话,请它离开;刚才忙起来了是 `false`。
    ///
    /// 只关接收的方向:工作线程马上读到末尾。请求刚好这时来了的话,Linux 上它还读得到,还会得到回答。
    pub fn end(&self, since: u64) -> bool {
        let ended = self.change(since, ENDED);
        if ended {
            let _ = self.stream.shutdown(Shutdown::Read);
        }
        ended
    }

    fn change(&self, from: u64, to: u64) -> bool {
        let changed = self
            .since
            .compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst);
        changed.is_ok()
    }
}

/// 这样的时刻是刚来的,还没有开口。
pub fn is_fresh(since: u64) -> bool {
    since >= FRESH
}
