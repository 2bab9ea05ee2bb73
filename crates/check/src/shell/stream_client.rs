//! 流式的客户端:一行一个命令,输出一到就显示。

use std::time::{Duration, Instant};

use crate::exam::{Exam, Stop, Verdict};
use crate::ladder::Case;
use crate::shell::commands;
use crate::shell::stream::{
    DIRECTORY, ERROR, HELLO, INTERRUPT, STDERR, STDOUT, command, exit, frame,
};
use crate::tcp_client::{expect_closed, expect_complaint};
use crate::tcp_peer::{End, TcpHost, TcpPeer};

/// 从 shell-stream 起通过的检查,其余各项由每条检查自己写。
const BASE: Case = Case {
    id: "",
    title: "",
    why: "",
    hint: "",
    note: "43-shell-stream.md",
    since: "shell-stream",
    until: None,
    options: &[],
    run: shows,
};

/// 全部检查。
pub const CASES: &[Case] = &[
    Case {
        id: "shows",
        title: "发一个命令,显示它的两样输出,再发下一个;bye 就走",
        why: "这是全部的约定",
        hint: "第 1 种帧:标志 0,命令;收到第 21 种帧才发下一个",
        run: shows,
        ..BASE
    },
    Case {
        id: "as-it-happens",
        title: "命令还没有结束,到了的就显示",
        why: "攒到最后才显示,和上一阶段就没有两样",
        hint: "收到一帧就打印,flush",
        run: as_it_happens,
        ..BASE
    },
    Case {
        id: "code",
        title: "退出码不是 0、被信号结束,说出来",
        why: "没有输出的失败,看起来和成功一样",
        hint: "第 21 种帧的数值",
        run: code,
        ..BASE
    },
    Case {
        id: "empty",
        title: "什么也没有打印:什么也不显示,接着下一个",
        why: "空的输出也是输出",
        hint: "收到第 21 种帧就是结束",
        run: empty,
        ..BASE
    },
    Case {
        id: "in-pieces",
        title: "帧一个字节一个字节地来,汉字切成两帧,显示得对",
        why: "字节流没有边界,帧的边界也不管汉字",
        hint: "收满长度;用增量解码器",
        run: in_pieces,
        ..BASE
    },
    Case {
        id: "merged",
        title: "许多帧在一次发送里,各是各的",
        why: "一次接收可能得到好几帧",
        hint: "多收的留着,是下一帧的开头",
        run: merged,
        ..BASE
    },
    Case {
        id: "mebibyte",
        title: "1 MiB 的输出,最后一行也显示",
        why: "一帧放不下,要好几帧",
        hint: "收到第 21 种帧才算完",
        run: mebibyte,
        ..BASE
    },
    Case {
        id: "controls",
        title: "控制字符写成看得见的",
        why: "原样送进终端,服务器就能移动光标、改掉屏幕上的字",
        hint: "换行和制表符以外的,打印 \\u{1b} 这样的写法",
        run: controls,
        ..BASE
    },
    Case {
        id: "refused",
        title: "服务器说满座:说出来,退出码不是 0",
        why: "收下了不说,用户只看到断开",
        hint: "第 22 种帧的内容是一句话",
        run: refused,
        ..BASE
    },
    Case {
        id: "gone",
        title: "命令还没有结束就断了:说出来,退出码不是 0",
        why: "半个结果不是结果",
        hint: "recv 得到 b\"\" 就报告",
        run: gone,
        ..BASE
    },
    Case {
        id: "nonsense",
        title: "看不懂的、太长的帧:说出来,退出码不是 0",
        why: "服务器也不能相信",
        hint: "先检查长度,再占内存",
        run: nonsense,
        ..BASE
    },
    Case {
        id: "silence",
        title: "连上了却没有招呼,等到期限就说出来;打过招呼,多久没有输出都等",
        why: "那个端口上可能是别的程序;命令却可以运行一个小时才打印",
        hint: "第一帧要有期限,以后的没有",
        options: &["--timeout", "1"],
        run: silence,
        ..BASE
    },
    Case {
        id: "interrupt",
        title: "Ctrl-C:中断那边的命令,自己不结束",
        why: "一个停不下来的命令,不能只有断开一条路",
        hint: "signal.signal(SIGINT, …),发第 4 种帧",
        run: interrupt,
        ..BASE
    },
    Case {
        id: "interrupt-twice",
        title: "再按一次 Ctrl-C:自己结束",
        why: "那边的命令可以不理第一次",
        hint: "第二次就退出,退出码 130",
        run: interrupt_twice,
        ..BASE
    },
];

