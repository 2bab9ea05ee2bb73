//! 先说状态和长度的下载:请求、回答都是帧。

use std::fs;
use std::net::SocketAddr;

use crate::download::{BAD_NAMES, make_fifo, pattern};
use crate::exam::{Exam, FILE, Stop, Transport, Verdict};
use crate::failure::Failure;
use crate::ladder::Case;
use crate::tcp_peer::{End, TcpHost, TcpPeer};

/// 从 download-framed 起通过的检查,其余各项由每条检查自己写。
const BASE: Case = Case {
    id: "",
    title: "",
    why: "",
    hint: "",
    note: "33-download-framed.md",
    since: "download-framed",
    until: None,
    options: &[],
    run: served,
};

/// 服务器的检查。
pub const SERVER_CASES: &[Case] = &[
    Case {
        id: "ok",
        title: "有这个文件:状态 0、长度,然后是内容",
        why: "先说有多长,收的一方才知道收齐了没有",
        hint: "struct.pack(\"!IBQ\", 9, 0, size),一次发出,再发内容",
        run: served,
        ..BASE
    },
    Case {
        id: "empty",
        title: "空文件:状态 0,长度 0",
        why: "空文件和没有这个文件是两回事",
        hint: "状态说有没有,长度说有多长",
        run: empty,
        ..BASE
    },
    Case {
        id: "statuses",
        title: "没有(1)、不是普通文件(2)、名字不行(4)各有各的状态",
        why: "客户要知道是打错了字,还是服务器不给",
        hint: "状态不是 0 的,长度写 0",
        run: statuses,
        ..BASE
    },
    Case {
        id: "bad-names",
        title: "不是普通文件名的,状态是 4",
        why: "路径穿越(CWE-22):陌生人能读到服务器上的任何文件",
        hint: "名字里有分隔符、盘符、控制字符、.. 就拒绝",
        run: bad_names,
        ..BASE
    },
    Case {
        id: "fifo",
        title: "目录里的管道:马上说不是普通文件",
        why: "打开一个没有人写的管道会永远等下去",
        hint: "先看是不是普通文件,打开时加 O_NONBLOCK",
        run: fifo,
        ..BASE
    },
    Case {
        id: "symlink",
        title: "指向外面的符号链接,状态是 3",
        why: "名字很普通,打开的却是外面的文件",
        hint: "os.path.realpath 之后看还在不在目录里",
        run: symlink,
        ..BASE
    },
    Case {
        id: "split",
        title: "请求一个字节一个字节地来,也是一个请求",
        why: "一次接收可能只得到半个名字;有了长度,就知道还没有完",
        hint: "先收满 4 字节,再收满正文",
        run: split,
        ..BASE
    },
    Case {
        id: "huge",
        title: "说自己有 4 GB 的请求,断开他,服务器继续",
        why: "照着对方说的长度分配内存,谁都能用四个字节撑死服务器",
        hint: "长度超过上限就关闭连接",
        run: huge,
        ..BASE
    },
    Case {
        id: "next",
        title: "出错的、走了的、复位的客户之后,还能服务下一位",
        why: "一位客户出错只该影响他自己",
        hint: "每位客户的收发都放进 try",
        run: next,
        ..BASE
    },
];

