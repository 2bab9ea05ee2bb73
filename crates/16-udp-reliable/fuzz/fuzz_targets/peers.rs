//! 任意的报文(校验和都对)、任意的先后:发送方和接收方都不崩溃,也不越过规矩。
//!
//! 在 crates/16-udp-reliable 里:`cargo +nightly fuzz run peers`。

#![no_main]
// 只用到一部分。
#![allow(dead_code)]

#[path = "../../src/content.rs"]
mod content;
#[path = "../../src/flights.rs"]
mod flights;
#[path = "../../src/packet.rs"]
mod packet;
#[path = "../../src/receiver.rs"]
mod receiver;
#[path = "../../src/rto.rs"]
mod rto;
#[path = "../../src/sender.rs"]
mod sender;

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use packet::{Kind, Packet};
use receiver::Receiver;
use sender::{Mode, Sender, Settings};

const SESSION: u32 = 1;
const WINDOW: u32 = 16;
const CAPACITY: u32 = 8;

/// 每 12 个字节变成一个报文:时钟走几毫秒、种类、编号、时刻、窗口、内容的长度。
const STEP: usize = 12;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else {
        return;
    };
    let modes = [Mode::StopAndWait, Mode::GoBackN, Mode::SelectiveRepeat];
    let mode = modes[usize::from(*first) % modes.len()];
    let settings = Settings {
        mode,
        window: WINDOW,
        patience: Duration::from_secs(30),
    };
    let mut now = Duration::ZERO;
    let mut sender = Sender::new(now, SESSION, settings, 1, "x");
    let open = packet(Kind::Open, 0, 0, 0, &[]);
    let mut receiver = Receiver::new(now, &open, mode == Mode::SelectiveRepeat, CAPACITY);
    let (mut right_edge, mut taken) = (1 + CAPACITY, 0_u32);
    for step in rest.chunks_exact(STEP) {
        now += Duration::from_millis(u64::from(step[0]) * 8);
        let kinds = [Kind::Open, Kind::Data, Kind::Fin, Kind::Probe, Kind::Ack, Kind::Done];
        let kind = kinds[usize::from(step[1]) % kinds.len()];
        let number = u32::from_be_bytes([step[2], step[3], step[4], step[5]]);
        let content = &bytes[..usize::from(step[11]).min(bytes.len())];
        let time = u32::from_be_bytes([step[6], step[7], step[8], step[9]]);
        let came = packet(kind, number, time, u16::from(step[10]), content);
        sender.receive(now, &came);
        sender.tick(now);
        while sender.wants() {
            sender.push(now, b"x");
        }
        while let Some(datagram) = sender.transmit() {
            assert!(Packet::decode(&datagram).is_some());
        }
        assert!(sender.outcome().is_some() || sender.deadline() > now);
        receiver.receive(now, &came);
        if step[1] & 0x80 != 0 && receiver.take().is_some() {
            taken += 1;
        }
        while let Some(datagram) = receiver.transmit() {
            // 窗口的右边只进不退,也不超过留着的地方。
            let ack = Packet::decode(&datagram).expect("自己写的报文自己读不懂");
            let edge = ack.number.saturating_add(u32::from(ack.window));
            assert!(edge >= right_edge && edge <= 1 + taken + CAPACITY);
            right_edge = edge;
        }
    }
});

fn packet(kind: Kind, number: u32, time: u32, window: u16, content: &[u8]) -> Packet<'_> {
    Packet {
        kind,
        session: SESSION,
        number,
        time,
        window,
        content,
    }
}