/// 「你好」的一帧。
pub fn hello() -> Vec<u8> {
    frame(HELLO, b"\x01\x05utf-8/somewhere")
}

/// 启动客户端,打好这些命令;它连来,已经打过招呼。
fn start(exam: &mut Exam, lines: &[&str]) -> Result<TcpPeer, Stop> {
    let host = TcpHost::open()?;
    let terminal = exam.client(host.address()?)?;
    for line in lines {
        terminal.type_line(line);
    }
    let accepted = host.accept(exam.deadline())?;
    let mut peer = accepted.ok_or_else(|| Stop::from(exam.failure("客户端没有连来")))?;
    peer.send(&hello(), exam.deadline())?;
    Ok(peer)
}

/// 应当收到这个命令,给它这些帧。
fn serve(exam: &mut Exam, peer: &mut TcpPeer, line: &str, frames: &[Vec<u8>]) -> Verdict {
    crate::tcp_client::expect(exam, peer, &command(line, false))?;
    peer.send(&frames.concat(), exam.deadline())
}

/// 应当显示恰好这一行。
pub fn shown(exam: &mut Exam, text: &str) -> Verdict {
    let what = format!("没有显示「{text}」");
    exam.wait_line(&what, |line| line == text).map(drop)
}

/// 应当说出毛病:里面有 `word`。
fn said(exam: &mut Exam, word: &str) -> Verdict {
    let what = format!("没有说出「{word}」");
    exam.wait_line(&what, |line| line.contains(word)).map(drop)
}

fn shows(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &["first", "", "  ", "second", "bye", "third"])?;
    let frames = [
        frame(STDOUT, b"OUT\n"),
        frame(STDERR, b"ERR\n"),
        frame(DIRECTORY, b"/elsewhere"),
        exit(0, 0),
    ];
    serve(exam, &mut peer, "first", &frames)?;
    let mut lines = Vec::new();
    for _ in 0..2 {
        let wanted = |line: &str| line == "OUT" || line == "ERR";
        lines.push(exam.wait_line("没有显示 OUT 和 ERR", wanted)?);
    }
    if lines[0] == lines[1] {
        return Err(exam.failure("OUT 和 ERR 应当各显示一次").into());
    }
    serve(exam, &mut peer, "second", &[exit(0, 0)])?;
    expect_closed(exam, &mut peer)?;
    exam.wait_exit(|status| status.success(), "打了 bye,客户端应当正常结束")
}

fn as_it_happens(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &["slow"])?;
    serve(exam, &mut peer, "slow", &[frame(STDOUT, b"SOON\n")])?;
    shown(exam, "SOON")?;
    peer.send(&exit(0, 0), exam.deadline())
}

fn code(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &["first", "second", "third"])?;
    serve(exam, &mut peer, "first", &[exit(0, 37)])?;
    said(exam, "37")?;
    serve(exam, &mut peer, "second", &[exit(1, 11)])?;
    said(exam, "11")?;
    serve(exam, &mut peer, "third", &[exit(2, 77)])?;
    said(exam, "77")
}

fn empty(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &["nothing", "next"])?;
    serve(
        exam,
        &mut peer,
        "nothing",
        &[frame(STDOUT, b""), exit(0, 0)],
    )?;
    let frames = [frame(STDOUT, b"NEXT\n"), exit(0, 0)];
    serve(exam, &mut peer, "next", &frames)?;
    shown(exam, "NEXT")
}

fn in_pieces(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &["first"])?;
    let (begin, end) = "你好".as_bytes().split_at(4);
    let frames = [frame(STDOUT, begin), frame(STDOUT, end), exit(0, 0)];
    serve(exam, &mut peer, "first", &[])?;
    for byte in frames.concat() {
        peer.send(&[byte], exam.deadline())?;
    }
    shown(exam, "你好")
}

fn merged(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &["first", "second"])?;
    let mut frames: Vec<Vec<u8>> = (0..300)
        .map(|number| frame(STDOUT, format!("line {number}\n").as_bytes()))
        .collect();
    frames.push(exit(0, 0));
    serve(exam, &mut peer, "first", &frames)?;
    for number in 0..300 {
        shown(exam, &format!("line {number}"))?;
    }
    serve(exam, &mut peer, "second", &[exit(0, 0)])
}

fn mebibyte(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &["long"])?;
    let body = [commands::lines(1 << 20).as_slice(), b"\nLAST\n"].concat();
    let mut frames: Vec<Vec<u8>> = body
        .chunks(256 << 10)
        .map(|part| frame(STDOUT, part))
        .collect();
    frames.push(exit(0, 0));
    serve(exam, &mut peer, "long", &frames)?;
    shown(exam, "line 1")?;
    shown(exam, "LAST")
}

