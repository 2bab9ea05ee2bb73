//! UDP 客户端一线的检查:发得对、等得到、认得清是谁的回答。

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use crate::exam::{Exam, PATIENCE, Stop, Transport, Verdict};
use crate::failure::Failure;
use crate::ladder::{Case, LATER};
use crate::udp_peer::UdpPeer;

const SEND: &str = "11-udp-send.md";
const ECHO: &str = "13-udp-echo.md";
const DUPLEX: &str = "14-udp-duplex.md";

/// IPv4 上一个数据报最多装的字节数(RFC 791、RFC 768)。
const LARGEST: usize = 65_507;

/// 什么选项也不要、一直适用的检查,其余各项由每条检查自己写。
const BASE: Case = Case {
    id: "",
    title: "",
    why: "",
    hint: "",
    note: SEND,
    since: "udp-send",
    until: None,
    options: &[],
    run: line,
};

/// 从 udp-echo 起通过的检查。
const ECHO_BASE: Case = Case {
    note: ECHO,
    since: "udp-echo",
    ..BASE
};

/// 从 udp-duplex 起通过的检查。
const DUPLEX_BASE: Case = Case {
    note: DUPLEX,
    since: "udp-duplex",
    ..BASE
};

/// 比任何一次等回答的期限都短,比连发 50 个数据报要的时间长得多。
const WITHOUT_WAITING: Duration = Duration::from_secs(2);

