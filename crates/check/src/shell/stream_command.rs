//! 只运行一个命令的客户端:像它就在本机一样,能放进管道里。

use crate::exam::{Exam, Stop, Verdict};
use crate::ladder::Case;
use crate::shell::stream::{
    CONSUMED, ERROR, STDERR, STDIN, STDIN_END, STDOUT, command, exit, frame, receive,
};
use crate::shell::stream_client::{hello, shown};
use crate::tcp_client::expect;
use crate::tcp_peer::{End, TcpHost, TcpPeer};

/// 命令行里 `--` 后面的词。
pub const WORDS: &[&str] = &["client", "{addr}", "--", "two", "words"];

/// 发出了、命令还没有读走的标准输入最多这么多字节。
const WINDOW: usize = 512 << 10;

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
    run: codes,
};

/// 全部检查。
pub const CASES: &[Case] = &[
    Case {
        id: "codes",
        title: "退出码是那边的:0、1、127,被信号结束是 128 + 信号",
        why: "脚本里的 && 和 if 看的是退出码",
        hint: "第 21 种帧;sys.exit(128 + 信号)",
        run: codes,
        ..BASE
    },
    Case {
        id: "failures",
        title: "断了、出错:退出码 255,说出来",
        why: "和那边命令的退出码混在一起,就分不清是谁失败了",
        hint: "ssh 也用 255",
        run: failures,
        ..BASE
    },
    Case {
        id: "exact",
        title: "输出的每一个字节都照原样",
        why: "管道里的下一个程序要的是字节,不是文字",
        hint: "sys.stdout.buffer.write",
        run: exact,
        ..BASE
    },
    Case {
        id: "stdin",
        title: "标准输入送过去,结束也说",
        why: "没有它,tar c | … | tar x 就不行",
        hint: "第 2 种帧,最后是第 3 种帧",
        run: stdin,
        ..BASE
    },
    Case {
        id: "window",
        title: "那边没有读走的标准输入,最多 512 KiB",
        why: "服务器替每位客户存的有限;不等它,就断开",
        hint: "数着发出的;收到第 19 种帧才接着发",
        run: window,
        ..BASE
    },
];

/// 启动客户端,收到它的命令,打过招呼。
fn start(exam: &mut Exam) -> Result<TcpPeer, Stop> {
    let host = TcpHost::open()?;
    exam.client(host.address()?)?;
    let accepted = host.accept(exam.deadline())?;
    let mut peer = accepted.ok_or_else(|| Stop::from(exam.failure("客户端没有连来")))?;
    peer.send(&hello(), exam.deadline())?;
    expect(exam, &mut peer, &command("two words", true))?;
    Ok(peer)
}

fn codes(exam: &mut Exam) -> Verdict {
    let endings = [
        (exit(0, 0), 0),
        (exit(0, 1), 1),
        (exit(0, 127), 127),
        (exit(1, 2), 130),
        (exit(1, 9), 137),
        (exit(2, 5), 124),
        (exit(3, 5), 125),
    ];
    for (ending, wanted) in endings {
        let mut peer = start(exam)?;
        peer.send(&ending, exam.deadline())?;
        let what = format!("退出码应当是 {wanted}");
        exam.wait_exit(|status| status.code() == Some(wanted), &what)?;
    }
    Ok(())
}

fn failures(exam: &mut Exam) -> Verdict {
    let failed = |status: std::process::ExitStatus| status.code() == Some(255);
    let mut peer = start(exam)?;
    peer.send(&frame(STDOUT, b"HALF\n"), exam.deadline())?;
    drop(peer);
    exam.wait_exit(failed, "断了,退出码应当是 255")?;
    let mut peer = start(exam)?;
    peer.send(&frame(ERROR, "不行 ABC".as_bytes()), exam.deadline())?;
    exam.wait_line("没有说出「不行 ABC」", |line| {
        line.contains("不行 ABC")
    })?;
    exam.wait_exit(failed, "服务器说出错,退出码应当是 255")
}

fn exact(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam)?;
    let bytes: Vec<u8> = (0..=255).collect();
    let frames = [frame(STDOUT, &bytes[..200]), frame(STDERR, b"")];
    peer.send(&frames.concat(), exam.deadline())?;
    let frames = [frame(STDOUT, &bytes[200..]), exit(0, 0)];
    peer.send(&frames.concat(), exam.deadline())?;
    exam.wait_exit(|status| status.success(), "退出码应当是 0")?;
    let deadline = exam.deadline();
    let output = exam.terminal()?.output();
    let _ = output.wait_end(deadline);
    let printed = output.take_unread();
    if printed == bytes {
        return Ok(());
    }
    let failure = exam.failure("输出的字节变了").expected(&bytes);
    Err(failure.received(Some(&printed)).into())
}

/// 收标准输入,直到结束;每收到一帧就说用掉了。
fn read_all(exam: &mut Exam, peer: &mut TcpPeer) -> Result<Vec<u8>, Stop> {
    let mut all = Vec::new();
    loop {
        match receive(exam, peer)? {
            Some((STDIN, bytes)) => {
                let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
                peer.send(&frame(CONSUMED, &length.to_be_bytes()), exam.deadline())?;
                all.extend(bytes);
            }
            Some((STDIN_END, _)) => return Ok(all),
            Some((kind, _)) => {
                let text = format!("应当收到标准输入,却是第 {kind} 种帧");
                return Err(exam.failure(text).into());
            }
            None => return Err(exam.failure("标准输入还没有结束,连接就断了").into()),
        }
    }
}

fn stdin(exam: &mut Exam) -> Verdict {
    for length in [0, 1, 3_000_000_u32] {
        let bytes: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
        let mut peer = start(exam)?;
        exam.terminal()?.type_bytes(&bytes);
        exam.terminal()?.end_input();
        let read = read_all(exam, &mut peer)?;
        if read != bytes {
            let text = format!("标准输入有 {length} 字节,送来 {}(或者内容不对)", read.len());
            return Err(exam.failure(text).into());
        }
        let frames = [frame(STDOUT, b"DONE\n"), exit(0, 0)];
        peer.send(&frames.concat(), exam.deadline())?;
        shown(exam, "DONE")?;
        exam.wait_exit(|status| status.success(), "退出码应当是 0")?;
    }
    Ok(())
}

fn window(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam)?;
    exam.terminal()?.type_bytes(&vec![b'a'; WINDOW + 1]);
    exam.terminal()?.end_input();
    let mut read = 0;
    while read < WINDOW {
        match receive(exam, &mut peer)? {
            Some((STDIN, bytes)) => read += bytes.len(),
            _ => return Err(exam.failure("应当先送来 512 KiB 的标准输入").into()),
        }
    }
    if read > WINDOW {
        let text = format!("没有说用掉,却送来了 {read} 字节");
        return Err(exam.failure(text).into());
    }
    // 它没有别的话可说:现在什么也不该来。
    let soon = std::time::Instant::now() + std::time::Duration::from_millis(200);
    let early = peer.receive(1, soon)?;
    if early.end != End::TimedOut {
        return Err(exam.failure("窗口用完了,还在发").into());
    }
    peer.send(&frame(CONSUMED, &1_u32.to_be_bytes()), exam.deadline())?;
    let rest = read_all(exam, &mut peer)?;
    match rest.len() {
        1 => peer.send(&exit(0, 0), exam.deadline()),
        more => {
            let text = format!("窗口只让出 1 字节,却送来了 {more} 字节");
            Err(exam.failure(text).into())
        }
    }
}
