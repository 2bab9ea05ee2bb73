//! UDP 服务器一线的检查:收得全、认得出是谁、答得对。

use std::net::SocketAddr;

use crate::exam::{Exam, Stop, Transport, Verdict};
use crate::failure::Failure;
use crate::ladder::Case;
use crate::udp_peer::UdpPeer;

const RECV: &str = "12-udp-recv.md";
const ECHO: &str = "13-udp-echo.md";

/// IPv4 上一个数据报最多装的字节数(RFC 791、RFC 768)。
const LARGEST: usize = 65_507;

/// 什么选项也不要、一直适用的检查,其余各项由每条检查自己写。
const BASE: Case = Case {
    id: "",
    title: "",
    why: "",
    hint: "",
    note: RECV,
    since: "udp-recv",
    until: None,
    options: &[],
    run: shows,
};

/// 收:显示谁发来了什么。
pub const RECV_CASES: &[Case] = &[
    Case {
        id: "shows",
        title: "显示收到的文字和发送方的地址",
        why: "recvfrom 同时给出内容和来源;没有来源,就不知道该回答谁",
        hint: "打印 recvfrom 返回的两样东西:内容和 (IP, 端口);输出不是终端时 C 等语言会攒着,每行之后 fflush",
        run: shows,
        ..BASE
    },
    Case {
        id: "boundaries",
        title: "两个数据报是两条,不会粘在一起",
        why: "UDP 保留报文边界:发几次,就收几次",
        hint: "每次 recvfrom 得到一个数据报,收一个就处理一个,不要攒起来",
        run: boundaries,
        ..BASE
    },
    Case {
        id: "empty",
        title: "空数据报也是数据报",
        why: "长度 0 的 UDP 数据报是真的数据报(RFC 768);TCP 里的 0 才表示结束",
        hint: "不要用 if data: 判断有没有收到",
        run: empty,
        ..BASE
    },
    Case {
        id: "not-text",
        title: "不是 UTF-8 的字节显示出来,程序继续",
        why: "谁都能发来任何字节;一个数据报就能让程序退出,等于谁都能关掉它",
        hint: "解码失败时显示原始字节:Python 用 decode(errors=\"backslashreplace\")",
        run: not_text,
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
        id: "largest",
        title: "65,507 字节的数据报收得全",
        why: "这是 IPv4 上最大的 UDP 载荷;缓冲区小了,多出的部分被丢弃,没有任何提示",
        hint: "接收缓冲区至少 65,507 字节",
        run: largest,
        ..BASE
    },
    Case {
        id: "gbk",
        title: "按 GBK 显示",
        why: "字节不会说自己是什么编码;发的人用 GBK,收的人就得按 GBK 读",
        hint: "按 --encoding 选的编码解码",
        options: &["--encoding", "gbk"],
        run: gbk,
        ..BASE
    },
    Case {
        id: "cut",
        title: "缓冲区装不下时,说出来",
        why: "操作系统会悄悄丢掉装不下的部分;不说,就没有人知道少了",
        hint: "缓冲区多留一个字节,被填满就是截断了(Windows 报错误 10040)",
        options: &["--buffer", "8"],
        run: cut,
        ..BASE
    },
    Case {
        id: "count",
        title: "收满 --count 个就结束",
        why: "脚本和测试要的是一个会自己结束的接收方",
        hint: "数着收到的数据报,够了就退出,退出码 0",
        options: &["--count", "2"],
        run: count,
        ..BASE
    },
];

/// 什么选项也不要、从 udp-echo 起通过的检查。
const ECHO_BASE: Case = Case {
    note: ECHO,
    since: "udp-echo",
    ..BASE
};

