//! 断点续传的服务器:每个请求、每个回答都是一帧。

use std::fs::{self, File};
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use crate::download::hostile::{HARMLESS, HOSTILE, oversized};
use crate::download::resume::{DIGEST, GET, LIST, STAT, frame, range, receive, request};
use crate::download::{make_fifo, pattern};
use crate::exam::{Exam, FILE, Stop, Transport, Verdict};
use crate::ladder::Case;
use crate::tcp_peer::{End, TcpPeer};

/// 没有座位,隔这么久再试。
const RETRY: Duration = Duration::from_millis(20);

/// 从 download-resume 起通过的检查,其余各项由每条检查自己写。
const BASE: Case = Case {
    id: "",
    title: "",
    why: "",
    hint: "",
    note: "34-download-resume.md",
    since: "download-resume",
    until: None,
    options: &[],
    run: stat,
};

/// 全部检查。
pub const CASES: &[Case] = &[
    Case {
        id: "stat",
        title: "STAT:文件说大小和版本,目录说是目录,没有的说没有",
        why: "客户先问清楚,再决定从哪里接着下",
        hint: "状态 0,种类 u8,大小 u64,版本 16 字节",
        run: stat,
        ..BASE
    },
    Case {
        id: "list",
        title: "LIST:一项一帧,空帧结束;不是文件和目录的不列",
        why: "没有结束的记号,客户不知道列完了没有",
        hint: "种类 u8,大小 u64,修改时间 i64,名字",
        run: list,
        ..BASE
    },
    Case {
        id: "get",
        title: "GET:从哪里起,然后正好是那么多字节;同一条连接接着问",
        why: "多发少发一个字节,后面的帧就都错位了",
        hint: "状态 0,从 u64,然后是 end - from 个字节",
        run: get,
        ..BASE
    },
    Case {
        id: "resume",
        title: "已有的摘要对得上:从那之后接着发",
        why: "已经有的不必再传一遍",
        hint: "自己算 [start, start+have) 的 BLAKE3,和客户说的比",
        run: resume,
        ..BASE
    },
    Case {
        id: "distrust",
        title: "已有的摘要对不上:从这一段的开头发",
        why: "接在错的后面,整个文件都是错的",
        hint: "比不上就回答 from = start",
        run: distrust,
        ..BASE
    },
    Case {
        id: "version",
        title: "不是这个版本:状态 6",
        why: "前一半是旧的,后一半是新的,哪个版本都不是",
        hint: "打开以后先比版本",
        run: version,
        ..BASE
    },
    Case {
        id: "changed",
        title: "问过以后文件变了:状态 6,版本也变了",
        why: "客户隔几天再来接着下,文件可能早就换了",
        hint: "版本里要有修改时间(纳秒)、大小、文件的编号",
        run: changed,
        ..BASE
    },
    Case {
        id: "changed-midway",
        title: "发到一半文件变了:挂断,不把新的接在旧的后面",
        why: "已经说好了长度,除了挂断没有别的办法告诉客户",
        hint: "每发一块看一次版本",
        run: changed_midway,
        ..BASE
    },
    Case {
        id: "digest",
        title: "DIGEST:整个文件的 BLAKE3",
        why: "收齐了不等于收对了",
        hint: "边读边算,不要一次读进内存",
        run: digest,
        ..BASE
    },
    Case {
        id: "ranges",
        title: "不可能的范围:状态 8,连接还能用",
        why: "长度是陌生人说的:相减会下溢,相加会上溢",
        hint: "start <= end <= size,have <= end - start",
        run: ranges,
        ..BASE
    },
    Case {
        id: "nonsense",
        title: "看不懂的请求:状态 8;帧太长就挂断",
        why: "短了一个字节的请求不能让服务器退出",
        hint: "先检查长度,再按位置取",
        run: nonsense,
        ..BASE
    },
    Case {
        id: "hostile-names",
        title: "一百多个不怀好意的名字,一个也不给",
        why: "路径穿越(CWE-22):陌生人能读到服务器上的任何文件",
        hint: "按 / 分开,每一段都要是普通的名字;从打开的目录一步一步走",
        run: hostile_names,
        ..BASE
    },
    Case {
        id: "links",
        title: "符号链接、套接字都不给,路径中间的链接也不跟",
        why: "名字很普通,打开的却是外面的文件",
        hint: "openat 加 O_NOFOLLOW;打开以后再看是不是普通文件",
        run: links,
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
        id: "byte-by-byte",
        title: "请求一个字节一个字节地来,照样回答",
        why: "字节流没有边界,一次接收可能只得到半个帧头",
        hint: "收满长度再处理",
        run: byte_by_byte,
        ..BASE
    },
    Case {
        id: "silent",
        title: "有人不说话,有人只要不收,别人不用等",
        why: "一位接一位的服务器停在他的 recv 或 send 里",
        hint: "每位客户一个线程",
        run: silent,
        ..BASE
    },
    Case {
        id: "many",
        title: "三十位客户同时下载,都对",
        why: "共用一个文件的读写位置,内容就会串",
        hint: "每位客户自己打开文件,或者用 pread",
        run: many,
        ..BASE
    },
    Case {
        id: "rude",
        title: "客户中途复位,服务器继续",
        why: "没有接住的 BrokenPipe 会让整个服务器退出",
        hint: "出错只结束这一位",
        run: rude,
        ..BASE
    },
];

