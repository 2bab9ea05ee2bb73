//! TCP 服务器一线的检查:答得对,听得完,谁也妨碍不了谁。

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::exam::{Exam, Stop, Transport, Verdict};
use crate::failure::Failure;
use crate::ladder::Case;
use crate::tcp_peer::{End, Received, TcpPeer};

const ONCE: &str = "21-tcp-once.md";
const LOOP: &str = "22-tcp-loop.md";
const SESSION: &str = "23-tcp-session.md";
const THREADS: &str = "25-tcp-threads.md";

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
    run: upper,
};

/// 从 tcp-loop 起通过的检查。
const LOOP_BASE: Case = Case {
    note: LOOP,
    since: "tcp-loop",
    ..BASE
};

/// 从 tcp-session 起通过的检查。
const SESSION_BASE: Case = Case {
    note: SESSION,
    since: "tcp-session",
    ..BASE
};

/// 从 tcp-threads 起通过的检查。
const THREADS_BASE: Case = Case {
    note: THREADS,
    since: "tcp-threads",
    ..BASE
};

/// 全部检查。
pub const CASES: &[Case] = &[
    Case {
        id: "upper",
        title: "英文字母变成大写发回",
        why: "这是这个服务器的全部约定;汉字的 UTF-8 字节里没有英文字母,原样发回",
        hint: "data.upper():对字节做,不必先解码",
        run: upper,
        ..BASE
    },
    Case {
        id: "bytes",
        title: "256 种字节都能收发,只有 a 到 z 变样",
        why: "字节流里什么字节都可以有;先解码再处理,遇到不合编码的字节就会出错",
        hint: "不要 decode;对 bytes 直接 upper()",
        run: bytes,
        ..BASE
    },
    Case {
        id: "shows",
        title: "显示谁连上了、说了什么",
        why: "accept 同时给出新套接字和客户的地址",
        hint: "打印 accept 返回的地址和 recv 得到的内容,每行之后刷新",
        run: shows,
        ..BASE
    },
    Case {
        id: "one-line",
        title: "换行和控制字符不会打乱屏幕",
        why: "原样打印陌生人的字节,他就能清屏、伪造别的行",
        hint: "打印之前把控制字符换成 \\n、\\x1b 这样的写法",
        run: one_line,
        ..BASE
    },
    Case {
        id: "gbk",
        title: "按 GBK 显示",
        why: "字节不会说自己是什么编码;发的人用 GBK,收的人就得按 GBK 读",
        hint: "按 --encoding 选的编码解码,只为显示;发回的还是原来的字节",
        options: &["--encoding", "gbk"],
        run: gbk,
        ..BASE
    },
    Case {
        id: "half-close",
        title: "客户说完就关掉自己的方向,还是听得到回答",
        why: "FIN 的意思是「我说完了」,不是「我走了」:另一个方向还开着(RFC 9293 §3.6)",
        hint: "读到末尾之前收到的都要回答;回答完再关闭",
        run: half_close,
        ..BASE
    },
    Case {
        id: "next",
        title: "服务完一位,还有下一位",
        why: "服务一位就结束的服务器,第二位客户连都连不上",
        hint: "把 accept 放进 while True;recv 返回 b\"\" 就是这一位走了",
        run: next,
        ..LOOP_BASE
    },
    Case {
        id: "vanish",
        title: "客户一言不发就走了,不影响下一位",
        why: "recv 得到 0 个字节:不是错误,也不是一条空消息",
        hint: "读到 b\"\" 就关闭这条连接,去等下一位",
        run: vanish,
        ..LOOP_BASE
    },
    Case {
        id: "reset",
        title: "连接被复位,不影响下一位",
        why: "没有接住的 ConnectionResetError 会让整个服务器退出:谁都能关掉它",
        hint: "每位客户的收发都放进 try,出错只结束这一位",
        run: reset,
        ..LOOP_BASE
    },
    Case {
        id: "rude",
        title: "客户不听回答就走,不影响下一位",
        why: "往断了的连接上发,得到 BrokenPipe;没有接住,服务器就退出",
        hint: "发送也会失败:和接收一样接住",
        run: rude,
        ..LOOP_BASE
    },
    Case {
        id: "many",
        title: "同一条连接上说几句,每句都回答",
        why: "一条连接不是一句话;握手一次,可以说很久",
        hint: "recv 也放进循环",
        run: many,
        ..SESSION_BASE
    },
    Case {
        id: "eof",
        title: "客户说完了,服务器也挂断",
        why: "不认得流的末尾,循环就停不下来:CPU 空转,连接停在 CLOSE_WAIT,后面的人永远等不到",
        hint: "recv 返回 b\"\" 就 break,关闭这条连接",
        run: eof,
        ..SESSION_BASE
    },
    Case {
        id: "byte-by-byte",
        title: "一个字节一个字节地来,回答一个不少",
        why: "一次 recv 得到几个字节,和对方怎样发没有关系",
        hint: "收到多少回答多少,直到末尾",
        run: byte_by_byte,
        ..SESSION_BASE
    },
    Case {
        id: "long",
        title: "100,000 字节的话,回答一个字节不少",
        why: "recv(1024) 最多取走 1,024 字节,其余的还在缓冲区里等着",
        hint: "循环里 recv;发送用 sendall",
        run: long,
        ..SESSION_BASE
    },
    Case {
        id: "silent",
        title: "一位客户占着线不说话,别人不用等",
        why: "服务器停在他的 recv 里,后面的人 connect 成功,却永远没有回答",
        hint: "每位客户一个线程,或者用事件循环",
        run: silent,
        ..THREADS_BASE
    },
    Case {
        id: "reverse",
        title: "三位客户,后来的先说,先说的先得到回答",
        why: "服务的次序应当由谁在说话决定,不是由谁先到",
        hint: "每位客户一个线程,或者用事件循环",
        run: reverse,
        ..THREADS_BASE
    },
    Case {
        id: "not-reading",
        title: "一位客户只说不听,别人不受影响",
        why: "他不收,发给他的就塞满两边的缓冲区,服务器停在 send 里",
        hint: "每位客户一个线程,给发送一个期限",
        run: not_reading,
        ..THREADS_BASE
    },
    Case {
        id: "closing",
        title: "Ctrl-C 以后,新客户进不来,正在服务的还能说完",
        why: "说到一半的客户什么也没做错;新来的应当马上知道这里关门了",
        hint: "先关闭监听套接字,再等正在服务的线程结束",
        run: closing,
        ..THREADS_BASE
    },
];

