//! 从 web-http 起,命令行上能改的上限、期限和日志。

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::site::{self, INDEX, STYLE, ask, expect_file, expect_on, field, wrong};
use super::{HttpPeer, get, request, with};
use crate::exam::{Exam, Stop, Verdict};
use crate::failure::Failure;
use crate::ladder::Case;
use crate::tcp_peer::End;
use crate::tcp_server;

/// 慢吞吞的人,每隔这么久说一个字节。
const DRIP: Duration = Duration::from_millis(50);

/// 大文件收下这么多字节就走:比头长得多。
const SOME: usize = 100_000;

/// 从 web-http 起通过的检查,其余各项由每条检查自己写。
const HTTP: Case = Case {
    id: "",
    title: "",
    why: "",
    hint: "",
    note: "56-web-http.md",
    since: "web-http",
    until: None,
    options: &[],
    run: log,
};

/// 全部检查。
pub const CASES: &[Case] = &[
    Case {
        id: "header-deadline",
        title: "头一个字节一个字节地来,到了期限就 408,关闭",
        why: "每次 recv 各等各的,一秒一个字节就能永远占着一条连接(slowloris)",
        hint: "记下第一个字节的时刻,每次只等到「那一刻加期限」为止",
        options: &["--header-timeout", "1"],
        run: header_deadline,
        ..HTTP
    },
    Case {
        id: "body-deadline",
        title: "正文一个字节一个字节地来,也有期限",
        why: "占着连接的办法,不只有头一种",
        hint: "正文也只等到一个时刻为止",
        options: &["--body-timeout", "1"],
        run: body_deadline,
        ..HTTP
    },
    Case {
        id: "idle",
        title: "太久不说话的连接,关掉,什么也不说",
        why: "没有人问,就没有什么可答:这时冒出来的回答,会被当成下一个请求的",
        hint: "等下一个请求也有期限;到了直接关闭",
        options: &["--idle", "1"],
        run: idle,
        ..HTTP
    },
    Case {
        id: "write-deadline",
        title: "要了大文件又不收的,到了期限就挂断",
        why: "他不收,缓冲区一直是满的,发送就一直等着",
        hint: "给发送也设期限(SO_SNDTIMEO),到了就关闭",
        options: &["--write-timeout", "1"],
        run: write_deadline,
        ..HTTP
    },
    Case {
        id: "requests",
        title: "一条连接上的请求数到了上限,说 Connection: close",
        why: "不说就关,客户分不清是出了错还是正常的结束",
        hint: "最后一个回答带上 Connection: close,再关闭",
        options: &["--requests", "2"],
        run: requests,
        ..HTTP
    },
    Case {
        id: "connections",
        title: "连接数到了上限,新来的得到 503,有人走了就有位置",
        why: "描述符和内存都有限",
        hint: "数着开着的连接;满了就 503 和 Retry-After",
        options: &["--connections", "2"],
        run: connections,
        ..HTTP
    },
    Case {
        id: "idle-gives-way",
        title: "连接数到了上限,闲着的让给新来的",
        why: "一万个开着不说话的连接,不应当让别人进不来",
        hint: "满了先看有没有等着下一个请求的连接,关掉最久的一条",
        options: &["--connections", "3"],
        run: idle_gives_way,
        ..HTTP
    },
    Case {
        id: "busy-stays",
        title: "说到一半的请求,不会被别人挤走",
        why: "让路的只能是没有话说的连接",
        hint: "收到了第一个字节,就不再算闲着",
        options: &["--connections", "2"],
        run: busy_stays,
        ..HTTP
    },
    Case {
        id: "body-limit",
        title: "正文超过上限是 413,然后关闭",
        why: "静态网站用不到正文,收下再丢掉也要花流量",
        hint: "看 Content-Length;分块的,数着收到的",
        options: &["--body-limit", "10"],
        run: body_limit,
        ..HTTP
    },
    Case {
        id: "log",
        title: "访问日志一行一个请求,通用日志格式",
        why: "谁、什么时候、要了什么、得到什么:分析日志的工具都认这个格式",
        hint: "IP - - [日/月/年:时:分:秒 +0000] \"请求行\" 状态 字节数",
        run: log,
        ..HTTP
    },
    Case {
        id: "log-hostile",
        title: "日志里没有来路不明的引号和控制字符",
        why: "原样写出来,陌生人就能伪造一行日志,或者改掉终端上的字",
        hint: "不是可见 ASCII 的字节、引号和反斜线,写成 \\xHH",
        run: log_hostile,
        ..HTTP
    },
    Case {
        id: "log-sent",
        title: "日志里的字节数是真正发出的",
        why: "对方收到一半就走了,日志不应当说他全收到了",
        hint: "数 send 的返回值,不是文件的大小",
        run: log_sent,
        ..HTTP
    },
    Case {
        id: "quiet",
        title: "--quiet 不记访问日志",
        why: "前面有代理的时候,日志由它记",
        hint: "写了这个选项,就不打印请求",
        options: &["--quiet"],
        run: quiet,
        ..HTTP
    },
    Case {
        id: "cache-control",
        title: "--cache-control 的值说给浏览器听",
        why: "不说的话,浏览器自己猜能用多久",
        hint: "200 和 304 都带上 Cache-Control",
        options: &["--cache-control", "max-age=60"],
        run: cache_control,
        ..HTTP
    },
    Case {
        id: "hidden",
        title: "--hidden 给点开头的文件",
        why: "平时不给是为了保密,有时候就是要给",
        hint: "只有写了这个选项才给",
        options: &["--hidden"],
        run: hidden,
        ..HTTP
    },
    Case {
        id: "listing",
        title: "--listing 列出没有 index.html 的目录",
        why: "临时给同学传几个文件,不用写网页",
        hint: "名字放进 HTML 以前要转义,放进链接以前要编码",
        options: &["--listing"],
        run: listing,
        ..HTTP
    },
    Case {
        id: "grace",
        title: "收场的期限到了还在收的,挂断",
        why: "有人一直不收,服务器也不能一直不结束",
        hint: "等的时候给一个期限,到了就 shutdown 连接",
        options: &["--grace", "1"],
        run: grace,
        ..HTTP
    },
    Case {
        id: "drain-idle",
        title: "Ctrl-C 以后,闲着的连接马上关闭",
        why: "它们没有话要说完,不必等到期限",
        hint: "收场时先关等下一个请求的连接",
        options: &["--grace", "3600"],
        run: drain_idle,
        ..HTTP
    },
];

