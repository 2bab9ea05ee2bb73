//! 报文各层的检查:读我们写好的抓包文件,看打印的字段;写抓包文件,看里面的字节。

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, process};

use anyhow::Context;

use crate::exam::{Exam, Stop, Verdict};
use crate::ladder::Case;
use crate::packet_bytes::{
    Order, arp, captured, checksum_of, ethernet, frames, ipv4, tcp, transport_sum, udp, vlan,
};
use crate::tool::{self, Finished};

/// 一直适用的检查,其余各项由每条检查自己写。
const BASE: Case = Case {
    id: "",
    title: "",
    why: "",
    hint: "",
    note: "02-packet-layers.md",
    since: "packet-layers",
    until: None,
    options: &[],
    run: show_fields,
};

/// 读得对,写得对。
pub const CASES: &[Case] = &[
    Case {
        id: "show-fields",
        title: "show:以太网、IPv4、UDP 的字段",
        why: "每一层的头都是固定位置上的几个整数,大端",
        hint: "一个字段一行,写上名字和值;Python 用 struct.unpack('!…')",
        run: show_fields,
        ..BASE
    },
    Case {
        id: "show-arp",
        title: "show:ARP 不是 IP 报文",
        why: "以太网的类型 0x0806 说明里面是 ARP,直接装在帧里,没有 IP 头",
        hint: "ARP 共 28 字节:类型、长度、操作,然后是两对(MAC, IP)",
        note: "以太网与ARP.md",
        run: show_arp,
        ..BASE
    },
    Case {
        id: "show-tcp",
        title: "show:TCP 的标志和选项",
        why: "头的长度写在头里:有选项时不是 20 字节",
        hint: "第 13 个字节的高 4 位乘 4 是头的长度;标志写出名字",
        run: show_tcp,
        ..BASE
    },
    Case {
        id: "show-vlan",
        title: "show:VLAN 标签让后面的都挪了 4 字节",
        why: "类型 0x8100 后面先是标签,再是真正的类型",
        hint: "遇到 0x8100 就多读 4 字节,再看类型",
        note: "以太网与ARP.md",
        run: show_vlan,
        ..BASE
    },
    Case {
        id: "show-checksum",
        title: "show:校验和对不对,有没有",
        why: "错的要说错;IPv4 上的 UDP 写 0 是没有用校验和,不是错",
        hint: "UDP 和 TCP 要加上伪首部;单数个字节时末尾补 0",
        run: show_checksum,
        ..BASE
    },
    Case {
        id: "show-fragment",
        title: "show:片偏移的单位是 8 字节",
        why: "13 位要表示 65,535,所以每 8 字节数一个:185 是第 1480 字节",
        hint: "低 13 位乘 8;不是第一片的,后面没有 UDP 头",
        run: show_fragment,
        ..BASE
    },
    Case {
        id: "show-truncated",
        title: "show:截断的包也打印,说明截断",
        why: "tcpdump -s 只抓开头;剩下的不在文件里,不能往后读",
        hint: "文件里的两个长度:抓到的和网线上的;每次取字节之前先看还有没有",
        run: show_truncated,
        ..BASE
    },
    Case {
        id: "show-hostile",
        title: "show:头里的长度骗人,程序不出错",
        why: "抓到的包可以是任何人发的,长度不可信",
        hint: "头里说的长度先和真正有的字节比,再用",
        run: show_hostile,
        ..BASE
    },
    Case {
        id: "show-orders",
        title: "show:大端、小端、微秒、纳秒的文件都读",
        why: "抓包文件用抓包机器的字节序,开头四个字节说明是哪一种",
        hint: "开头是 d4c3b2a1 就是小端,a1b2c3d4 就是大端,3c4d 的是纳秒",
        run: show_orders,
        ..BASE
    },
    Case {
        id: "show-not-a-capture",
        title: "show:不是抓包文件,说明原因",
        why: "认错了文件还往下读,打印的全是假的",
        hint: "先核对开头四个字节;错误写到标准错误,退出码 1 或 2",
        run: show_not_a_capture,
        ..BASE
    },
    Case {
        id: "build-arp",
        title: "build:ARP 请求是广播,应答是单播",
        why: "问的时候还不知道对方的 MAC;答的时候知道了",
        hint: "请求的以太网目的是 ff:ff:ff:ff:ff:ff,ARP 里的目标 MAC 填 0",
        note: "以太网与ARP.md",
        run: build_arp,
        ..BASE
    },
    Case {
        id: "build-udp",
        title: "build:数据装进 UDP、IPv4、以太网",
        why: "每一层把上一层的全部当作数据,加上自己的头",
        hint: "14 + 20 + 8,然后是数据;UDP 的长度含头,IP 的总长度含 IP 头",
        run: build_udp,
        ..BASE
    },
    Case {
        id: "build-tcp",
        title: "build:同样的数据装进 TCP",
        why: "TCP 的头里没有长度,序号说明数据在字节流的哪里",
        hint: "先有 SYN;数据那一段的序号比 SYN 的多 1",
        run: build_tcp,
        ..BASE
    },
    Case {
        id: "build-checksums",
        title: "build:三种校验和都对",
        why: "校验和不对的报文,收到的系统会悄悄丢掉",
        hint: "先把校验和写成 0 再算;算 UDP 和 TCP 的要加伪首部",
        run: build_checksums,
        ..BASE
    },
    Case {
        id: "build-large",
        title: "build:4,000 字节,UDP 分片,TCP 分段",
        why: "以太网一次最多 1,500 字节;UDP 靠 IP 分片,TCP 自己按 MSS 切",
        hint: "除了最后一片,每片数据是 8 的倍数,MF 是 1;片偏移是 0、185、370",
        run: build_large,
        ..BASE
    },
];

