//! 服务器的检查:检查扮演发送方,故意乱序、重复、损坏、冒充。都不会真的存下文件。

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::BASE;
use super::packet::{ACK, DATA, FIN, OPEN, Packet, REFUSED, receive};
use crate::exam::{Exam, Stop, Transport, Verdict};
use crate::ladder::Case;
use crate::udp_peer::UdpPeer;

/// 服务器的检查。都不会真的存下文件。
pub const CASES: &[Case] = &[
    Case {
        id: "accept",
        title: "确认编号 0,给出窗口,带回时刻",
        why: "不知道窗口,发送方不敢发;带回时刻,发送方才测得往返时间",
        hint: "确认的编号是下一个要的:1",
        run: accept,
        ..BASE
    },
    Case {
        id: "damaged",
        title: "坏了的报文当作没有收到",
        why: "不知道坏的是哪一位,什么都不能信",
        hint: "先核对校验和,不对就不理",
        run: damaged,
        ..BASE
    },
    Case {
        id: "early",
        title: "先到的留着,用位图说出来;重复的再确认一次",
        why: "乱序和重复是网络的常事;确认丢了,对方就会重发",
        hint: "按编号存,补齐了前面的再往下数;任何一个报文来了都回一个确认",
        run: early,
        ..BASE
    },
    Case {
        id: "stranger",
        title: "陌生人的报文不打扰正在进行的传输",
        why: "只看会话不看地址,别人就能往你的文件里塞东西",
        hint: "地址和会话都对,才是这一次传输的",
        run: stranger,
        ..BASE
    },
    Case {
        id: "name",
        title: "文件名里有目录就不收",
        why: "../ 或者绝对路径能写到任何地方(CWE-22)",
        hint: "只收不含 / 和 \\ 的、不以点开头的名字",
        run: name,
        ..BASE
    },
    Case {
        id: "too-large",
        title: "声称大得离谱的文件不收",
        why: "先按对方说的长度要内存或磁盘,一个报文就能把你占满",
        hint: "长度先和自己的上限比",
        run: too_large,
        ..BASE
    },
    Case {
        id: "mismatch",
        title: "整个文件的校验和不对就不收",
        why: "每一段都对,拼起来也可能不是那个文件",
        hint: "边收边算 CRC-32,结束时比较;不对就回「不收」,什么也不留下",
        run: mismatch,
        ..BASE
    },
];

/// 检查扮演发送方:和服务器的一次传输。
struct Sending {
    peer: UdpPeer,
    server: SocketAddr,
    session: u32,
}

impl Sending {
    fn new(server: SocketAddr, session: u32) -> Result<Self, Stop> {
        let peer = UdpPeer::open()?;
        Ok(Self {
            peer,
            server,
            session,
        })
    }

    fn packet(&self, kind: u8, number: u32, content: &[u8]) -> Packet {
        Packet {
            kind,
            session: self.session,
            number,
            // 随便一个:看它带不带得回来。
            time: 0xabcd_0000 + number,
            window: 0,
            content: content.to_vec(),
        }
    }

    fn send(&self, kind: u8, number: u32, content: &[u8]) -> anyhow::Result<()> {
        let packet = self.packet(kind, number, content);
        self.peer.send(&packet.encode(), self.server)
    }

    /// 说要传 `name`,`size` 字节,先到的请留着。
    fn open(&self, name: &str, size: u64) -> anyhow::Result<()> {
        self.send(OPEN, 0, &opening(name, size))
    }

    /// 下一个回答:种类和会话要对。
    fn answered(&self, exam: &mut Exam, kind: u8) -> Result<Packet, Stop> {
        let (packet, _) = receive(exam, &self.peer)?;
        if (packet.kind, packet.session) != (kind, self.session) {
            let what = format!(
                "应当回答种类 {kind}、会话 {:08x},却是种类 {}、会话 {:08x}",
                self.session, packet.kind, packet.session
            );
            return Err(exam.failure(what).received(Some(&packet.encode())).into());
        }
        Ok(packet)
    }

    /// 下一个回答是确认,编号和位图要对。
    fn acked(&self, exam: &mut Exam, number: u32, bits: &[u8]) -> Result<Packet, Stop> {
        let packet = self.answered(exam, ACK)?;
        if packet.number != number || packet.content != bits {
            let what = format!(
                "应当确认编号 {number}、位图 {bits:02x?},却是编号 {}、位图 {:02x?}",
                packet.number, packet.content
            );
            return Err(exam.failure(what).received(Some(&packet.encode())).into());
        }
        Ok(packet)
    }
}

fn opening(name: &str, size: u64) -> Vec<u8> {
    let mut content = vec![1];
    content.extend_from_slice(&size.to_be_bytes());
    content.extend_from_slice(name.as_bytes());
    content
}