/// 只有 tcp-threads 认得的选项,单独一条线。
pub const LIMIT_CASES: &[Case] = &[
    Case {
        id: "idle",
        title: "太久不说话的客户,告诉他,请他走",
        why: "沉默的连接占着线程和描述符,几百条就能让服务器再也接不了别人",
        hint: "给接收一个期限(settimeout),到了就说一声再关闭",
        options: &["--idle", "1"],
        run: idle,
        ..THREADS_BASE
    },
    Case {
        id: "full",
        title: "满座时告诉新来的,有人走了就有座位",
        why: "线程数没有上限,一万个连接就是一万个线程",
        hint: "数着正在服务的客户,满了就说一声再关闭",
        options: &["--customers", "1"],
        run: full,
        ..THREADS_BASE
    },
    Case {
        id: "grace",
        title: "收场的期限到了还没有走的,告诉他,挂断",
        why: "有人一直不走,服务器也不能一直不结束",
        hint: "等线程结束时给一个期限,到了就 shutdown 他的连接",
        options: &["--grace", "1"],
        run: grace,
        ..THREADS_BASE
    },
];

/// 说一句,应当得到它的大写。
fn expect_upper(exam: &mut Exam, peer: &mut TcpPeer, question: &[u8]) -> Verdict {
    let deadline = exam.deadline();
    peer.send(question, deadline)?;
    expect(exam, peer, question, &question.to_ascii_uppercase())
}

