//! 在路上的报文:发出去、还没有确认的都留一份;确认了的划掉,超时的重传。

use std::collections::VecDeque;
use std::time::Duration;

use crate::packet::{Kind, Packet};
use crate::rto::Rto;

/// 数了什么。
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// 发出的带编号的报文,连重传在内。
    pub sent: u64,
    /// 其中重传的。
    pub resent: u64,
    /// 窗口是 0(或者等结局)时的询问。
    pub probes: u64,
}

/// 一个在路上的报文。
#[derive(Debug)]
struct Flight {
    kind: Kind,
    content: Vec<u8>,
    sent: Duration,
    due: Duration,
    confirmed: bool,
}

/// 在路上的报文,编号连续,第一个的编号是 `base`。
#[derive(Debug)]
pub struct Flights {
    session: u32,
    queue: VecDeque<Flight>,
    base: u32,
    /// 一个报文一个计时器(选择重传);否则只有一个计时器,管最老的那个。
    selective: bool,
    rto: Rto,
    backed_off: Duration,
    /// 到现在数了多少。
    pub counts: Counts,
}

impl Flights {
    /// 路上还什么也没有。
    pub fn new(now: Duration, session: u32, selective: bool) -> Self {
        Self {
            session,
            queue: VecDeque::new(),
            base: 0,
            selective,
            rto: Rto::new(),
            backed_off: now,
            counts: Counts::default(),
        }
    }

    /// 最老的、还没有确认的编号。
    pub fn base(&self) -> u32 {
        self.base
    }

    /// 下一个要用的编号。
    pub fn next(&self) -> u32 {
        // 队列至多一个窗口长,不会超出 u32。
        self.base.saturating_add(self.queue.len() as u32)
    }

    /// 全都确认了。
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// 往返时间的估计。
    pub fn rto(&self) -> &Rto {
        &self.rto
    }

    /// 最早的计时器什么时候响;路上没有报文就是 `None`。
    pub fn due(&self) -> Option<Duration> {
        if !self.selective {
            return self.queue.front().map(|oldest| oldest.due);
        }
        let waiting = self.queue.iter().filter(|flight| !flight.confirmed);
        waiting.map(|flight| flight.due).min()
    }

    /// 下一个编号的报文现在发出:给出它的数据报。
    pub fn launch(&mut self, now: Duration, kind: Kind, content: &[u8]) -> Vec<u8> {
        let datagram = datagram(now, self.session, self.next(), kind, content);
        self.counts.sent += 1;
        self.queue.push_back(Flight {
            kind,
            content: content.to_vec(),
            sent: now,
            due: now + self.rto.timeout(),
            confirmed: false,
        });
        datagram
    }

    /// 问一声:不占编号,不留。
    pub fn probe(&mut self, now: Duration) -> Vec<u8> {
        self.counts.probes += 1;
        datagram(now, self.session, self.next(), Kind::Probe, &[])
    }

    /// 累积确认(编号以前的都到了)和选择确认(位图里的也到了)。最老的那个到了是 `true`。
    pub fn confirm(&mut self, now: Duration, ack: &Packet) -> bool {
        let mut news = false;
        for (number, flight) in (self.base..).zip(&mut self.queue) {
            if !flight.confirmed && covers(ack, number) {
                flight.confirmed = true;
                news = true;
            }
        }
        // 只有确认了新东西的才用来测:窗口更新带的是老的时刻(RFC 7323 §4.1)。
        if news {
            self.rto.sample(elapsed(ack.time, now));
        }
        let before = self.base;
        while self.queue.front().is_some_and(|oldest| oldest.confirmed) {
            self.queue.pop_front();
            self.base += 1;
        }
        let progress = self.base > before;
        if let (Some(oldest), true, false) = (self.queue.front_mut(), progress, self.selective) {
            // 有了进展,唯一的计时器重新开始(RFC 6298 §5.3)。
            oldest.due = now + self.rto.timeout();
        }
        progress
    }

    /// 超时的重传:选择重传只重传到了时间的那几个;否则最老的一到时间,全部重传。
    pub fn resend_due(&mut self, now: Duration, outbox: &mut VecDeque<Vec<u8>>) {
        let selective = self.selective;
        let all_due = !selective && self.due().is_some_and(|due| now >= due);
        let is_due =
            |flight: &Flight| !flight.confirmed && (all_due || selective && now >= flight.due);
        let due = self.queue.iter_mut().filter(|flight| is_due(flight));
        let Some(latest) = due.map(|flight| flight.sent).max() else {
            return;
        };
        // 一个窗口一起超时只算一次:上次加倍以前发出的,不再加倍。
        if latest >= self.backed_off {
            self.back_off(now);
        }
        let numbered = (self.base..).zip(&mut self.queue);
        for (number, flight) in numbered.filter(|(_, flight)| is_due(flight)) {
            let again = datagram(now, self.session, number, flight.kind, &flight.content);
            outbox.push_back(again);
            self.counts.sent += 1;
            self.counts.resent += 1;
            (flight.sent, flight.due) = (now, now + self.rto.timeout());
        }
    }

    /// 超时加倍。
    pub fn back_off(&mut self, now: Duration) {
        self.rto.back_off();
        self.backed_off = now;
    }
}

/// 现在发出的数据报。每次发(重传也是)都写上当时的时刻:确认带回它,就知道确认的是哪一次。
fn datagram(now: Duration, session: u32, number: u32, kind: Kind, content: &[u8]) -> Vec<u8> {
    let packet = Packet {
        kind,
        session,
        number,
        time: clock(now),
        window: 0,
        content,
    };
    packet.encode()
}

/// 报文上的时刻:微秒的低 32 位。
fn clock(now: Duration) -> u32 {
    now.as_micros() as u32
}

/// 报文上的时刻到现在过了多久。
fn elapsed(time: u32, now: Duration) -> Duration {
    Duration::from_micros(clock(now).wrapping_sub(time).into())
}

/// 这个确认说 `number` 到了:在累积确认以前,或者在位图里。
///
/// 位图的第 0 位是「下一个要的」后面那一个:「下一个要的」自己当然没有到。
fn covers(ack: &Packet, number: u32) -> bool {
    let Some(ahead) = number.checked_sub(ack.number) else {
        return true;
    };
    let Some(bit) = ahead.checked_sub(1) else {
        return false;
    };
    let byte = ack.content.get(bit as usize / 8);
    byte.is_some_and(|byte| byte >> (bit % 8) & 1 == 1)
}
