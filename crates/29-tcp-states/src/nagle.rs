//! Nagle 算法遇上延迟确认:一个请求分两次写,每次问答多等几十毫秒。

use std::io::{Read, Write};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use socket2::Socket;

use crate::report;
use crate::socket;

/// 请求:4 字节的长度和 5 字节的正文。
const HEAD: &[u8] = &5_u32.to_be_bytes();
const BODY: &[u8] = b"hello";

/// 一种写法。
#[derive(Clone, Copy)]
struct Style {
    title: &'static str,
    /// 头和正文是不是分两次写。
    split: bool,
    /// 设不设 `TCP_NODELAY`。
    nodelay: bool,
}

const STYLES: [Style; 3] = [
    Style {
        title: "头、正文分两次写",
        split: true,
        nodelay: false,
    },
    Style {
        title: "分两次写,设 TCP_NODELAY",
        split: true,
        nodelay: true,
    },
    Style {
        title: "拼成一次写",
        split: false,
        nodelay: false,
    },
];

/// 每种写法问答 `rounds` 次,列出中位数、最短和最长。
pub fn run(rounds: u16) -> anyhow::Result<()> {
    let header = ["写法", "中位数", "最短", "最长"].map(str::to_owned);
    let mut rows = vec![header.to_vec()];
    for style in STYLES {
        let mut times = measure(style, rounds)?;
        times.sort_unstable();
        let (Some(shortest), Some(longest)) = (times.first(), times.last()) else {
            continue;
        };
        let times = [&times[times.len() / 2], shortest, longest];
        let mut row = vec![style.title.to_owned()];
        row.extend(times.map(|time| format!("{:.2} 毫秒", time.as_secs_f64() * 1000.0)));
        rows.push(row);
    }
    report::table(&rows)
}

/// 每次问答用的时间。
fn measure(style: Style, rounds: u16) -> anyhow::Result<Vec<Duration>> {
    let (client, server) = socket::connected()?;
    client.set_tcp_nodelay(style.nodelay)?;
    // 服务器的回答只有一次写,不受影响。
    let server = thread::spawn(move || answer(&server, rounds));
    let asked: anyhow::Result<Vec<Duration>> = (0..rounds).map(|_| ask(&client, style)).collect();
    // 关掉连接,服务器不管收到第几个请求都会结束。
    drop(client);
    let answered = server.join().map_err(|_| anyhow!("服务器线程崩溃了"))?;
    let times = asked.context("没有得到回答")?;
    answered.context("服务器出错")?;
    Ok(times)
}

fn ask(mut client: &Socket, style: Style) -> anyhow::Result<Duration> {
    let start = Instant::now();
    if style.split {
        client.write_all(HEAD)?;
        client.write_all(BODY)?;
    } else {
        client.write_all(&[HEAD, BODY].concat())?;
    }
    client.read_exact(&mut [0; 1])?;
    Ok(start.elapsed())
}

/// 收齐一个请求,回一个字节。
fn answer(mut server: &Socket, rounds: u16) -> anyhow::Result<()> {
    let mut request = vec![0; HEAD.len() + BODY.len()];
    for _ in 0..rounds {
        server.read_exact(&mut request)?;
        server.write_all(b"!")?;
    }
    Ok(())
}