/// 客户端的检查。
pub const CLIENT_CASES: &[Case] = &[
    Case {
        id: "saves",
        title: "收齐了,存成文件",
        why: "长度说有多少,就收多少",
        hint: "循环 recv,直到收满说好的长度",
        run: saves,
        ..BASE
    },
    Case {
        id: "slowly",
        title: "状态、长度、内容一个字节一个字节地来,也存得对",
        why: "一次接收可能只得到半个长度",
        hint: "收满 13 字节再拆开",
        run: slowly,
        ..BASE
    },
    Case {
        id: "empty",
        title: "长度 0 是空文件:存成空文件,正常结束",
        why: "有了状态和长度,空文件也是成功",
        hint: "状态是 0 就建文件",
        run: client_empty,
        ..BASE
    },
    Case {
        id: "statuses",
        title: "状态不是 0:说出来,不建文件,退出码不是 0",
        why: "建一个空文件,用户以为下载成功了",
        hint: "看了状态再建文件",
        run: client_statuses,
        ..BASE
    },
    Case {
        id: "cut",
        title: "没有收齐就断了:说出来,以前的文件原样还在",
        why: "半个文件不能用着最后的名字",
        hint: "先写 NAME.part,收齐了、fsync 了,再 os.replace",
        run: cut,
        ..BASE
    },
    Case {
        id: "more",
        title: "多发的不要:只收说好的长度",
        why: "对方多发的不是这个文件的",
        hint: "recv(min(剩下的, 缓冲区))",
        run: more,
        ..BASE
    },
    Case {
        id: "nonsense",
        title: "看不懂的回答:说出来,退出码不是 0",
        why: "对面不一定真是下载服务器",
        hint: "检查帧的长度和状态",
        run: nonsense,
        ..BASE
    },
    Case {
        id: "huge",
        title: "说有 2^64−1 字节,不会先去分配,断了就说出来",
        why: "长度是对方说的:照着它分配内存,一句话就能撑死客户端",
        hint: "一块一块地收和写",
        run: client_huge,
        ..BASE
    },
];

fn request(name: &[u8]) -> Vec<u8> {
    let length = u32::try_from(name.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes(), name].concat()
}

fn answer(status: u8, length: u64) -> Vec<u8> {
    [&[0, 0, 0, 9, status][..], &length.to_be_bytes()].concat()
}

/// 启动服务器,它的目录里有一个 `FILE` 和一个目录 `sub`。
fn serve(exam: &mut Exam, content: &[u8]) -> Result<SocketAddr, Stop> {
    fs::write(exam.directory().join(FILE), content)?;
    fs::create_dir(exam.directory().join("sub"))?;
    fs::write(exam.directory().join("sub/inner.txt"), "里面的")?;
    exam.server(Transport::Tcp)
}

/// 发出 `bytes`,应当恰好收到 `expected`,然后是末尾。
fn expect(exam: &mut Exam, server: SocketAddr, bytes: &[u8], expected: &[u8]) -> Verdict {
    let mut peer = TcpPeer::connect(server, exam.deadline())?;
    peer.send(bytes, exam.deadline())?;
    let received = peer.receive_all(exam.deadline())?;
    if received.end == End::Eof && received.bytes == expected {
        return Ok(());
    }
    let what = match received.end {
        End::Eof => "回答不对",
        End::Reset => "回答以后连接被复位",
        _ => "回答以后没有关闭连接",
    };
    let failure = exam.failure(what).sent(bytes).expected(expected);
    Err(failure.received(Some(&received.bytes)).into())
}

fn served(exam: &mut Exam) -> Verdict {
    let content = pattern(100_000);
    let server = serve(exam, &content)?;
    let expected = [answer(0, 100_000), content].concat();
    expect(exam, server, &request(FILE.as_bytes()), &expected)
}

fn empty(exam: &mut Exam) -> Verdict {
    let server = serve(exam, b"")?;
    expect(exam, server, &request(FILE.as_bytes()), &answer(0, 0))
}

fn statuses(exam: &mut Exam) -> Verdict {
    let server = serve(exam, b"here")?;
    for (name, status) in [("没有.txt", 1), ("sub", 2), ("..", 4), ("", 4)] {
        expect(exam, server, &request(name.as_bytes()), &answer(status, 0))?;
    }
    expect(exam, server, &request(&[0xff, 0xfe]), &answer(4, 0))
}

fn bad_names(exam: &mut Exam) -> Verdict {
    let server = serve(exam, b"here")?;
    let more = [
        "CON", "nul.txt", "COM1", "CLOCK$", "a.", "a ", "a\u{7}b", "a*b", "a?b", "a\"b", "a<b",
        "a>b", "a|b",
    ];
    for name in BAD_NAMES.iter().chain(&more) {
        expect(exam, server, &request(name.as_bytes()), &answer(4, 0))?;
    }
    let long = "长".repeat(100);
    expect(exam, server, &request(long.as_bytes()), &answer(4, 0))
}

