//! 远程命令的服务器遇到的各种客户:说得多的、不说话的、走了的。

use std::net::SocketAddr;

use crate::exam::{Exam, Stop, Verdict};
use crate::shell::commands::{self, NOTHING, UNKNOWN};
use crate::shell::wire::Wire;
use crate::tcp_peer::{End, TcpPeer};
use crate::tcp_server::{arrive, connect, expect, expect_hung_up};

/// 很长的输出,字节。
const LONG: usize = 1 << 20;

/// 比一根管道装得下的多一个字节(pipe(7))。
const MORE_THAN_A_PIPE: usize = 65_537;

/// 发一个命令,应当得到恰好这个回答。
pub fn ask(exam: &mut Exam, peer: &mut TcpPeer, command: &str, answer: &[u8]) -> Verdict {
    peer.send(command.as_bytes(), exam.deadline())?;
    expect(exam, peer, command.as_bytes(), answer)
}

/// 让它打印一个词。
pub fn echo<W: Wire>(exam: &mut Exam, peer: &mut TcpPeer, word: &str) -> Verdict {
    let command = format!("echo {word}");
    ask(exam, peer, &command, &W::answer(&commands::line(word)))
}

/// 新来一位,应当得到服务。
pub fn serve_next<W: Wire>(exam: &mut Exam, server: SocketAddr, what: &str) -> Verdict {
    let served = arrive(exam, server).and_then(|mut peer| echo::<W>(exam, &mut peer, "next"));
    match served {
        Err(Stop::Failed(failure)) => Err(failure.after(what).into()),
        served => served,
    }
}

/// 没有这个命令。
pub fn unknown<W: Wire>(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = connect(exam)?;
    peer.send(UNKNOWN.as_bytes(), exam.deadline())?;
    let mut answer = Vec::new();
    // 抱怨很短,一次发得完:命令的名字到了,整句就都到了。
    while !String::from_utf8_lossy(&answer).contains(UNKNOWN) {
        let received = peer.receive_some(1000, exam.deadline())?;
        answer.extend(received.bytes);
        if received.end != End::Enough {
            let failure = exam.failure("回答里应当有 shell 的抱怨");
            let answer = (!answer.is_empty()).then_some(answer.as_slice());
            return Err(failure.received(answer).into());
        }
    }
    echo::<W>(exam, &mut peer, "after")
}

/// 什么也没有打印。
pub fn empty<W: Wire>(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = connect(exam)?;
    peer.send(NOTHING.as_bytes(), exam.deadline())?;
    // 至少有一个字节,才看得出「运行完了」。
    let answer = W::answer(b"");
    let received = peer.receive(answer.len().max(1), exam.deadline())?;
    if received.bytes != answer || answer.is_empty() {
        let failure = exam.failure("什么也没有打印的命令,没有回答");
        let bytes = (!received.bytes.is_empty()).then_some(received.bytes.as_slice());
        return Err(failure.received(bytes).into());
    }
    echo::<W>(exam, &mut peer, "after")
}

/// 很长的输出。
pub fn long<W: Wire>(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = connect(exam)?;
    let content = commands::lines(LONG);
    let command = commands::prints(exam, "long.txt", &content)?;
    ask(exam, &mut peer, &command, &W::answer(&content))?;
    echo::<W>(exam, &mut peer, "after")
}

/// 标准错误里的比一根管道装得下的多。
pub fn long_errors<W: Wire>(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = connect(exam)?;
    let content = commands::lines(MORE_THAN_A_PIPE);
    let command = commands::prints(exam, "errors.txt", &content)?;
    let answer = W::pack(b"", &content, &content);
    ask(exam, &mut peer, &format!("{command} 1>&2"), &answer)
}

/// 不是文字的命令:怎样回答都行,挂断也行。
pub fn bytes<W: Wire>(exam: &mut Exam) -> Verdict {
    let (server, mut peer) = connect(exam)?;
    peer.send(b"\xff\xfe\x80", exam.deadline())?;
    peer.half_close()?;
    peer.receive_all(exam.deadline())?;
    let mut peer = arrive(exam, server)?;
    peer.send(b"echo a\0b", exam.deadline())?;
    peer.half_close()?;
    peer.receive_all(exam.deadline())?;
    serve_next::<W>(exam, server, "有人发来不是文字的字节以后")
}

/// 说再见。
pub fn bye<W: Wire>(exam: &mut Exam) -> Verdict {
    let (server, mut peer) = connect(exam)?;
    echo::<W>(exam, &mut peer, "one")?;
    peer.send(b"bye", exam.deadline())?;
    expect_hung_up(exam, &mut peer, "说了 bye,服务器没有挂断")?;
    serve_next::<W>(exam, server, "一位说了 bye 以后")
}

/// 说完了,还听着。
pub fn half_close<W: Wire>(exam: &mut Exam) -> Verdict {
    let (server, mut peer) = connect(exam)?;
    peer.send(b"echo last", exam.deadline())?;
    peer.half_close()?;
    let answer = W::answer(&commands::line("last"));
    expect(exam, &mut peer, b"echo last", &answer)?;
    expect_hung_up(exam, &mut peer, "客户说完了,服务器没有挂断")?;
    serve_next::<W>(exam, server, "一位说完以后")
}

/// 走得不好看的几位。
pub fn next<W: Wire>(exam: &mut Exam) -> Verdict {
    let (server, peer) = connect(exam)?;
    drop(peer);
    serve_next::<W>(exam, server, "一位一言不发就走了以后")?;
    let mut peer = arrive(exam, server)?;
    echo::<W>(exam, &mut peer, "one")?;
    peer.reset()?;
    serve_next::<W>(exam, server, "连接被复位以后")?;
    let mut peer = arrive(exam, server)?;
    let command = commands::prints(exam, "long.txt", &commands::lines(LONG))?;
    peer.send(command.as_bytes(), exam.deadline())?;
    // 收到开头,就知道正发到一半。
    peer.receive(1000, exam.deadline())?;
    peer.reset()?;
    serve_next::<W>(exam, server, "一位只听了开头就走了以后")
}

/// 前面一位占着不说话。
pub fn silent<W: Wire>(exam: &mut Exam) -> Verdict {
    let (server, silent) = connect(exam)?;
    serve_next::<W>(exam, server, "前面有一位客户不说话")?;
    drop(silent);
    Ok(())
}

/// 太久不说话,应当被请走。
pub fn idle<W: Wire>(exam: &mut Exam) -> Verdict {
    let (server, mut silent) = connect(exam)?;
    expect_hung_up(exam, &mut silent, "太久不说话,服务器没有挂断")?;
    serve_next::<W>(exam, server, "一位太久不说话的被请走以后")
}

/// 命令分两段到。
pub fn command_in_pieces<W: Wire>(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = connect(exam)?;
    peer.send(b"echo o", exam.deadline())?;
    // 把前一段当成命令的,已经回答了;等得住的不回答,这里就到期限为止。
    let early = peer.receive_some(1000, exam.deadline())?;
    if !early.bytes.is_empty() {
        let failure = exam.failure("只到了前一段,就当成了整个命令");
        return Err(failure.received(Some(&early.bytes)).into());
    }
    ask(exam, &mut peer, "ne", &W::answer(&commands::line("one")))
}

/// 连着发两个命令。
pub fn two_at_once<W: Wire>(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = connect(exam)?;
    let first = W::answer(&commands::line("one"));
    let second = W::answer(&commands::line("two"));
    let both = [first, second].concat();
    ask(exam, &mut peer, "echo oneecho two", &both)
}
