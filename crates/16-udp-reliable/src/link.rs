//! 一条坏的链路:按种子丢失、重复、打乱、损坏、延迟。只有状态,没有套接字,也不看钟。
//!
//! 同样的种子、同样的时刻送进同样的数据报,结局总是一样:出了错能再看一遍。

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use clap::Args;

/// 被打乱的数据报多耽搁的时间,最长这么多毫秒:足够让后面十几个先到。
const MAX_HOLD: u64 = 30;

/// 链路里最多存这么多个,再来的丢弃:真的路由器,队列也有限。
const QUEUE: usize = 10_000;

/// 链路有多坏。百分数都是对每一个数据报说的。
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub struct Conditions {
    /// 丢失,百分之几
    #[arg(long, value_name = "百分数", default_value_t = 0, value_parser = percent())]
    pub loss: u8,

    /// 重复一次,百分之几
    #[arg(long, value_name = "百分数", default_value_t = 0, value_parser = percent())]
    pub duplicate: u8,

    /// 耽搁一会儿,让后面的先到,百分之几
    #[arg(long, value_name = "百分数", default_value_t = 0, value_parser = percent())]
    pub reorder: u8,

    /// 坏一位,百分之几
    #[arg(long, value_name = "百分数", default_value_t = 0, value_parser = percent())]
    pub damage: u8,

    /// 单程的延迟,0 到 5000 毫秒
    #[arg(long, value_name = "毫秒", default_value_t = 10,
          value_parser = clap::value_parser!(u16).range(..=5_000))]
    pub delay: u16,

    /// 每秒最多通过多少字节;0 是不限
    #[arg(long, value_name = "字节数", default_value_t = 1_000_000)]
    pub rate: u32,
}

fn percent() -> clap::builder::RangedI64ValueParser<u8> {
    clap::value_parser!(u8).range(..=100)
}

/// 链路里的一个数据报,按到达的时刻排队;同时到达的,先来先走。
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Held<T> {
    due: Duration,
    order: u64,
    to: T,
    datagram: Vec<u8>,
}

/// 链路的一个方向。`T` 是收件人,模拟时用不着。
#[derive(Debug)]
pub struct Link<T> {
    conditions: Conditions,
    random: fastrand::Rng,
    held: BinaryHeap<Reverse<Held<T>>>,
    order: u64,
    /// 前面的数据报到这时才发完。
    busy_until: Duration,
}

impl<T: Ord + Clone> Link<T> {
    /// 一条空的链路。
    pub fn new(conditions: Conditions, seed: u64) -> Self {
        Self {
            conditions,
            random: fastrand::Rng::with_seed(seed),
            held: BinaryHeap::new(),
            order: 0,
            busy_until: Duration::ZERO,
        }
    }

    /// 送进去一个数据报。
    pub fn send(&mut self, now: Duration, to: T, datagram: &[u8]) {
        let conditions = self.conditions;
        // 占的是发送的时间:丢在半路的也占。
        let started = self.busy_until.max(now);
        self.busy_until = started + transmission(datagram.len(), conditions.rate);
        if self.happens(conditions.loss) {
            return;
        }
        let copies = 1 + usize::from(self.happens(conditions.duplicate));
        for _ in 0..copies {
            let mut due = self.busy_until + Duration::from_millis(conditions.delay.into());
            if self.happens(conditions.reorder) {
                due += Duration::from_millis(self.random.u64(1..=MAX_HOLD));
            }
            let mut datagram = datagram.to_vec();
            if self.happens(conditions.damage) && !datagram.is_empty() {
                let at = self.random.usize(..datagram.len());
                datagram[at] ^= 1 << self.random.u8(..8);
            }
            self.hold(due, to.clone(), datagram);
        }
    }

    /// 下一个数据报什么时候到;里面没有就是 `None`。
    pub fn due(&self) -> Option<Duration> {
        self.held.peek().map(|Reverse(first)| first.due)
    }

