//! 发送方的协议:只有状态,没有套接字,也不看钟。
//!
//! 发生了什么(来了报文、到了时间)和现在几点都由外面告诉它;它说下一步发什么、最迟什么时候再叫它。
//! 于是同一份代码,既能接真的套接字,也能在虚拟的时间里几毫秒就演完几分钟的事。

use std::collections::VecDeque;
use std::time::Duration;

use crate::content::{Open, Reason};
use crate::flights::{Counts, Flights};
use crate::packet::{Kind, MAX_WINDOW, Packet};

/// 三种方式。
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    // 发一个,等它的确认,再发下一个。
    StopAndWait,
    // 一个窗口一起在路上;丢了一个,从它起全部重发。
    GoBackN,
    // 丢了哪个重发哪个,先到的由接收方留着。
    SelectiveRepeat,
}

/// 怎么发。
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// 方式。
    pub mode: Mode,
    /// 最多几个报文同时在路上;停等总是 1。
    pub window: u32,
    /// 对方这么久没有音讯就放弃。
    pub patience: Duration,
}

/// 结局。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// 对方说完整地保存好了。
    Done,
    /// 对方不收。
    Refused(Reason),
    /// 对方没有音讯。
    Gone,
}

/// 发送方。时间都是从某个起点算起的 [`Duration`]。
#[derive(Debug)]
pub struct Sender {
    settings: Settings,
    session: u32,
    flights: Flights,
    /// 接收方的窗口:只能发编号小于它的。
    limit: u32,
    /// 结束的报文已经发出。
    ended: bool,
    heard: Duration,
    probe_due: Duration,
    outbox: VecDeque<Vec<u8>>,
    outcome: Option<Outcome>,
}

impl Sender {
    /// 开始:发出编号 0 的报文。它被确认之前不知道对方的窗口,别的都不能发。
    pub fn new(now: Duration, session: u32, mut settings: Settings, size: u64, name: &str) -> Self {
        settings.window = match settings.mode {
            Mode::StopAndWait => 1,
            Mode::GoBackN | Mode::SelectiveRepeat => settings.window.clamp(1, MAX_WINDOW),
        };
        let keep_early = settings.mode == Mode::SelectiveRepeat;
        let mut sender = Self {
            settings,
            session,
            flights: Flights::new(now, session, keep_early),
            limit: 1,
            ended: false,
            heard: now,
            probe_due: now,
            outbox: VecDeque::new(),
            outcome: None,
        };
        let name = name.to_owned();
        let open = Open {
            keep_early,
            size,
            name,
        };
        sender.launch(now, Kind::Open, &open.encode());
        sender
    }

    /// 还要内容吗:自己的窗口和对方的窗口都有空位。
    pub fn wants(&self) -> bool {
        let own = self.flights.base().saturating_add(self.settings.window);
        !self.ended && self.outcome.is_none() && self.flights.next() < own.min(self.limit)
    }

    /// 文件的下一段,只在 [`wants`](Self::wants) 时给。
    pub fn push(&mut self, now: Duration, content: &[u8]) {
        self.launch(now, Kind::Data, content);
    }

    /// 文件完了,只在 [`wants`](Self::wants) 时说;`checksum` 是整个文件的 CRC-32。
    pub fn finish(&mut self, now: Duration, checksum: u32) {
        self.launch(now, Kind::Fin, &checksum.to_be_bytes());
        self.ended = true;
    }

    /// 来了一个报文。
    pub fn receive(&mut self, now: Duration, packet: &Packet) {
        if packet.session != self.session || self.outcome.is_some() {
            return;
        }
        match packet.kind {
            Kind::Ack if packet.number <= self.flights.next() => self.acknowledge(now, packet),
            Kind::Done if self.ended => self.outcome = Some(Outcome::Done),
            Kind::Refused => {
                let reason = Reason::decode(packet.content);
                self.outcome = reason.map(Outcome::Refused);
            }
            _ => return,
        }
        self.heard = now;
    }

    /// 到了时间:该放弃的放弃,该重传的重传,该问的问。
    pub fn tick(&mut self, now: Duration) {
        if self.outcome.is_some() {
            return;
        }
        if now >= self.heard + self.settings.patience {
            self.outcome = Some(Outcome::Gone);
        } else if self.flights.is_empty() {
            self.probe(now);
        } else {
            self.flights.resend_due(now, &mut self.outbox);
        }
    }

    /// 最迟什么时候再叫它([`tick`](Self::tick))。
    pub fn deadline(&self) -> Duration {
        let next = self.flights.due().unwrap_or(self.probe_due);
        next.min(self.heard + self.settings.patience)
    }

