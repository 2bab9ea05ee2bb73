//! 远程命令的负载:一次一次地运行 `echo hi`,量一量每次多久。
//!
//! 由 `scripts/bench shell` 运行,用法在 [`USAGE`]。几种办法,同一只表来量:
//!
//! - `framed`、`stream`、`secure`:自己说 42、43、44 的协议,连接只开一次,一次一个命令。
//! - `typed`:启动一个程序(例如 `ssh 主机 sh`),一行一行地写进它的标准输入,读它打印的那一行。
//! - `call`:每次启动一个程序(例如 `ssh 主机 'echo hi'`),到它结束。
//!
//! 标准输出只有一行,给脚本读:`calls=2951 seconds=2.000 p50_us=671.3 p99_us=890.2`

mod framed;
mod program;
mod secure;
mod stream;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

const USAGE: &str = "用法:
  shell_load framed|stream 秒数 服务器地址
  shell_load secure 秒数 服务器地址 服务器存东西的目录
  shell_load typed 秒数 要写的一行 程序 参数…
  shell_load call 秒数 程序 参数…";

/// 运行的命令。`echo` 是 shell 自己做的,所以每次正好启动一个进程。
pub const COMMAND: &str = "echo hi";

/// 它打印的。
pub const OUTPUT: &[u8] = b"hi\n";

/// 等服务器的回答最多这么久:比最慢的(新的 SSH 连接)长得多。
pub const PATIENCE: Duration = Duration::from_secs(10);

/// 至少量这么多次,时间到了也一样:不然一次要一百毫秒的,中位数没有意义。
const FEWEST: usize = 8;

/// 一个能运行 `echo hi` 的办法。
pub trait Way {
    /// 运行一次,核对打印的和退出码。
    fn run(&mut self) -> anyhow::Result<()>;

    /// 量完以后收尾。
    fn finish(self: Box<Self>) -> anyhow::Result<()> {
        Ok(())
    }
}

fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let [name, seconds, rest @ ..] = words.as_slice() else {
        bail!(USAGE);
    };
    let seconds: u64 = seconds.parse().context(USAGE)?;
    ensure!((1..=60).contains(&seconds), "秒数只能从 1 到 60");
    let mut way: Box<dyn Way> = match (*name, rest) {
        ("framed", [server]) => Box::new(framed::Framed::connect(server)?),
        ("stream", [server]) => Box::new(stream::connect(server)?),
        ("secure", [server, state]) => Box::new(secure::connect(server, Path::new(state))?),
        ("typed", [line, program, words @ ..]) => {
            Box::new(program::Typed::start(line, program, words)?)
        }
        ("call", [program, words @ ..]) => Box::new(program::Call::new(program, words)),
        _ => bail!(USAGE),
    };
    // 第一次不算:连接刚开,程序刚读进内存。
    way.run()?;
    report(measure(way.as_mut(), Duration::from_secs(seconds))?);
    way.finish()
}

/// 一次接一次地运行,直到时间到了;给出每次多久,和一共多久。
fn measure(way: &mut dyn Way, duration: Duration) -> anyhow::Result<(Vec<Duration>, Duration)> {
    let mut latencies = Vec::new();
    let start = Instant::now();
    let mut now = start;
    while now < start + duration || latencies.len() < FEWEST {
        let begin = now;
        way.run()?;
        now = Instant::now();
        latencies.push(now - begin);
    }
    Ok((latencies, now - start))
}

/// 打印那一行。
fn report((mut latencies, elapsed): (Vec<Duration>, Duration)) {
    latencies.sort_unstable();
    let percentile = |percent: usize| {
        let latency = latencies[(latencies.len() - 1) * percent / 100];
        latency.as_secs_f64() * 1e6
    };
    println!(
        "calls={} seconds={:.3} p50_us={:.1} p99_us={:.1}",
        latencies.len(),
        elapsed.as_secs_f64(),
        percentile(50),
        percentile(99),
    );
}
