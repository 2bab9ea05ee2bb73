//! `listen(n)`:服务器一直不 `accept`,能有多少位客户连上。

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use socket2::Socket;

use crate::report;
use crate::scene::PATIENCE;
use crate::socket::{self, Reuse};
use crate::state::State;
use crate::table;

/// 比 n 多来这么多位:Linux 放进 n + 1 位,还剩 3 位在外面等。
const EXTRA: usize = 4;

/// 给还没有连上的客户这么久:回环上的握手不到 1 毫秒,丢了的 SYN 要 1 秒才重传(RFC 6298 §2)。
const SETTLE: Duration = Duration::from_millis(400);

/// 每隔这么久看一次。
const INTERVAL: Duration = Duration::from_millis(5);

/// 每个 n 做一遍,列成表。
pub fn run(sizes: &[u16]) -> anyhow::Result<()> {
    table::warn_if_unreadable();
    let header = ["listen(n)", "来了", "连上", "停在 SYN-SENT", "取走一位以后"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for size in sizes {
        rows.push(fill(*size)?);
    }
    report::table(&rows)
}

/// 填满一个长度是 `size` 的队列,再取走一条。
fn fill(size: u16) -> anyhow::Result<Vec<String>> {
    let listener = socket::listen(socket::loopback(0), i32::from(size), Reuse::Unset);
    let listener = listener.context("监听失败")?;
    let server = socket::local(&listener)?;
    let start = Instant::now();
    let mut clients = Vec::new();
    for _ in 0..usize::from(size) + EXTRA {
        let client = socket::bound()?;
        match socket::start_connect(&client, server) {
            // Windows 用 RST 回答装不下的:算没有连上。
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {}
            started => started.with_context(|| format!("连接 {server} 失败"))?,
        }
        clients.push(client);
    }
    let connected = settled(&clients);
    let waiting = count_waiting(server);
    let after = make_room(&listener, &clients, connected, start)?;
    Ok(vec![
        size.to_string(),
        clients.len().to_string(),
        connected.to_string(),
        waiting.map_or_else(|_| "看不到".to_owned(), |count| count.to_string()),
        after,
    ])
}

/// 等到连上的数目不再变:握手早该完成,重传又还没有开始。
fn settled(clients: &[Socket]) -> usize {
    let (mut connected, mut since) = (count_connected(clients), Instant::now());
    while connected < clients.len() && since.elapsed() < SETTLE {
        thread::park_timeout(INTERVAL);
        let now = count_connected(clients);
        if now != connected {
            (connected, since) = (now, Instant::now());
        }
    }
    connected
}

/// 连上了的才有对方的地址(getpeername(2))。
fn count_connected(clients: &[Socket]) -> usize {
    let connected = |client: &&Socket| client.peer_addr().is_ok();
    clients.iter().filter(connected).count()
}

fn count_waiting(server: SocketAddr) -> anyhow::Result<usize> {
    let rows = table::rows()?;
    let waiting = rows.iter();
    let waiting = waiting.filter(|row| row.remote == server && row.state == State::SynSent);
    Ok(waiting.count())
}

/// 取走一条,等外面的客户重传 SYN,补上空出来的位置;`start` 是客户们开始连接的时刻。
fn make_room(
    listener: &Socket,
    clients: &[Socket],
    before: usize,
    start: Instant,
) -> anyhow::Result<String> {
    if before == clients.len() {
        return Ok("没有人在等".to_owned());
    }
    let _served = socket::accept(listener)?;
    while start.elapsed() < PATIENCE {
        if count_connected(clients) > before {
            let seconds = start.elapsed().as_secs_f64();
            return Ok(format!("第 {seconds:.1} 秒又连上一位"));
        }
        thread::park_timeout(INTERVAL);
    }
    Ok(format!("等了 {} 秒,没有人补上", PATIENCE.as_secs()))
}