/// 全部检查。
pub const CASES: &[Case] = &[
    Case {
        id: "line",
        title: "一行一个数据报,不含换行",
        why: "换行是键盘的事,不是消息的一部分;Windows 的行尾是 \\r\\n,两个都要去掉",
        hint: "Python 的 input() 已经去掉换行;从 sys.stdin 读的要 rstrip(\"\\r\\n\")",
        run: line,
        ..BASE
    },
    Case {
        id: "utf-8",
        title: "文字按 UTF-8 变成字节",
        why: "网线上只有字节;你好 是 e4 bd a0 e5 a5 bd",
        hint: "text.encode(\"utf-8\")",
        run: utf8,
        ..BASE
    },
    Case {
        id: "gbk",
        title: "按 GBK 发送;GBK 里没有的字是错误,不影响下一行",
        why: "悄悄换成问号,对方收到的就不是你打的字",
        hint: "按 --encoding 编码,失败时报告这一行,继续下一行",
        options: &["--encoding", "gbk"],
        run: gbk,
        ..BASE
    },
    Case {
        id: "empty-line",
        title: "空行发一个空数据报",
        why: "UDP 允许长度 0 的数据报,它照样会送到(TCP 发 0 字节则什么也不发)",
        hint: "不要跳过空行",
        run: empty_line,
        ..BASE
    },
    Case {
        id: "same-port",
        title: "每一行从同一个端口发出",
        why: "对方靠源地址认人;换一个端口就是换了一个人",
        hint: "套接字在循环外面建一次",
        run: same_port,
        ..BASE
    },
    Case {
        id: "bind",
        title: "--bind 指定从哪个端口发出",
        why: "发送方也可以先 bind,对方就知道往哪里回",
        hint: "发送之前 bind(--bind 的地址)",
        options: &["--bind", "127.0.0.1:{free}"],
        run: bind,
        ..BASE
    },
    Case {
        id: "exit",
        title: "exit 结束,前后有空白也算,自己不发送",
        why: "多打一个空格,就把 exit 当成消息发给了对方",
        hint: "比较之前先 strip()",
        run: exit,
        ..BASE
    },
    Case {
        id: "eof",
        title: "输入结束就安静地结束,最后一行没有换行也发送",
        why: "脚本用管道喂输入,结尾常常没有换行;Ctrl-D 不是错误",
        hint: "Python 的 input() 在输入结束时抛 EOFError,要接住",
        run: eof,
        ..BASE
    },
    Case {
        id: "largest",
        title: "65,507 字节发得出,65,508 字节报错而不截断",
        why: "长度字段 16 位,减去 IP 头和 UDP 头,只剩 65,507;多一个字节就不能发",
        hint: "发送失败时报告这一行,继续下一行",
        run: largest,
        ..BASE
    },
    Case {
        id: "answer",
        title: "显示回答",
        why: "同一个套接字能发也能收;发出以后在它上面等回答",
        hint: "sendto 之后 recvfrom,打印内容",
        run: answer,
        ..ECHO_BASE
    },
    Case {
        id: "answer-empty",
        title: "空的回答也是回答",
        why: "长度 0 的数据报是真的数据报,不是「对方关闭了」",
        hint: "不要用 if data: 判断;显示一个空的回答,接着读下一行",
        run: answer_empty,
        ..ECHO_BASE
    },
    Case {
        id: "answer-bytes",
        title: "不是文字的回答显示出来,程序继续",
        why: "服务器也不能相信:一个坏字节就让客户端退出,太脆弱",
        hint: "decode(errors=\"backslashreplace\")",
        run: answer_bytes,
        ..ECHO_BASE
    },
    Case {
        id: "answer-largest",
        title: "65,507 字节的回答显示得全",
        why: "recv(1024) 只留下前 1,024 字节",
        hint: "recv(65535)",
        run: answer_largest,
        ..ECHO_BASE
    },
    Case {
        id: "stranger",
        title: "陌生人的数据报不算回答",
        why: "没有 connect 的套接字谁的都收;抢在服务器之前发一个,就能冒充它",
        hint: "先 connect(服务器),操作系统就只收它的;或者比较 recvfrom 给的地址",
        run: stranger,
        ..ECHO_BASE
    },
    Case {
        id: "refused",
        title: "对方没有程序在收,马上说出来",
        why: "对方主机会回一个 ICMP「端口不可达」,只有 connect 过的套接字才收得到这个消息",
        hint: "先 connect,再发送;接收时报 ConnectionRefused(Windows 报 ConnectionReset)",
        run: refused,
        ..ECHO_BASE
    },
    Case {
        id: "silence",
        title: "没有回答,等一会儿就说出来,接着下一行",
        why: "UDP 会丢;没有期限的等待,丢一个就永远停在那里",
        hint: "settimeout(3),超时就报告,继续读下一行",
        until: Some("udp-echo"),
        run: silence,
        ..ECHO_BASE
    },
    Case {
        id: "late",
        title: "迟到的回答不当成下一条的",
        why: "回答里没有编号,只看先后分不清是哪一条的",
        hint: "给每条消息编号,回答带回编号",
        since: LATER,
        until: Some("udp-echo"),
        run: late,
        ..ECHO_BASE
    },
    Case {
        id: "unasked",
        title: "对方主动说的话,随到随显示",
        why: "一问一答的程序停在键盘上,别人说话要等你打完字才看得到",
        hint: "收和发各用一个线程",
        options: &["--bind", "127.0.0.1:{free}"],
        run: unasked,
        ..DUPLEX_BASE
    },
    Case {
        id: "both-ways",
        title: "双方同时连说 50 句,一句不少,次序不变",
        why: "全双工:收和发互不等待",
        hint: "发送线程不等回答,接收线程一直在收",
        run: both_ways,
        ..DUPLEX_BASE
    },
];

/// 等程序发来一个数据报。
fn receive(exam: &mut Exam, peer: &UdpPeer) -> Result<(Vec<u8>, SocketAddr), Stop> {
    let received = peer.receive(exam.deadline())?;
    received.ok_or_else(|| exam.failure("没有收到数据报").received(None).into())
}

