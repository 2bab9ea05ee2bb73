//! 两个人对话的检查:轮流说,谁都能先挂断。

use std::net::SocketAddr;

use crate::exam::{Exam, Stop, Transport, Verdict};
use crate::ladder::{Case, LATER};
use crate::tcp_peer::{End, TcpHost, TcpPeer};

/// 从 tcp-talk 起通过的检查,其余各项由每条检查自己写。
const BASE: Case = Case {
    id: "",
    title: "",
    why: "",
    hint: "",
    note: "24-tcp-talk.md",
    since: "tcp-talk",
    until: None,
    options: &[],
    run: typed,
};

/// 服务器的检查。
pub const SERVER_CASES: &[Case] = &[
    Case {
        id: "typed",
        title: "显示对方的话,发回人打的字",
        why: "对话的回答由人来打,不是程序算出来的",
        hint: "recv 之后打印,再 input(),sendall",
        run: typed,
        ..BASE
    },
    Case {
        id: "no-empty",
        title: "空行不发,接着等人打字",
        why: "TCP 发 0 个字节什么也不会发出;两边就都在听,谁也等不到谁",
        hint: "空行就再问一次",
        run: no_empty,
        ..BASE
    },
    Case {
        id: "quit-heard",
        title: "对方说 quit,挂断,等下一位",
        why: "只有一边认得 quit,另一边就永远等下去",
        hint: "收到的内容去掉两头空白是 quit 就结束这场对话",
        run: quit_heard,
        ..BASE
    },
    Case {
        id: "quit-typed",
        title: "自己打 quit,告诉对方,挂断,等下一位",
        why: "不告诉对方就走,对方还在等;告诉了不走,对方走了自己还在等",
        hint: "sendall(b\"quit\") 之后关闭这条连接",
        run: quit_typed,
        ..BASE
    },
    Case {
        id: "hung-up",
        title: "对方不说 quit 就挂断,也等下一位",
        why: "流的末尾才是权威的结束信号:程序崩溃、窗口关闭都不会说 quit",
        hint: "recv 返回 b\"\" 就结束这场对话",
        run: hung_up,
        ..BASE
    },
    Case {
        id: "two-in-a-row",
        title: "连说两句,不用等对方",
        why: "连接是全双工的,轮流说只是程序自己的规矩",
        hint: "收和发各用一个线程",
        since: LATER,
        run: two_in_a_row,
        ..BASE
    },
    Case {
        id: "glued",
        title: "「再见」和 quit 一起到,认得出是两句",
        why: "两次发送可能一次收到:没有边界,就分不清是几句",
        hint: "协议里要有边界:一行一句,或者每句前面写长度",
        since: LATER,
        run: glued,
        ..BASE
    },
];

/// 客户端的检查。
pub const CLIENT_CASES: &[Case] = &[
    Case {
        id: "quit-typed",
        title: "自己打 quit,告诉对方,正常结束",
        why: "不告诉对方就走,对方还在等",
        hint: "sendall(b\"quit\") 之后关闭连接",
        run: client_quits,
        ..BASE
    },
    Case {
        id: "quit-heard",
        title: "对方说 quit,自己也正常结束",
        why: "只有一边认得 quit,另一边就永远等下去",
        hint: "收到的内容去掉两头空白是 quit 就结束",
        run: client_hears_quit,
        ..BASE
    },
    Case {
        id: "hung-up",
        title: "对方挂断,说出来,正常结束",
        why: "末尾不是一句空话:当成空话,就会一直问下去",
        hint: "recv 返回 b\"\" 就结束",
        run: client_hung_up,
        ..BASE
    },
    Case {
        id: "unnoticed",
        title: "轮到自己说的时候,对方挂断了也看得到",
        why: "程序停在键盘上,没有人在听连接",
        hint: "收和发各用一个线程",
        since: LATER,
        run: client_unnoticed,
        ..BASE
    },
];

/// 一位新来的客户说 `text`;程序应当显示它。
fn say(exam: &mut Exam, server: SocketAddr, text: &str) -> Result<TcpPeer, Stop> {
    let mut peer = TcpPeer::connect(server, exam.deadline())?;
    exam.terminal()?;
    peer.send(text.as_bytes(), exam.deadline())?;
    shown(exam, text)?;
    Ok(peer)
}

fn shown(exam: &mut Exam, text: &str) -> Verdict {
    let what = format!("没有显示「{text}」");
    exam.wait_line(&what, |line| line.contains(text)).map(drop)
}