fn controls(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &["first"])?;
    let frames = [
        frame(STDOUT, b"\x1b[2J\x07CLEAR\n"),
        frame(STDERR, b"\x1b]0;title\x07ERR\n"),
        exit(0, 0),
    ];
    serve(exam, &mut peer, "first", &frames)?;
    for _ in 0..2 {
        let wanted = |line: &str| line.ends_with("CLEAR") || line.ends_with("ERR");
        let line = exam.wait_line("没有显示 CLEAR 和 ERR", wanted)?;
        if line.contains('\u{1b}') || line.contains('\u{7}') {
            let failure = exam.failure("控制字符原样送进了终端");
            return Err(failure.received(Some(line.as_bytes())).into());
        }
    }
    Ok(())
}

/// 第二个命令的回答是这些字节,应当说出毛病,以失败结束。
fn complains(exam: &mut Exam, bytes: &[u8], what: &str) -> Verdict {
    let mut peer = start(exam, &["first", "second"])?;
    serve(exam, &mut peer, "first", &[exit(0, 0)])?;
    serve(exam, &mut peer, "second", &[bytes.to_vec()])?;
    expect_complaint(exam, what)
}

fn refused(exam: &mut Exam) -> Verdict {
    let host = TcpHost::open()?;
    exam.client(host.address()?)?.type_line("first");
    let accepted = host.accept(exam.deadline())?;
    let mut peer = accepted.ok_or_else(|| Stop::from(exam.failure("客户端没有连来")))?;
    peer.send(&frame(ERROR, "客人太多 ABC".as_bytes()), exam.deadline())?;
    said(exam, "客人太多 ABC")?;
    exam.wait_exit(|status| !status.success(), "没有连成,退出码不应当是 0")
}

fn gone(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &["first"])?;
    serve(exam, &mut peer, "first", &[frame(STDOUT, b"HALF")])?;
    drop(peer);
    expect_complaint(exam, "命令还没有结束就断了")
}

fn nonsense(exam: &mut Exam) -> Verdict {
    // 连接都还开着:不是因为断了才说的。
    let bad = [
        vec![0; 4],
        vec![0xff; 4],
        frame(99, b"?"),
        frame(21, b"short"),
        exit(9, 0),
    ];
    for bytes in bad {
        complains(exam, &bytes, "看不懂的帧")?;
    }
    Ok(())
}

fn silence(exam: &mut Exam) -> Verdict {
    let host = TcpHost::open()?;
    exam.client(host.address()?)?.type_line("first");
    let peer = host.accept(exam.deadline())?;
    expect_complaint(exam, "一直没有招呼")?;
    drop(peer);
    let mut peer = start(exam, &["slow"])?;
    serve(exam, &mut peer, "slow", &[])?;
    // 比期限长:它应当什么也不说,等着。
    let past = Instant::now() + Duration::from_millis(1300);
    if peer.receive(1, past)?.end != End::TimedOut {
        return Err(exam.failure("命令还在运行,客户端就走了").into());
    }
    peer.send(&frame(STDOUT, b"AT LAST\n"), exam.deadline())?;
    shown(exam, "AT LAST")
}

/// 按一次 Ctrl-C,应当收到「中断」。
fn press(exam: &mut Exam, peer: &mut TcpPeer) -> Verdict {
    serve(exam, peer, "slow", &[frame(STDOUT, b"RUNNING\n")])?;
    shown(exam, "RUNNING")?;
    exam.terminal()?.interrupt()?;
    crate::tcp_client::expect(exam, peer, &frame(INTERRUPT, b""))
}

fn interrupt(exam: &mut Exam) -> Verdict {
    if !cfg!(unix) {
        return Ok(());
    }
    let mut peer = start(exam, &["slow", "next"])?;
    press(exam, &mut peer)?;
    peer.send(&exit(1, 2), exam.deadline())?;
    serve(exam, &mut peer, "next", &[exit(0, 0)])
}

fn interrupt_twice(exam: &mut Exam) -> Verdict {
    if !cfg!(unix) {
        return Ok(());
    }
    let mut peer = start(exam, &["slow"])?;
    press(exam, &mut peer)?;
    exam.terminal()?.interrupt()?;
    exam.wait_exit(
        |status| status.code() == Some(130),
        "再按一次 Ctrl-C,退出码应当是 130",
    )
}