/// 下一个数据报必须是 `payload`;像回声服务器那样回答它,免得等回答的客户端停下来。
fn expect(exam: &mut Exam, peer: &UdpPeer, payload: &[u8]) -> Result<SocketAddr, Stop> {
    let Some((received, from)) = peer.receive(exam.deadline())? else {
        let failure = exam.failure("没有收到数据报").expected(payload);
        return Err(failure.received(None).into());
    };
    if received != payload {
        let what = match received.strip_prefix(payload) {
            Some(b"\n" | b"\r" | b"\r\n") => "行尾的换行也发出来了",
            _ => "数据报的内容不对",
        };
        let failure = exam.failure(what).expected(payload);
        return Err(failure.received(Some(&received)).into());
    }
    peer.send(&received, from)?;
    Ok(from)
}

/// 启动程序,逐行打字。
fn start(exam: &mut Exam, lines: &[&str]) -> Result<UdpPeer, Stop> {
    let peer = UdpPeer::open()?;
    let terminal = exam.client(peer.address()?)?;
    for line in lines {
        terminal.type_line(line);
    }
    Ok(peer)
}

fn line(exam: &mut Exam) -> Verdict {
    let peer = start(exam, &["hello", "with return\r", "last"])?;
    for payload in [b"hello".as_slice(), b"with return", b"last"] {
        expect(exam, &peer, payload)?;
    }
    Ok(())
}

fn utf8(exam: &mut Exam) -> Verdict {
    let peer = start(exam, &["你好"])?;
    expect(exam, &peer, &[0xe4, 0xbd, 0xa0, 0xe5, 0xa5, 0xbd])?;
    Ok(())
}

fn gbk(exam: &mut Exam) -> Verdict {
    let peer = start(exam, &["你好", "𠮷", "再见"])?;
    expect(exam, &peer, &[0xc4, 0xe3, 0xba, 0xc3])?;
    expect(exam, &peer, &[0xd4, 0xd9, 0xbc, 0xfb])?;
    exam.terminal()?.end_input();
    exam.wait_exit(|status| !status.success(), "有一行没有发送,应当以出错结束")
}

fn empty_line(exam: &mut Exam) -> Verdict {
    let peer = start(exam, &["", "after"])?;
    expect(exam, &peer, b"")?;
    expect(exam, &peer, b"after")?;
    Ok(())
}

fn same_port(exam: &mut Exam) -> Verdict {
    let peer = start(exam, &["one", "two", "three"])?;
    let first = expect(exam, &peer, b"one")?;
    for payload in [b"two".as_slice(), b"three"] {
        let from = expect(exam, &peer, payload)?;
        if from != first {
            let what = format!("第一行来自 {first},后来的却来自 {from}");
            return Err(exam.failure(what).into());
        }
    }
    Ok(())
}

fn bind(exam: &mut Exam) -> Verdict {
    let peer = start(exam, &["one"])?;
    let from = expect(exam, &peer, b"one")?;
    if from.port() != exam.free_port() {
        let what = format!("要求从端口 {} 发出,却来自 {from}", exam.free_port());
        return Err(exam.failure(what).into());
    }
    Ok(())
}

fn exit(exam: &mut Exam) -> Verdict {
    let peer = start(exam, &["exit now", " exit \t"])?;
    expect(exam, &peer, b"exit now")?;
    exam.wait_exit(|status| status.success(), "打了 exit 应当正常结束")?;
    match peer.receive(Instant::now() + Duration::from_millis(50))? {
        None => Ok(()),
        Some((received, _)) => {
            let failure = exam.failure("exit 自己也发出来了");
            Err(failure.received(Some(&received)).into())
        }
    }
}

fn eof(exam: &mut Exam) -> Verdict {
    let peer = start(exam, &["one"])?;
    let terminal = exam.terminal()?;
    terminal.type_bytes(b"no newline");
    terminal.end_input();
    expect(exam, &peer, b"one")?;
    expect(exam, &peer, b"no newline")?;
    exam.wait_exit(|status| status.success(), "输入结束应当正常结束")
}

fn largest(exam: &mut Exam) -> Verdict {
    let largest = "x".repeat(LARGEST);
    let too_large = "y".repeat(LARGEST + 1);
    let peer = start(exam, &[&largest, &too_large, "next"])?;
    expect(exam, &peer, largest.as_bytes())?;
    expect(exam, &peer, b"next")?;
    Ok(())
}

