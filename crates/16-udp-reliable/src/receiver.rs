//! 接收方的协议:和发送方一样,只有状态,没有套接字,也不看钟。

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::packet::{Kind, MAX_WINDOW, Packet};

/// 按次序到齐的一段。
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// 文件的下一段,至少一个字节。
    Data(Vec<u8>),
    /// 文件到此为止,和整个文件的 CRC-32。
    End(u32),
}

/// 收到却没有用的报文。
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waste {
    /// 早就有了的。
    pub duplicates: u64,
    /// 先到而不留的:停等和回退 N 只要下一个;超出窗口的谁也不留。
    pub dropped: u64,
}

/// 接收方:从收到编号 0 的报文开始。
#[derive(Debug)]
pub struct Receiver {
    session: u32,
    keep_early: bool,
    /// 最多替应用留着这么多个报文。
    capacity: u32,
    /// 下一个要的编号。
    next: u32,
    /// 先到的,等前面的补上;只有选择重传才留。
    early: BTreeMap<u32, Piece>,
    /// 按次序到齐、应用还没有取走的。
    ready: VecDeque<Piece>,
    /// 最近收到的报文上的时刻。
    echo: u32,
    /// 最近一次告诉对方的窗口。
    advertised: u32,
    heard: Duration,
    outbox: VecDeque<Vec<u8>>,
    /// 收到了什么没有用的。
    pub waste: Waste,
}

impl Receiver {
    /// 以 `open` 开始,并确认它。最多替应用留着 `capacity` 个报文;`keep_early` 是先到的留不留。
    pub fn new(now: Duration, open: &Packet, keep_early: bool, capacity: u32) -> Self {
        let mut receiver = Self {
            session: open.session,
            keep_early,
            capacity: capacity.clamp(1, MAX_WINDOW),
            next: 1,
            early: BTreeMap::new(),
            ready: VecDeque::new(),
            echo: open.time,
            advertised: 0,
            heard: now,
            outbox: VecDeque::new(),
            waste: Waste::default(),
        };
        receiver.acknowledge();
        receiver
    }

    /// 来了一个报文。
    pub fn receive(&mut self, now: Duration, packet: &Packet) {
        if packet.session != self.session {
            return;
        }
        match (packet.kind, piece(packet)) {
            (Kind::Open, _) => self.waste.duplicates += 1,
            (Kind::Probe, _) => {}
            (Kind::Data | Kind::Fin, Some(piece)) => self.accept(packet.number, piece),
            _ => return,
        }
        self.heard = now;
        self.echo = packet.time;
        // 新的、重复的、太早的,一律马上确认:发送方等的就是它,上一个确认可能丢了。
        self.acknowledge();
    }

    /// 应用取走下一段。
    pub fn take(&mut self) -> Option<Piece> {
        let piece = self.ready.pop_front()?;
        // 窗口曾经是 0,对方停着:腾出一半再告诉它,免得一个一个地挪(RFC 1122 §4.2.3.3)。
        if self.advertised == 0 && self.free() >= self.capacity.div_ceil(2) {
            self.acknowledge();
        }
        Some(piece)
    }

    /// 有没有到齐、还没有取走的。
    pub fn is_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// 哪个会话。
    pub fn session(&self) -> u32 {
        self.session
    }

    /// 下一个要发的数据报。
    pub fn transmit(&mut self) -> Option<Vec<u8>> {
        self.outbox.pop_front()
    }

    /// 最近一次听到对方是什么时候。
    pub fn heard(&self) -> Duration {
        self.heard
    }

    fn accept(&mut self, number: u32, piece: Piece) {
        let Some(ahead) = number.checked_sub(self.next) else {
            self.waste.duplicates += 1;
            return;
        };
        // 超出窗口的一律不留:留多少由我们说了算,不由对方。
        if ahead >= self.free() || ahead > 0 && !self.keep_early {
            self.waste.dropped += 1;
            return;
        }
        if ahead > 0 {
            let again = self.early.insert(number, piece).is_some();
            self.waste.duplicates += u64::from(again);
            return;
        }
        let mut following = Some(piece);
        while let Some(piece) = following {
            self.ready.push_back(piece);
            self.next = self.next.saturating_add(1);
            following = self.early.remove(&self.next);
        }
    }

