//! TCP 客户端一线的检查:发得对、等得到、分得清是回答还是末尾。

use crate::exam::{Exam, Stop, Verdict};
use crate::failure::Failure;
use crate::ladder::{Case, LATER};
use crate::tcp_peer::{End, TcpHost, TcpPeer};

const ONCE: &str = "21-tcp-once.md";
const SESSION: &str = "23-tcp-session.md";
const STICKY: &str = "粘包与半包.md";

/// 从 tcp-once 起通过的检查,其余各项由每条检查自己写。
const BASE: Case = Case {
    id: "",
    title: "",
    why: "",
    hint: "",
    note: ONCE,
    since: "tcp-once",
    until: None,
    options: &[],
    run: sends,
};

/// 从 tcp-session 起通过的检查。
const SESSION_BASE: Case = Case {
    note: SESSION,
    since: "tcp-session",
    ..BASE
};

/// 没有边界的协议做不到的检查。
const LATER_BASE: Case = Case {
    note: STICKY,
    since: LATER,
    ..BASE
};

/// 全部检查。
pub const CASES: &[Case] = &[
    Case {
        id: "sends",
        title: "一行的文字按 UTF-8 发出,不含换行",
        why: "换行是键盘的事,不是消息的一部分;Windows 的行尾是 \\r\\n,两个都要去掉",
        hint: "sock.sendall(line.encode()),line 用 input() 读",
        run: sends,
        ..BASE
    },
    Case {
        id: "gbk",
        title: "按 GBK 收发",
        why: "网线上只有字节,双方要说好用哪一种编码",
        hint: "发送 encode(\"gbk\"),显示 decode(\"gbk\")",
        options: &["--encoding", "gbk"],
        run: gbk,
        ..BASE
    },
    Case {
        id: "answer",
        title: "显示回答",
        why: "同一条连接又发又收",
        hint: "sendall 之后 recv,打印内容",
        run: answer,
        ..BASE
    },
    Case {
        id: "answer-bytes",
        title: "不是文字的回答显示出来,不会异常退出",
        why: "服务器也不能相信:一个坏字节就让客户端退出,太脆弱",
        hint: "decode(errors=\"backslashreplace\")",
        run: answer_bytes,
        ..BASE
    },
    Case {
        id: "empty-line",
        title: "空行不发,接着问",
        why: "TCP 发 0 个字节什么也不会发出;两边就都在等,谁也等不到谁",
        hint: "空行就 continue",
        run: empty_line,
        ..BASE
    },
    Case {
        id: "end-of-input",
        title: "输入结束或打了 exit,就正常关闭连接",
        why: "服务器靠流的末尾知道客户走了;复位是另一回事",
        hint: "input() 在输入结束时抛 EOFError,接住它,close()",
        run: end_of_input,
        ..BASE
    },
    Case {
        id: "refused",
        title: "没有程序在监听,马上说出来,退出码不是 0",
        why: "对方主机用 RST 拒绝握手:不用等,也不该打印一大段异常",
        hint: "接住 ConnectionRefusedError,说清楚,sys.exit(1)",
        run: refused,
        ..BASE
    },
    Case {
        id: "no-answer",
        title: "服务器不回答就关闭,说出来,退出码不是 0",
        why: "recv 返回 b\"\" 不是一个空的回答,是流的末尾",
        hint: "recv 返回 b\"\" 就报告「服务器关闭了连接」",
        run: no_answer,
        ..BASE
    },
    Case {
        id: "reset",
        title: "连接被复位,说出来,退出码不是 0",
        why: "服务器崩溃、重启、拒绝,客户端看到的都是复位",
        hint: "接住 ConnectionResetError",
        run: reset,
        ..BASE
    },
    Case {
        id: "silence",
        title: "连上了却没有回答,等到期限就说出来",
        why: "连上只表示进了服务器的队列;没有期限的等待会停在那里",
        hint: "settimeout,超时就报告",
        options: &["--timeout", "1"],
        run: silence,
        ..BASE
    },
    Case {
        id: "many",
        title: "几行走同一条连接,一行一个回答",
        why: "每行重新握手,慢,服务器也认不出是同一位客户",
        hint: "connect 放在循环外面",
        run: many,
        ..SESSION_BASE
    },
    Case {
        id: "gone",
        title: "服务器中途走了,不会把末尾当成空的回答",
        why: "第一次发送还会成功(引出一个 RST),随后的 recv 得到末尾或错误",
        hint: "recv 返回 b\"\" 就报告,结束",
        run: gone,
        ..SESSION_BASE
    },
    Case {
        id: "in-pieces",
        title: "回答分两段到,合成一个显示",
        why: "TCP 是字节流:对方一次发送,这边可能分几次收到",
        hint: "协议里没有边界,收的人不知道收完了没有:要先改协议",
        run: in_pieces,
        ..LATER_BASE
    },
    Case {
        id: "long-answer",
        title: "2,000 字节的回答显示得全,也不会冒充下一个回答",
        why: "recv(1024) 留下的字节还在缓冲区里,下一次 recv 先得到它们:从此每个回答都错位",
        hint: "协议里没有边界,收的人不知道收完了没有:要先改协议",
        run: long_answer,
        ..LATER_BASE
    },
    Case {
        id: "cut-character",
        title: "一个汉字被 1,024 的边界切开,显示得对",
        why: "汉字的 UTF-8 是三个字节,一次接收可能只到了前两个",
        hint: "攒够一条消息再解码;协议里没有边界,就用增量解码器",
        run: cut_character,
        ..LATER_BASE
    },
];

