//! 下载客户端的检查:说出文件名,收到流的末尾,存成文件。

use std::fs;

use crate::download::pattern;
use crate::exam::{Exam, FILE, Stop, Verdict};
use crate::failure::Failure;
use crate::ladder::{Case, LATER};
use crate::tcp_peer::{TcpHost, TcpPeer};

/// 从 download-once 起通过的检查,其余各项由每条检查自己写。
const BASE: Case = Case {
    id: "",
    title: "",
    why: "",
    hint: "",
    note: "31-download-once.md",
    since: "download-once",
    until: None,
    options: &[],
    run: asks,
};

/// 从 download-stream 起通过的检查。
const STREAM_BASE: Case = Case {
    note: "32-download-stream.md",
    since: "download-stream",
    ..BASE
};

/// 全部检查。
pub const CASES: &[Case] = &[
    Case {
        id: "asks",
        title: "发出文件名的 UTF-8 字节,不含换行",
        why: "名字就是整个请求:多一个换行,服务器就找不到这个文件",
        hint: "sock.sendall(name.encode())",
        run: asks,
        ..BASE
    },
    Case {
        id: "saves",
        title: "收到的原样存成文件",
        why: "文件不一定是文字:按文字写会改掉换行",
        hint: "open(path, \"wb\")",
        run: saves,
        ..BASE
    },
    Case {
        id: "nothing",
        title: "一个字节也没有:说出来,不建文件,退出码不是 0",
        why: "多半是没有这个文件;建一个空文件,用户以为成功了",
        hint: "收到第一个字节才建文件",
        run: nothing,
        ..BASE
    },
    Case {
        id: "pieces",
        title: "分成五段到的 5,000 字节,存得全",
        why: "一次接收得到几个字节,和对方发了多少没有关系",
        hint: "循环 recv,直到返回 b\"\"",
        run: pieces,
        ..STREAM_BASE
    },
    Case {
        id: "long",
        title: "8 MiB 存得全",
        why: "recv(1024) 只留下前 1,024 字节,而且什么也不说",
        hint: "循环 recv,直到返回 b\"\"",
        run: long,
        ..STREAM_BASE
    },
    Case {
        id: "reset",
        title: "传到一半连接被复位:说出来,退出码不是 0",
        why: "半个文件不是文件",
        hint: "接住 ConnectionResetError,报告,sys.exit(1)",
        run: reset,
        ..STREAM_BASE
    },
    Case {
        id: "cut",
        title: "传到一半服务器正常关闭:看得出没有传完",
        why: "没有长度的协议里,流的末尾就是文件的末尾:断了和传完了一个样",
        hint: "协议里没有长度,要先改协议",
        since: LATER,
        run: cut,
        ..BASE
    },
];

/// 启动客户端,等它连来、说出文件名。
fn start(exam: &mut Exam) -> Result<TcpPeer, Stop> {
    let host = TcpHost::open()?;
    exam.client(host.address()?)?;
    let accepted = host.accept(exam.deadline())?;
    let mut peer = accepted.ok_or_else(|| exam.failure("客户端没有连来"))?;
    let received = peer.receive(FILE.len(), exam.deadline())?;
    if received.bytes == FILE.as_bytes() {
        return Ok(peer);
    }
    let failure = exam
        .failure("客户端应当说出文件名")
        .expected(FILE.as_bytes());
    Err(failure.received(Some(&received.bytes)).into())
}

/// 客户端应当正常结束,存下 `content`。
fn expect_saved(exam: &mut Exam, content: &[u8]) -> Verdict {
    exam.wait_exit(|status| status.success(), "收到末尾,应当正常结束")?;
    let saved = fs::read(exam.directory().join("out")).ok();
    if saved.as_deref() == Some(content) {
        return Ok(());
    }
    let what = match &saved {
        None => "没有存成文件".to_owned(),
        Some(saved) if content.starts_with(saved) => format!(
            "对方发了 {} 字节,只存下前 {} 字节",
            content.len(),
            saved.len()
        ),
        Some(_) => "存下的内容不一样".to_owned(),
    };
    let failure = Failure::new(what).expected(content);
    Err(failure.received(saved.as_deref()).into())
}

fn asks(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam)?;
    peer.send(b"x", exam.deadline())?;
    drop(peer);
    exam.wait_exit(|status| status.success(), "收到末尾,应当正常结束")
}

fn saves(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam)?;
    let content: Vec<u8> = (0..=255).chain([13, 10, 26, 0]).collect();
    peer.send(&content, exam.deadline())?;
    drop(peer);
    expect_saved(exam, &content)
}

fn nothing(exam: &mut Exam) -> Verdict {
    drop(start(exam)?);
    exam.wait_exit(
        |status| !status.success(),
        "一个字节也没有,退出码不应当是 0",
    )?;
    match exam.directory().join("out").exists() {
        true => Err(Failure::new("一个字节也没有,却建了文件").into()),
        false => Ok(()),
    }
}

fn pieces(exam: &mut Exam) -> Verdict {
    let content = pattern(5000);
    let mut peer = start(exam)?;
    for piece in content.chunks(1000) {
        peer.send(piece, exam.deadline())?;
    }
    drop(peer);
    expect_saved(exam, &content)
}

fn long(exam: &mut Exam) -> Verdict {
    let content = pattern(8 << 20);
    let mut peer = start(exam)?;
    // 对方只收一次就走了的话,这里会断:看它存下了多少。
    let _ = peer.send(&content, exam.deadline());
    drop(peer);
    expect_saved(exam, &content)
}

fn reset(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam)?;
    peer.send(&pattern(5000), exam.deadline())?;
    // 等它收下一部分:建了文件,就是收到了。
    let deadline = exam.deadline();
    while !exam.directory().join("out").exists() && std::time::Instant::now() < deadline {
        std::thread::park_timeout(std::time::Duration::from_millis(2));
    }
    peer.reset()?;
    exam.wait_exit(|status| !status.success(), "连接被复位,退出码不应当是 0")
}

fn cut(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam)?;
    peer.send(&pattern(5000), exam.deadline())?;
    drop(peer);
    exam.wait_exit(|status| !status.success(), "只传了一半,退出码不应当是 0")
}