    /// 还能收几个:从 `next` 算起,先到的也在这个范围里。
    fn free(&self) -> u32 {
        self.capacity.saturating_sub(self.ready.len() as u32)
    }

    fn acknowledge(&mut self) {
        self.advertised = self.free();
        let packet = Packet {
            kind: Kind::Ack,
            session: self.session,
            number: self.next,
            time: self.echo,
            window: u16::try_from(self.advertised).unwrap_or(u16::MAX),
            content: &self.early_bits(),
        };
        self.outbox.push_back(packet.encode());
    }

    /// 先到的报文的位图:第 0 位是编号 `next + 1`。TCP 用几个「从……到……」的区间(RFC 2018),
    /// 选项里放不下更多;我们的报文放得下整个窗口。
    fn early_bits(&self) -> Vec<u8> {
        let mut bits = Vec::new();
        for number in self.early.keys() {
            let bit = (number - self.next - 1) as usize;
            bits.resize(bit / 8 + 1, 0);
            bits[bit / 8] |= 1 << (bit % 8);
        }
        bits
    }
}

/// 报文装的那一段;内容不合规矩就是 `None`。
fn piece(packet: &Packet) -> Option<Piece> {
    match packet.kind {
        // 空的一段不占文件的长度:一直发它,就能一直占着会话。
        Kind::Data if !packet.content.is_empty() => Some(Piece::Data(packet.content.to_vec())),
        Kind::Fin => {
            let checksum = <[u8; 4]>::try_from(packet.content).ok()?;
            Some(Piece::End(u32::from_be_bytes(checksum)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SESSION: u32 = 7;
    const NOW: Duration = Duration::ZERO;

    fn packet(kind: Kind, number: u32, content: &[u8]) -> Packet<'_> {
        Packet {
            kind,
            session: SESSION,
            number,
            time: number,
            window: 0,
            content,
        }
    }

    fn opened(keep_early: bool, capacity: u32) -> Receiver {
        let mut receiver = Receiver::new(NOW, &packet(Kind::Open, 0, b""), keep_early, capacity);
        assert_eq!(acks(&mut receiver), [(1, capacity as u16, vec![])]);
        receiver
    }

    /// 发出的确认:下一个要的、窗口、位图。
    fn acks(receiver: &mut Receiver) -> Vec<(u32, u16, Vec<u8>)> {
        let datagrams = std::iter::from_fn(|| receiver.transmit());
        datagrams
            .map(|datagram| {
                let packet = Packet::decode(&datagram).unwrap();
                assert_eq!((packet.kind, packet.session), (Kind::Ack, SESSION));
                (packet.number, packet.window, packet.content.to_vec())
            })
            .collect()
    }

    fn get(receiver: &mut Receiver, number: u32) -> Vec<(u32, u16, Vec<u8>)> {
        receiver.receive(NOW, &packet(Kind::Data, number, &[number as u8]));
        acks(receiver)
    }

    fn taken(receiver: &mut Receiver) -> Vec<u8> {
        let pieces = std::iter::from_fn(|| receiver.take());
        pieces
            .flat_map(|piece| match piece {
                Piece::Data(content) => content,
                Piece::End(_) => vec![],
            })
            .collect()
    }

    #[test]
    fn early_packets_are_kept_and_reported() {
        let mut receiver = opened(true, 16);
        assert_eq!(get(&mut receiver, 3), [(1, 16, vec![0b10])]);
        assert_eq!(get(&mut receiver, 11), [(1, 16, vec![0b10, 0b10])]);
        assert_eq!(get(&mut receiver, 2), [(1, 16, vec![0b11, 0b10])]);
        assert_eq!(taken(&mut receiver), []);
        assert_eq!(get(&mut receiver, 1), [(4, 13, vec![0b0100_0000])]);
        assert_eq!(taken(&mut receiver), [1, 2, 3]);
        assert_eq!(receiver.waste, Waste::default());
    }

    #[test]
    fn without_keeping_only_the_next_one_counts() {
        let mut receiver = opened(false, 16);
        assert_eq!(get(&mut receiver, 2), [(1, 16, vec![])]);
        assert_eq!(get(&mut receiver, 1), [(2, 15, vec![])]);
        assert_eq!(taken(&mut receiver), [1]);
        assert_eq!(receiver.waste.dropped, 1);
    }

    #[test]
    fn duplicates_are_acknowledged_and_counted() {
        let mut receiver = opened(true, 16);
        get(&mut receiver, 1);
        get(&mut receiver, 5);
        assert_eq!(get(&mut receiver, 1).len(), 1);
        assert_eq!(get(&mut receiver, 5).len(), 1);
        receiver.receive(NOW, &packet(Kind::Open, 0, b""));
        assert_eq!(acks(&mut receiver).len(), 1);
        assert_eq!(receiver.waste.duplicates, 3);
        assert_eq!(taken(&mut receiver), [1]);
    }

    #[test]
    fn a_full_buffer_closes_the_window_and_half_an_empty_one_reopens_it() {
        let mut receiver = opened(true, 4);
        for number in 1..=3 {
            get(&mut receiver, number);
        }
        assert_eq!(get(&mut receiver, 4), [(5, 0, vec![])]);
        // 超出窗口的不留。
        assert_eq!(get(&mut receiver, 5), [(5, 0, vec![])]);
        assert_eq!(receiver.waste.dropped, 1);
        receiver.take();
        assert_eq!(acks(&mut receiver), []);
        receiver.take();
        assert_eq!(acks(&mut receiver), [(5, 2, vec![])]);
        receiver.take();
        assert_eq!(acks(&mut receiver), [], "只在从 0 打开时主动说");
    }

    #[test]
    fn an_acknowledgment_carries_back_the_time_of_what_it_answers() {
        let mut receiver = opened(true, 4);
        receiver.receive(NOW, &packet(Kind::Data, 2, b"x"));
        let datagram = receiver.transmit().unwrap();
        assert_eq!(Packet::decode(&datagram).unwrap().time, 2);
    }

    #[test]
    fn what_breaks_the_rules_is_ignored() {
        let mut receiver = opened(true, 4);
        receiver.receive(NOW, &packet(Kind::Data, 1, b""));
        receiver.receive(NOW, &packet(Kind::Fin, 1, b"123"));
        receiver.receive(NOW, &packet(Kind::Ack, 1, b"x"));
        let stranger = Packet {
            session: SESSION + 1,
            ..packet(Kind::Data, 1, b"x")
        };
        receiver.receive(NOW, &stranger);
        assert_eq!(acks(&mut receiver), []);
        assert!(!receiver.is_ready());
    }

    proptest! {
        #[test]
        fn any_order_with_any_repetition_gives_the_same_file(
            order in prop::collection::vec(1_u32..40, 0..400),
            keep_early: bool,
            capacity in 1_u32..64,
        ) {
            let mut receiver = opened(keep_early, capacity);
            let mut file = Vec::new();
            for number in order.into_iter().chain(1..40) {
                get(&mut receiver, number);
                file.extend(taken(&mut receiver));
            }
            prop_assert_eq!(file, (1..40).collect::<Vec<u8>>());
        }

        #[test]
        fn no_peer_makes_it_keep_more_than_its_capacity(
            numbers in prop::collection::vec(
                prop_oneof![0_u32..100, any::<u32>(), (u32::MAX - 3)..=u32::MAX], 0..300),
            capacity in 1_u32..64,
        ) {
            let mut receiver = opened(true, capacity);
            for number in numbers {
                receiver.receive(NOW, &packet(Kind::Data, number, b"x"));
                prop_assert!(receiver.early.len() + receiver.ready.len() <= capacity as usize);
            }
        }
    }
}
