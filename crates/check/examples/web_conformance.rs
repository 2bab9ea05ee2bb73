//! 把符合性表发给一个正在运行的服务器,按节打印合与不合的行数。
//!
//! `web_conformance plant DIR` 在空目录 DIR 里布置网站,打印它的根目录;
//! `web_conformance ADDR ROOT [--why]` 做全部的行,`--why` 说明每一处不合。

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use check::web::conformance::{Level, run, site};

/// 每一步最多等这么久:不合的行要等满它。
const PATIENCE: Duration = Duration::from_secs(10);

fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["plant", directory] => println!("{}", site::plant(Path::new(directory))?.display()),
        [address, root] => measure(address, root, false)?,
        [address, root, "--why"] => measure(address, root, true)?,
        _ => bail!("用法:web_conformance plant DIR | web_conformance ADDR ROOT [--why]"),
    }
    Ok(())
}

fn measure(address: &str, root: &str, why: bool) -> anyhow::Result<()> {
    let server: SocketAddr = address.parse().context("ADDR 应当是 IP:PORT")?;
    let report = run(server, Path::new(root), PATIENCE)?;
    for (section, count) in report.sections() {
        println!(
            "{section}\t{}\t{}\t{}",
            count.passed, count.failed, count.skipped
        );
    }
    let rfc = report.count(|rule| rule.level != Level::Own);
    let all = report.count(|_| true);
    println!("RFC\t{}\t{}\t{}", rfc.passed, rfc.failed, rfc.skipped);
    println!("all\t{}\t{}\t{}", all.passed, all.failed, all.skipped);
    for (rule, problem) in report.failed() {
        println!("不合\t{:?}\t{}\t{}", rule.level, rule.id, problem.what);
    }
    if why {
        print!("{report}");
    }
    Ok(())
}