/// 一个临时文件,用完就删。
struct Scratch(PathBuf);

impl Scratch {
    fn new(contents: &[u8]) -> anyhow::Result<Self> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("packet-layers-{}-{number}.pcap", process::id());
        let path = env::temp_dir().join(name);
        fs::write(&path, contents).with_context(|| format!("写不了 {}", path.display()))?;
        Ok(Self(path))
    }

    fn name(&self) -> String {
        self.0.to_string_lossy().into_owned()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // 删不掉也只是留下一个小文件。
        let _ = fs::remove_file(&self.0);
    }
}

/// `show` 这些包,给出输出。
fn show(exam: &Exam, packets: &[Vec<u8>]) -> Result<Finished, Stop> {
    let whole: Vec<(&[u8], usize)> = packets.iter().map(|one| (&one[..], one.len())).collect();
    show_file(exam, &captured(&whole, Order::LittleMicro))
}

fn show_file(exam: &Exam, file: &[u8]) -> Result<Finished, Stop> {
    let file = Scratch::new(file)?;
    let finished = tool::run(exam, &["show", &file.name()], "")?;
    finished.succeeded()?;
    Ok(finished)
}

/// 有一行里有 `label`,也有 `value` 这个词。
fn has(finished: &Finished, label: &str, value: &str) -> Verdict {
    let in_word = |next: char| next.is_ascii_alphanumeric() || ".:".contains(next);
    let mut lines = finished.output.lines().filter(|line| line.contains(label));
    let found = lines.any(|line| line.split(|next| !in_word(next)).any(|word| word == value));
    match found {
        true => Ok(()),
        false => Err(finished
            .failure(&format!("应当有一行「{label}」,值是 {value}"))
            .into()),
    }
}

fn has_all(finished: &Finished, fields: &[(&str, &str)]) -> Verdict {
    fields
        .iter()
        .try_for_each(|(label, value)| has(finished, label, value))
}