/// 应当收到 `expected`;`sent` 是为此发出的。
pub fn expect(exam: &mut Exam, peer: &mut TcpPeer, sent: &[u8], expected: &[u8]) -> Verdict {
    let received = peer.receive(expected.len(), exam.deadline())?;
    if received.bytes == expected {
        return Ok(());
    }
    let failure = exam.failure(diagnose(expected, &received)).sent(sent);
    let bytes = (!received.bytes.is_empty()).then_some(received.bytes.as_slice());
    Err(failure.expected(expected).received(bytes).into())
}

fn diagnose(expected: &[u8], received: &Received) -> String {
    let (count, wanted) = (received.bytes.len(), expected.len());
    if !expected.starts_with(&received.bytes) {
        return match expected.eq_ignore_ascii_case(&received.bytes) {
            true => "回答没有变成大写".to_owned(),
            false => "回答的内容不一样".to_owned(),
        };
    }
    match received.end {
        End::Eof if count == 0 => "服务器没有回答就关闭了连接".to_owned(),
        End::Eof => format!("回答了 {count} 字节就关闭了连接,应当有 {wanted} 字节"),
        End::Reset if count == 0 => "没有回答,连接被复位:服务器出错退出了?".to_owned(),
        End::Reset => format!("收到 {count} 字节,连接被复位:关闭时还有没读的字节?"),
        _ if count == 0 => "没有回答".to_owned(),
        _ => format!("只回答了 {count} 字节,应当有 {wanted} 字节"),
    }
}

/// 服务器应当挂断。
pub fn expect_hung_up(exam: &mut Exam, peer: &mut TcpPeer, what: &str) -> Verdict {
    let received = peer.receive_all(exam.deadline())?;
    match received.end {
        End::Eof if received.bytes.is_empty() => Ok(()),
        End::Eof => {
            let failure = exam.failure("挂断之前又多发了");
            Err(failure.expected(b"").received(Some(&received.bytes)).into())
        }
        _ => Err(exam.failure(what).into()),
    }
}

/// 新来一位客户,说一句,应当得到回答。
fn expect_next(exam: &mut Exam, server: SocketAddr, what: &str) -> Verdict {
    let served =
        arrive(exam, server).and_then(|mut peer| expect_upper(exam, &mut peer, b"next one"));
    match served {
        Err(Stop::Failed(failure)) => Err(failure.after(what).into()),
        served => served,
    }
}

pub fn connect(exam: &mut Exam) -> Result<(SocketAddr, TcpPeer), Stop> {
    let server = exam.server(Transport::Tcp)?;
    Ok((server, arrive(exam, server)?))
}

/// 新来一位客户;连不上的话,程序也许已经退出,一并说明。
pub fn arrive(exam: &mut Exam, server: SocketAddr) -> Result<TcpPeer, Stop> {
    match TcpPeer::connect(server, exam.deadline()) {
        Err(Stop::Failed(failure)) => Err(exam.failure(failure.what()).into()),
        connected => connected,
    }
}

fn upper(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = connect(exam)?;
    // é 的大写是 É:按文字变大写的程序会把它也改了。
    expect_upper(exam, &mut peer, "hello, 你好 Tcp, é".as_bytes())
}

fn bytes(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = connect(exam)?;
    let all: Vec<u8> = (0..=255).rev().collect();
    expect_upper(exam, &mut peer, &all)
}

fn shows(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = connect(exam)?;
    exam.terminal()?;
    expect_upper(exam, &mut peer, "你好,TCP".as_bytes())?;
    let port = peer.address()?.port().to_string();
    exam.wait_line("没有显示客户的地址和他说的话", |line| {
        line.contains("127.0.0.1") && line.contains(&port) && line.contains("你好,TCP")
    })?;
    Ok(())
}