/// 只有 download-resume 认得的选项,单独一条线。
pub const LIMIT_CASES: &[Case] = &[
    Case {
        id: "idle",
        title: "太久不说话,请他走",
        why: "沉默的连接占着线程和描述符",
        hint: "给接收一个期限",
        options: &["--idle", "1"],
        run: idle,
        ..BASE
    },
    Case {
        id: "full",
        title: "满座:状态 7,挂断;有人走了就有座位",
        why: "线程数没有上限,一万个连接就是一万个线程",
        hint: "数着正在服务的客户",
        options: &["--customers", "1"],
        run: full,
        ..BASE
    },
    Case {
        id: "stuck",
        title: "只要不收的客户,等到期限也请他走",
        why: "他不收,缓冲区就一直是满的;没有期限的发送永远占着一个座位",
        hint: "给发送也设一个期限(SO_SNDTIMEO)",
        options: &["--customers", "1", "--idle", "1"],
        run: stuck,
        ..BASE
    },
];

/// 服务器和对它的一条连接;它的目录里有 `FILE`(内容是 `content`)、`here.txt` 和 `sub/inner.txt`。
fn start(exam: &mut Exam, content: &[u8]) -> Result<(SocketAddr, TcpPeer), Stop> {
    let root = exam.directory();
    fs::write(root.join(FILE), content)?;
    fs::write(root.join("here.txt"), "here")?;
    fs::create_dir(root.join("sub"))?;
    fs::write(root.join("sub/inner.txt"), "里面的")?;
    let server = exam.server(Transport::Tcp)?;
    Ok((server, TcpPeer::connect(server, exam.deadline())?))
}

/// 问一句;返回状态和内容,「还在算」跳过。
fn ask(exam: &mut Exam, peer: &mut TcpPeer, request: &[u8]) -> Result<(u8, Vec<u8>), Stop> {
    peer.send(request, exam.deadline())?;
    loop {
        let Some(body) = receive(exam, peer)? else {
            return Err(exam.failure("没有回答就挂断了").sent(request).into());
        };
        match body.split_first() {
            None => return Err(exam.failure("回答里没有状态").sent(request).into()),
            Some((9, _)) => {}
            Some((status, content)) => return Ok((*status, content.to_vec())),
        }
    }
}

/// 应当得到状态 `status` 和内容 `content`。
fn expect(
    exam: &mut Exam,
    peer: &mut TcpPeer,
    request: &[u8],
    status: u8,
    content: &[u8],
) -> Verdict {
    let answer = ask(exam, peer, request)?;
    if answer == (status, content.to_vec()) {
        return Ok(());
    }
    let text = format!("状态应当是 {status},却是 {}(或者内容不对)", answer.0);
    let failure = exam.failure(text).sent(request).expected(content);
    Err(failure.received(Some(&answer.1)).into())
}

/// 问 `path` 的版本,大小应当是 `size`。
fn version_of(exam: &mut Exam, peer: &mut TcpPeer, path: &str, size: u64) -> Result<Vec<u8>, Stop> {
    let request = request(STAT, &[], path.as_bytes());
    let (status, content) = ask(exam, peer, &request)?;
    let expected = [&[0], size.to_be_bytes().as_slice()].concat();
    match content.strip_prefix(expected.as_slice()) {
        Some(version) if status == 0 && version.len() == 16 => Ok(version.to_vec()),
        _ => {
            let text = format!("STAT 应当回答:是文件,{size} 字节,16 字节的版本");
            let failure = exam.failure(text).sent(&request);
            Err(failure.received(Some(&content)).into())
        }
    }
}