/// 半个请求:从此它是忙的。
const HALF: &[u8] = b"GET /style.css HT";

/// 请求的其余部分。
const REST: &[u8] = b"TP/1.1\r\nHost: x\r\n\r\n";

/// 一个字节一个字节地说,直到服务器说话。
fn drip(exam: &mut Exam, peer: &mut HttpPeer) -> Verdict {
    let deadline = exam.deadline();
    while Instant::now() < deadline {
        match peer.next(Instant::now() + DRIP)? {
            End::TimedOut => drop(peer.offer(b"x", deadline)),
            End::Enough => return Ok(()),
            End::Eof | End::Reset => return Err(peer.wrong("没有说 408 就挂断了").into()),
        }
    }
    Err(peer.wrong("慢吞吞地说,期限应当照样到").into())
}

/// 应当得到 408,连接关闭;这时别人照样得到回答。
fn expect_late(exam: &mut Exam, start: &[u8]) -> Verdict {
    let server = site::open(exam)?;
    let mut slow = HttpPeer::ask(exam, server, start)?;
    expect_file(exam, server, "/style.css", STYLE.as_bytes())?;
    drip(exam, &mut slow)?;
    let response = slow.response(exam.deadline())?;
    site::status(start, &response, &[408])?;
    match response.has("Connection", "close") {
        true => slow.closed(exam.deadline()),
        false => Err(wrong(start, &response, "应当说 Connection: close")),
    }
}

fn header_deadline(exam: &mut Exam) -> Verdict {
    expect_late(exam, b"GET / HTTP/1.1\r\nHost: x\r\nX: ")
}

fn body_deadline(exam: &mut Exam) -> Verdict {
    expect_late(exam, &with("GET", "/", "Content-Length: 1000\r\n"))
}

fn idle(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let mut silent = HttpPeer::connect(exam, server)?;
    let mut kept = HttpPeer::connect(exam, server)?;
    expect_on(exam, &mut kept, "/", INDEX.as_bytes())?;
    kept.closed(exam.deadline())?;
    silent.closed(exam.deadline())
}

fn write_deadline(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    site::put(exam, "large.bin", &site::pattern(site::LARGE))?;
    let deaf = HttpPeer::ask(exam, server, &get("/large.bin"))?;
    let line = exam.wait_line("不收的人,期限到了应当记一行日志", |line| {
        line.contains("GET /large.bin ")
    })?;
    drop(deaf);
    sent_less(exam, &line)
}

/// 日志里的字节数应当比大文件小。
fn sent_less(exam: &mut Exam, line: &str) -> Verdict {
    let sent = line.rsplit(' ').next().unwrap_or_default();
    match sent.parse::<usize>() {
        Ok(sent) if (1..site::LARGE).contains(&sent) => Ok(()),
        _ => Err(exam
            .failure(format!("应当是真正发出的字节数,却是「{line}」"))
            .into()),
    }
}