fn one_line(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = connect(exam)?;
    exam.terminal()?;
    let message = b"up\ndown\x1b[2J";
    expect_upper(exam, &mut peer, message)?;
    let line = exam.wait_line("没有把「up」显示出来", |line| line.contains("up"))?;
    let what = match line.contains("down") {
        true if !line.contains('\x1b') => return Ok(()),
        true => "控制字符 ESC 原样打印",
        false => "换行原样打印,一句话成了两行",
    };
    Err(Failure::new(what).sent(message).printed(&line).into())
}

fn gbk(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = connect(exam)?;
    exam.terminal()?;
    expect_upper(exam, &mut peer, &[0xc4, 0xe3, 0xba, 0xc3])?;
    exam.wait_line("没有按 GBK 显示「你好」", |line| {
        line.contains("你好")
    })?;
    Ok(())
}

fn half_close(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = connect(exam)?;
    peer.send(b"that is all", exam.deadline())?;
    peer.half_close()?;
    expect(exam, &mut peer, b"that is all", b"THAT IS ALL")?;
    expect_hung_up(exam, &mut peer, "回答完了,服务器没有挂断")
}

fn next(exam: &mut Exam) -> Verdict {
    let (server, mut peer) = connect(exam)?;
    expect_upper(exam, &mut peer, b"first")?;
    drop(peer);
    expect_next(exam, server, "服务完第一位以后")
}

fn vanish(exam: &mut Exam) -> Verdict {
    let (server, peer) = connect(exam)?;
    drop(peer);
    expect_next(exam, server, "一位客户一言不发就走了以后")
}

fn reset(exam: &mut Exam) -> Verdict {
    let (server, mut peer) = connect(exam)?;
    expect_upper(exam, &mut peer, b"goodbye")?;
    peer.reset()?;
    // 这一位还没有被 accept 就走了;服务器要是已经不在,下一位会看到。
    if let Ok(peer) = TcpPeer::connect(server, Instant::now()) {
        peer.reset()?;
    }
    expect_next(exam, server, "连接被复位以后")
}

fn rude(exam: &mut Exam) -> Verdict {
    let (server, mut peer) = connect(exam)?;
    // 服务器可能先挂断:说得出多少算多少。
    let _ = peer.send_some(&vec![b'x'; 100_000], exam.deadline());
    drop(peer);
    expect_next(exam, server, "一位客户不听回答就走了以后")
}

fn many(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = connect(exam)?;
    for question in [b"first".as_slice(), b"second", b"third"] {
        expect_upper(exam, &mut peer, question)?;
    }
    Ok(())
}

fn eof(exam: &mut Exam) -> Verdict {
    let (server, mut peer) = connect(exam)?;
    expect_upper(exam, &mut peer, b"first")?;
    expect_upper(exam, &mut peer, b"last")?;
    peer.half_close()?;
    expect_hung_up(exam, &mut peer, "客户说完了,服务器没有挂断")?;
    expect_next(exam, server, "一位客户说完以后")
}

fn byte_by_byte(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = connect(exam)?;
    for byte in "slow, 慢".bytes() {
        expect_upper(exam, &mut peer, &[byte])?;
    }
    Ok(())
}

fn long(exam: &mut Exam) -> Verdict {
    const PIECE: usize = 10_000;
    let (_, mut peer) = connect(exam)?;
    let text: Vec<u8> = (0..)
        .flat_map(|n| format!("line {n} ").into_bytes())
        .take(10 * PIECE)
        .collect();
    // 收一段再发下一段:一直发不收,会和服务器互相等。
    for piece in text.chunks(PIECE) {
        expect_upper(exam, &mut peer, piece)?;
    }
    Ok(())
}

fn silent(exam: &mut Exam) -> Verdict {
    let (server, silent) = connect(exam)?;
    expect_next(exam, server, "前面有一位客户不说话")?;
    drop(silent);
    Ok(())
}

fn reverse(exam: &mut Exam) -> Verdict {
    let (server, first) = connect(exam)?;
    let mut peers = vec![first];
    for _ in 0..2 {
        peers.push(arrive(exam, server)?);
    }
    for (index, peer) in peers.iter_mut().enumerate().rev() {
        expect_upper(exam, peer, format!("customer {index}").as_bytes())?;
    }
    // 第一位还在,还能再说。
    expect_upper(exam, &mut peers[0], b"still here")
}