/// 输出里要有(或者没有)这几个字。
fn says(finished: &Finished, text: &str, expected: bool) -> Verdict {
    if finished.output.contains(text) == expected {
        return Ok(());
    }
    let what = match expected {
        true => format!("应当说「{text}」"),
        false => format!("不应当说「{text}」"),
    };
    Err(finished.failure(&what).into())
}

fn udp_frame() -> Vec<u8> {
    ethernet(0x0800, &ipv4(17, 0, &udp(b"hello")))
}

fn show_fields(exam: &mut Exam) -> Verdict {
    let finished = show(exam, &[udp_frame()])?;
    let fields = [
        ("目的 MAC", "02:00:00:00:00:14"),
        ("源 MAC", "02:00:00:00:00:0a"),
        ("类型", "0x0800"),
        ("总长度", "33"),
        ("标识", "0x1234"),
        ("生存时间", "64"),
        ("协议", "17"),
        ("源地址", "192.0.2.10"),
        ("目的地址", "192.0.2.20"),
        ("源端口", "43627"),
        ("目的端口", "8080"),
        ("长度", "13"),
    ];
    has_all(&finished, &fields)
}

fn show_arp(exam: &mut Exam) -> Verdict {
    let finished = show(exam, &[ethernet(0x0806, &arp())])?;
    let fields = [
        ("类型", "0x0806"),
        ("操作", "1"),
        ("发送方 IP", "192.0.2.10"),
        ("发送方 MAC", "02:00:00:00:00:0a"),
        ("目标 IP", "192.0.2.20"),
        ("目标 MAC", "00:00:00:00:00:00"),
    ];
    has_all(&finished, &fields)
}

fn show_tcp(exam: &mut Exam) -> Verdict {
    let finished = show(exam, &[ethernet(0x0800, &ipv4(6, 0, &tcp(b"")))])?;
    let fields = [
        ("源端口", "43627"),
        ("序号", "1000"),
        ("窗口", "65535"),
        ("标志", "SYN"),
        ("MSS", "1460"),
    ];
    has_all(&finished, &fields)
}

fn show_vlan(exam: &mut Exam) -> Verdict {
    let finished = show(exam, &[vlan(7, 0x0800, &ipv4(17, 0, &udp(b"hello")))])?;
    let fields = [
        ("VLAN", "7"),
        ("目的端口", "8080"),
        ("源地址", "192.0.2.10"),
    ];
    has_all(&finished, &fields)
}

fn show_checksum(exam: &mut Exam) -> Verdict {
    says(&show(exam, &[udp_frame()])?, "错误", false)?;
    // UDP 的校验和在第 40 字节,数据在第 42 字节,IPv4 的校验和在第 24 字节。
    for at in [24, 42] {
        let mut wrong = udp_frame();
        wrong[at] ^= 1;
        says(&show(exam, &[wrong])?, "错误", true)?;
    }
    let mut absent = udp_frame();
    absent[40..42].fill(0);
    says(&show(exam, &[absent])?, "错误", false)
}

fn show_fragment(exam: &mut Exam) -> Verdict {
    let second = ethernet(0x0800, &ipv4(17, 185, b"not a udp header"));
    let finished = show(exam, &[second])?;
    let line = finished.output.lines().find(|line| line.contains("片偏移"));
    if !line.is_some_and(|line| line.contains("1480")) {
        let what = "「片偏移」应当说从第 1480 字节起";
        return Err(finished.failure(what).into());
    }
    says(&finished, "源端口", false)
}

fn show_truncated(exam: &mut Exam) -> Verdict {
    for frame in [udp_frame(), ethernet(0x0806, &arp())] {
        for length in [0, 13, 14, 20, 33, 34, 41] {
            let part = (&frame[..length], frame.len());
            let finished = show_file(exam, &captured(&[part], Order::LittleMicro))?;
            says(&finished, "截断", true)?;
        }
    }
    Ok(())
}

