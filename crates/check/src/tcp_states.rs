//! 连接的一生的检查:每个状态都看到了,次序对,结果的表与这个系统上真实的表现一样。

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::time::Instant;

use crate::exam::{Exam, PATIENCE, Stop, Verdict, free_port};
use crate::failure::Failure;
use crate::ladder::Case;
use crate::terminal::Terminal;
use crate::tool::{self, Finished};

/// 一直适用的检查,其余各项由每条检查自己写。
const BASE: Case = Case {
    id: "",
    title: "",
    why: "",
    hint: "",
    note: "29-tcp-states.md",
    since: "tcp-states",
    until: None,
    options: &[],
    run: life,
};

/// 看得全,说得对。
pub const CASES: &[Case] = &[
    Case {
        id: "life",
        title: "life:客户端先关,从 LISTEN 到 TIME-WAIT",
        why: "先关的一方最后停在 TIME-WAIT,另一方什么也不留",
        hint: "每做一步就读 /proc/net/tcp,一行写一端:「客户端 ESTABLISHED …」",
        run: life,
        ..BASE
    },
    Case {
        id: "life-server",
        title: "life --close server:服务器先关,状态换到另一边",
        why: "状态属于先关的一方和后关的一方,不属于客户端和服务器",
        hint: "同样的步骤,让服务器先 shutdown",
        run: life_server,
        ..BASE
    },
    Case {
        id: "hold",
        title: "life --hold:停住 SYN-SENT、SYN-RECEIVED、FIN-WAIT-1、LAST-ACK",
        why: "这四个状态在回环上只停留几微秒,不丢一个报文段就看不到",
        hint: "Linux:SO_ATTACH_FILTER 装一条「返回 0」,到达的报文段都丢弃;别的系统说明做不到",
        note: "状态机.md",
        run: hold,
        ..BASE
    },
    Case {
        id: "simultaneous",
        title: "simultaneous:同时打开,同时关闭,经过 CLOSING",
        why: "11 个状态里最少见的一个,只在两个 FIN 交错时出现",
        hint: "两端都丢弃收到的报文段,都 shutdown,再一端一端地恢复",
        note: "状态机.md",
        run: simultaneous,
        ..BASE
    },
    Case {
        id: "close-wait",
        title: "close-wait:对方关了自己不关,停在 CLOSE-WAIT;第一次写成功,第二次是错误",
        why: "CLOSE-WAIT 没有期限,只有自己的程序 close 才会结束",
        hint: "客户端 close 以后,服务器读到 0,然后写两次",
        run: close_wait,
        ..BASE
    },
    Case {
        id: "time-wait",
        title: "time-wait:SO_REUSEADDR 的四种设法,结果都对",
        why: "Linux 上新旧两个程序都设了才有用:出错以后才加上的,第一次重启照样失败",
        hint: "每种设法用一个新端口;服务器先关,等到 TIME-WAIT,再 bind 同一个端口",
        note: "TIME_WAIT.md",
        run: time_wait,
        ..BASE
    },
    Case {
        id: "reset",
        title: "reset:哪些情形是 RST,对方看到什么",
        why: "读到 0 是对方说完了,ECONNRESET 是对方没有听完就走了",
        hint: "没读完就 close、SO_LINGER 0、没有 accept 就关、没有程序监听,各做一遍",
        run: reset,
        ..BASE
    },
    Case {
        id: "backlog",
        title: "backlog:不 accept,能连上几位",
        why: "listen(n) 管的是排队的人数,不是同时连接的人数;Linux 上能排 n + 1 位",
        hint: "非阻塞地连 n + 几次,数一数连上的",
        note: "监听队列.md",
        run: backlog,
        ..BASE
    },
    Case {
        id: "nagle",
        title: "nagle:分两次写,比拼成一次写慢得多",
        why: "Nagle 算法等确认,确认又在等数据:每次问答多等几十毫秒",
        hint: "写、写、读,计时;再设 TCP_NODELAY;再拼成一次写",
        run: nagle,
        ..BASE
    },
    Case {
        id: "watch",
        title: "watch:别的程序的连接,变一次状态打印一行",
        why: "服务器出了问题时,看得见它的连接停在哪里",
        hint: "隔几毫秒读一次表,与上一次比较;每行之后刷新输出",
        run: watch,
        ..BASE
    },
];

/// 运行成功,给出输出。
fn experiment(exam: &Exam, arguments: &[&str]) -> Result<Finished, Stop> {
    let finished = tool::run(exam, arguments, "")?;
    finished.succeeded()?;
    Ok(finished)
}

/// 依次有这样的行:行首是哪一端,行里有这个状态。
fn passes_through(finished: &Finished, wanted: &[(&str, &str)]) -> Verdict {
    let mut lines = finished.output.lines();
    for (end, state) in wanted {
        let found = lines.any(|line| {
            let rest = line.strip_prefix(end).unwrap_or_default();
            rest.split_whitespace().next() == Some(state)
        });
        if !found {
            let what = format!("到了该有「{end} {state}」的一行,却没有");
            return Err(finished.failure(&what).into());
        }
    }
    Ok(())
}