/// GET 应当从 `from` 起发出 `content`。
fn expect_bytes(
    exam: &mut Exam,
    peer: &mut TcpPeer,
    fields: &[u8],
    from: u64,
    content: &[u8],
) -> Verdict {
    let request = request(GET, fields, FILE.as_bytes());
    expect(exam, peer, &request, 0, &from.to_be_bytes())?;
    let received = peer.receive(content.len(), exam.deadline())?;
    if received.bytes == content {
        return Ok(());
    }
    let failure = exam.failure("发来的内容不对").sent(&request);
    let failure = failure.expected(content);
    Err(failure.received(Some(&received.bytes)).into())
}

fn blake3(bytes: &[u8]) -> [u8; 32] {
    blake3::hash(bytes).into()
}

fn stat(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = start(exam, &pattern(5000))?;
    version_of(exam, &mut peer, FILE, 5000)?;
    version_of(exam, &mut peer, "sub/inner.txt", 9)?;
    let (status, content) = ask(exam, &mut peer, &request(STAT, &[], b"sub"))?;
    if status != 0 || content.first() != Some(&1) || content.len() != 25 {
        let failure = exam.failure("STAT 一个目录:状态 0,种类 1");
        return Err(failure.received(Some(&content)).into());
    }
    expect(
        exam,
        &mut peer,
        &request(STAT, &[], "没有.txt".as_bytes()),
        1,
        b"",
    )?;
    expect(exam, &mut peer, &request(STAT, &[], b"here.txt/x"), 1, b"")
}

fn list(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = start(exam, &pattern(5000))?;
    #[cfg(unix)]
    let _socket = std::os::unix::net::UnixListener::bind(exam.directory().join("socket"))?;
    expect(exam, &mut peer, &request(LIST, &[], b""), 0, b"")?;
    let mut entries = Vec::new();
    loop {
        match receive(exam, &mut peer)? {
            Some(body) if body.is_empty() => break,
            Some(body) if body.len() > 17 => {
                let name = String::from_utf8_lossy(&body[17..]).into_owned();
                entries.push((name, body[0], body[1..9].to_vec()));
            }
            _ => return Err(exam.failure("LIST 没有列完就断了").into()),
        }
    }
    entries.sort();
    let expected = [("here.txt", 0, 4u64), ("sub", 1, 0), (FILE, 0, 5000)]
        .map(|(name, kind, size)| (name.to_owned(), kind, size.to_be_bytes().to_vec()));
    if entries != expected {
        let text = format!("列出的应当是 here.txt、sub、{FILE},却是 {entries:?}");
        return Err(exam.failure(text).into());
    }
    expect(exam, &mut peer, &request(LIST, &[], b"here.txt"), 2, b"")?;
    let inside = request(LIST, &[], b"here.txt/x");
    expect(exam, &mut peer, &inside, 1, b"")?;
    expect(exam, &mut peer, &request(LIST, &[], b".."), 4, b"")
}

fn get(exam: &mut Exam) -> Verdict {
    let content = pattern(300_000);
    let (_, mut peer) = start(exam, &content)?;
    let version = version_of(exam, &mut peer, FILE, 300_000)?;
    for (start, end) in [
        (0, 300_000),
        (1, 2),
        (299_999, 300_000),
        (7, 7),
        (1000, 200_000),
    ] {
        let bytes = &content[start..end];
        let (start, end) = (start as u64, end as u64);
        let fields = range(&version, start, end, 0, &[0; 32]);
        expect_bytes(exam, &mut peer, &fields, start, bytes)?;
    }
    Ok(())
}

fn resume(exam: &mut Exam) -> Verdict {
    let content = pattern(5000);
    let (_, mut peer) = start(exam, &content)?;
    let version = version_of(exam, &mut peer, FILE, 5000)?;
    for (start, have, end) in [
        (0, 1, 5000),
        (0, 4999, 5000),
        (1000, 1024, 4000),
        (0, 5000, 5000),
    ] {
        let digest = blake3(&content[start..start + have]);
        let (rest, from) = (&content[start + have..end], (start + have) as u64);
        let fields = range(&version, start as u64, end as u64, have as u64, &digest);
        expect_bytes(exam, &mut peer, &fields, from, rest)?;
    }
    Ok(())
}

