//! 聊天室的负载:N 位成员都在场,一位说话,量一量送到其余每一位要多久、每秒送到多少份。
//!
//! 用法:`chat_load 服务器地址 [--protocol chat|irc|mqtt] [--members N] [--size 字节] [--seconds 秒]`。
//! 由 `scripts/bench chat` 运行。
//!
//! 全部成员在场以后打印一行 `members=1000 joined=1.234`。然后标准输入每来一行就放一次负载,
//! `window 32`(始终有 32 条消息在路上)或者 `rate 50`(每秒 50 条),放完打印一行:
//! `deliveries=1998000 seconds=2.001 per_second=998501 p50_us=812.0 p99_us=1544.1 messages=2000`
//!
//! 一次投递就是一位成员收到一条消息。说话的人自己不收,所以每条消息有 N - 1 次投递。
//! 每位成员收到的每一个字节都核对:少一条、多一条、换了次序,就以错误结束。
//! 延迟从写出这条消息算起,到这位成员读到它的最后一个字节为止。

mod crowd;
mod latency;
mod load;
mod protocol;

use std::io::{BufRead, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

use crate::crowd::Crowd;
use crate::load::Pace;
use crate::protocol::{NUMBER, Protocol};

const USAGE: &str = "用法:chat_load 服务器地址 [--protocol chat|irc|mqtt] [--members N] [--size 字节] [--seconds 秒]";

/// 消息最长这么多字节:IRC 的一行连同前缀只有 512 字节(RFC 2812 §2.3)。
const MOST_SIZE: usize = 400;

/// 放什么样的负载。
struct Options {
    server: SocketAddr,
    protocol: Protocol,
    /// 在场的人数,连同说话的那位。
    members: usize,
    /// 每条消息的文字,字节。
    size: usize,
    /// 每次负载持续多久。
    duration: Duration,
}

fn main() -> anyhow::Result<()> {
    let options = parse(std::env::args().skip(1))?;
    let start = Instant::now();
    let mut crowd = Crowd::join(
        options.server,
        options.protocol,
        options.members,
        options.size,
    )?;
    let joined = start.elapsed().as_secs_f64();
    say(&format!("members={} joined={joined:.3}", options.members))?;
    for line in std::io::stdin().lock().lines() {
        let pace = pace(&line.context("读不了标准输入")?)?;
        let measured = crowd.measure(pace, options.duration)?;
        say(&measured.to_string())?;
    }
    Ok(())
}

/// 打印一行,马上送出:脚本正等着它。
fn say(line: &str) -> anyhow::Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{line}")
        .and_then(|()| output.flush())
        .context("写不了标准输出")
}

/// 读命令行。
fn parse(mut words: impl Iterator<Item = String>) -> anyhow::Result<Options> {
    let server = words.next().context(USAGE)?;
    let mut options = Options {
        server: server
            .parse()
            .with_context(|| format!("看不懂地址 {server}"))?,
        protocol: Protocol::Chat,
        members: 1000,
        size: 100,
        duration: Duration::from_secs(2),
    };
    while let Some(option) = words.next() {
        let value = words.next().context(USAGE)?;
        match option.as_str() {
            "--protocol" => options.protocol = value.parse()?,
            // 两位才有人说话、有人听;上限是一个 IP 地址的临时端口够用的数目。
            "--members" => options.members = number(&option, &value, 2, 20_000)?,
            "--size" => options.size = number(&option, &value, NUMBER, MOST_SIZE)?,
            "--seconds" => {
                options.duration = Duration::from_secs(number(&option, &value, 1, 60)? as u64);
            }
            _ => bail!("没有 {option} 这个参数\n{USAGE}"),
        }
    }
    Ok(options)
}

/// 读标准输入的一行:`window 32` 或者 `rate 50`。
fn pace(line: &str) -> anyhow::Result<Pace> {
    match line.split_once(' ') {
        Some(("window", value)) => Ok(Pace::Window(number("window", value, 1, 1000)?)),
        Some(("rate", value)) => Ok(Pace::Rate(number("rate", value, 1, 100_000)?)),
        _ => bail!("看不懂「{line}」:要 window 个数,或者 rate 每秒的条数"),
    }
}

fn number(name: &str, value: &str, least: usize, most: usize) -> anyhow::Result<usize> {
    let number = value
        .parse()
        .with_context(|| format!("{name} 要一个整数,不是 {value}"))?;
    ensure!(
        (least..=most).contains(&number),
        "{name} 只能从 {least} 到 {most},不是 {number}"
    );
    Ok(number)
}