/// 启动客户端,打这几行,等它连来。
pub fn start(exam: &mut Exam, lines: &[&str]) -> Result<TcpPeer, Stop> {
    let host = TcpHost::open()?;
    let terminal = exam.client(host.address()?)?;
    for line in lines {
        terminal.type_line(line);
    }
    let accepted = host.accept(exam.deadline())?;
    accepted.ok_or_else(|| exam.failure("客户端没有连来").into())
}

/// 应当恰好收到 `expected`。
pub fn expect(exam: &mut Exam, peer: &mut TcpPeer, expected: &[u8]) -> Verdict {
    let received = peer.receive(expected.len(), exam.deadline())?;
    if received.bytes == expected {
        return Ok(());
    }
    let what = match received.end {
        End::Eof if received.bytes.is_empty() => "客户端没有发送就关闭了连接",
        _ if received.bytes.is_empty() => "客户端没有发送",
        _ => "客户端发来的内容不对",
    };
    let bytes = (!received.bytes.is_empty()).then_some(received.bytes.as_slice());
    let failure = exam.failure(what).expected(expected);
    Err(failure.received(bytes).into())
}

pub fn reply(exam: &mut Exam, peer: &mut TcpPeer, answer: &[u8]) -> Verdict {
    peer.send(answer, exam.deadline())
}

fn shown(exam: &mut Exam, text: &str) -> Verdict {
    let what = match text.chars().count() {
        0..=40 => format!("没有显示「{text}」"),
        _ => format!("没有完整地显示 {} 字节的回答", text.len()),
    };
    exam.wait_line(&what, |line| line.contains(text)).map(drop)
}

/// 客户端应当关闭连接,不再发送。
pub fn expect_closed(exam: &mut Exam, peer: &mut TcpPeer) -> Verdict {
    let received = peer.receive_all(exam.deadline())?;
    let what = match received.end {
        End::Eof if received.bytes.is_empty() => return Ok(()),
        End::Eof => "关闭连接之前,多发了",
        End::Reset => "用复位代替了正常的关闭",
        _ => "没有关闭连接",
    };
    let failure = exam.failure(what).expected(b"");
    Err(failure.received(Some(&received.bytes)).into())
}

/// 应当说出毛病,以失败的退出码结束。
pub fn expect_complaint(exam: &mut Exam, what: &str) -> Verdict {
    let words = [
        "错误",
        "关闭",
        "没有",
        "断",
        "复位",
        "refused",
        "reset",
        "closed",
        "Error",
        "timed out",
    ];
    exam.wait_line(&format!("{what},程序却没有说"), |line| {
        words.iter().any(|word| line.contains(word))
    })?;
    exam.terminal()?.end_input();
    exam.wait_exit(
        |status| !status.success(),
        &format!("{what},退出码不应当是 0"),
    )
}

fn sends(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &["你好,TCP"])?;
    expect(exam, &mut peer, "你好,TCP".as_bytes())?;
    reply(exam, &mut peer, b"ok")?;
    shown(exam, "ok")?;
    exam.terminal()?.end_input();
    expect_closed(exam, &mut peer)
}

fn gbk(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &["你好"])?;
    expect(exam, &mut peer, &[0xc4, 0xe3, 0xba, 0xc3])?;
    reply(exam, &mut peer, &[0xd4, 0xd9, 0xbc, 0xfb])?;
    shown(exam, "再见")
}

