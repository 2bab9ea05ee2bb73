//! 客户端的检查:检查扮演接收方,故意丢、坏、冒充、关窗口。

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::BASE;
use super::packet::{ACK, DATA, DONE, FIN, OPEN, PROBE, Packet, REFUSED, crc32, receive};
use crate::exam::{Exam, Stop, Verdict};
use crate::ladder::Case;
use crate::udp_peer::UdpPeer;

/// 客户端的检查。
pub const CASES: &[Case] = &[
    Case {
        id: "open",
        title: "先说要传什么:编号 0、文件长度、不含目录的文件名;没有回答就再说一遍",
        why: "第一个报文也会丢;对方不需要知道你的目录",
        hint: "照讲义的图写 22 字节的头;等确认,超时就重传",
        run: open,
        ..BASE
    },
    Case {
        id: "whole",
        title: "文件按编号一段一段地传完,最后是整个文件的 CRC-32",
        why: "编号让对方能排好次序;整个文件的校验和是最后一道",
        hint: "编号从 1 起,每段至多 1,200 字节;结束的报文接着编号",
        run: whole,
        ..BASE
    },
    Case {
        id: "resend",
        title: "每个报文第一次都丢,照样传完",
        why: "可靠就是:没有确认的,超时再发一次",
        hint: "留着没有确认的报文,超时后以同样的编号、同样的内容再发",
        run: resend,
        ..BASE
    },
    Case {
        id: "window",
        title: "不超出对方的窗口;窗口是 0 就停下来问",
        why: "对方只留了这么多地方,多发的都会被丢弃",
        hint: "只发编号小于「确认的编号 + 窗口」的;窗口是 0 时隔一阵发一个询问(种类 3)",
        run: window,
        ..BASE
    },
    Case {
        id: "ack-damaged",
        title: "坏了的确认不算数",
        why: "确认也会坏:信了它,就以为没有送到的送到了",
        hint: "收到的报文先核对校验和,不对就当没有收到",
        run: ack_damaged,
        ..BASE
    },
    Case {
        id: "strange",
        title: "陌生人和别的会话说的话不算数",
        why: "谁都能给你的端口发数据报:一句假的「不收」就能打断传输",
        hint: "先 connect,再比较会话",
        run: strange,
        ..BASE
    },
    Case {
        id: "refused",
        title: "对方不收,马上说出来,以出错结束",
        why: "不收就是不收,再重传也没有用",
        hint: "收到种类 6 就结束,退出码不是 0",
        run: refused,
        ..BASE
    },
    Case {
        id: "gone",
        title: "对方一直没有音讯,试几次以后放弃,以出错结束",
        why: "对方可能永远不会回来,重传不能没有尽头",
        hint: "记下最近一次听到对方的时刻,太久了就放弃",
        options: &["--timeout", "2"],
        run: gone,
        ..BASE
    },
];

/// 给客户端传的文件,离开作用域时删掉。
struct Temporary {
    path: PathBuf,
    content: Vec<u8>,
}

impl Temporary {
    fn new(length: usize) -> anyhow::Result<Self> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("check-{}-{number}.bin", std::process::id());
        let path = std::env::temp_dir().join(name);
        // 每一段都不同,弄错次序就看得出来。
        let content: Vec<u8> = (0..length).map(|n| (n / 7 + n) as u8).collect();
        fs::write(&path, &content)?;
        Ok(Self { path, content })
    }

    fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// 检查扮演接收方:和一个客户端的一次传输。
struct Talk {
    peer: UdpPeer,
    file: Temporary,
    client: SocketAddr,
    session: u32,
    time: u32,
    next: u32,
    received: Vec<u8>,
}

/// 启动客户端,让它传一个 `length` 字节的文件,等它说要传什么;还没有回答它。
fn begin(exam: &mut Exam, length: usize) -> Result<Talk, Stop> {
    let peer = UdpPeer::open()?;
    let file = Temporary::new(length)?;
    let path = file.path.to_string_lossy().into_owned();
    exam.client(peer.address()?)?.type_line(&path);
    let (packet, client) = receive(exam, &peer)?;
    if (packet.kind, packet.number) != (OPEN, 0) {
        let what = format!(
            "第一个报文应当是种类 {OPEN}、编号 0,却是种类 {}、编号 {}",
            packet.kind, packet.number
        );
        return Err(exam.failure(what).received(Some(&packet.encode())).into());
    }
    let expected = file.name();
    let size = packet.content.get(1..9);
    if size != Some(&(length as u64).to_be_bytes()[..])
        || packet.content.get(9..) != Some(expected.as_bytes())
    {
        let what =
            format!("开始的内容应当是 1 字节的方式、8 字节的长度 {length} 和文件名 {expected}");
        let failure = exam.failure(what);
        return Err(failure.received(Some(&packet.content)).into());
    }
    Ok(Talk {
        peer,
        file,
        client,
        session: packet.session,
        time: packet.time,
        next: 1,
        received: Vec::new(),
    })
}

impl Talk {
    fn answer(&self, kind: u8, number: u32, window: u16, content: &[u8]) -> Packet {
        Packet {
            kind,
            session: self.session,
            number,
            time: self.time,
            window,
            content: content.to_vec(),
        }
    }

    fn send(&self, packet: &Packet) -> anyhow::Result<()> {
        self.peer.send(&packet.encode(), self.client)
    }

    fn ack(&self, window: u16) -> anyhow::Result<()> {
        self.send(&self.answer(ACK, self.next, window, &[]))
    }