fn symlink(exam: &mut Exam) -> Verdict {
    let server = serve(exam, b"here")?;
    let outside = tempfile::tempdir()?;
    let secret = outside.path().join("secret.txt");
    fs::write(&secret, "外面的秘密")?;
    // Windows 上建符号链接要管理员,不检查。
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&secret, exam.directory().join("link"))?;
        expect(exam, server, &request(b"link"), &answer(3, 0))?;
    }
    expect(exam, server, &request("没有.txt".as_bytes()), &answer(1, 0))
}

fn fifo(exam: &mut Exam) -> Verdict {
    let server = serve(exam, b"here")?;
    if make_fifo(&exam.directory().join("fifo"))? {
        expect(exam, server, &request(b"fifo"), &answer(2, 0))?;
    }
    expect(
        exam,
        server,
        &request(FILE.as_bytes()),
        &[answer(0, 4), b"here".to_vec()].concat(),
    )
}

fn split(exam: &mut Exam) -> Verdict {
    let server = serve(exam, b"whole")?;
    let mut peer = TcpPeer::connect(server, exam.deadline())?;
    for byte in request(FILE.as_bytes()) {
        peer.send(&[byte], exam.deadline())?;
    }
    let expected = [answer(0, 5), b"whole".to_vec()].concat();
    let received = peer.receive(expected.len(), exam.deadline())?;
    if received.bytes == expected {
        return Ok(());
    }
    let failure = exam.failure("请求分成一个一个的字节,回答就不对了");
    Err(failure
        .expected(&expected)
        .received(Some(&received.bytes))
        .into())
}

fn huge(exam: &mut Exam) -> Verdict {
    let server = serve(exam, b"here")?;
    let mut peer = TcpPeer::connect(server, exam.deadline())?;
    peer.send(&[0xff; 4], exam.deadline())?;
    let received = peer.receive_all(exam.deadline())?;
    if received.end == End::TimedOut {
        return Err(exam.failure("说自己有 4 GB 的请求,应当断开").into());
    }
    expect(exam, server, &request("没有.txt".as_bytes()), &answer(1, 0))
}

fn next(exam: &mut Exam) -> Verdict {
    let server = serve(exam, &pattern(4 << 20))?;
    drop(TcpPeer::connect(server, exam.deadline())?);
    let mut peer = TcpPeer::connect(server, exam.deadline())?;
    peer.send(&request(FILE.as_bytes()), exam.deadline())?;
    peer.receive(20, exam.deadline())?;
    peer.reset()?;
    let mut peer = TcpPeer::connect(server, exam.deadline())?;
    peer.send(&request(FILE.as_bytes())[..6], exam.deadline())?;
    drop(peer);
    expect(exam, server, &request("没有.txt".as_bytes()), &answer(1, 0))
}

/// 启动客户端,等它连来、说出文件名。
fn start(exam: &mut Exam) -> Result<TcpPeer, Stop> {
    let host = TcpHost::open()?;
    exam.client(host.address()?)?;
    let accepted = host.accept(exam.deadline())?;
    let mut peer = accepted.ok_or_else(|| exam.failure("客户端没有连来"))?;
    let expected = request(FILE.as_bytes());
    let received = peer.receive(expected.len(), exam.deadline())?;
    if received.bytes == expected {
        return Ok(peer);
    }
    let failure = exam
        .failure("请求应当是一帧,正文是文件名")
        .expected(&expected);
    Err(failure.received(Some(&received.bytes)).into())
}

/// 客户端应当正常结束,存下 `content`。
fn expect_saved(exam: &mut Exam, content: &[u8]) -> Verdict {
    exam.wait_exit(|status| status.success(), "收齐了,应当正常结束")?;
    let saved = fs::read(exam.directory().join("out")).ok();
    if saved.as_deref() == Some(content) {
        return Ok(());
    }
    let failure = Failure::new("存下的内容不对").expected(content);
    Err(failure.received(saved.as_deref()).into())
}

