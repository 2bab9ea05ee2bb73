//! 大门:口令对了才进来。错得多的地址要排队,一秒只看一个,别的地址不受影响。

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::token::Token;

/// 错这么多次以内不排队:打错字是常事。
const FREE: u32 = 3;

/// 排队时,隔这么久看一个:一天最多猜 86,400 次。
const GAP: Duration = Duration::from_secs(1);

/// 轮到他要等得比这久,就不看了:不让一个地址占着许多线程。
const LONGEST: Duration = Duration::from_secs(5);

/// 这么久没有再错,就忘掉。
const MEMORY: Duration = Duration::from_secs(600);

/// 最多记这么多个地址,一个几十字节。满了,新的地址都算作同一个,排一个队。
const ADDRESSES: usize = 4096;

/// 大门。
pub struct Gate {
    /// `None`:不要口令。
    token: Option<Token>,
    wrong: Mutex<HashMap<IpAddr, Record>>,
}

/// 一个地址错过几次。
struct Record {
    count: u32,
    last: Instant,
    /// 下一个最早什么时候看。
    next: Instant,
}

impl Gate {
    /// 口令是 `token` 的大门。
    pub fn new(token: Option<Token>) -> Self {
        let wrong = Mutex::default();
        Self { token, wrong }
    }

    /// 要不要口令。
    pub fn is_locked(&self) -> bool {
        self.token.is_some()
    }

    /// 从 `ip` 来的人现在要等多久才看他的口令;`None` 是太久了,不看。
    pub fn turn(&self, ip: IpAddr, now: Instant) -> Option<Duration> {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        let key = key(&wrong, ip);
        let Some(record) = wrong.get_mut(&key) else {
            return Some(Duration::ZERO);
        };
        if record.count < FREE || now.saturating_duration_since(record.last) > MEMORY {
            return Some(Duration::ZERO);
        }
        let turn = record.next.max(now);
        let wait = turn.saturating_duration_since(now);
        if wait > LONGEST {
            return None;
        }
        record.next = turn + GAP;
        Some(wait)
    }

    /// 看口令。错了就记下来。
    pub fn admits(&self, ip: IpAddr, given: &[u8]) -> bool {
        let Some(token) = &self.token else {
            return true;
        };
        let right = token.matches(given);
        if !right {
            self.remember(ip, Instant::now());
        }
        right
    }

    fn remember(&self, ip: IpAddr, now: Instant) {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        if wrong.len() >= ADDRESSES {
            wrong.retain(|_, record| now.saturating_duration_since(record.last) <= MEMORY);
        }
        let key = key(&wrong, ip);
        let record = wrong.entry(key).or_insert(Record {
            count: 0,
            last: now,
            next: now,
        });
        if now.saturating_duration_since(record.last) > MEMORY {
            record.count = 0;
        }
        record.count = record.count.saturating_add(1);
        record.last = now;
    }
}

/// 记在谁的名下。IPv6 的一户人家通常有一整个 /64(RFC 6177),换着用,只算一个。
fn key(wrong: &HashMap<IpAddr, Record>, ip: IpAddr) -> IpAddr {
    let one = match ip.to_canonical() {
        IpAddr::V4(ip) => IpAddr::V4(ip),
        IpAddr::V6(ip) => {
            let network = u128::from(ip) & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from(network))
        }
    };
    match wrong.len() >= ADDRESSES && !wrong.contains_key(&one) {
        true => Ipv4Addr::UNSPECIFIED.into(),
        false => one,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const THERE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

    #[test]
    fn one_address_queues_and_the_others_do_not() {
        let gate = Gate::new(None);
        let now = Instant::now();
        for _ in 0..FREE {
            assert_eq!(gate.turn(HERE, now), Some(Duration::ZERO));
            gate.remember(HERE, now);
        }
        let waits: Vec<_> = (0..8).map(|_| gate.turn(HERE, now)).collect();
        let seconds = |n| Some(Duration::from_secs(n));
        let mut expected: Vec<_> = (0..=5).map(seconds).collect();
        expected.extend([None, None]);
        assert_eq!(waits, expected);
        assert_eq!(gate.turn(THERE, now), Some(Duration::ZERO));
        assert_eq!(gate.turn(HERE, now + 2 * MEMORY), Some(Duration::ZERO));
    }

    #[test]
    fn many_addresses_share_one_queue() {
        let gate = Gate::new(None);
        let now = Instant::now();
        for number in 0..2 * ADDRESSES as u32 {
            gate.remember(IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + number)), now);
        }
        let table = gate.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        assert_eq!(table.len(), ADDRESSES + 1);
        drop(table);
        assert_eq!(gate.turn(HERE, now), Some(Duration::ZERO));
        assert_eq!(gate.turn(THERE, now), Some(GAP));
    }

    #[test]
    fn a_home_is_one_address() {
        let gate = Gate::new(None);
        let now = Instant::now();
        for host in 1..=FREE {
            let ip = format!("2001:db8::{host}").parse::<IpAddr>();
            gate.remember(ip.unwrap_or(HERE), now);
        }
        let other = "2001:db8::99".parse::<IpAddr>().unwrap_or(HERE);
        assert_eq!(gate.turn(other, now), Some(Duration::ZERO));
        assert_eq!(gate.turn(other, now), Some(GAP));
    }
}
