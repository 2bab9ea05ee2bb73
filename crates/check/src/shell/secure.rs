//! 安全的远程命令:不会说 TLS 的人进不来,也拖不住它。检查自己不会 TLS:这里扮演的都是没有通过的人。

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::exam::{Exam, Stop, Verdict};
use crate::ladder::Case;
use crate::shell::stream::{HELLO, command, exit, frame};
use crate::tcp_client::{expect_complaint, start};
use crate::tcp_peer::{End, TcpPeer};
use crate::tcp_server::{arrive, connect};

/// TLS 记录的种类(RFC 8446 §5.1)。
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;

/// 警报:没有共同的版本(RFC 8446 §6.2)。
const PROTOCOL_VERSION: u8 = 70;

/// 运行了就会留下的文件。
const MARK: &str = "it-was-run.txt";

/// 慢慢来的人,隔这么久说一个字节。
const DRIP: Duration = Duration::from_millis(100);

/// 从 shell-secure 起通过的检查,其余各项由每条检查自己写。
const BASE: Case = Case {
    id: "",
    title: "",
    why: "",
    hint: "",
    note: "44-shell-secure.md",
    since: "shell-secure",
    until: None,
    options: &[],
    run: plain,
};

/// 只有我们的程序认得的选项,单独一条线。
pub const LIMIT_CASES: &[Case] = &[
    Case {
        id: "silent",
        title: "连上了不说话:到期限就挂断",
        why: "没有通过的人不花什么就能占着服务器",
        hint: "握手和口令合起来一个期限",
        options: &["--handshake", "1"],
        run: silent,
        ..BASE
    },
    Case {
        id: "drip",
        title: "一个字节一个字节地握手:期限不因此延长",
        why: "每收到一个字节就重新计时,慢慢来的人永远到不了期限",
        hint: "期限是一个时刻,不是每次接收的时长",
        options: &["--handshake", "1"],
        run: drip,
        ..BASE
    },
];

/// 服务器的全部检查。
pub const SERVER_CASES: &[Case] = &[
    Case {
        id: "plain",
        title: "不加密的命令:不运行,不回答",
        why: "谁连得上谁就能运行命令,这一阶段要治的就是它",
        hint: "先 TLS 握手,再看口令,然后才收命令",
        run: plain,
        ..BASE
    },
    Case {
        id: "http",
        title: "浏览器、扫描的人:挂断,什么也不告诉他",
        why: "版本、目录、编码,都是通过以后才说的",
        hint: "握手不成就关闭连接",
        run: http,
        ..BASE
    },
    Case {
        id: "tls-1.2",
        title: "只会 TLS 1.2 的:用警报 protocol_version 拒绝",
        why: "1.2 以前的版本有降级、压缩、重新协商这些旧账",
        hint: "context.minimum_version = ssl.TLSVersion.TLSv1_3",
        run: old_version,
        ..BASE
    },
    Case {
        id: "half-handshake",
        title: "握手握到一半不动的人,不挡着后面的",
        why: "先握手再 accept 下一位,一个人就能让谁都进不来",
        hint: "握手放在每位客户自己的线程里",
        run: half_handshake,
        ..BASE
    },
    Case {
        id: "oversize",
        title: "说有 65,535 字节的一条记录:马上拒绝",
        why: "照着对方说的长度等,等于让他决定我们用多少内存",
        hint: "TLS 库会拒绝;不要自己去收",
        run: oversize,
        ..BASE
    },
];

/// 客户端的全部检查。
pub const CLIENT_CASES: &[Case] = &[Case {
    id: "not-tls",
    title: "对方不会 TLS:一个字的命令也不说",
    why: "冒充的服务器只要不加密,就能骗到命令和口令",
    hint: "握手成了、指纹对了,才发第一个字节",
    run: not_tls,
    ..BASE
}];

/// 发这些,应当被挂断;最多得到一个警报,给出它。
fn turned_away(exam: &mut Exam, peer: &mut TcpPeer, bytes: &[u8]) -> Result<Vec<u8>, Stop> {
    peer.send(bytes, exam.deadline())?;
    let received = peer.receive_all(exam.deadline())?;
    let is_alert = received.bytes.is_empty() || received.bytes[0] == ALERT;
    if is_alert && matches!(received.end, End::Eof | End::Reset) {
        return Ok(received.bytes);
    }
    let what = match is_alert {
        true => "应当挂断,却还等着",
        false => "应当挂断,却回答了",
    };
    let failure = exam.failure(what).sent(bytes);
    Err(failure.received(Some(&received.bytes)).into())
}