/// 客户端应当说出来,以失败结束,最后的名字下面还是以前的文件。
fn expect_refused(exam: &mut Exam, what: &str) -> Verdict {
    exam.wait_exit(
        |status| !status.success(),
        &format!("{what},退出码不应当是 0"),
    )?;
    if exam.terminal()?.last_words().is_empty() {
        return Err(Failure::new(format!("{what},却什么也没有说")).into());
    }
    let left = fs::read(exam.directory().join("out")).ok();
    if left.as_deref() == Some(b"old") {
        return Ok(());
    }
    let failure = Failure::new(format!("{what},以前的文件却变了")).expected(b"old");
    Err(failure.received(left.as_deref()).into())
}

fn put_old(exam: &Exam) -> Verdict {
    Ok(fs::write(exam.directory().join("out"), "old")?)
}

fn saves(exam: &mut Exam) -> Verdict {
    put_old(exam)?;
    let content = pattern(1 << 20);
    let mut peer = start(exam)?;
    peer.send(&answer(0, 1 << 20), exam.deadline())?;
    peer.send(&content, exam.deadline())?;
    expect_saved(exam, &content)
}

fn slowly(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam)?;
    for byte in [answer(0, 5), b"slow!".to_vec()].concat() {
        peer.send(&[byte], exam.deadline())?;
    }
    expect_saved(exam, b"slow!")
}

fn client_empty(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam)?;
    peer.send(&answer(0, 0), exam.deadline())?;
    expect_saved(exam, b"")
}

fn client_statuses(exam: &mut Exam) -> Verdict {
    for status in 1..=5 {
        put_old(exam)?;
        let mut peer = start(exam)?;
        peer.send(&answer(status, 0), exam.deadline())?;
        expect_refused(exam, &format!("状态是 {status}"))?;
    }
    Ok(())
}

fn cut(exam: &mut Exam) -> Verdict {
    // 断在状态里、长度里、内容里、只差一个字节。
    for length in [0, 3, 5, 12, 13, 14, 13 + 4999] {
        put_old(exam)?;
        let mut peer = start(exam)?;
        let whole = [answer(0, 5000), pattern(5000)].concat();
        peer.send(&whole[..length], exam.deadline())?;
        drop(peer);
        expect_refused(exam, &format!("只到了 {length} 字节就断了"))?;
    }
    cut_while_looking(exam)
}

/// 只差一个字节的时候,最后的名字下面也还是以前的文件:不是写坏了再恢复。
fn cut_while_looking(exam: &mut Exam) -> Verdict {
    // 比两边的缓冲区加起来大得多:发得出去,就是他收下了好几 MiB。
    const SIZE: usize = 32 << 20;
    put_old(exam)?;
    let mut peer = start(exam)?;
    peer.send(&answer(0, SIZE as u64), exam.deadline())?;
    peer.send(&pattern(SIZE - 1), exam.deadline())?;
    let meanwhile = fs::read(exam.directory().join("out")).ok();
    if meanwhile.as_deref() != Some(b"old") {
        let failure = exam.failure("还没有收齐,以前的文件就变了").expected(b"old");
        return Err(failure.received(meanwhile.as_deref()).into());
    }
    drop(peer);
    expect_refused(exam, "只差一个字节就断了")
}

fn more(exam: &mut Exam) -> Verdict {
    let mut peer = start(exam)?;
    let sent = [answer(0, 5), b"exact and more".to_vec()].concat();
    peer.send(&sent, exam.deadline())?;
    expect_saved(exam, b"exact")
}

fn nonsense(exam: &mut Exam) -> Verdict {
    let nonsense = [
        b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(),
        answer(200, 0),
        vec![0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        vec![0xff; 13],
    ];
    for bytes in nonsense {
        put_old(exam)?;
        let mut peer = start(exam)?;
        peer.send(&bytes, exam.deadline())?;
        expect_refused(exam, "回答看不懂")?;
    }
    Ok(())
}

fn client_huge(exam: &mut Exam) -> Verdict {
    put_old(exam)?;
    let mut peer = start(exam)?;
    peer.send(
        &[answer(0, u64::MAX), pattern(5000)].concat(),
        exam.deadline(),
    )?;
    drop(peer);
    expect_refused(exam, "说好的长度没有收齐")
}
