//! 监看一个端口:它的连接每变一次状态,打印一行。开始以前就关了的不算。

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use crate::cli;
use crate::state::State;
use crate::table;

/// 两次查看之间至少隔这么久:比人眼快,又不占 CPU。停留得更短的状态看不到。
const INTERVAL: Duration = Duration::from_millis(5);

/// 查看一次用了多久,就至少歇它的这么多倍:连接有几万条的机器上,也只占一个核的一成。
const REST: u32 = 9;

/// 但最多歇这么久:机器忙的时候看一次可能要好几秒,不能因此看漏一大截。
const LONGEST_REST: Duration = Duration::from_secs(1);

/// 什么时候结束。
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// 打印这么多行以后。
    pub count: Option<u64>,
    /// 过了这么多秒以后。
    pub seconds: Option<u64>,
}

/// 一条连接的一端:本端和对端的地址。
type Key = (SocketAddr, SocketAddr);

/// 监看 `port`,直到 `limits` 或 Ctrl-C。
pub fn run(port: u16, limits: Limits) -> anyhow::Result<()> {
    let mut view = View::open(port)?;
    let mut seen = view.look()?;
    cli::print_line(format_args!("监看端口 {port},按 Ctrl-C 结束"))?;
    let start = Instant::now();
    let mut printer = Printer {
        start,
        left: limits.count,
    };
    for (key, state) in &seen {
        printer.print(key, *state)?;
    }
    let deadline = limits.seconds.map(Duration::from_secs);
    while printer.left != Some(0) && deadline.is_none_or(|limit| start.elapsed() < limit) {
        let before = Instant::now();
        let now = view.look()?;
        if now != seen {
            // 表要读几毫秒,读到一半时变了,就只看到一端;再看一次,两端就在一起了。
            let settled = view.look()?;
            printer.passing(&mut seen, now, &settled)?;
            printer.changes(&seen, &settled)?;
            seen = settled;
        }
        let pause = (before.elapsed() * REST).clamp(INTERVAL, LONGEST_REST);
        let left = deadline.map(|limit| limit.saturating_sub(start.elapsed()));
        thread::park_timeout(left.map_or(pause, |left| pause.min(left)));
    }
    Ok(())
}

/// 要看的是哪些。
struct View {
    port: u16,
    /// 开始监看以前就关了、还在 TIME-WAIT 的:它们的故事已经完了,不看。
    old: BTreeSet<Key>,
}

impl View {
    fn open(port: u16) -> anyhow::Result<Self> {
        let old = BTreeSet::new();
        let mut view = Self { port, old };
        let ends = view.look()?;
        let closed = ends.iter().filter(|(_, state)| **state == State::TimeWait);
        view.old = closed.map(|(key, _)| *key).collect();
        Ok(view)
    }

    /// 端口是 `port` 的每一端,本端或对端的都算。
    fn look(&mut self) -> anyhow::Result<BTreeMap<Key, State>> {
        let mut ends = BTreeMap::new();
        for row in table::rows()? {
            let key = (row.local, row.remote);
            if row.local.port() != self.port && row.remote.port() != self.port {
                continue;
            }
            // 同样的两个地址又连上了,就是一条新的连接。
            if row.state != State::TimeWait {
                self.old.remove(&key);
            }
            if !self.old.contains(&key) {
                ends.insert(key, row.state);
            }
        }
        Ok(ends)
    }
}

struct Printer {
    start: Instant,
    /// 还要打印几行;`None` 是没有限制。
    left: Option<u64>,
}

impl Printer {
    /// 看了一眼,再看时已经过去了的状态。
    fn passing(
        &mut self,
        before: &mut BTreeMap<Key, State>,
        now: BTreeMap<Key, State>,
        settled: &BTreeMap<Key, State>,
    ) -> anyhow::Result<()> {
        for (key, state) in now {
            if before.get(&key) != Some(&state) && settled.get(&key) != Some(&state) {
                self.print(&key, state)?;
                before.insert(key, state);
            }
        }
        Ok(())
    }

    /// 新的、变了的,和没有了的。
    fn changes(
        &mut self,
        before: &BTreeMap<Key, State>,
        now: &BTreeMap<Key, State>,
    ) -> anyhow::Result<()> {
        for (key, state) in now {
            if before.get(key) != Some(state) {
                self.print(key, *state)?;
            }
        }
        for key in before.keys() {
            if !now.contains_key(key) {
                self.print(key, State::Closed)?;
            }
        }
        Ok(())
    }

    fn print(&mut self, (local, remote): &Key, state: State) -> anyhow::Result<()> {
        match &mut self.left {
            Some(0) => return Ok(()),
            Some(left) => *left -= 1,
            None => {}
        }
        let seconds = self.start.elapsed().as_secs_f64();
        let ends = match remote.port() {
            0 => format!("{local} 监听"),
            _ => format!("{local} 对 {remote}"),
        };
        let (name, meaning) = (state.name(), state.meaning());
        cli::print_line(format_args!("+{seconds:.3} 秒  {ends}  {name} · {meaning}"))
    }
}
