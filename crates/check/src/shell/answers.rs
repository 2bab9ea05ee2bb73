//! 远程命令的客户端遇到的各种回答:长的、碎的、不是文字的、没有的。

use std::time::{Duration, Instant};

use crate::exam::{Exam, Verdict};
use crate::failure::Failure;
use crate::shell::commands;
use crate::shell::wire::Wire;
use crate::tcp_client::{expect, expect_closed, expect_complaint, reply, start};
use crate::tcp_peer::TcpHost;

/// 太心急的程序,这么久以内一定会发来下一个命令。
const EARLY: Duration = Duration::from_millis(100);

/// 应当有一行是 `text`,前面至多有一个提示(`cmd:`):别的字节(例如长度)没有当成文字显示出来。
pub fn shown(exam: &mut Exam, text: &str) -> Verdict {
    let strange = |letter: char| letter == '\\' || letter.is_control();
    let clean = |line: &str| {
        let before = line.strip_suffix(text);
        before.is_some_and(|before| !before.contains(strange))
    };
    let what = match text.chars().count() {
        0..=40 => format!("没有显示「{text}」这一行"),
        _ => format!("没有完整地显示 {} 字节的一行", text.len()),
    };
    exam.wait_line(&what, clean).map(drop)
}

/// 发得对,显示得对。
pub fn shows<W: Wire>(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &["echo 你好"])?;
    expect(exam, &mut peer, "echo 你好".as_bytes())?;
    reply(exam, &mut peer, &W::answer("你好\n再见\n".as_bytes()))?;
    shown(exam, "你好")?;
    shown(exam, "再见")?;
    exam.terminal()?.end_input();
    expect_closed(exam, &mut peer)
}

/// 两头的空白和空行。
pub fn strips<W: Wire>(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &["", "   ", "  echo one\t"])?;
    expect(exam, &mut peer, b"echo one")?;
    reply(exam, &mut peer, &W::answer(b"one\n"))
}

/// 一个命令一个回答。
pub fn many<W: Wire>(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &["first", "second", "third"])?;
    for (command, answer) in [("first", "FIRST"), ("second", "2ND"), ("third", "3RD")] {
        expect(exam, &mut peer, command.as_bytes())?;
        reply(
            exam,
            &mut peer,
            &W::answer(format!("{answer}\n").as_bytes()),
        )?;
        shown(exam, answer)?;
    }
    Ok(())
}

/// 打了 bye。
pub fn bye<W: Wire>(exam: &mut Exam) -> Verdict {
    for line in ["bye", " bye "] {
        let mut peer = start(exam, &[line])?;
        expect(exam, &mut peer, b"bye")?;
        expect_closed(exam, &mut peer)?;
        exam.wait_exit(|status| status.success(), "打了 bye,应当正常结束")?;
    }
    Ok(())
}

/// 输入结束。
pub fn end_of_input<W: Wire>(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &[])?;
    exam.terminal()?.end_input();
    expect_closed(exam, &mut peer)?;
    exam.wait_exit(|status| status.success(), "输入结束,应当正常结束")
}

/// 控制字符和坏字节。
pub fn control<W: Wire>(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &["show"])?;
    expect(exam, &mut peer, b"show")?;
    let answer = W::answer(b"start\n<\xff\x1b[2J\tA>\nend\n");
    reply(exam, &mut peer, &answer)?;
    shown(exam, "start")?;
    let line = exam.wait_line("没有显示不合编码的回答", |line| {
        line.contains("A>")
    })?;
    if line.contains('\x1b') {
        let failure = Failure::new("控制字符 ESC 原样打印");
        return Err(failure.printed(&line).into());
    }
    shown(exam, "end")
}

/// GBK。
pub fn gbk<W: Wire>(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &["echo 你好"])?;
    expect(exam, &mut peer, b"echo \xc4\xe3\xba\xc3")?;
    reply(exam, &mut peer, &W::answer(b"\xc4\xe3\xba\xc3\n"))?;
    shown(exam, "你好")
}

/// 没有服务器。
pub fn refused<W: Wire>(exam: &mut Exam) -> Verdict {
    let host = TcpHost::open()?;
    let address = host.address()?;
    drop(host);
    exam.client(address)?.type_line("echo one");
    expect_complaint(exam, "没有程序在监听")
}

/// 没有回答就走了。
pub fn gone<W: Wire>(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &["echo one"])?;
    expect(exam, &mut peer, b"echo one")?;
    drop(peer);
    expect_complaint(exam, "服务器没有回答就关闭了连接")?;
    let mut peer = start(exam, &["echo one"])?;
    expect(exam, &mut peer, b"echo one")?;
    peer.reset()?;
    expect_complaint(exam, "连接被复位")
}

/// 一直没有回答。
pub fn silence<W: Wire>(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &["echo one"])?;
    expect(exam, &mut peer, b"echo one")?;
    expect_complaint(exam, "一直没有回答")?;
    drop(peer);
    Ok(())
}

/// 回答一个字节一个字节地来。
pub fn in_pieces<W: Wire>(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &["first", "second"])?;
    expect(exam, &mut peer, b"first")?;
    let answer = W::answer("慢慢来\n".as_bytes());
    reply(exam, &mut peer, &answer[..1])?;
    // 一个字节就当成整个回答的,会接着发下一个命令。
    let early = peer.receive_some(1, Instant::now() + EARLY)?;
    if !early.bytes.is_empty() {
        let failure = exam.failure("只到了一个字节,就当成了整个回答");
        return Err(failure.into());
    }
    for byte in &answer[1..] {
        reply(exam, &mut peer, &[*byte])?;
    }
    shown(exam, "慢慢来")?;
    expect(exam, &mut peer, b"second")?;
    reply(exam, &mut peer, &W::answer(b"2ND\n"))?;
    shown(exam, "2ND")
}

/// 回答比一次接收的上限长。
pub fn long_answer<W: Wire>(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam, &["long", "next"])?;
    expect(exam, &mut peer, b"long")?;
    let answer = commands::lines(2000);
    reply(exam, &mut peer, &W::answer(&answer))?;
    expect(exam, &mut peer, b"next")?;
    reply(exam, &mut peer, &W::answer(b"NEXT\n"))?;
    let text = String::from_utf8_lossy(&answer).into_owned();
    let wanted = text.lines().last().unwrap_or_default();
    let mut last = String::new();
    loop {
        let line = exam.wait_line("没有显示下一个回答", |_| true)?;
        // 前面可能有提示。
        if line.ends_with("NEXT") {
            break;
        }
        last = line;
    }
    if last.ends_with(wanted) {
        return Ok(());
    }
    let text = format!("长的回答应当以「{wanted}」结束,下一个回答之前显示的却是「{last}」");
    Err(exam.failure(text).into())
}

/// 一个汉字被切开。
pub fn cut_character<W: Wire>(exam: &mut Exam) -> Verdict {
    let text = "你".repeat(342);
    let mut peer = start(exam, &["show"])?;
    expect(exam, &mut peer, b"show")?;
    reply(exam, &mut peer, &W::answer(format!("{text}\n").as_bytes()))?;
    shown(exam, &text)
}