fn requests(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let three = get("/style.css").repeat(3);
    let mut peer = HttpPeer::ask(exam, server, &three)?;
    for last in [false, true] {
        let response = peer.response(exam.deadline())?;
        site::same(&three, &response, STYLE.as_bytes())?;
        if response.has("Connection", "close") != last {
            let text = "最后一个回答才说 Connection: close";
            return Err(wrong(&three, &response, text));
        }
    }
    peer.closed(exam.deadline())
}

/// 应当得到 503 和 Retry-After。
fn expect_busy(exam: &mut Exam, server: SocketAddr) -> Verdict {
    let request = get("/");
    let response = ask(exam, server, &request)?;
    site::status(&request, &response, &[503])?;
    let seconds = |value: &str| value.parse::<u32>().is_ok();
    field(&request, &response, "Retry-After", "是秒数", seconds)
}

/// 说完半个请求,应当得到回答。
fn finish(exam: &mut Exam, peer: &mut HttpPeer) -> Verdict {
    peer.send(REST, exam.deadline())?;
    let response = peer.response(exam.deadline())?;
    site::same(REST, &response, STYLE.as_bytes())
}

fn connections(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let mut busy = busy(exam, server)?;
    expect_busy(exam, server)?;
    finish(exam, &mut busy[0])?;
    drop(busy);
    served(exam, server).map(drop)
}

/// 有了位置就会得到回答。服务器什么时候看到有人走了、闲了,从外面看不见,所以 503 就再来一次。
fn served(exam: &mut Exam, server: SocketAddr) -> Result<HttpPeer, Stop> {
    let request = get("/style.css");
    let deadline = exam.deadline();
    loop {
        let mut peer = HttpPeer::ask(exam, server, &request)?;
        let response = peer.response(exam.deadline())?;
        if response.status != 503 || Instant::now() >= deadline {
            return site::same(&request, &response, STYLE.as_bytes()).map(|()| peer);
        }
    }
}

/// 两条说到一半的连接。半个请求服务器收到了没有,从外面看不见:
/// 先问一次,再把半个请求和它一起发,回答到了,半个请求也就到了。
fn busy(exam: &mut Exam, server: SocketAddr) -> Result<Vec<HttpPeer>, Stop> {
    let mut busy = Vec::new();
    for _ in 0..2 {
        let whole = [get("/style.css").as_slice(), HALF].concat();
        let mut peer = HttpPeer::ask(exam, server, &whole)?;
        let response = peer.response(exam.deadline())?;
        site::same(&whole, &response, STYLE.as_bytes())?;
        busy.push(peer);
    }
    Ok(busy)
}

fn idle_gives_way(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let mut kept = Vec::new();
    for _ in 0..12 {
        kept.push(served(exam, server)?);
    }
    // 让路的是最久的。
    kept[0].closed(exam.deadline())
}

fn busy_stays(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let mut busy = busy(exam, server)?;
    for _ in 0..3 {
        expect_busy(exam, server)?;
    }
    for peer in &mut busy {
        finish(exam, peer)?;
    }
    Ok(())
}

fn body_limit(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let small = [
        with("GET", "/style.css", "Content-Length: 10\r\n"),
        b"0123456789".to_vec(),
    ]
    .concat();
    let response = ask(exam, server, &small)?;
    site::same(&small, &response, STYLE.as_bytes())?;
    let chunked = with("GET", "/", "Transfer-Encoding: chunked\r\n");
    for large in [
        with("GET", "/", "Content-Length: 11\r\n"),
        [chunked, b"b\r\n0123456789a\r\n0\r\n\r\n".to_vec()].concat(),
    ] {
        let mut peer = HttpPeer::ask(exam, server, &large)?;
        let response = peer.response(exam.deadline())?;
        site::status(&large, &response, &[413])?;
        peer.closed(exam.deadline())?;
    }
    Ok(())
}

/// 等到关于 `part` 的一行日志。
fn entry(exam: &mut Exam, part: &str) -> Result<String, Stop> {
    exam.wait_line("应当记一行日志", |line| line.contains(part))
}

fn log(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let size = STYLE.len();
    for (request, ending) in [
        (
            get("/style.css?q=1"),
            format!("\"GET /style.css?q=1 HTTP/1.1\" 200 {size}"),
        ),
        (
            request("HEAD", "/style.css"),
            "\"HEAD /style.css HTTP/1.1\" 200 -".to_owned(),
        ),
        (get("/nosuch"), "\"GET /nosuch HTTP/1.1\" 404 ".to_owned()),
    ] {
        let mut peer = HttpPeer::ask(exam, server, &request)?;
        match request.starts_with(b"HEAD") {
            true => peer.response_to_head(exam.deadline())?,
            false => peer.response(exam.deadline())?,
        };
        let line = entry(exam, &ending)?;
        if !is_common(&line) {
            let text = format!("不是通用日志格式:「{line}」");
            return Err(exam.failure(text).into());
        }
    }
    Ok(())
}