    /// 下一个要发的数据报。
    pub fn transmit(&mut self) -> Option<Vec<u8>> {
        self.outbox.pop_front()
    }

    /// 结局;还没有就是 `None`。
    pub fn outcome(&self) -> Option<Outcome> {
        self.outcome
    }

    /// 到现在数了多少。
    pub fn counts(&self) -> Counts {
        self.flights.counts
    }

    /// 测得的往返时间(还没有测过是 `None`)和由它算出的超时。
    pub fn timing(&self) -> (Option<Duration>, Duration) {
        (self.flights.rto().smoothed(), self.flights.rto().timeout())
    }

    /// 给一个编号,发出去,留一份等确认。
    fn launch(&mut self, now: Duration, kind: Kind, content: &[u8]) {
        let datagram = self.flights.launch(now, kind, content);
        self.outbox.push_back(datagram);
    }

    fn acknowledge(&mut self, now: Duration, ack: &Packet) {
        // 迟到的老确认带着老窗口:右边只进不退。
        let limit = ack.number.saturating_add(u32::from(ack.window));
        self.limit = self.limit.max(limit);
        if self.flights.confirm(now, ack) && self.flights.is_empty() {
            self.probe_due = now + self.flights.rto().timeout();
        }
    }

    /// 没有可重传的,也不能发新的:问一声。对方的窗口更新可能丢了,干等就是死锁(RFC 9293 §3.8.6.1)。
    fn probe(&mut self, now: Duration) {
        if now < self.probe_due {
            return;
        }
        self.outbox.push_back(self.flights.probe(now));
        self.flights.back_off(now);
        self.probe_due = now + self.flights.rto().timeout();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: u32 = 7;
    const PATIENCE: Duration = Duration::from_secs(30);

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    /// 一个已经开始、对方给了 `limit` 个空位的发送方;时钟停在 10 毫秒。
    fn opened(mode: Mode, window: u32, limit: u16) -> Sender {
        let settings = Settings {
            mode,
            window,
            patience: PATIENCE,
        };
        let mut sender = Sender::new(ms(0), SESSION, settings, 1_000, "x");
        assert_eq!(sent(&mut sender), [(Kind::Open, 0)]);
        assert!(!sender.wants(), "对方还没有答应");
        ack(&mut sender, 10, 1, limit, &[]);
        sender
    }

    fn ack(sender: &mut Sender, now: u64, number: u32, window: u16, bits: &[u8]) {
        let packet = Packet {
            kind: Kind::Ack,
            session: SESSION,
            number,
            time: 0,
            window,
            content: bits,
        };
        sender.receive(ms(now), &packet);
    }

    /// 能发多少发多少:发出的种类和编号。
    fn fill(sender: &mut Sender, now: u64) -> Vec<(Kind, u32)> {
        while sender.wants() {
            sender.push(ms(now), b"content");
        }
        sent(sender)
    }

    fn sent(sender: &mut Sender) -> Vec<(Kind, u32)> {
        let datagrams = std::iter::from_fn(|| sender.transmit());
        datagrams
            .map(|datagram| {
                let packet = Packet::decode(&datagram).unwrap();
                (packet.kind, packet.number)
            })
            .collect()
    }

    fn data(numbers: impl IntoIterator<Item = u32>) -> Vec<(Kind, u32)> {
        numbers.into_iter().map(|n| (Kind::Data, n)).collect()
    }

    /// 拨到计时器响,看重传了什么。
    fn after_timeout(sender: &mut Sender) -> Vec<(Kind, u32)> {
        let deadline = sender.deadline();
        sender.tick(deadline - ms(1));
        assert_eq!(sent(sender), [], "还没有到时间");
        sender.tick(deadline);
        sent(sender)
    }

    #[test]
    fn stop_and_wait_has_one_packet_on_the_way() {
        let mut sender = opened(Mode::StopAndWait, 32, 64);
        assert_eq!(fill(&mut sender, 10), data([1]));
        assert_eq!(after_timeout(&mut sender), data([1]));
        ack(&mut sender, 100, 2, 64, &[]);
        assert_eq!(fill(&mut sender, 100), data([2]));
    }

    #[test]
    fn go_back_n_sends_everything_again_from_the_lost_one() {
        let mut sender = opened(Mode::GoBackN, 4, 64);
        assert_eq!(fill(&mut sender, 10), data(1..=4));
        ack(&mut sender, 20, 2, 64, &[]);
        assert_eq!(fill(&mut sender, 20), data([5]));
        assert_eq!(after_timeout(&mut sender), data(2..=5));
        assert_eq!(sender.counts().resent, 4);
    }

    #[test]
    fn selective_repeat_sends_only_the_lost_ones_again() {
        let mut sender = opened(Mode::SelectiveRepeat, 8, 64);
        assert_eq!(fill(&mut sender, 10), data(1..=8));
        // 下一个要 2;3、5、6 先到了,8 也到了。
        ack(&mut sender, 20, 2, 64, &[0b0010_1101]);
        assert_eq!(fill(&mut sender, 20), data([9]));
        assert_eq!(after_timeout(&mut sender), data([2, 4, 7]));
        // 2 到了,连同 3 一起过去,窗口往前挪两格。
        ack(&mut sender, 60, 4, 64, &[0b0001_0011]);
        assert_eq!(fill(&mut sender, 60), data([10, 11]));
    }

    #[test]
    fn nothing_is_sent_beyond_what_the_receiver_allows() {
        let mut sender = opened(Mode::SelectiveRepeat, 32, 3);
        assert_eq!(fill(&mut sender, 10), data(1..=3));
        ack(&mut sender, 20, 4, 0, &[]);
        assert_eq!(fill(&mut sender, 20), []);
        // 窗口是 0:隔一阵问一声,越问越疏。
        assert_eq!(after_timeout(&mut sender), [(Kind::Probe, 4)]);
        let first = sender.deadline();
        assert_eq!(after_timeout(&mut sender), [(Kind::Probe, 4)]);
        assert!(sender.deadline() > first);
        // 迟到的老确认不会把窗口关小。
        ack(&mut sender, 200, 4, 2, &[]);
        ack(&mut sender, 201, 4, 0, &[]);
        assert_eq!(fill(&mut sender, 201), data([4, 5]));
    }

    #[test]
    fn a_window_lost_together_backs_off_once() {
        let mut sender = opened(Mode::SelectiveRepeat, 8, 64);
        let (_, before) = sender.timing();
        for now in 10..18 {
            sender.push(ms(now), b"x");
        }
        sent(&mut sender);
        for now in 10..70 {
            sender.tick(ms(now));
        }
        assert_eq!(sent(&mut sender).len(), 8);
        assert_eq!(sender.timing().1, before * 2);
    }

    #[test]
    fn what_does_not_belong_to_this_transfer_changes_nothing() {
        let mut sender = opened(Mode::SelectiveRepeat, 4, 64);
        fill(&mut sender, 10);
        let foreign = |sender: &mut Sender, kind, session, number| {
            let packet = Packet {
                kind,
                session,
                number,
                time: 0,
                window: 9_999,
                content: &[0],
            };
            sender.receive(ms(11), &packet);
        };
        foreign(&mut sender, Kind::Ack, SESSION + 1, 5);
        foreign(&mut sender, Kind::Refused, SESSION + 1, 0);
        // 确认还没有发的;文件还没有发完就说收好了。
        foreign(&mut sender, Kind::Ack, SESSION, 6);
        foreign(&mut sender, Kind::Done, SESSION, 0);
        foreign(&mut sender, Kind::Data, SESSION, 1);
        assert_eq!(fill(&mut sender, 11), []);
        assert_eq!(sender.outcome(), None);
        assert_eq!(sender.deadline(), ms(10) + sender.timing().1);
    }

    #[test]
    fn the_outcome_comes_from_the_receiver() {
        let mut sender = opened(Mode::GoBackN, 4, 64);
        sender.finish(ms(10), 0);
        assert_eq!(sent(&mut sender), [(Kind::Fin, 1)]);
        ack(&mut sender, 20, 2, 64, &[]);
        assert_eq!(sender.outcome(), None, "收到了,还没有保存好");
        // 结局可能丢了:问一声。
        assert_eq!(after_timeout(&mut sender), [(Kind::Probe, 2)]);
        let done = crate::content::Verdict::Done.encode(SESSION);
        sender.receive(ms(50), &Packet::decode(&done).unwrap());
        assert_eq!(sender.outcome(), Some(Outcome::Done));
    }

    #[test]
    fn a_silent_peer_is_given_up_after_the_patience() {
        let mut sender = opened(Mode::SelectiveRepeat, 4, 64);
        fill(&mut sender, 10);
        let mut now = ms(10);
        let mut tries = 0;
        while sender.outcome().is_none() {
            now = sender.deadline();
            sender.tick(now);
            tries += usize::from(!sent(&mut sender).is_empty());
        }
        assert_eq!(sender.outcome(), Some(Outcome::Gone));
        assert_eq!(now, ms(10) + PATIENCE);
        // 每秒至少试一次:丢三成的链路不会被误判成没有人。
        assert!(tries >= 30, "只试了 {tries} 次");
    }
}
