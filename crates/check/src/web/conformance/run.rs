//! 把表的每一行发给一个正在运行的服务器。

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::answer::Seen;
use super::site::{self, HIDDEN, LEAKS};
use super::talk::{Step, find, probe, replace};
use super::{Level, Rule, rules};
use crate::exam::{PATIENCE, Stop};
use crate::tcp_peer::End;
use crate::terminal::Terminal;
use crate::web::response::Response;
use crate::web::{HttpPeer, get, with};

/// 同时做这么多行:多数时间都在等。
const WORKERS: usize = 6;

/// 报告里最多显示这么多字节。
const SHOWN: usize = 400;

/// 一行的结果。
#[derive(Debug)]
pub enum Outcome {
    /// 合乎要求。
    Passed,
    /// 不合。
    Failed(Box<Problem>),
    /// 没有做:这里没有要用的文件。
    Skipped,
}

/// 不合的地方。
#[derive(Debug)]
pub struct Problem {
    /// 哪里不合。
    pub what: String,
    /// 发出的字节。
    pub sent: Vec<u8>,
    /// 收到的字节:回答的头和主体的开头。
    pub received: Vec<u8>,
}

/// 全部的结果,与 [`rules`] 的次序相同。
#[derive(Debug)]
pub struct Report {
    /// 每一行和它的结果。
    pub outcomes: Vec<(Rule, Outcome)>,
}

/// 一次计数。
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// 合乎要求的。
    pub passed: usize,
    /// 不合的。
    pub failed: usize,
    /// 没有做的。
    pub skipped: usize,
}

impl Report {
    /// 不合的行。
    pub fn failed(&self) -> impl Iterator<Item = (&Rule, &Problem)> {
        self.outcomes.iter().filter_map(|(rule, outcome)| match outcome {
            Outcome::Failed(problem) => Some((rule, problem.as_ref())),
            _ => None,
        })
    }

    /// `wanted` 的行里,合的、不合的、没有做的各有多少。
    pub fn count(&self, wanted: impl Fn(&Rule) -> bool) -> Count {
        let mut count = Count::default();
        for (_, outcome) in self.outcomes.iter().filter(|(rule, _)| wanted(rule)) {
            match outcome {
                Outcome::Passed => count.passed += 1,
                Outcome::Failed(_) => count.failed += 1,
                Outcome::Skipped => count.skipped += 1,
            }
        }
        count
    }

    /// 每一节各有多少;课程自己的决定另算一节 `own`。
    #[must_use]
    pub fn sections(&self) -> BTreeMap<&'static str, Count> {
        let mut sections = BTreeMap::new();
        for (rule, _) in &self.outcomes {
            let name = section(rule);
            sections.entry(name).or_insert_with(|| self.count(|other| section(other) == name));
        }
        sections
    }
}

fn section(rule: &Rule) -> &'static str {
    match rule.level {
        Level::Own => "own",
        _ => rule.section,
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (rule, problem) in self.failed() {
            writeln!(f, "{} · {:?} · RFC {} · {}", rule.id, rule.level, rule.section, rule.title)?;
            writeln!(f, "  不对  {}", problem.what)?;
            writeln!(f, "  发送  {}", shown(&problem.sent))?;
            writeln!(f, "  实收  {}", shown(&problem.received))?;
        }
        Ok(())
    }
}

fn shown(bytes: &[u8]) -> String {
    let text = bytes[..bytes.len().min(SHOWN)].escape_ascii();
    match bytes.len().saturating_sub(SHOWN) {
        0 => text.to_string(),
        more => format!("{text}……(还有 {more} 字节)"),
    }
}

/// 全部的行都做一遍;`root` 是 [`site::plant`] 布置的根目录,服务器在 `server`。
/// 每一步最多等 `patience`。
#[must_use]
pub fn run(server: SocketAddr, root: &Path, patience: Duration) -> Report {
    let rules = rules();
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
    Report { outcomes }
}

