//! 网站的负载:wrk 做不了的三件事。
//!
//! 由 `scripts/bench web` 运行,用法在 [`USAGE`]。预期的正文在一个文件里,每个回答的每个字节都核对。
//!
//! - `check`:请求一次,看服务器给的对不对。
//! - `rate`:不管服务器多快,每秒就请求这么多次,量每次多久。wrk 等到回答才发下一个请求:
//!   服务器停顿的时候它也停顿,停顿就不算在里面了。这里从**应当**发出的时刻算起。
//! - `idle`:打开许多连接,每条请求一次,然后都开着、不说话,直到标准输入结束。
//!
//! 标准输出只有一行,给脚本读。

mod answer;
mod idle;
mod rate;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, bail, ensure};

use crate::answer::Exchange;

const USAGE: &str = "用法:
  web_load check 服务器地址 路径 正文的文件
  web_load rate 服务器地址 路径 正文的文件 连接数 每秒的次数 秒数
  web_load idle 服务器地址 路径 正文的文件 连接数";

/// 等一个回答最多这么久:机器再忙,也比最慢的服务器长得多。
pub const PATIENCE: Duration = Duration::from_secs(10);

/// 一次从套接字读这么多字节:短的回答一次读完。
pub const CHUNK: usize = 64 * 1024;

fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let [name, server, path, file, rest @ ..] = words.as_slice() else {
        bail!(USAGE);
    };
    let server: SocketAddr = server
        .parse()
        .with_context(|| format!("看不懂地址 {server}"))?;
    let body = std::fs::read(file).with_context(|| format!("读不了 {file}"))?;
    let exchange = Exchange::new(server, path, body);
    match (*name, rest) {
        ("check", []) => {
            open(server, &exchange)?;
            say("whole=1")
        }
        ("rate", [connections, rate, seconds]) => {
            // 多于一个 IP 地址的临时端口就开不了;间隔短于一微秒就来不及发。
            let connections = number("连接数", connections, 20_000)?;
            let rate = number("每秒的次数", rate, 1_000_000)?;
            let seconds = number("秒数", seconds, 60)?;
            say(&rate::measure(server, &exchange, connections, rate, seconds as u64)?.to_string())
        }
        ("idle", [connections]) => {
            let connections = number("连接数", connections, 20_000)?;
            let crowd = idle::gather(server, &exchange, connections);
            say(&format!("open={}", crowd.still_open()))?;
            // 脚本量完内存,就结束标准输入。
            std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink())
                .context("读不了标准输入")?;
            Ok(())
        }
        _ => bail!(USAGE),
    }
}

/// 打开一条连接,在上面请求一次。
pub fn open(server: SocketAddr, exchange: &Exchange) -> anyhow::Result<TcpStream> {
    let mut stream = TcpStream::connect_timeout(&server, PATIENCE)
        .with_context(|| format!("连不上 {server}"))?;
    stream.set_nodelay(true).context("不能立即发送")?;
    stream
        .set_read_timeout(Some(PATIENCE))
        .context("不能规定期限")?;
    stream.write_all(exchange.request()).context("发不出请求")?;
    let (mut received, mut chunk) = (Vec::new(), vec![0; CHUNK]);
    while !exchange.is_whole(&received)? {
        let count = stream.read(&mut chunk).context("收不到回答")?;
        ensure!(count > 0, "回答到一半,服务器关了连接");
        received.extend_from_slice(&chunk[..count]);
    }
    Ok(stream)
}

/// 打印一行,马上送出:脚本正等着它。
fn say(line: &str) -> anyhow::Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{line}")
        .and_then(|()| output.flush())
        .context("写不了标准输出")
}

fn number(name: &str, value: &str, most: usize) -> anyhow::Result<usize> {
    let number = value
        .parse()
        .with_context(|| format!("{name}要一个整数,不是 {value}"))?;
    ensure!(
        (1..=most).contains(&number),
        "{name}只能从 1 到 {most},不是 {number}"
    );
    Ok(number)
}