fn not_reading(exam: &mut Exam) -> Verdict {
    /// 塞满两边的缓冲区用不了这么久;服务器还在收,就一直塞。
    const FLOOD: Duration = Duration::from_secs(1);
    let (server, mut peer) = connect(exam)?;
    expect_upper(exam, &mut peer, b"first")?;
    expect_upper(exam, &mut peer, b"second")?;
    let flood = vec![b'x'; 64 << 20];
    let _ = peer.send_some(&flood, Instant::now() + FLOOD);
    expect_next(exam, server, "有一位客户只说不听")?;
    drop(peer);
    Ok(())
}

/// 按 Ctrl-C。Windows 上没有能发给别的进程的 Ctrl-C,不检查。
pub fn interrupt(exam: &mut Exam) -> Result<bool, Stop> {
    if cfg!(unix) {
        exam.terminal()?.interrupt()?;
    }
    Ok(cfg!(unix))
}

fn closing(exam: &mut Exam) -> Verdict {
    let (server, mut peer) = connect(exam)?;
    expect_upper(exam, &mut peer, b"before")?;
    if !interrupt(exam)? {
        return Ok(());
    }
    let deadline = exam.deadline();
    while !is_refused(server) {
        if Instant::now() >= deadline {
            return Err(Failure::new("Ctrl-C 以后,新客户还连得上").into());
        }
    }
    expect_upper(exam, &mut peer, b"after")?;
    drop(peer);
    exam.wait_exit(|status| status.success(), "最后一位客户走了,应当正常结束")
}

/// 不在监听了。监听着的服务器,队列满了以后也连不上,但那是没有回应,不是回绝。
pub fn is_refused(server: SocketAddr) -> bool {
    /// 回环上的回绝用不了这么久。
    const TRY: Duration = Duration::from_millis(100);
    let connected = TcpStream::connect_timeout(&server, TRY);
    connected.is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
}

fn idle(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = connect(exam)?;
    expect_told(exam, &mut peer, "太久没有说话")
}

/// 服务器应当说一句含有 `words` 的话,然后挂断。
fn expect_told(exam: &mut Exam, peer: &mut TcpPeer, words: &str) -> Verdict {
    let received = peer.receive_all(exam.deadline())?;
    let text = String::from_utf8_lossy(&received.bytes);
    if received.end == End::TimedOut {
        return Err(exam
            .failure(format!("应当说「{words}」再挂断,却没有挂断"))
            .into());
    }
    if !text.contains(words) {
        let failure = exam.failure(format!("挂断之前应当说「{words}」"));
        return Err(failure.received(Some(&received.bytes)).into());
    }
    Ok(())
}

fn full(exam: &mut Exam) -> Verdict {
    let (server, mut seated) = connect(exam)?;
    expect_upper(exam, &mut seated, b"seated")?;
    let mut late = arrive(exam, server)?;
    expect_told(exam, &mut late, "请稍后再来")?;
    expect_upper(exam, &mut seated, b"still seated")?;
    seated.half_close()?;
    expect_hung_up(exam, &mut seated, "客户说完了,服务器没有挂断")?;
    // 挂断和让出座位之间有一瞬间:再试几次,总会轮到。
    let deadline = exam.deadline();
    loop {
        match expect_next(exam, server, "有人走了以后") {
            Err(Stop::Failed(_)) if Instant::now() < deadline => {}
            served => return served,
        }
    }
}

fn grace(exam: &mut Exam) -> Verdict {
    let (_, mut peer) = connect(exam)?;
    expect_upper(exam, &mut peer, b"before")?;
    if !interrupt(exam)? {
        return Ok(());
    }
    expect_told(exam, &mut peer, "要关闭了")?;
    exam.wait_exit(|status| status.success(), "期限到了,应当正常结束")
}