/// 应当恰好收到 `expected`。
fn expect(exam: &mut Exam, peer: &mut TcpPeer, expected: &str) -> Verdict {
    let received = peer.receive(expected.len(), exam.deadline())?;
    if received.bytes == expected.as_bytes() {
        return Ok(());
    }
    let failure = exam
        .failure("没有收到人打的字")
        .expected(expected.as_bytes());
    Err(failure.received(Some(&received.bytes)).into())
}

fn expect_hung_up(exam: &mut Exam, peer: &mut TcpPeer) -> Verdict {
    let received = peer.receive_all(exam.deadline())?;
    if received.end == End::Eof && received.bytes.is_empty() {
        return Ok(());
    }
    let failure = exam.failure("程序没有挂断").expected(b"");
    Err(failure.received(Some(&received.bytes)).into())
}

/// 和新来的一位说一个来回。
fn round(exam: &mut Exam, server: SocketAddr) -> Result<TcpPeer, Stop> {
    let mut peer = say(exam, server, "hello there")?;
    exam.terminal()?.type_line("收到");
    expect(exam, &mut peer, "收到")?;
    Ok(peer)
}

fn typed(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Tcp)?;
    let mut peer = round(exam, server)?;
    peer.send(b"again", exam.deadline())?;
    shown(exam, "again")?;
    exam.terminal()?.type_line("又收到");
    expect(exam, &mut peer, "又收到")
}

fn no_empty(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Tcp)?;
    let mut peer = say(exam, server, "hello there")?;
    exam.terminal()?.type_line("");
    exam.terminal()?.type_line("不空");
    expect(exam, &mut peer, "不空")
}

fn quit_heard(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Tcp)?;
    let mut peer = round(exam, server)?;
    peer.send(b"quit", exam.deadline())?;
    expect_hung_up(exam, &mut peer)?;
    round(exam, server).map(drop)
}

fn quit_typed(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Tcp)?;
    let mut peer = say(exam, server, "hello there")?;
    exam.terminal()?.type_line(" quit ");
    expect(exam, &mut peer, "quit")?;
    expect_hung_up(exam, &mut peer)?;
    drop(peer);
    round(exam, server).map(drop)
}

fn hung_up(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Tcp)?;
    drop(round(exam, server)?);
    round(exam, server).map(drop)
}

fn two_in_a_row(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Tcp)?;
    let mut peer = say(exam, server, "hello there")?;
    exam.terminal()?.type_line("第一句");
    expect(exam, &mut peer, "第一句")?;
    exam.terminal()?.type_line("第二句");
    expect(exam, &mut peer, "第二句")
}

fn glued(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Tcp)?;
    let mut peer = TcpPeer::connect(server, exam.deadline())?;
    peer.send("再见\nquit\n".as_bytes(), exam.deadline())?;
    expect_hung_up(exam, &mut peer)
}

/// 启动客户端,打一行,等它说来。
fn start(exam: &mut Exam, line: &str) -> Result<TcpPeer, Stop> {
    let host = TcpHost::open()?;
    exam.client(host.address()?)?.type_line(line);
    let accepted = host.accept(exam.deadline())?;
    let mut peer = accepted.ok_or_else(|| exam.failure("客户端没有连来"))?;
    expect(exam, &mut peer, line)?;
    Ok(peer)
}

fn reply(exam: &mut Exam, peer: &mut TcpPeer, text: &str) -> Verdict {
    peer.send(text.as_bytes(), exam.deadline())?;
    shown(exam, text)
}

fn ends(exam: &mut Exam, what: &str) -> Verdict {
    exam.wait_exit(|status| status.success(), what)
}

fn client_quits(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, "hello")?;
    reply(exam, &mut peer, "hello yourself")?;
    exam.terminal()?.type_line("quit");
    expect(exam, &mut peer, "quit")?;
    expect_hung_up(exam, &mut peer)?;
    drop(peer);
    ends(exam, "说完 quit,应当正常结束")
}

fn client_hears_quit(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, "hello")?;
    reply(exam, &mut peer, "quit")?;
    expect_hung_up(exam, &mut peer)?;
    ends(exam, "对方说了 quit,应当正常结束")
}

fn client_hung_up(exam: &mut Exam) -> Verdict {
    drop(start(exam, "hello")?);
    ends(exam, "对方挂断了,应当正常结束")
}

fn client_unnoticed(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, "hello")?;
    reply(exam, &mut peer, "goodbye")?;
    drop(peer);
    ends(exam, "对方挂断了,应当正常结束")
}