fn distrust(exam: &mut Exam) -> Verdict {
    let content = pattern(5000);
    let (_, mut peer) = start(exam, &content)?;
    let version = version_of(exam, &mut peer, FILE, 5000)?;
    let wrong = blake3(&content[1..1001]);
    let fields = range(&version, 0, 5000, 1000, &wrong);
    expect_bytes(exam, &mut peer, &fields, 0, &content)?;
    let fields = range(&version, 1000, 5000, 4000, &[0; 32]);
    expect_bytes(exam, &mut peer, &fields, 1000, &content[1000..])
}

fn version(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = start(exam, &pattern(5000))?;
    let mut version = version_of(exam, &mut peer, FILE, 5000)?;
    version[15] ^= 1;
    let fields = range(&version, 0, 5000, 0, &[0; 32]);
    let get = request(GET, &fields, FILE.as_bytes());
    expect(exam, &mut peer, &get, 6, b"")?;
    let digest = request(DIGEST, &version, FILE.as_bytes());
    expect(exam, &mut peer, &digest, 6, b"")
}

fn changed(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = start(exam, &pattern(5000))?;
    let before = version_of(exam, &mut peer, FILE, 5000)?;
    // 一样大、同时写的另一个文件,换上去。
    let fresh = exam.directory().join("fresh");
    fs::write(&fresh, [b'x'; 5000])?;
    fs::rename(&fresh, exam.directory().join(FILE))?;
    let fields = range(&before, 0, 5000, 0, &[0; 32]);
    let get = request(GET, &fields, FILE.as_bytes());
    expect(exam, &mut peer, &get, 6, b"")?;
    let after = version_of(exam, &mut peer, FILE, 5000)?;
    if before == after {
        return Err(exam.failure("文件换了一个,版本却没有变").into());
    }
    let fields = range(&after, 0, 5000, 0, &[0; 32]);
    expect_bytes(exam, &mut peer, &fields, 0, &[b'x'; 5000])
}

fn changed_midway(exam: &mut Exam) -> Verdict {
    // 比两边的缓冲区加起来大得多:服务器一定还没有发完。
    const SIZE: u64 = 256 << 20;
    let (_, mut peer) = start(exam, b"")?;
    let file = File::options()
        .write(true)
        .open(exam.directory().join(FILE))?;
    // 没有写过的地方不占磁盘。
    file.set_len(SIZE)?;
    let version = version_of(exam, &mut peer, FILE, SIZE)?;
    let fields = range(&version, 0, SIZE, 0, &[0; 32]);
    let get = request(GET, &fields, FILE.as_bytes());
    expect(exam, &mut peer, &get, 0, &0u64.to_be_bytes())?;
    peer.receive(1, exam.deadline())?;
    file.set_len(SIZE + 1)?;
    let mut received = 1;
    loop {
        let some = peer.receive_some(1 << 20, exam.deadline())?;
        received += some.bytes.len() as u64;
        match some.end {
            End::Enough if received >= SIZE => {
                return Err(exam.failure("文件变了,服务器还是发完了").into());
            }
            End::Enough => {}
            End::TimedOut => return Err(exam.failure("服务器既不发也不挂断").into()),
            End::Eof | End::Reset => return Ok(()),
        }
    }
}

fn digest(exam: &mut Exam) -> Verdict {
    let content = pattern(3 << 20);
    let (_, mut peer) = start(exam, &content)?;
    let version = version_of(exam, &mut peer, FILE, 3 << 20)?;
    let question = request(DIGEST, &version, FILE.as_bytes());
    for _ in 0..2 {
        expect(exam, &mut peer, &question, 0, &blake3(&content))?;
    }
    Ok(())
}

fn ranges(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = start(exam, &pattern(5000))?;
    let version = version_of(exam, &mut peer, FILE, 5000)?;
    let max = u64::MAX;
    let wrong = [
        (2, 1, 0),
        (0, 5001, 0),
        (0, max, 0),
        (max, max, 0),
        (5001, 5001, 0),
        (0, 10, 11),
        (0, 5000, max),
        (4999, 5000, 2),
        (max, 0, max),
        (1, 5000, max),
    ];
    for (start, end, have) in wrong {
        let fields = range(&version, start, end, have, &[0; 32]);
        let get = request(GET, &fields, FILE.as_bytes());
        expect(exam, &mut peer, &get, 8, b"")?;
    }
    version_of(exam, &mut peer, FILE, 5000).map(|_| ())
}