    /// 下一个报文;是按次序的下一段就收下。
    fn take(&mut self, exam: &mut Exam) -> Result<Packet, Stop> {
        let (packet, _) = receive(exam, &self.peer)?;
        self.time = packet.time;
        if packet.kind == DATA && packet.number == self.next {
            self.received.extend_from_slice(&packet.content);
        }
        if matches!(packet.kind, DATA | FIN) && packet.number == self.next {
            self.next += 1;
        }
        Ok(packet)
    }

    /// 收完余下的,核对,说「保存好了」,等客户端正常结束。`lost` 说丢的,就当没有看见。
    fn finish(mut self, exam: &mut Exam, mut lost: impl FnMut(&Packet) -> bool) -> Verdict {
        let deadline = exam.deadline();
        self.ack(64)?;
        loop {
            let before = (self.next, self.received.len());
            let packet = self.take(exam)?;
            if Instant::now() >= deadline {
                return Err(exam.failure("等到期限,文件也没有传完").into());
            }
            if lost(&packet) {
                self.next = before.0;
                self.received.truncate(before.1);
                continue;
            }
            if packet.kind == FIN && self.next > before.0 {
                self.check(exam, &packet)?;
                self.send(&self.answer(DONE, 0, 0, &[]))?;
                return exam.wait_exit(|status| status.success(), "对方保存好了,应当正常结束");
            }
            self.ack(64)?;
        }
    }

    fn check(&self, exam: &mut Exam, fin: &Packet) -> Verdict {
        if self.received != self.file.content {
            let failure = exam
                .failure("传来的文件不一样")
                .expected(&self.file.content);
            return Err(failure.received(Some(&self.received)).into());
        }
        let checksum = crc32(&self.file.content).to_be_bytes();
        if fin.content != checksum {
            let failure = exam.failure("结束的报文里,整个文件的 CRC-32 不对");
            let failure = failure.expected(&checksum);
            return Err(failure.received(Some(&fin.content)).into());
        }
        Ok(())
    }
}

/// 第一条检查,也是 [`BASE`] 里占位的那个。
pub fn open(exam: &mut Exam) -> Verdict {
    let talk = begin(exam, 3_000)?;
    let (again, _) = receive(exam, &talk.peer)?;
    if (again.kind, again.number, again.session) != (OPEN, 0, talk.session) {
        let failure = exam.failure("没有得到回答,应当把编号 0 再发一遍,会话不变");
        return Err(failure.received(Some(&again.encode())).into());
    }
    Ok(())
}

fn whole(exam: &mut Exam) -> Verdict {
    let talk = begin(exam, 20_000)?;
    talk.finish(exam, |_| false)
}

fn resend(exam: &mut Exam) -> Verdict {
    let talk = begin(exam, 5_000)?;
    let mut seen = Vec::new();
    talk.finish(exam, |packet| {
        let first = !seen.contains(&(packet.kind, packet.number));
        seen.push((packet.kind, packet.number));
        first
    })
}

fn window(exam: &mut Exam) -> Verdict {
    const ALLOWED: u32 = 2;
    let mut talk = begin(exam, 20_000)?;
    talk.ack(ALLOWED as u16)?;
    while talk.next <= ALLOWED {
        let packet = talk.take(exam)?;
        within(exam, &packet, ALLOWED)?;
    }
    // 关上窗口,等它来问;它要是不管,就会接着发。
    talk.ack(0)?;
    loop {
        let packet = talk.take(exam)?;
        within(exam, &packet, ALLOWED)?;
        match packet.kind {
            PROBE => return talk.finish(exam, |_| false),
            _ => talk.ack(0)?,
        }
    }
}

fn within(exam: &mut Exam, packet: &Packet, last: u32) -> Verdict {
    if packet.kind == PROBE || packet.number <= last {
        return Ok(());
    }
    let what = format!("窗口只到编号 {last},却发来了编号 {}", packet.number);
    Err(exam.failure(what).into())
}

fn ack_damaged(exam: &mut Exam) -> Verdict {
    let mut talk = begin(exam, 1_000)?;
    talk.ack(1)?;
    let first = loop {
        let packet = talk.take(exam)?;
        if packet.kind == DATA {
            break packet;
        }
    };
    // 「1 到了」坏了一位:不能信,1 还要再来。
    let mut damaged = talk.answer(ACK, 2, 64, &[]).encode();
    damaged[21] ^= 1;
    talk.peer.send(&damaged, talk.client)?;
    let (again, _) = receive(exam, &talk.peer)?;
    if (again.kind, again.number, &again.content) != (DATA, 1, &first.content) {
        let failure = exam.failure("坏了的确认不能算,编号 1 应当再来一遍");
        let failure = failure.expected(&first.encode());
        return Err(failure.received(Some(&again.encode())).into());
    }
    talk.finish(exam, |_| false)
}

fn strange(exam: &mut Exam) -> Verdict {
    let talk = begin(exam, 3_000)?;
    let refusal = talk.answer(REFUSED, 0, 0, &[0]);
    UdpPeer::open()?.send(&refusal.encode(), talk.client)?;
    let other = Packet {
        session: talk.session ^ 1,
        ..refusal
    };
    talk.send(&other)?;
    talk.finish(exam, |_| false)
}

fn refused(exam: &mut Exam) -> Verdict {
    let talk = begin(exam, 3_000)?;
    talk.send(&talk.answer(REFUSED, 0, 0, &[2]))?;
    exam.wait_exit(|status| !status.success(), "对方不收,应当以出错结束")
}

fn gone(exam: &mut Exam) -> Verdict {
    let talk = begin(exam, 3_000)?;
    receive(exam, &talk.peer)?;
    exam.wait_exit(
        |status| !status.success(),
        "对方没有音讯,应当放弃,以出错结束",
    )
}