/// 等程序显示 `text`。
fn shown(exam: &mut Exam, text: &str) -> Verdict {
    let what = format!("没有显示「{}」", text.chars().take(20).collect::<String>());
    exam.wait_line(&what, |line| line.contains(text))
        .map(|_| ())
}

fn answer(exam: &mut Exam) -> Verdict {
    let peer = start(exam, &["question"])?;
    let (_, from) = receive(exam, &peer)?;
    peer.send("回答一".as_bytes(), from)?;
    shown(exam, "回答一")
}

fn answer_empty(exam: &mut Exam) -> Verdict {
    let peer = start(exam, &["one", "two"])?;
    let (_, from) = receive(exam, &peer)?;
    peer.send(b"", from)?;
    receive(exam, &peer)?;
    peer.send("回答二".as_bytes(), from)?;
    shown(exam, "回答二")
}

fn answer_bytes(exam: &mut Exam) -> Verdict {
    let peer = start(exam, &["one", "two"])?;
    let (_, from) = receive(exam, &peer)?;
    peer.send(&[0xff, 0xfe, 0x1b], from)?;
    receive(exam, &peer)?;
    peer.send("回答二".as_bytes(), from)?;
    shown(exam, "回答二")
}

fn answer_largest(exam: &mut Exam) -> Verdict {
    let peer = start(exam, &["question"])?;
    let (_, from) = receive(exam, &peer)?;
    let answer = "z".repeat(LARGEST);
    peer.send(answer.as_bytes(), from)?;
    shown(exam, &answer)
}

fn stranger(exam: &mut Exam) -> Verdict {
    let peer = start(exam, &["question"])?;
    let (_, from) = receive(exam, &peer)?;
    UdpPeer::open()?.send("冒充的".as_bytes(), from)?;
    peer.send("真正的".as_bytes(), from)?;
    let first = exam.wait_line("没有显示回答", |line| {
        line.contains("冒充的") || line.contains("真正的")
    })?;
    if first.contains("冒充的") {
        let failure = Failure::new("把陌生人的数据报当成了回答").printed(&first);
        return Err(failure.into());
    }
    Ok(())
}

fn refused(exam: &mut Exam) -> Verdict {
    let gone = UdpPeer::open()?.address()?;
    exam.client(gone)?.type_line("anyone there?");
    let words = ["没有程序", "错误", "refused", "reset", "Error"];
    exam.wait_line("对方没有程序在收,程序却没有说", |line| {
        words.iter().any(|word| line.contains(word))
    })?;
    // 服务器后来启动了:下一行照样送到,照样有回答。
    let peer = UdpPeer::open_on(gone.port())?;
    exam.terminal()?.type_line("now?");
    receive_line(exam, &peer, b"now?")?;
    shown(exam, "在了")
}

/// 收到 `payload` 为止(更早的可能还在路上),回答「在了」。
fn receive_line(exam: &mut Exam, peer: &UdpPeer, payload: &[u8]) -> Verdict {
    loop {
        let (received, from) = receive(exam, peer)?;
        if received == payload {
            peer.send("在了".as_bytes(), from)?;
            return Ok(());
        }
    }
}

fn silence(exam: &mut Exam) -> Verdict {
    let peer = start(exam, &["lost", "next"])?;
    receive(exam, &peer)?;
    let from = after_silence(exam, &peer, b"next")?;
    peer.send("回答二".as_bytes(), from)?;
    shown(exam, "没有回答")?;
    shown(exam, "回答二")
}