fn judge(rule: &Rule, server: SocketAddr, root: &Path, patience: Duration) -> Outcome {
    let missing = |file: &str| std::fs::symlink_metadata(root.join(file)).is_err();
    if rule.talk.needs.is_some_and(missing) {
        return Outcome::Skipped;
    }
    let mut visit = Visit { server, root, patience, answers: Vec::new(), interim: 0, final_early: false };
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
            Outcome::Failed(Box::new(Problem { what, sent, received }))
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

fn wrong(what: impl Into<String>) -> Stop {
    Stop::Broken(anyhow::Error::msg(what.into()))
}

/// 做一行时的现场。
struct Visit<'a> {
    server: SocketAddr,
    root: &'a Path,
    patience: Duration,
    answers: Vec<Response>,
    interim: usize,
    /// 已经在等 100 时读到了最后的回答。
    final_early: bool,
}

impl Visit<'_> {
    fn deadline(&self) -> Instant {
        Instant::now() + self.patience
    }

    fn received(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for answer in &self.answers {
            bytes.extend_from_slice(&answer.head);
            bytes.extend_from_slice(&answer.body[..answer.body.len().min(SHOWN / 4)]);
        }
        bytes
    }

    fn play(&mut self, steps: &[Step], peer: &mut HttpPeer) -> Result<(), Stop> {
        for step in steps {
            self.step(step, peer)?;
        }
        Ok(())
    }

    fn step(&mut self, step: &Step, peer: &mut HttpPeer) -> Result<(), Stop> {
        let deadline = self.deadline();
        match step {
            Step::Send(bytes) => {
                let bytes = self.with_tags(bytes)?;
                peer.offer(&bytes, deadline);
            }
            Step::Drip(bytes) => {
                for byte in bytes {
                    peer.offer(&[*byte], deadline);
                }
            }
            Step::HalfClose => peer.half_close()?,
            Step::Continue(body) => self.wait_for_continue(body, peer)?,
            Step::Answer { to_head, checks } => {
                self.answer(*to_head, peer)?;
                let (root, answers, interim) = (self.root, &self.answers, self.interim);
                let seen = Seen { root, answers, interim };
                for check in checks {
                    check(&seen).map_err(wrong)?;
                }
            }
            Step::Closed => peer.closed(deadline)?,
            Step::Open => {
                peer.offer(&probe(), deadline);
                self.answer(false, peer)?;
                self.in_step()?;
            }
            Step::InSync => {
                peer.offer(&probe(), deadline);
                self.closed_or_in_step(peer)?;
            }
            Step::Gone => self.gone(peer)?,
        }
        Ok(())
    }

    /// 读一个最后的回答。
    fn answer(&mut self, to_head: bool, peer: &mut HttpPeer) -> Result<(), Stop> {
        if std::mem::take(&mut self.final_early) {
            return Ok(());
        }
        loop {
            let response = peer.any_response(to_head, self.deadline())?;
            if response.status == 101 {
                return Err(wrong("不应当换协议(101)"));
            }
            if response.status < 200 {
                self.interim += 1;
                continue;
            }
            self.answers.push(response);
            return self.nothing_leaks();
        }
    }

    /// 等到 100 就发主体;等到最后的回答就不发。
    fn wait_for_continue(&mut self, body: &[u8], peer: &mut HttpPeer) -> Result<(), Stop> {
        let deadline = self.deadline();
        let response = peer.any_response(false, deadline)?;
        if response.status == 100 {
            self.interim += 1;
            peer.offer(body, deadline);
            return Ok(());
        }
        self.answers.push(response);
        self.final_early = true;
        self.nothing_leaks()
    }

    /// 每一个回答都要合:没有藏着的请求的回答,没有外面的文件。
    fn nothing_leaks(&self) -> Result<(), Stop> {
        let Some(last) = self.answers.last() else { return Ok(()) };
        if find(&last.body, HIDDEN.as_bytes()).is_some() {
            return Err(wrong("藏在主体里的请求得到了回答"));
        }
        let leaked = LEAKS.iter().find(|leak| find(&last.body, leak.as_bytes()).is_some());
        leaked.map_or(Ok(()), |leak| Err(wrong(format!("泄露了不该给的文件:「{leak}」"))))
    }

    /// 最后一个回答应当是问「还在吗」的那一页。
    fn in_step(&self) -> Result<(), Stop> {
        let page = std::fs::read(self.root.join(site::PROBE.trim_start_matches('/')))?;
        match self.answers.last() {
            Some(last) if last.status == 200 && last.body == page => Ok(()),
            _ => Err(wrong("接着再问一页,答的不是那一页:连接上错位了")),
        }
    }

    fn closed_or_in_step(&mut self, peer: &mut HttpPeer) -> Result<(), Stop> {
        match peer.next(self.deadline())? {
            End::Eof | End::Reset => Ok(()),
            End::TimedOut => Err(wrong("既没有关闭连接,也没有回答下一个请求")),
            End::Enough => {
                self.answer(false, peer)?;
                self.in_step()
            }
        }
    }

    fn gone(&mut self, peer: &mut HttpPeer) -> Result<(), Stop> {
        match peer.next(self.deadline())? {
            End::Eof | End::Reset => return Ok(()),
            End::TimedOut => return Err(wrong("应当拒绝或者关闭连接,却一直不作声")),
            End::Enough => {}
        }
        self.answer(false, peer)?;
        match self.answers.last() {
            Some(last) if last.status < 400 => Err(wrong(format!("应当拒绝,却是 {}", last.status))),
            _ => peer.closed(self.deadline()),
        }
    }

    /// `{etag /x}` 换成 `/x` 现在的 ETag。
    fn with_tags(&self, bytes: &[u8]) -> Result<Vec<u8>, Stop> {
        let mut bytes = bytes.to_vec();
        while let Some(from) = find(&bytes, b"{etag ") {
            let length = bytes[from..].iter().position(|&byte| byte == b'}').unwrap_or(0);
            let template = bytes[from..=from + length].to_vec();
            let name = String::from_utf8_lossy(&template[6..length]).into_owned();
            let tag = self.tag(&name)?;
            bytes = replace(&bytes, &template, tag.as_bytes());
        }
        Ok(bytes)
    }

    fn tag(&self, name: &str) -> Result<String, Stop> {
        let request = match name.split_once(' ') {
            Some((coding, target)) => with("GET", target, &format!("Accept-Encoding: {coding}\r\n")),
            None => get(name),
        };
        let mut peer = HttpPeer::connect_to(self.server, self.deadline())?;
        peer.offer(&request, self.deadline());
        let response = peer.any_response(false, self.deadline())?;
        let tag = response.field("ETag").map(str::to_owned);
        tag.ok_or_else(|| wrong(format!("{name} 没有 ETag")))
    }
}