/// 答:原样发回给发送方。
pub const ECHO_CASES: &[Case] = &[
    Case {
        id: "echo",
        title: "原样发回",
        why: "回声服务器的全部约定:来的字节一个不多,一个不少",
        hint: "sendto(data, peer):data 就是 recvfrom 给的字节,不解码,不加换行",
        run: echo,
        ..ECHO_BASE
    },
    Case {
        id: "echo-again",
        title: "回答了一次,还能再回答",
        why: "只收一次就退出的服务器,第二条消息石沉大海,发送方毫无察觉",
        hint: "把 recvfrom 和 sendto 放进 while True",
        run: echo_again,
        ..ECHO_BASE
    },
    Case {
        id: "echo-clients",
        title: "谁问的回答谁",
        why: "一个套接字为所有客户服务,只有每个数据报自己的来源地址知道该回给谁",
        hint: "回给这一次 recvfrom 得到的地址,不要回给写死的或者第一次的地址",
        run: echo_clients,
        ..ECHO_BASE
    },
    Case {
        id: "echo-empty",
        title: "空数据报也要回答",
        why: "对方发了一个真的数据报,正等着回答",
        hint: "不要用 if data: 判断;收到长度 0 也发回长度 0",
        run: echo_empty,
        ..ECHO_BASE
    },
    Case {
        id: "echo-bytes",
        title: "任何字节都原样发回",
        why: "回声不需要知道文字的编码;解码再编码,遇到不合编码的字节就会出错或变样",
        hint: "直接发回收到的字节,不要 decode",
        run: echo_bytes,
        ..ECHO_BASE
    },
    Case {
        id: "echo-2000",
        title: "2,000 字节也原样发回",
        why: "recvfrom(1024) 只留下前 1,024 字节,其余永远丢失",
        hint: "recvfrom(65535)",
        run: echo_2000,
        ..ECHO_BASE
    },
    Case {
        id: "echo-largest",
        title: "65,507 字节也原样发回",
        why: "这是 IPv4 上最大的 UDP 载荷",
        hint: "recvfrom(65535)",
        run: echo_largest,
        ..ECHO_BASE
    },
    Case {
        id: "echo-burst",
        title: "一口气来 20 个,回 20 个",
        why: "数据报在接收缓冲区里排队,处理完一个马上取下一个",
        hint: "每个数据报单独回答;循环里不要 sleep,也不要为每个数据报重建套接字",
        run: echo_burst,
        ..ECHO_BASE
    },
    Case {
        id: "echo-gone",
        title: "客户不等回答就走了,服务器继续",
        why: "回答没有人收时,ICMP 会告诉服务器;Windows 把它报成下一次接收的错误 10054",
        hint: "接收报 ConnectionReset 时继续,不要退出",
        run: echo_gone,
        ..ECHO_BASE
    },
];

fn shows(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Udp)?;
    expect_shown(exam, server, "你好,UDP".as_bytes(), "你好,UDP")
}

/// 发一个数据报;程序应当打印一行,含有发送方的 IP、端口和 `text`。
fn expect_shown(exam: &mut Exam, server: SocketAddr, payload: &[u8], text: &str) -> Verdict {
    let peer = UdpPeer::facing(server)?;
    let address = peer.address()?;
    exam.terminal()?;
    peer.send(payload, server)?;
    let port = address.port().to_string();
    let what = format!("没有显示「{}」和它的来源 {address}", shorten(text));
    exam.wait_line(&what, |line| {
        line.contains("127.0.0.1") && line.contains(&port) && line.contains(text)
    })
    .map_err(|stop| with_sent(stop, payload))?;
    Ok(())
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(20) {
        Some((end, _)) => format!("{}……", &text[..end]),
        None => text.to_owned(),
    }
}

fn with_sent(stop: Stop, payload: &[u8]) -> Stop {
    match stop {
        Stop::Failed(failure) => failure.sent(payload).into(),
        other => other,
    }
}

fn boundaries(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Udp)?;
    let peer = UdpPeer::facing(server)?;
    exam.terminal()?;
    peer.send(b"first", server)?;
    peer.send(b"second", server)?;
    let first = exam.wait_line("没有显示第一个数据报", |line| {
        line.contains("first")
    })?;
    if first.contains("second") {
        return Err(Failure::new("两个数据报显示成了一行")
            .printed(&first)
            .into());
    }
    exam.wait_line("没有显示第二个数据报", |line| {
        line.contains("second")
    })?;
    Ok(())
}

fn empty(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Udp)?;
    expect_shown(exam, server, b"", "")
}