fn nonsense(exam: &mut Exam) -> Verdict {
    let (server, mut peer) = start(exam, b"x")?;
    let short: [&[u8]; 6] = [b"", &[0], &[5], &[255, 1, 2], &[GET; 60], &[DIGEST; 16]];
    for body in short {
        expect(exam, &mut peer, &frame(body), 8, b"")?;
    }
    version_of(exam, &mut peer, FILE, 1)?;
    // 超过上限的长度:说不说状态都行,必须挂断。
    peer.send(&u32::MAX.to_be_bytes(), exam.deadline())?;
    let rest = peer.receive_all(exam.deadline())?;
    if rest.end == End::TimedOut {
        return Err(exam.failure("4 GiB 的一帧,服务器还在等").into());
    }
    let mut next = TcpPeer::connect(server, exam.deadline())?;
    version_of(exam, &mut next, FILE, 1).map(|_| ())
}

fn hostile_names(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = start(exam, b"x")?;
    let version = version_of(exam, &mut peer, FILE, 1)?;
    let oversized = oversized();
    let names = HOSTILE
        .iter()
        .copied()
        .chain(oversized.iter().map(Vec::as_slice));
    for name in names {
        let get = range(&version, 0, 1, 0, &[0; 32]);
        for question in [
            request(STAT, &[], name),
            request(LIST, &[], name),
            request(GET, &get, name),
            request(DIGEST, &version, name),
        ] {
            expect(exam, &mut peer, &question, 4, b"")?;
        }
    }
    for name in HARMLESS {
        let question = request(STAT, &[], name.as_bytes());
        expect(exam, &mut peer, &question, 1, b"")?;
    }
    version_of(exam, &mut peer, "here.txt", 4).map(|_| ())
}

fn links(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = start(exam, b"x")?;
    // Windows 上建符号链接要管理员,套接字也看不见。
    #[cfg(unix)]
    {
        use std::os::unix::{fs::symlink, net::UnixListener};
        let root = exam.directory().to_owned();
        symlink("/etc", root.join("etc"))?;
        symlink("/etc/passwd", root.join("passwd"))?;
        symlink("here.txt", root.join("alias"))?;
        symlink("loop", root.join("loop"))?;
        symlink("..", root.join("sub/up"))?;
        let _socket = UnixListener::bind(root.join("socket"))?;
        let names = [
            "etc/passwd",
            "passwd",
            "alias",
            "loop",
            "sub/up/here.txt",
            "socket",
            "etc",
            "sub/up",
        ];
        for name in names {
            let (status, content) = ask(exam, &mut peer, &request(STAT, &[], name.as_bytes()))?;
            if !matches!(status, 1..=3) || !content.is_empty() {
                let text = format!("「{name}」应当不给(状态 1、2、3),却是 {status}");
                return Err(exam.failure(text).into());
            }
        }
    }
    version_of(exam, &mut peer, "here.txt", 4).map(|_| ())
}

fn fifo(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = start(exam, b"x")?;
    if make_fifo(&exam.directory().join("fifo"))? {
        for (action, fields) in [
            (STAT, vec![]),
            (GET, range(&[0; 16], 0, 0, 0, &[0; 32])),
            (LIST, vec![]),
        ] {
            expect(exam, &mut peer, &request(action, &fields, b"fifo"), 2, b"")?;
        }
    }
    version_of(exam, &mut peer, FILE, 1).map(|_| ())
}

fn byte_by_byte(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = start(exam, b"x")?;
    let question = request(STAT, &[], "没有.txt".as_bytes());
    for byte in &question[..question.len() - 1] {
        peer.send(&[*byte], exam.deadline())?;
    }
    expect(exam, &mut peer, &question[question.len() - 1..], 1, b"")
}

fn silent(exam: &mut Exam) -> Verdict {
    const SIZE: u64 = 64 << 20;
    let (server, silent) = start(exam, b"")?;
    File::options()
        .write(true)
        .open(exam.directory().join(FILE))?
        .set_len(SIZE)?;
    let mut greedy = TcpPeer::connect(server, exam.deadline())?;
    let version = version_of(exam, &mut greedy, FILE, SIZE)?;
    let fields = range(&version, 0, SIZE, 0, &[0; 32]);
    greedy.send(&request(GET, &fields, FILE.as_bytes()), exam.deadline())?;
    let mut peer = TcpPeer::connect(server, exam.deadline())?;
    version_of(exam, &mut peer, "here.txt", 4)?;
    drop((silent, greedy));
    Ok(())
}