/// 有一行,里面有所有这些词。
fn has_row(finished: &Finished, words: &[&str]) -> Verdict {
    let mut lines = finished.output.lines();
    match lines.any(|line| words.iter().all(|word| line.contains(word))) {
        true => Ok(()),
        false => {
            let what = format!("应当有一行,里面有「{}」", words.join("」「"));
            Err(finished.failure(&what).into())
        }
    }
}

const BEFORE_CLOSING: [(&str, &str); 3] = [
    ("服务器", "LISTEN"),
    ("客户端", "ESTABLISHED"),
    ("服务器", "ESTABLISHED"),
];

fn life(exam: &mut Exam) -> Verdict {
    let finished = experiment(exam, &["life"])?;
    passes_through(&finished, &BEFORE_CLOSING)?;
    let closing = [
        ("客户端", "FIN-WAIT-2"),
        ("服务器", "CLOSE-WAIT"),
        ("客户端", "TIME-WAIT"),
        ("服务器", "CLOSED"),
    ];
    passes_through(&finished, &closing)
}

fn life_server(exam: &mut Exam) -> Verdict {
    let finished = experiment(exam, &["life", "--close", "server"])?;
    passes_through(&finished, &BEFORE_CLOSING)?;
    for path in [
        [("服务器", "FIN-WAIT-2"), ("服务器", "TIME-WAIT")],
        [("客户端", "CLOSE-WAIT"), ("客户端", "CLOSED")],
    ] {
        passes_through(&finished, &path)?;
    }
    Ok(())
}

fn hold(exam: &mut Exam) -> Verdict {
    if !cfg!(target_os = "linux") {
        return tool::run(exam, &["life", "--hold"], "")?.refused("这个系统上做不到");
    }
    let finished = experiment(exam, &["life", "--hold"])?;
    let client = [
        "SYN-SENT",
        "ESTABLISHED",
        "FIN-WAIT-1",
        "FIN-WAIT-2",
        "TIME-WAIT",
    ];
    let server = [
        "LISTEN",
        "SYN-RECEIVED",
        "ESTABLISHED",
        "CLOSE-WAIT",
        "LAST-ACK",
        "CLOSED",
    ];
    passes_through(&finished, &client.map(|state| ("客户端", state)))?;
    passes_through(&finished, &server.map(|state| ("服务器", state)))
}

fn simultaneous(exam: &mut Exam) -> Verdict {
    if !cfg!(target_os = "linux") {
        return tool::run(exam, &["simultaneous"], "")?.refused("这个系统上做不到");
    }
    let finished = experiment(exam, &["simultaneous"])?;
    let one = ["SYN-SENT", "ESTABLISHED", "FIN-WAIT-1", "CLOSING"];
    let other = ["SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1"];
    for (end, states) in [("甲", one), ("乙", other)] {
        passes_through(&finished, &states.map(|state| (end, state)))?;
        passes_through(&finished, &[(end, "TIME-WAIT")])?;
    }
    Ok(())
}

fn close_wait(exam: &mut Exam) -> Verdict {
    let finished = experiment(exam, &["close-wait"])?;
    passes_through(&finished, &[("客户端", "FIN-WAIT-2")])?;
    passes_through(&finished, &[("服务器", "CLOSE-WAIT")])?;
    // 被 RST 过的连接,写是哪一种错误,各系统不同。
    let rows = ["EPIPE", "ECONNRESET", "ECONNABORTED"];
    match rows
        .iter()
        .any(|error| has_row(&finished, &["再写", error]).is_ok())
    {
        true => Ok(()),
        false => has_row(&finished, &["再写", rows[0]]),
    }
}

/// 服务器先关以后,新的程序绑定同一个端口。
fn time_wait(exam: &mut Exam) -> Verdict {
    let finished = experiment(exam, &["time-wait"])?;
    has_row(&finished, &["客户端", "未设", "成功"])?;
    if cfg!(not(unix)) {
        return Ok(());
    }
    let both: Vec<&str> = rows_of(&finished, "服务器", &["已设", "已设"]);
    if both.is_empty() || !both.iter().all(|line| line.contains("成功")) {
        let what = "服务器先关,新旧都设了 SO_REUSEADDR:应当成功";
        return Err(finished.failure(what).into());
    }
    if cfg!(not(target_os = "linux")) {
        return Ok(());
    }
    for settings in [["未设", "未设"], ["未设", "已设"], ["已设", "未设"]] {
        let rows = rows_of(&finished, "服务器", &settings);
        if rows.is_empty() || !rows.iter().all(|line| line.contains("EADDRINUSE")) {
            let [old, new] = settings;
            let what = format!("服务器先关,旧的{old},新的{new}:应当是 EADDRINUSE");
            return Err(finished.failure(&what).into());
        }
    }
    Ok(())
}

/// 行首是 `first`,接着是这几个词的行。
fn rows_of<'a>(finished: &'a Finished, first: &str, next: &[&str]) -> Vec<&'a str> {
    let starts = |line: &&str| {
        let mut words = line.split_whitespace();
        words.next() == Some(first) && next.iter().all(|word| words.next() == Some(word))
    };
    finished.output.lines().filter(starts).collect()
}

