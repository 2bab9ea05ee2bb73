//! 把表的每一行发给一个正在运行的服务器。

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;

use super::report::{Outcome, Problem, Report};
use super::visit::Visit;
use super::{Rule, rules, site};
use crate::exam::{PATIENCE, Stop};
use crate::terminal::Terminal;
use crate::web::HttpPeer;

/// 同时做这么多行:多数时间都在等。
const WORKERS: usize = 6;

/// `rules` 的每一行都做一遍;`root` 是 [`site::plant`] 布置的根目录,服务器在 `server`。
/// 每一步最多等 `patience`。
///
/// # Errors
/// 连不上服务器。
pub fn run(
    rules: Vec<Rule>,
    server: SocketAddr,
    root: &Path,
    patience: Duration,
) -> anyhow::Result<Report> {
    TcpStream::connect_timeout(&server, patience).with_context(|| format!("连不上 {server}"))?;
    let next = AtomicUsize::new(0);
    let results = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(rule) = rules.get(index) else { break };
                    let outcome = judge(rule, server, root, patience);
                    let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
                    results.insert(index, outcome);
                }
            });
        }
    });
    let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    let outcomes = rules.into_iter().zip(results.into_values()).collect();
    Ok(Report { outcomes })
}

fn judge(rule: &Rule, server: SocketAddr, root: &Path, patience: Duration) -> Outcome {
    let missing = |file: &str| std::fs::symlink_metadata(root.join(file)).is_err();
    if rule.talk.needs.is_some_and(missing) {
        return Outcome::Skipped;
    }
    let mut visit = Visit::new(server, root, patience);
    let peer = HttpPeer::connect_to(server, Instant::now() + patience);
    let (result, sent) = match peer {
        Ok(mut peer) => (visit.play(&rule.talk.steps, &mut peer), peer.sent),
        Err(stop) => (Err(stop), Vec::new()),
    };
    match result {
        Ok(()) => Outcome::Passed,
        Err(stop) => {
            let what = explain(stop);
            let received = visit.received();
            Outcome::Failed(Box::new(Problem {
                what,
                sent,
                received,
            }))
        }
    }
}

fn explain(stop: Stop) -> String {
    match stop {
        Stop::Failed(failure) => failure.what().to_owned(),
        Stop::Skipped(reason) => reason,
        Stop::Broken(error) => format!("{error:#}"),
    }
}

/// 程序 `binary` 合乎表的每一行;不合就恐慌,说明每一处。
///
/// # Panics
/// 有一行不合,或者程序启动不了。
pub fn conformance(binary: &str) {
    let report = start_and_run(binary).unwrap_or_else(|error| panic!("做不成:{error:#}"));
    let failed = report.failed().count();
    assert!(
        report.outcomes.len() >= 300,
        "表里只有 {} 行",
        report.outcomes.len()
    );
    assert!(failed == 0, "{failed} 行不合:\n\n{report}");
}

fn start_and_run(binary: &str) -> anyhow::Result<Report> {
    let directory = tempfile::tempdir()?;
    let root = site::plant(directory.path())?;
    let words = [
        binary,
        "127.0.0.1:0",
        "--quiet",
        "--root",
        &root.to_string_lossy(),
    ];
    let terminal = Terminal::start(&words.map(str::to_owned))?;
    let line = terminal.output().read_line(Instant::now() + PATIENCE);
    let line = line.map_err(|waited| anyhow::anyhow!("没有说在哪里监听:{waited}"))?;
    let line = String::from_utf8_lossy(&line).into_owned();
    let address = line.trim().strip_prefix("监听 ").map(str::parse);
    match address {
        Some(Ok(address)) => run(rules(), address, &root, PATIENCE),
        _ => anyhow::bail!("第一行应当是「监听 IP:PORT」,却是「{line}」"),
    }
}
