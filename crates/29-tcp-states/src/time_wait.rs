//! TIME-WAIT 与 `SO_REUSEADDR`:刚关掉的服务器,能不能马上再绑定同一个端口。

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::cli;
use crate::end::End;
use crate::report;
use crate::scene::PATIENCE;
use crate::socket::{self, Reuse};
use crate::state::State;
use crate::table;

/// 每隔这么久看一次表。
const INTERVAL: Duration = Duration::from_millis(2);

/// 一种情形:旧的服务器怎样结束,新的怎样绑定。
struct Case {
    /// 谁先关;`None` 是旧的还在监听。
    first: Option<End>,
    /// 旧的监听套接字。
    old: Reuse,
    /// 新的监听套接字。
    new: Reuse,
}

/// 四种设法各试一次,再加两种对照。每一种用一个新端口:留下的 TIME-WAIT 互不相干。
pub fn run() -> anyhow::Result<()> {
    table::warn_if_unreadable();
    if !cfg!(unix) {
        cli::note("这个系统上 SO_REUSEADDR 是另一个意思,不设;看「未设」的几行");
    }
    let mut cases = Vec::new();
    for old in [Reuse::Unset, Reuse::Set] {
        for new in [Reuse::Unset, Reuse::Set] {
            let first = Some(End::Server);
            cases.push(Case { first, old, new });
        }
    }
    let (old, new) = (Reuse::Unset, Reuse::Unset);
    let first = Some(End::Client);
    cases.push(Case { first, old, new });
    let (old, new, first) = (Reuse::Set, Reuse::Set, None);
    cases.push(Case { first, old, new });

    let header = [
        "谁先关",
        "旧的",
        "新的",
        "服务器的端口上还有",
        "新的 bind()",
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for case in cases.iter().filter(|case| possible(case)) {
        rows.push(try_case(case)?);
    }
    report::table(&rows)
}

/// Windows 上不设 `SO_REUSEADDR`,要设的情形没有意义。
fn possible(case: &Case) -> bool {
    cfg!(unix) || (case.old == Reuse::Unset && case.new == Reuse::Unset)
}

fn try_case(case: &Case) -> anyhow::Result<Vec<String>> {
    let listener = socket::listen(socket::loopback(0), 1, case.old).context("监听失败")?;
    let address = socket::local(&listener)?;
    let client = socket::bound()?;
    socket::connect(&client, address)?;
    let server = socket::accept(&listener)?;
    let left = match case.first {
        None => "LISTEN".to_owned(),
        Some(first) => {
            drop(listener);
            let peer = socket::local(&client)?;
            let (one, other) = match first {
                End::Server => (server, client),
                End::Client => (client, server),
            };
            drop(one);
            socket::expect_end(&other)?;
            drop(other);
            left_behind(first, address, peer)
        }
    };
    let bound = match socket::listen(address, 1, case.new) {
        Ok(_) => "成功".to_owned(),
        Err(error) => report::outcome(&error),
    };
    let first = case.first.map_or("还在监听", End::title);
    Ok([first, setting(case.old), setting(case.new), &left, &bound]
        .map(str::to_owned)
        .to_vec())
}

fn setting(reuse: Reuse) -> &'static str {
    match reuse {
        Reuse::Set => "已设",
        Reuse::Unset => "未设",
    }
}

/// 等先关的一端到 TIME-WAIT,给出服务器的端口上还有什么。
fn left_behind(first: End, server: SocketAddr, client: SocketAddr) -> String {
    let deadline = Instant::now() + PATIENCE;
    let (local, remote) = match first {
        End::Server => (server, client),
        End::Client => (client, server),
    };
    loop {
        // 看不到表也不要紧:这个实验看的是 bind 的结果。
        let Ok(rows) = table::rows() else {
            return "看不到".to_owned();
        };
        let mut ended = rows.iter();
        let ended = ended
            .any(|row| row.local == local && row.remote == remote && row.state == State::TimeWait);
        if ended || Instant::now() >= deadline {
            let row = rows.iter().find(|row| row.local == server);
            return row.map_or("什么也没有", |row| row.state.name()).to_owned();
        }
        thread::park_timeout(INTERVAL);
    }
}