fn reset(exam: &mut Exam) -> Verdict {
    let finished = experiment(exam, &["reset"])?;
    has_row(&finished, &["没有剩下的数据", "read() 得到 0"])?;
    for row in [
        ["没读", "ECONNRESET"],
        ["SO_LINGER", "ECONNRESET"],
        ["没有程序监听", "ECONNREFUSED"],
    ] {
        has_row(&finished, &row)?;
    }
    // 没有 accept 就关:Linux 发 RST;别的系统也可能是别的样子。
    let not_accepted = if cfg!(target_os = "linux") {
        "ECONNRESET"
    } else {
        "read()"
    };
    has_row(&finished, &["没有 accept", not_accepted])
}

fn backlog(exam: &mut Exam) -> Verdict {
    let finished = experiment(exam, &["backlog", "0", "3"])?;
    for size in [0, 3] {
        let asked = size.to_string();
        let completed = (size + 1).to_string();
        let mut lines = finished.output.lines();
        let right = lines.any(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            // 第三列是连上的;只有 Linux 说定了是 n + 1。
            let completes = words.get(2) == Some(&completed.as_str());
            words.first() == Some(&asked.as_str()) && (completes || !cfg!(target_os = "linux"))
        });
        if !right {
            let what = format!("应当有一行以 {size} 开头,第三列是连上的 {completed} 位");
            return Err(finished.failure(&what).into());
        }
    }
    Ok(())
}

/// 慢的至少是快的这么多倍:延迟确认 40 毫秒,一次问答不到 1 毫秒;机器再忙也差得远。
const SLOWER: f64 = 4.0;

fn nagle(exam: &mut Exam) -> Verdict {
    let finished = experiment(exam, &["nagle", "--rounds", "15"])?;
    let split = median(&finished, "头、正文分两次写")?;
    let nodelay = median(&finished, "分两次写,设 TCP_NODELAY")?;
    let one = median(&finished, "拼成一次写")?;
    // 别的系统上延迟确认的时间不同,有的回环上没有。
    if cfg!(target_os = "linux") && (split < nodelay * SLOWER || split < one * SLOWER) {
        let what = format!("分两次写应当慢得多,却是 {split}、{nodelay}、{one} 毫秒");
        return Err(finished.failure(&what).into());
    }
    Ok(())
}

/// 以 `title` 开头的那一行的第一个数。
fn median(finished: &Finished, title: &str) -> Result<f64, Stop> {
    let mut lines = finished.output.lines();
    let number = lines.find_map(|line| {
        let rest = line.strip_prefix(title)?;
        rest.split_whitespace().find_map(|word| word.parse().ok())
    });
    number.ok_or_else(|| {
        let what = format!("应当有一行以「{title}」开头,后面是毫秒数");
        finished.failure(&what).into()
    })
}

/// 检查自己当两端,每走一步,等它说出来再走下一步。
fn watch(exam: &mut Exam) -> Verdict {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, free_port()?))?;
    let address = listener.local_addr()?;
    let port = address.port().to_string();
    let terminal = Terminal::start_split(&exam.tool(&["watch", &port])?)?;
    let mut watched = Watched {
        deadline: exam.deadline(),
        terminal,
        seen: String::new(),
    };
    watched.expect(&port, &["LISTEN"])?;
    let mut client = TcpStream::connect(address)?;
    let (mut server, _) = listener.accept()?;
    for stream in [&client, &server] {
        stream.set_read_timeout(Some(PATIENCE))?;
    }
    let port = client.local_addr()?.port().to_string();
    watched.expect(&port, &["ESTABLISHED"; 2])?;
    client.shutdown(Shutdown::Write)?;
    watched.expect(&port, &["FIN-WAIT-2", "CLOSE-WAIT"])?;
    server.write_all(b"bye")?;
    client.read_exact(&mut [0; 3])?;
    drop(server);
    watched.expect(&port, &["TIME-WAIT", "CLOSED"])
}

/// 正在监看的程序。
struct Watched {
    deadline: Instant,
    terminal: Terminal,
    seen: String,
}

impl Watched {
    /// 接下来的几行里,这几个状态各有一行,次序不论。
    ///
    /// 只看有 `port` 的行:监听的端口上可能还有以前的连接留下的 TIME-WAIT。
    fn expect(&mut self, port: &str, states: &[&str]) -> Verdict {
        let mut missing = states.to_vec();
        while let Some(next) = missing.first() {
            let Ok(line) = self.terminal.output().read_line(self.deadline) else {
                let what = format!("端口 {port} 的连接已经到了 {next},却没有说出来");
                return Err(Failure::new(what).printed(&self.seen).into());
            };
            let line = String::from_utf8_lossy(&line).into_owned();
            let its = |state: &&str| line.contains(port) && line.contains(state);
            let found = missing.iter().position(its);
            found.map(|index| missing.remove(index));
            self.seen.push_str(&line);
            self.seen.push('\n');
        }
        Ok(())
    }
}