    /// 已经到了的下一个数据报和它的收件人。
    pub fn receive(&mut self, now: Duration) -> Option<(T, Vec<u8>)> {
        if self.due()? > now {
            return None;
        }
        let Reverse(first) = self.held.pop()?;
        Some((first.to, first.datagram))
    }

    fn hold(&mut self, due: Duration, to: T, datagram: Vec<u8>) {
        if self.held.len() < QUEUE {
            let order = self.order;
            self.order += 1;
            self.held.push(Reverse(Held {
                due,
                order,
                to,
                datagram,
            }));
        }
    }

    fn happens(&mut self, percent: u8) -> bool {
        // 不可能的也掷一次骰子:改一个百分数,不影响别的那些什么时候发生。
        self.random.u8(..100) < percent
    }
}

/// `length` 字节按 `rate` 字节每秒发完要多久。
fn transmission(length: usize, rate: u32) -> Duration {
    match rate {
        0 => Duration::ZERO,
        rate => Duration::from_secs_f64(length as f64 / f64::from(rate)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERFECT: Conditions = Conditions {
        loss: 0,
        duplicate: 0,
        reorder: 0,
        damage: 0,
        delay: 10,
        rate: 0,
    };

    /// 1 毫秒送进一个,送 `count` 个,全部收下来:(到达的毫秒数, 内容)。
    fn through(conditions: Conditions, seed: u64, count: u64) -> Vec<(u128, Vec<u8>)> {
        let mut link = Link::new(conditions, seed);
        for n in 0..count {
            link.send(Duration::from_millis(n), (), &n.to_be_bytes());
        }
        let mut arrived = Vec::new();
        while let Some(due) = link.due() {
            let ((), datagram) = link.receive(due).unwrap();
            arrived.push((due.as_millis(), datagram));
        }
        arrived
    }

    #[test]
    fn a_perfect_link_only_delays() {
        let expected: Vec<_> = (0..50_u64)
            .map(|n| (u128::from(n) + 10, n.to_be_bytes().to_vec()))
            .collect();
        assert_eq!(through(PERFECT, 1, 50), expected);
    }

    #[test]
    fn each_fault_happens_about_as_often_as_asked() {
        let bad = |change: fn(&mut Conditions)| {
            let mut conditions = PERFECT;
            change(&mut conditions);
            through(conditions, 7, 5_000)
        };
        let lost = 5_000 - bad(|c| c.loss = 30).len();
        assert!((1_400..1_600).contains(&lost), "丢了 {lost}");
        let repeated = bad(|c| c.duplicate = 10).len() - 5_000;
        assert!((430..570).contains(&repeated), "重复了 {repeated}");
        let damaged = bad(|c| c.damage = 10);
        let damaged = damaged
            .iter()
            .filter(|(at, datagram)| *datagram != ((at - 10) as u64).to_be_bytes())
            .count();
        assert!((430..570).contains(&damaged), "坏了 {damaged}");
        let reordered = bad(|c| c.reorder = 20);
        let late = reordered
            .windows(2)
            .filter(|two| two[0].1 > two[1].1)
            .count();
        assert!(late > 500, "乱了 {late}");
    }

    #[test]
    fn the_same_seed_gives_the_same_faults_and_another_seed_others() {
        let bad = Conditions {
            loss: 20,
            duplicate: 20,
            reorder: 20,
            damage: 20,
            ..PERFECT
        };
        assert_eq!(through(bad, 3, 500), through(bad, 3, 500));
        assert_ne!(through(bad, 3, 500), through(bad, 4, 500));
    }

    #[test]
    fn the_rate_spaces_datagrams_out() {
        let slow = Conditions {
            rate: 1_000,
            ..PERFECT
        };
        let times: Vec<u128> = through(slow, 1, 3).iter().map(|(at, _)| *at).collect();
        // 每个 8 字节,每秒 1000 字节:8 毫秒一个。
        assert_eq!(times, [18, 26, 34]);
    }
}
