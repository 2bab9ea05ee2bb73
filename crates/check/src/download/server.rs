//! 下载服务器的检查:客户说出文件名,得到文件的字节,然后是流的末尾。

use std::fs;
use std::net::SocketAddr;

use crate::download::{BAD_NAMES, pattern};
use crate::exam::{Exam, FILE, Stop, Transport, Verdict};
use crate::ladder::{Case, LATER};
use crate::tcp_peer::{End, TcpPeer};

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
    run: bytes,
};

/// 全部检查。
pub const CASES: &[Case] = &[
    Case {
        id: "bytes",
        title: "说出文件名,得到文件的全部字节,然后关闭",
        why: "没有长度的协议里,流的末尾就是文件的末尾",
        hint: "用二进制方式打开,sendall 全部内容,close",
        run: bytes,
        ..BASE
    },
    Case {
        id: "any-bytes",
        title: "内容是什么字节都行",
        why: "文件不一定是文字:按文字读写会改掉换行、编不了码",
        hint: "open(name, \"rb\")",
        run: any_bytes,
        ..BASE
    },
    Case {
        id: "missing",
        title: "没有这个文件:一个字节也不发就关闭,还能服务下一位",
        why: "打不开就抛异常的服务器,谁说错一个字母就能让它退出",
        hint: "接住打开文件的错误",
        run: missing,
        ..BASE
    },
    Case {
        id: "bad-names",
        title: "不是普通文件名的,什么也不给",
        why: "路径穿越(CWE-22):陌生人能读到服务器上的任何文件",
        hint: "名字里有分隔符、盘符、.. 就拒绝;join 遇到绝对路径会丢掉前面的目录",
        run: bad_names,
        ..BASE
    },
    Case {
        id: "not-text",
        title: "名字不是 UTF-8,服务器继续",
        why: "decode 抛异常,一个坏字节就能让服务器退出",
        hint: "接住 UnicodeDecodeError",
        run: not_text,
        ..BASE
    },
    Case {
        id: "rude",
        title: "客户中途走了、复位了,服务器继续",
        why: "往断了的连接上发,得到 BrokenPipe;没有接住,服务器就退出",
        hint: "发送也会失败:和接收一样接住",
        run: rude,
        ..BASE
    },
    Case {
        id: "split-name",
        title: "文件名分两段到,也是一个名字",
        why: "一次接收可能只得到半个名字:没有边界,服务器不知道名字说完了没有",
        hint: "协议里没有边界,要先改协议",
        since: LATER,
        run: split_name,
        ..BASE
    },
    Case {
        id: "silent",
        title: "一位客户不说话,别人不用等",
        why: "一位接一位的服务器停在他的 recv 里",
        hint: "每位客户一个线程",
        since: LATER,
        run: silent,
        ..BASE
    },
];

/// 启动服务器,它的目录里有一个 `FILE`。
fn start(exam: &mut Exam, content: &[u8]) -> Result<SocketAddr, Stop> {
    fs::write(exam.directory().join(FILE), content)?;
    fs::create_dir(exam.directory().join("sub"))?;
    fs::write(exam.directory().join("sub/inner.txt"), "里面的")?;
    exam.server(Transport::Tcp)
}

/// 说出 `name`,一直收到末尾。
fn ask(exam: &mut Exam, server: SocketAddr, name: &[u8]) -> Result<Vec<u8>, Stop> {
    let mut peer = TcpPeer::connect(server, exam.deadline())?;
    peer.send(name, exam.deadline())?;
    let received = peer.receive_all(exam.deadline())?;
    match received.end {
        End::Eof => Ok(received.bytes),
        end => {
            let text = format!("应当关闭连接,却是 {end:?}");
            let failure = exam.failure(text).sent(name);
            Err(failure.received(Some(&received.bytes)).into())
        }
    }
}

fn expect(exam: &mut Exam, server: SocketAddr, name: &[u8], content: &[u8]) -> Verdict {
    let received = ask(exam, server, name)?;
    if received == content {
        return Ok(());
    }
    let failure = exam.failure("得到的内容不对").sent(name);
    Err(failure.expected(content).received(Some(&received)).into())
}

fn bytes(exam: &mut Exam) -> Verdict {
    let content = pattern(100_000);
    let server = start(exam, &content)?;
    expect(exam, server, FILE.as_bytes(), &content)
}

fn any_bytes(exam: &mut Exam) -> Verdict {
    let content: Vec<u8> = (0..=255).chain([13, 10, 26, 0]).collect();
    let server = start(exam, &content)?;
    expect(exam, server, FILE.as_bytes(), &content)
}

fn missing(exam: &mut Exam) -> Verdict {
    let server = start(exam, b"here")?;
    for name in ["没有.txt", "sub"] {
        expect(exam, server, name.as_bytes(), b"")?;
    }
    expect(exam, server, FILE.as_bytes(), b"here")
}

fn bad_names(exam: &mut Exam) -> Verdict {
    let server = start(exam, b"here")?;
    for name in BAD_NAMES {
        expect(exam, server, name.as_bytes(), b"")?;
    }
    expect(exam, server, FILE.as_bytes(), b"here")
}

fn not_text(exam: &mut Exam) -> Verdict {
    let server = start(exam, b"here")?;
    expect(exam, server, &[0xff, 0xfe], b"")?;
    expect(exam, server, FILE.as_bytes(), b"here")
}

fn rude(exam: &mut Exam) -> Verdict {
    let server = start(exam, &pattern(4 << 20))?;
    drop(TcpPeer::connect(server, exam.deadline())?);
    let mut peer = TcpPeer::connect(server, exam.deadline())?;
    peer.send(FILE.as_bytes(), exam.deadline())?;
    peer.receive(1, exam.deadline())?;
    peer.reset()?;
    let mut peer = TcpPeer::connect(server, exam.deadline())?;
    peer.send(FILE.as_bytes(), exam.deadline())?;
    drop(peer);
    expect(exam, server, "没有.txt".as_bytes(), b"")
}

fn split_name(exam: &mut Exam) -> Verdict {
    let server = start(exam, b"whole")?;
    let (first, second) = FILE.as_bytes().split_at(4);
    let mut peer = TcpPeer::connect(server, exam.deadline())?;
    peer.send(first, exam.deadline())?;
    // 等它对半个名字有了反应,或者到期限也没有反应,再说后一半。
    let early = peer.receive_some(1, exam.deadline())?;
    if early.end != End::TimedOut {
        return Err(exam
            .failure("只到了前一半,就当成了整个名字")
            .sent(first)
            .into());
    }
    peer.send(second, exam.deadline())?;
    let received = peer.receive_all(exam.deadline())?;
    match received.bytes == b"whole" {
        true => Ok(()),
        false => Err(exam.failure("得到的内容不对").into()),
    }
}

fn silent(exam: &mut Exam) -> Verdict {
    let server = start(exam, b"here")?;
    let silent = TcpPeer::connect(server, exam.deadline())?;
    expect(exam, server, FILE.as_bytes(), b"here")?;
    drop(silent);
    Ok(())
}