/// 后面的人也应当马上得到(拒绝的)回答。
fn next_is_heard(exam: &mut Exam, server: SocketAddr) -> Verdict {
    let mut peer = arrive(exam, server)?;
    turned_away(exam, &mut peer, &hello_of_1_2()).map(drop)
}

fn plain(exam: &mut Exam) -> Verdict {
    let (server, mut peer) = connect(exam)?;
    let file = exam.directory().join(MARK);
    let line = format!("echo x > \"{}\"", file.display());
    turned_away(exam, &mut peer, &command(&line, false))?;
    next_is_heard(exam, server)?;
    match file.exists() {
        false => Ok(()),
        true => Err(exam.failure("没有加密的命令运行了").into()),
    }
}

fn http(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = connect(exam)?;
    turned_away(exam, &mut peer, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").map(drop)
}

fn old_version(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = connect(exam)?;
    let answer = turned_away(exam, &mut peer, &hello_of_1_2())?;
    if answer.last() == Some(&PROTOCOL_VERSION) {
        return Ok(());
    }
    let failure = exam.failure("应当是警报 protocol_version(70)");
    Err(failure.received(Some(&answer)).into())
}

fn half_handshake(exam: &mut Exam) -> Verdict {
    let (server, mut stuck) = connect(exam)?;
    stuck.send(&hello_of_1_2()[..20], exam.deadline())?;
    next_is_heard(exam, server)
}

fn oversize(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = connect(exam)?;
    turned_away(exam, &mut peer, &[HANDSHAKE, 3, 1, 0xff, 0xff, 1]).map(drop)
}

fn silent(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = connect(exam)?;
    turned_away(exam, &mut peer, b"").map(drop)
}

fn drip(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = connect(exam)?;
    let started = Instant::now();
    for byte in hello_of_1_2() {
        // 挂断以后再发,会出错;看的是收的一头。
        let _ = peer.send(&[byte], exam.deadline());
        let received = peer.receive_some(1, Instant::now() + DRIP)?;
        if matches!(received.end, End::Eof | End::Reset) || received.bytes == [ALERT] {
            return Ok(());
        }
        if Instant::now() >= exam.deadline().min(started + Duration::from_secs(4)) {
            break;
        }
    }
    Err(exam.failure("期限是 1 秒,过了好几秒还没有挂断").into())
}

fn not_tls(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &["echo secret"])?;
    let first = peer.receive(3, exam.deadline())?;
    if first.bytes.first() != Some(&HANDSHAKE) {
        let failure = exam.failure("客户端的第一个字节应当是 TLS 握手(22)");
        return Err(failure.received(Some(&first.bytes)).into());
    }
    let hello = frame(HELLO, b"\x01\x05utf-8/");
    peer.send(&[hello, exit(0, 0)].concat(), exam.deadline())?;
    expect_complaint(exam, "对方说的不是 TLS")
}

/// 只会 TLS 1.2 的 ClientHello:没有 supported_versions 这个扩展(RFC 5246 §7.4.1.2)。
fn hello_of_1_2() -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.push(0);
    // 三种算法:ECDHE-ECDSA 和 ECDHE-RSA 的 AES-128-GCM,RSA 的 AES-128-CBC。
    body.extend([0, 6, 0xc0, 0x2b, 0xc0, 0x2f, 0, 0x2f]);
    // 不压缩。
    body.extend([1, 0]);
    let groups = [0, 10, 0, 4, 0, 2, 0, 23];
    let signatures = [0, 13, 0, 4, 0, 2, 4, 3];
    body.extend([0, 16]);
    body.extend(groups.into_iter().chain(signatures));
    let length = u8::try_from(body.len()).unwrap_or(u8::MAX);
    let message = [&[1, 0, 0, length], body.as_slice()].concat();
    [&[HANDSHAKE, 3, 1, 0, length + 4], message.as_slice()].concat()
}