fn not_text(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Udp)?;
    let peer = UdpPeer::facing(server)?;
    exam.terminal()?;
    peer.send(&[0xff, 0xfe, b'A'], server)?;
    exam.wait_line("没有显示不合编码的数据报", |line| {
        line.contains('A')
    })
    .map_err(|stop| with_sent(stop, &[0xff, 0xfe, b'A']))?;
    expect_shown(exam, server, b"still here", "still here")
}

fn one_line(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Udp)?;
    let peer = UdpPeer::facing(server)?;
    exam.terminal()?;
    let payload = b"up\ndown\x1b[2J";
    peer.send(payload, server)?;
    let line = exam
        .wait_line("没有把「up」显示出来", |line| line.contains("up"))
        .map_err(|stop| with_sent(stop, payload))?;
    if !line.contains("down") {
        let failure = Failure::new("换行原样打印,一个数据报成了两行").sent(payload);
        return Err(failure.printed(&line).into());
    }
    if line.contains('\x1b') {
        let failure = Failure::new("控制字符 ESC 原样打印").sent(payload);
        return Err(failure.printed(&line).into());
    }
    Ok(())
}

fn largest(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Udp)?;
    let text = pattern(LARGEST);
    let text = String::from_utf8_lossy(&text);
    expect_shown(exam, server, text.as_bytes(), &text)
}

/// 看得见、每一处都不一样的内容:少了哪一段,一看便知。
fn pattern(length: usize) -> Vec<u8> {
    (0..)
        .flat_map(|n| format!("{n} ").into_bytes())
        .take(length)
        .collect()
}

fn gbk(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Udp)?;
    expect_shown(exam, server, &[0xc4, 0xe3, 0xba, 0xc3], "你好")
}

fn cut(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Udp)?;
    let peer = UdpPeer::facing(server)?;
    peer.send(b"12345678", server)?;
    let whole = exam.wait_line("没有显示恰好装得下的数据报", |_| true)?;
    let whole = match whole.contains("12345678") {
        true => whole,
        // 第一行可能是「监听……」。
        false => exam.wait_line("没有显示恰好装得下的数据报", |line| {
            line.contains("12345678")
        })?,
    };
    if whole.contains("缓冲区") {
        return Err(Failure::new("恰好装得下,却说截断了").printed(&whole).into());
    }
    peer.send(b"123456789", server)?;
    exam.wait_line("截断了,却没有说", |line| line.contains("缓冲区"))?;
    expect_shown(exam, server, b"next", "next")
}

fn count(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Udp)?;
    expect_shown(exam, server, b"one", "one")?;
    expect_shown(exam, server, b"two", "two")?;
    exam.wait_exit(|status| status.success(), "收满两个应当正常结束")
}

/// 等服务器的一个回答;`None` 是到了期限没有。只认服务器自己的地址发来的。
fn answer(exam: &Exam, peer: &UdpPeer, server: SocketAddr) -> Result<Option<Vec<u8>>, Stop> {
    let deadline = exam.deadline();
    while let Some((bytes, from)) = peer.receive(deadline)? {
        if from == server {
            return Ok(Some(bytes));
        }
        if from.port() != server.port() {
            let text = format!("回答来自 {from},不是客户问的 {server}:发回要用收到它的那个套接字");
            return Err(Failure::new(text).received(Some(&bytes)).into());
        }
    }
    Ok(None)
}

/// 一个客户依次问,每个回答必须与问的一样;不一样时尽量说出是哪一种错。
fn expect_echoes(exam: &mut Exam, server: SocketAddr, questions: &[&[u8]]) -> Verdict {
    let peer = UdpPeer::facing(server)?;
    let mut previous = None;
    for &question in questions {
        peer.send(question, server)?;
        let received = answer(exam, &peer, server)?;
        if received.as_deref() != Some(question) {
            let diagnosis = diagnose(question, received.as_deref(), previous);
            let failure = exam.failure(diagnosis).sent(question).expected(question);
            return Err(failure.received(received.as_deref()).into());
        }
        previous = Some(question);
    }
    Ok(())
}