/// `127.0.0.1 - - [06/Nov/1994:08:49:37 +0000] "` 开头,时区也可以是别的。
fn is_common(line: &str) -> bool {
    let Some(rest) = line.strip_prefix("127.0.0.1 - - [") else {
        return false;
    };
    let shape = "00/AAA/0000:00:00:00 +0000] \"";
    let matches = |(wanted, byte): (u8, u8)| match wanted {
        b'0' => byte.is_ascii_digit(),
        b'A' => byte.is_ascii_alphabetic(),
        b'+' => byte == b'+' || byte == b'-',
        wanted => byte == wanted,
    };
    rest.len() > shape.len() && shape.bytes().zip(rest.bytes()).all(matches)
}

fn log_hostile(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    // 回答什么都可以;看它怎样记。
    let hostile: [&[u8]; 3] = [
        b"GET /quote\"200\\ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /escape\x1b[2J\x07 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /bytes\xff\xe4\xbd\xa0 HTTP/1.1\r\nHost: x\r\n\r\n",
    ];
    for request in hostile {
        let mut peer = HttpPeer::ask(exam, server, request)?;
        peer.response(exam.deadline())?;
        let line = exam.wait_line("应当记一行日志", |line| !line.starts_with("监听"))?;
        let visible = line.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if !visible || line.matches('"').count() != 2 {
            let failure = Failure::new("日志里有没有换掉的字节").sent(request);
            return Err(failure.printed(&line).into());
        }
    }
    Ok(())
}

fn log_sent(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    site::put(exam, "large.bin", &site::pattern(site::LARGE))?;
    let mut gone = HttpPeer::ask(exam, server, &get("/large.bin"))?;
    // 收下一些再走:头以外,正文也真的发出了。
    gone.tcp.receive(SOME, exam.deadline())?;
    gone.reset()?;
    let line = entry(exam, "GET /large.bin ")?;
    sent_less(exam, &line)
}

fn quiet(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    expect_file(exam, server, "/style.css", STYLE.as_bytes())?;
    if !tcp_server::interrupt(exam)? {
        return Ok(());
    }
    exam.wait_exit(|status| status.success(), "Ctrl-C 以后应当结束")?;
    let printed = exam.terminal()?.last_words();
    match printed.contains("GET") {
        false => Ok(()),
        true => Err(Failure::new("还是打印了请求").printed(&printed).into()),
    }
}

fn cache_control(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let first = get("/style.css");
    let response = site::ask_settled(exam, server, "/style.css")?;
    let same = |value: &str| value == "max-age=60";
    field(&first, &response, "Cache-Control", "是 max-age=60", same)?;
    let tag = response.field("ETag").unwrap_or_default();
    let again = with("GET", "/style.css", &format!("If-None-Match: {tag}\r\n"));
    let response = ask(exam, server, &again)?;
    site::status(&again, &response, &[304])?;
    field(&again, &response, "Cache-Control", "是 max-age=60", same)
}

fn hidden(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    site::put(exam, ".profile", b"found")?;
    expect_file(exam, server, "/.profile", b"found")
}

fn listing(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let directory = exam.directory().join("目录");
    std::fs::create_dir(&directory)?;
    for name in ["b.txt", "甲.txt", "a&amp;.txt"] {
        std::fs::write(directory.join(name), name)?;
    }
    let request = get("/%E7%9B%AE%E5%BD%95/");
    let response = ask(exam, server, &request)?;
    site::status(&request, &response, &[200])?;
    let page = String::from_utf8_lossy(&response.body).into_owned();
    for part in ["甲.txt", "%E7%94%B2.txt", "a&amp;amp;.txt"] {
        if !page.contains(part) {
            return Err(wrong(&request, &response, &format!("清单里没有 {part}")));
        }
    }
    let request = get("/%E7%9B%AE%E5%BD%95/?json");
    let response = ask(exam, server, &request)?;
    let json = |value: &str| value.starts_with("application/json");
    field(&request, &response, "Content-Type", "是 JSON", json)
}

fn grace(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    site::put(exam, "large.bin", &site::pattern(site::LARGE))?;
    let mut deaf = HttpPeer::ask(exam, server, &get("/large.bin"))?;
    deaf.next(exam.deadline())?;
    if !tcp_server::interrupt(exam)? {
        return Ok(());
    }
    exam.wait_exit(|status| status.success(), "期限到了就应当结束")
}

fn drain_idle(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let mut silent = HttpPeer::connect(exam, server)?;
    let mut kept = HttpPeer::connect(exam, server)?;
    expect_on(exam, &mut kept, "/", INDEX.as_bytes())?;
    if !tcp_server::interrupt(exam)? {
        return Ok(());
    }
    kept.closed(exam.deadline())?;
    silent.closed(exam.deadline())?;
    exam.wait_exit(|status| status.success(), "没有人在说话,应当马上结束")
}