fn answer(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &["hello"])?;
    expect(exam, &mut peer, b"hello")?;
    reply(exam, &mut peer, "HELLO 收到".as_bytes())?;
    shown(exam, "HELLO 收到")
}

fn answer_bytes(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &["hello"])?;
    expect(exam, &mut peer, b"hello")?;
    reply(exam, &mut peer, b"\xff\xfeA\x1b[2J")?;
    let line = exam.wait_line("没有显示不合编码的回答", |line| {
        line.contains('A')
    })?;
    if line.contains('\x1b') {
        let failure = Failure::new("控制字符 ESC 原样打印");
        return Err(failure.printed(&line).into());
    }
    exam.terminal()?.end_input();
    exam.wait_exit(|status| status.success(), "应当正常结束")
}

fn empty_line(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &["", "", "after"])?;
    expect(exam, &mut peer, b"after")?;
    reply(exam, &mut peer, b"AFTER")?;
    shown(exam, "AFTER")
}

fn end_of_input(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &[" exit "])?;
    expect_closed(exam, &mut peer)?;
    exam.wait_exit(|status| status.success(), "打了 exit,应当正常结束")?;
    let mut peer = start(exam, &[])?;
    exam.terminal()?.end_input();
    expect_closed(exam, &mut peer)?;
    exam.wait_exit(|status| status.success(), "输入结束,应当正常结束")
}

fn refused(exam: &mut Exam) -> Verdict {
    let host = TcpHost::open()?;
    let address = host.address()?;
    drop(host);
    exam.client(address)?.type_line("anyone there?");
    expect_complaint(exam, "没有程序在监听")
}

fn no_answer(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &["hello"])?;
    expect(exam, &mut peer, b"hello")?;
    drop(peer);
    expect_complaint(exam, "服务器没有回答就关闭了连接")
}

fn reset(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &["hello"])?;
    expect(exam, &mut peer, b"hello")?;
    peer.reset()?;
    expect_complaint(exam, "连接被复位")
}

fn silence(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &["hello"])?;
    expect(exam, &mut peer, b"hello")?;
    expect_complaint(exam, "一直没有回答")?;
    drop(peer);
    Ok(())
}

fn many(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &["first", "second"])?;
    for (question, answer) in [("first", "FIRST"), ("second", "SECOND")] {
        expect(exam, &mut peer, question.as_bytes())?;
        reply(exam, &mut peer, answer.as_bytes())?;
        shown(exam, answer)?;
    }
    Ok(())
}

fn gone(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &["first"])?;
    expect(exam, &mut peer, b"first")?;
    reply(exam, &mut peer, b"FIRST")?;
    shown(exam, "FIRST")?;
    drop(peer);
    exam.terminal()?.type_line("anyone there?");
    expect_complaint(exam, "服务器中途走了")
}

fn in_pieces(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &["hello"])?;
    expect(exam, &mut peer, b"hello")?;
    reply(exam, &mut peer, b"HEL")?;
    // 只等程序把前一段显示出来;等得住的程序不显示,这里就到期限为止。
    let seen = exam.wait_line("", |line| line.contains("HEL"));
    if let Ok(line) = seen {
        let failure = exam.failure("只到了前一段,就当成了整个回答");
        return Err(failure.printed(&line).into());
    }
    reply(exam, &mut peer, b"LO")?;
    shown(exam, "HELLO")
}

fn long_answer(exam: &mut Exam) -> Verdict {
    const LENGTH: usize = 2000;
    let question: String = (0..LENGTH).map(|n| format!("q{n} ")).collect();
    let question = &question[..LENGTH];
    let mut peer = start(exam, &[question, "next"])?;
    expect(exam, &mut peer, question.as_bytes())?;
    let answer = question.to_uppercase();
    reply(exam, &mut peer, answer.as_bytes())?;
    shown(exam, &answer)?;
    expect(exam, &mut peer, b"next")?;
    reply(exam, &mut peer, b"NEXT")?;
    shown(exam, "NEXT")
}

fn cut_character(exam: &mut Exam) -> Verdict {
    let answer = "你".repeat(342);
    let mut peer = start(exam, &["hello"])?;
    expect(exam, &mut peer, b"hello")?;
    reply(exam, &mut peer, answer.as_bytes())?;
    shown(exam, &answer)
}