/// 程序 `binary` 合乎表的每一行;不合就恐慌,说明每一处。
///
/// # Panics
/// 有一行不合,或者程序启动不了。
pub fn conformance(binary: &str) {
    let report = start_and_run(binary).unwrap_or_else(|error| panic!("做不成:{error:#}"));
    let failed = report.failed().count();
    assert!(report.outcomes.len() >= 300, "表里只有 {} 行", report.outcomes.len());
    assert!(failed == 0, "{failed} 行不合:\n\n{report}");
}

fn start_and_run(binary: &str) -> anyhow::Result<Report> {
    let directory = tempfile::tempdir()?;
    let root = site::plant(directory.path())?;
    let words = [binary, "127.0.0.1:0", "--quiet", "--root", &root.to_string_lossy()];
    let terminal = Terminal::start(&words.map(str::to_owned))?;
    let line = terminal.output().read_line(Instant::now() + PATIENCE);
    let line = line.map_err(|waited| anyhow::anyhow!("没有说在哪里监听:{waited}"))?;
    let line = String::from_utf8_lossy(&line).into_owned();
    let address = line.trim().strip_prefix("监听 ").map(str::parse);
    match address {
        Some(Ok(address)) => Ok(run(address, &root, PATIENCE)),
        _ => anyhow::bail!("第一行应当是「监听 IP:PORT」,却是「{line}」"),
    }
}