/// 一个不会碰巧已经有了的文件名。
fn unused() -> String {
    format!("check-{}-not-saved.bin", std::process::id())
}

fn accept(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Udp)?;
    let sending = Sending::new(server, 1)?;
    sending.open(&unused(), 3)?;
    let ack = sending.acked(exam, 1, &[])?;
    if ack.window == 0 || ack.time != 0xabcd_0000 {
        let what = format!(
            "窗口应当大于 0,时刻应当原样带回 abcd0000,却是 {} 和 {:08x}",
            ack.window, ack.time
        );
        return Err(exam.failure(what).into());
    }
    discard(exam, &sending, 1)
}

fn damaged(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Udp)?;
    let sending = Sending::new(server, 2)?;
    let mut bytes = sending.packet(OPEN, 0, &opening(&unused(), 3)).encode();
    *bytes.last_mut().unwrap_or(&mut 0) ^= 1;
    sending.peer.send(&bytes, server)?;
    // 坏的不该有回答:第一个回答必须是给好的那个的。
    let good = Sending {
        session: 3,
        ..sending
    };
    good.open(&unused(), 3)?;
    good.acked(exam, 1, &[])?;
    discard(exam, &good, 1)
}

fn early(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Udp)?;
    let sending = Sending::new(server, 4)?;
    sending.open(&unused(), 6)?;
    sending.acked(exam, 1, &[])?;
    sending.send(DATA, 3, b"ef")?;
    sending.acked(exam, 1, &[0b10])?;
    sending.send(DATA, 2, b"cd")?;
    sending.acked(exam, 1, &[0b11])?;
    sending.send(DATA, 1, b"ab")?;
    sending.acked(exam, 4, &[])?;
    sending.send(DATA, 2, b"cd")?;
    sending.acked(exam, 4, &[])?;
    discard(exam, &sending, 4)
}

/// 以错误的校验和结束:服务器不收,什么也不留下,也不再忙着;下一条检查可能用的是同一个服务器。
fn discard(exam: &mut Exam, sending: &Sending, number: u32) -> Verdict {
    sending.send(FIN, number, &[0; 4])?;
    loop {
        let (packet, _) = receive(exam, &sending.peer)?;
        match packet.kind {
            ACK => {}
            REFUSED if packet.session == sending.session => return Ok(()),
            _ => {
                let failure = exam.failure("校验和不对,应当回答「不收」(种类 6)");
                return Err(failure.received(Some(&packet.encode())).into());
            }
        }
    }
}

fn mismatch(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Udp)?;
    let sending = Sending::new(server, 5)?;
    sending.open(&unused(), 3)?;
    sending.acked(exam, 1, &[])?;
    sending.send(DATA, 1, b"abc")?;
    sending.acked(exam, 2, &[])?;
    discard(exam, &sending, 2)
}

fn stranger(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Udp)?;
    let sending = Sending::new(server, 6)?;
    sending.open(&unused(), 6)?;
    sending.acked(exam, 1, &[])?;
    // 会话一样,地址不同;然后是同一个地址,会话不同。
    let stranger = Sending::new(server, 6)?;
    stranger.send(DATA, 1, b"xyz")?;
    let packet = Packet {
        session: 7,
        ..sending.packet(DATA, 1, b"xyz")
    };
    sending.peer.send(&packet.encode(), server)?;
    sending.send(DATA, 2, b"def")?;
    sending.acked(exam, 1, &[0b1])?;
    sending.send(DATA, 1, b"abc")?;
    sending.acked(exam, 3, &[])?;
    if stranger
        .peer
        .receive(Instant::now() + Duration::from_millis(50))?
        .is_some()
    {
        return Err(exam.failure("回答了冒充这个会话的陌生人").into());
    }
    discard(exam, &sending, 3)
}

fn name(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Udp)?;
    let names = ["../x", "/x", "a/b", "a\\b", "..", "", ".x", "a\0b"];
    for (session, name) in (10..).zip(names) {
        let sending = Sending::new(server, session)?;
        sending.open(name, 3)?;
        let refused = sending.answered(exam, REFUSED);
        refused.map_err(|stop| match stop {
            Stop::Failed(failure) => {
                let what = format!("文件名 {name:?} 应当不收:{}", failure.what());
                exam.failure(what).into()
            }
            other => other,
        })?;
    }
    Ok(())
}

fn too_large(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Udp)?;
    for (session, size) in (30..).zip([u64::MAX, 1 << 62]) {
        let sending = Sending::new(server, session)?;
        sending.open(&unused(), size)?;
        sending.answered(exam, REFUSED)?;
    }
    // 拒绝了大的,正常的照收。
    let sending = Sending::new(server, 40)?;
    sending.open(&unused(), 3)?;
    sending.acked(exam, 1, &[])?;
    discard(exam, &sending, 1)
}