/// 一直不回答,等程序不耐烦了发下一行:它等多久由它自己定,这里至少等 [`PATIENCE`]。
fn after_silence(exam: &mut Exam, peer: &UdpPeer, next: &[u8]) -> Result<SocketAddr, Stop> {
    match peer.receive(Instant::now() + PATIENCE)? {
        Some((received, from)) if received == next => Ok(from),
        received => {
            let failure = exam.failure("没有回答时,应当等一会儿就接着发下一行");
            let received = received.map(|(bytes, _)| bytes);
            Err(failure.expected(next).received(received.as_deref()).into())
        }
    }
}

fn late(exam: &mut Exam) -> Verdict {
    let peer = start(exam, &["one", "two"])?;
    receive(exam, &peer)?;
    let from = after_silence(exam, &peer, b"two")?;
    peer.send("迟到的一".as_bytes(), from)?;
    peer.send("准时的二".as_bytes(), from)?;
    let first = exam.wait_line("没有显示回答", |line| {
        line.contains("迟到的一") || line.contains("准时的二")
    })?;
    if first.contains("迟到的一") {
        let failure = Failure::new("把第一条的回答当成了第二条的").printed(&first);
        return Err(failure.into());
    }
    Ok(())
}

fn unasked(exam: &mut Exam) -> Verdict {
    let peer = start(exam, &[])?;
    let port = exam.free_port();
    let deadline = exam.deadline();
    exam.wait_bound(Transport::Udp, port, deadline)?;
    let program = SocketAddr::from(([127, 0, 0, 1], port));
    // 端口占住了,connect 却可能还差一瞬间,这一瞬间里到的会被丢弃:等程序说完开场白,再说几遍。
    let deadline = exam.deadline();
    let mut waited = Err(exam.failure("对方主动说的话没有显示出来").into());
    while waited.is_err() && Instant::now() < deadline {
        peer.send("主动说的".as_bytes(), program)?;
        let soon = deadline.min(Instant::now() + Duration::from_millis(100));
        waited = heard(exam, "主动说的", soon);
    }
    waited
}

/// 在期限以前显示了 `text`。
fn heard(exam: &mut Exam, text: &str, deadline: Instant) -> Verdict {
    let found = exam.terminal()?.output().wait_for(deadline, |unread, _| {
        String::from_utf8_lossy(unread)
            .contains(text)
            .then_some((unread.len(), ()))
    });
    match found {
        Ok(()) => Ok(()),
        Err(_) => Err(exam.failure("对方主动说的话没有显示出来").into()),
    }
}

fn both_ways(exam: &mut Exam) -> Verdict {
    const LINES: usize = 50;
    const LISTENING: usize = 10;
    let ours: Vec<String> = (0..LINES).map(|n| format!("去 {n}。")).collect();
    let lines: Vec<&str> = ours.iter().map(String::as_str).collect();
    let peer = start(exam, &lines)?;
    let mut deadline = exam.deadline();
    for (n, line) in lines.iter().enumerate() {
        let received = peer.receive(deadline)?;
        let said = received
            .as_ref()
            .filter(|(bytes, _)| bytes == line.as_bytes());
        let Some((_, program)) = said else {
            let failure = exam.failure("连说 50 句,少了、乱了,或者停下来等回答");
            let received = received.map(|(bytes, _)| bytes);
            let failure = failure.expected(line.as_bytes());
            return Err(failure.received(received.as_deref()).into());
        };
        // 先只听不说:等回答的程序会停在第一句。后来一边听一边说,到最后一共说 50 句。
        match n {
            0..LISTENING => {}
            LISTENING => say(&peer, *program, 0..=LISTENING)?,
            _ => say(&peer, *program, n..=n)?,
        }
        // 第一句到了,其余的都已经打好:不等回答的话,转眼就到。
        deadline = deadline.min(Instant::now() + WITHOUT_WAITING);
    }
    for n in 0..LINES {
        shown(exam, &format!("来 {n}。"))?;
    }
    Ok(())
}

fn say(peer: &UdpPeer, program: SocketAddr, numbers: RangeInclusive<usize>) -> Verdict {
    for n in numbers {
        peer.send(format!("来 {n}。").as_bytes(), program)?;
    }
    Ok(())
}