fn show_hostile(exam: &mut Exam) -> Verdict {
    let mut packets = Vec::new();
    // 首部长度、总长度、UDP 长度、TCP 首部长度。
    for (at, value) in [
        (14, 0x4f),
        (14, 0x40),
        (16, 0xff),
        (17, 3),
        (38, 0xff),
        (39, 1),
    ] {
        let mut frame = udp_frame();
        frame[at] = value;
        packets.push(frame);
    }
    for value in [0x00, 0x40, 0xf0] {
        let mut frame = ethernet(0x0800, &ipv4(6, 0, &tcp(b"")));
        frame[46] = value;
        packets.push(frame);
    }
    // 选项的长度是 0:按它往前走,永远走不完。
    let mut frame = ethernet(0x0800, &ipv4(6, 0, &tcp(b"")));
    frame[55] = 0;
    packets.push(frame);
    packets.push(Vec::new());
    show(exam, &packets).map(|_| ())
}

fn show_orders(exam: &mut Exam) -> Verdict {
    let frame = udp_frame();
    for order in Order::ALL {
        let finished = show_file(exam, &captured(&[(&frame, frame.len())], order))?;
        has(&finished, "目的端口", "8080")?;
    }
    Ok(())
}

fn show_not_a_capture(exam: &mut Exam) -> Verdict {
    for contents in [&b""[..], b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"] {
        let file = Scratch::new(contents)?;
        tool::run(exam, &["show", &file.name()], "")?.refused("这不是抓包文件")?;
    }
    let missing = Path::new("no-such-directory").join("no-such-file.pcap");
    let missing = missing.to_string_lossy();
    tool::run(exam, &["show", &missing], "")?.refused("没有这个文件")
}

/// `build` 装上 `payload`,给出写的每一帧。
fn build(exam: &Exam, payload: &str) -> Result<(Finished, Vec<Vec<u8>>), Stop> {
    let file = Scratch::new(b"")?;
    let words = ["build", "--payload", payload, "--out", &file.name()];
    let finished = tool::run(exam, &words, "")?;
    finished.succeeded()?;
    let contents = fs::read(&file.0).context("读不了程序写的文件")?;
    match frames(&contents) {
        Some(found) => Ok((finished, found)),
        None => Err(finished.failure("写的文件不是以太网的 .pcap").into()),
    }
}

/// 里面是 `protocol` 的 IPv4 帧。
fn carrying(frames: &[Vec<u8>], protocol: u8) -> Vec<&Vec<u8>> {
    let wanted = |frame: &&Vec<u8>| {
        frame.len() >= 34 && frame[12..14] == [8, 0] && frame[14] == 0x45 && frame[23] == protocol
    };
    frames.iter().filter(wanted).collect()
}

/// 不成立就是失败。
fn ensure(holds: bool, finished: &Finished, what: &str) -> Verdict {
    match holds {
        true => Ok(()),
        false => Err(finished.failure(what).into()),
    }
}

fn build_arp(exam: &mut Exam) -> Verdict {
    let (finished, frames) = build(exam, "hello")?;
    let is_arp = |frame: &&Vec<u8>| frame.len() >= 42 && frame[12..14] == [8, 6];
    let arps: Vec<&Vec<u8>> = frames.iter().filter(is_arp).collect();
    let [request, reply] = arps[..] else {
        let what = format!("应当有两个 ARP 帧,却有 {} 个", arps.len());
        return Err(finished.failure(&what).into());
    };
    ensure(request[20..22] == [0, 1], &finished, "第一个应当是请求")?;
    ensure(request[..6] == [0xff; 6], &finished, "请求应当发到广播地址")?;
    ensure(
        request[32..38] == [0; 6],
        &finished,
        "请求里的目标 MAC 应当是 0",
    )?;
    ensure(reply[20..22] == [0, 2], &finished, "第二个应当是应答")?;
    let back = reply[..6] == request[6..12];
    ensure(back, &finished, "应答应当发给提问的一方")?;
    let answered = reply[28..32] == request[38..42];
    ensure(answered, &finished, "应答的发送方 IP 应当是问的那个")
}

