//! 把符合性表发给一个正在运行的服务器,按节打印合与不合的行数。
//!
//! `web_conformance plant DIR` 在空目录 DIR 里布置网站,打印它的根目录;
//! `web_conformance ADDR ROOT` 做全部的行,打印每一节的行数和不合的行;
//! `web_conformance ADDR ROOT ID…` 只做这几行,不合的说明发了什么,收到什么。

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use check::web::conformance::{Level, Report, Rule, rules, run, site};

/// 每一步最多等这么久:nginx 拒绝以后,要 5 秒才关闭连接。
const PATIENCE: Duration = Duration::from_secs(10);

fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["plant", directory] => println!("{}", site::plant(Path::new(directory))?.display()),
        [address, root] => summarize(&ask(rules(), address, root)?),
        [address, root, ids @ ..] => {
            let mut wanted = rules();
            wanted.retain(|rule| ids.contains(&rule.id.as_str()));
            let report = ask(wanted, address, root)?;
            summarize(&report);
            print!("{report}");
        }
        _ => bail!("用法:web_conformance plant DIR | web_conformance ADDR ROOT [ID…]"),
    }
    Ok(())
}

fn ask(rules: Vec<Rule>, address: &str, root: &str) -> anyhow::Result<Report> {
    let server: SocketAddr = address.parse().context("ADDR 应当是 IP:PORT")?;
    run(rules, server, Path::new(root), PATIENCE)
}

/// 每行:节,合的,不合的,没有做的;然后是不合的行。
fn summarize(report: &Report) {
    let line = |name: &str, count: check::web::conformance::Count| {
        let (passed, failed, skipped) = (count.passed, count.failed, count.skipped);
        println!("{name}\t{passed}\t{failed}\t{skipped}");
    };
    for (section, count) in report.sections() {
        line(section, count);
    }
    line("RFC", report.count(|rule| rule.level != Level::Own));
    line("all", report.count(|_| true));
    for (rule, problem) in report.failed() {
        println!("不合\t{:?}\t{}\t{}", rule.level, rule.id, problem.what);
    }
}