fn many(exam: &mut Exam) -> Verdict {
    let content = pattern(200_000);
    let (server, mut first) = start(exam, &content)?;
    let version = version_of(exam, &mut first, FILE, 200_000)?;
    let mut peers = Vec::new();
    for index in 0..30u64 {
        let mut peer = TcpPeer::connect(server, exam.deadline())?;
        let fields = range(&version, index * 100, 200_000, 0, &[0; 32]);
        peer.send(&request(GET, &fields, FILE.as_bytes()), exam.deadline())?;
        peers.push((index * 100, peer));
    }
    for (from, mut peer) in peers {
        let header = frame(&[&[0], from.to_be_bytes().as_slice()].concat());
        let expected = [&header, &content[from as usize..]].concat();
        let received = peer.receive(expected.len(), exam.deadline())?;
        if received.bytes != expected {
            let failure = exam.failure("三十位客户里有一位得到的不对");
            let failure = failure.expected(&expected);
            return Err(failure.received(Some(&received.bytes)).into());
        }
    }
    Ok(())
}

fn rude(exam: &mut Exam) -> Verdict {
    const SIZE: u64 = 64 << 20;
    let (server, mut peer) = start(exam, b"")?;
    File::options()
        .write(true)
        .open(exam.directory().join(FILE))?
        .set_len(SIZE)?;
    let version = version_of(exam, &mut peer, FILE, SIZE)?;
    let fields = range(&version, 0, SIZE, 0, &[0; 32]);
    peer.send(&request(GET, &fields, FILE.as_bytes()), exam.deadline())?;
    peer.receive(100, exam.deadline())?;
    peer.reset()?;
    let mut half = TcpPeer::connect(server, exam.deadline())?;
    half.send(&[0, 0, 0, 100, 1, 2], exam.deadline())?;
    half.reset()?;
    let mut next = TcpPeer::connect(server, exam.deadline())?;
    version_of(exam, &mut next, "here.txt", 4).map(|_| ())
}

fn idle(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = start(exam, b"x")?;
    // 半个帧头也不算说话。
    peer.send(&[0, 0], exam.deadline())?;
    match peer.receive_all(exam.deadline())?.end {
        End::TimedOut => Err(exam.failure("太久没有说话,却没有挂断").into()),
        _ => Ok(()),
    }
}

fn full(exam: &mut Exam) -> Verdict {
    let (server, mut seated) = start(exam, b"x")?;
    version_of(exam, &mut seated, FILE, 1)?;
    let mut refused = TcpPeer::connect(server, exam.deadline())?;
    let answer = refused.receive_all(exam.deadline())?;
    if answer.bytes != frame(&[7]) || answer.end != End::Eof {
        let failure = exam.failure("满座了,应当说状态 7,挂断");
        let failure = failure.expected(&frame(&[7]));
        return Err(failure.received(Some(&answer.bytes)).into());
    }
    drop(seated);
    expect_seat(exam, server)
}

/// 座位会空出来;要等服务器看到上一位走了,所以多试几次。
fn expect_seat(exam: &mut Exam, server: SocketAddr) -> Verdict {
    let deadline = exam.deadline();
    loop {
        let mut next = TcpPeer::connect(server, exam.deadline())?;
        match version_of(exam, &mut next, FILE, 1) {
            Err(Stop::Failed(_)) if Instant::now() < deadline => thread::park_timeout(RETRY),
            seated => return seated.map(|_| ()),
        }
    }
}

fn stuck(exam: &mut Exam) -> Verdict {
    const SIZE: u64 = 256 << 20;
    let (server, mut greedy) = start(exam, b"x")?;
    let big = File::create(exam.directory().join("big"))?;
    big.set_len(SIZE)?;
    let version = version_of(exam, &mut greedy, "big", SIZE)?;
    let fields = range(&version, 0, SIZE, 0, &[0; 32]);
    greedy.send(&request(GET, &fields, b"big"), exam.deadline())?;
    expect_seat(exam, server)
}