fn build_udp(exam: &mut Exam) -> Verdict {
    for payload in ["hello", "你好", "a"] {
        let (finished, frames) = build(exam, payload)?;
        let found = carrying(&frames, 17);
        let [frame] = found[..] else {
            let what = format!("应当有一个 UDP 帧,却有 {} 个", found.len());
            return Err(finished.failure(&what).into());
        };
        let size = payload.len();
        let length = |at: usize| usize::from(u16::from_be_bytes([frame[at], frame[at + 1]]));
        ensure(frame.len() >= 42 + size, &finished, "帧太短,装不下数据")?;
        ensure(length(16) == 28 + size, &finished, "IP 的总长度不对")?;
        ensure(length(38) == 8 + size, &finished, "UDP 的长度不对")?;
        let data = &frame[42..42 + size];
        ensure(data == payload.as_bytes(), &finished, "数据不在第 42 字节")?;
    }
    Ok(())
}

fn build_tcp(exam: &mut Exam) -> Verdict {
    let (finished, frames) = build(exam, "hello")?;
    let found = carrying(&frames, 6);
    let sequence = |frame: &[u8]| u32::from_be_bytes([frame[38], frame[39], frame[40], frame[41]]);
    let opens = |frame: &&&Vec<u8>| frame.len() >= 54 && frame[47] & 0x12 == 0x02;
    let syn = found.iter().find(opens);
    let data = found.iter().find(|frame| frame.ends_with(b"hello"));
    let (Some(syn), Some(data)) = (syn, data) else {
        return Err(finished.failure("应当有 SYN,也有装着数据的一段").into());
    };
    let next = sequence(syn).wrapping_add(1);
    ensure(
        sequence(data) == next,
        &finished,
        "数据的序号应当比 SYN 的多 1",
    )
}

fn build_checksums(exam: &mut Exam) -> Verdict {
    for payload in ["hello", "even", "你好,网络"] {
        let (finished, frames) = build(exam, payload)?;
        for (protocol, name) in [(17, "UDP"), (6, "TCP")] {
            for frame in carrying(&frames, protocol) {
                let header = checksum_of(0, &frame[14..34]) == 0;
                ensure(header, &finished, "IPv4 的首部校验和不对")?;
                let end = 14 + usize::from(u16::from_be_bytes([frame[16], frame[17]]));
                let whole = (34..=frame.len()).contains(&end);
                ensure(whole, &finished, "IP 的总长度不对")?;
                let right = transport_sum(frame, end) == 0;
                ensure(right, &finished, &format!("{name} 的校验和不对"))?;
            }
        }
    }
    Ok(())
}

fn build_large(exam: &mut Exam) -> Verdict {
    let payload: String = "0123456789".repeat(400);
    let (finished, frames) = build(exam, &payload)?;
    let most = frames.iter().map(Vec::len).max().unwrap_or_default();
    ensure(most <= 1514, &finished, "有一帧超过 1,514 字节")?;
    let fields = |frame: &&Vec<u8>| u16::from_be_bytes([frame[20], frame[21]]) & 0x3fff;
    let fragments: Vec<u16> = carrying(&frames, 17).iter().map(fields).collect();
    let expected = [0x2000, 0x2000 | 185, 370];
    let what = format!("UDP 应当是三个分片(MF 和片偏移 {expected:x?}),却是 {fragments:x?}");
    ensure(fragments == expected, &finished, &what)?;
    let pieces = |frame: &&Vec<u8>| {
        let start = 34 + usize::from(frame.get(46).copied().unwrap_or_default() >> 4) * 4;
        frame.get(start..).unwrap_or_default().to_vec()
    };
    let stream: Vec<u8> = carrying(&frames, 6).iter().flat_map(pieces).collect();
    ensure(
        stream == payload.as_bytes(),
        &finished,
        "TCP 各段的数据连起来不对",
    )
}