fn diagnose(question: &[u8], received: Option<&[u8]>, previous: Option<&[u8]>) -> String {
    match received {
        None if question.is_empty() => "没有回答空数据报".to_owned(),
        None if previous.is_some() => "回答了第一个数据报,以后的就不回答了".to_owned(),
        None => "没有回答".to_owned(),
        Some(_) if received == previous => {
            "收到的是上一个问题的回答:每个数据报只回答一遍".to_owned()
        }
        Some(received) => difference(question, received),
    }
}

fn difference(question: &[u8], received: &[u8]) -> String {
    if received.is_empty() {
        return "回了一个空数据报".to_owned();
    }
    if question.len() > received.len() && question.starts_with(received) {
        return format!(
            "只回了前 {} 字节,其余 {} 字节丢了:接收缓冲区只有 {0} 字节?",
            received.len(),
            question.len() - received.len()
        );
    }
    if question.trim_ascii() == received {
        return "回答少了两头的空白:不要 strip()".to_owned();
    }
    match received.strip_prefix(question) {
        Some(b"\n" | b"\r\n") => "回答末尾多了一个换行".to_owned(),
        Some(extra) => format!("回答末尾多了 {} 字节", extra.len()),
        None => "回答的内容不一样".to_owned(),
    }
}

fn echo(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Udp)?;
    expect_echoes(exam, server, &[b"hello"])
}

fn echo_again(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Udp)?;
    expect_echoes(exam, server, &[b"first", b" second ", b"third"])
}

fn echo_clients(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Udp)?;
    let questions = [b"from A".as_slice(), b"from B", b"from C"];
    let peers = [
        UdpPeer::facing(server)?,
        UdpPeer::facing(server)?,
        UdpPeer::facing(server)?,
    ];
    for (peer, question) in peers.iter().zip(questions) {
        peer.send(question, server)?;
    }
    // 倒着收:第一位客户的回答一直在他自己的套接字里等着。
    for (peer, question) in peers.iter().zip(questions).rev() {
        let received = answer(exam, peer, server)?;
        let what = match received.as_deref() {
            Some(received) if received == question => continue,
            None => {
                "三位客户同时来问,有一位没有得到回答:回给了写死的地址,或者第一位客户?".to_owned()
            }
            Some(received) if questions.contains(&received) => {
                "一位客户得到了别人的回答".to_owned()
            }
            Some(received) => difference(question, received),
        };
        let failure = exam.failure(what).sent(question).expected(question);
        return Err(failure.received(received.as_deref()).into());
    }
    Ok(())
}

fn echo_empty(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Udp)?;
    expect_echoes(exam, server, &[b"", b"after the empty one"])
}

fn echo_bytes(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Udp)?;
    let all: Vec<u8> = (0..=255).rev().collect();
    expect_echoes(exam, server, &[&[0xff, 0xfe], &all])
}

fn echo_2000(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Udp)?;
    expect_echoes(exam, server, &[&pattern(2000)])
}

fn echo_largest(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Udp)?;
    expect_echoes(exam, server, &[&pattern(LARGEST)])
}

fn echo_burst(exam: &mut Exam) -> Verdict {
    const BURST: usize = 20;
    let server = exam.server(Transport::Udp)?;
    let peer = UdpPeer::facing(server)?;
    // 长短不一:合并或拆开的回答对不上。
    let questions: Vec<Vec<u8>> = (1..=BURST).map(|n| pattern(n * 7)).collect();
    for question in &questions {
        peer.send(question, server)?;
    }
    for (index, question) in questions.iter().enumerate() {
        let received = answer(exam, &peer, server)?;
        if received.as_ref() != Some(question) {
            let what = format!("{BURST} 个里的第 {} 个回答不对", index + 1);
            let failure = exam.failure(what).sent(question).expected(question);
            return Err(failure.received(received.as_deref()).into());
        }
    }
    Ok(())
}

fn echo_gone(exam: &mut Exam) -> Verdict {
    let server = exam.server(Transport::Udp)?;
    for _ in 0..3 {
        // 离开作用域就关闭,回答没有人收。
        UdpPeer::facing(server)?.send(b"goodbye", server)?;
    }
    expect_echoes(exam, server, &[b"anyone there?"])
}
