//! 坏链路自成一个程序:站在客户端和服务器中间,替它们转发,按种子使坏。

use std::collections::HashMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use common::addr::Address;

use crate::cli;
use crate::link::{Conditions, Link};
use crate::socket;

/// 同时替这么多位客户转发;每位一个套接字、一个线程。
const MAX_CLIENTS: usize = 16;

/// 一位客户这么久没有回程的数据报,就忘掉他。
const IDLE: Duration = Duration::from_secs(60);

/// 没有事也隔这么久醒一次。
const POLL: Duration = Duration::from_millis(100);

/// 任何一个数据报都装得下。
const BUFFER: usize = 65_535;

/// 坏链路的命令行。
#[derive(Debug, Args)]
pub struct Options {
    /// 客户端发到这里
    #[arg(value_name = "监听地址", default_value = "127.0.0.1:8081")]
    listen: Address,

    /// 转发到哪个服务器
    #[arg(value_name = "服务器地址", default_value = "127.0.0.1:8080")]
    server: Address,

    #[command(flatten)]
    conditions: Conditions,

    /// 种子:同样的种子,掷出同样的骰子
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

/// 从 `listen` 到 `server` 的坏链路,一直转发。
pub fn run(options: &Options) -> anyhow::Result<()> {
    let Options {
        listen,
        conditions,
        seed,
        ..
    } = options;
    let server = options.server.resolve()?[0];
    let front = socket::listen(listen)?;
    cli::print_line(format_args!("监听 {}", front.local_addr()?))?;
    let mut proxy = Proxy {
        front: Arc::new(front),
        server,
        conditions: *conditions,
        seed: *seed,
        clients: HashMap::new(),
    };
    let mut up = Link::new(*conditions, seed.wrapping_mul(2));
    let started = Instant::now();
    let mut buffer = vec![0; BUFFER];
    loop {
        if let Some((length, client)) = receive(&proxy.front, up.due(), started, &mut buffer)? {
            up.send(started.elapsed(), client, &buffer[..length]);
        }
        while let Some((client, datagram)) = up.receive(started.elapsed()) {
            if let Some(back) = proxy.socket_of(client)? {
                // 转发不出去就当它丢了。
                let _ = back.send(&datagram);
            }
        }
    }
}

struct Proxy {
    front: Arc<UdpSocket>,
    server: SocketAddr,
    conditions: Conditions,
    seed: u64,
    /// 每位客户一个朝着服务器的套接字:服务器的回答到了哪个套接字,就是给谁的。
    clients: HashMap<SocketAddr, Arc<UdpSocket>>,
}

impl Proxy {
    /// 替 `client` 转发的套接字;客户太多是 `None`。
    fn socket_of(&mut self, client: SocketAddr) -> anyhow::Result<Option<Arc<UdpSocket>>> {
        // 只剩我们拿着的,它的线程已经结束。
        self.clients.retain(|_, back| Arc::strong_count(back) > 1);
        if let Some(back) = self.clients.get(&client) {
            return Ok(Some(Arc::clone(back)));
        }
        if self.clients.len() >= MAX_CLIENTS {
            return Ok(None);
        }
        let back = socket::towards(self.server)?;
        let back = Arc::new(back);
        self.clients.insert(client, Arc::clone(&back));
        let front = Arc::clone(&self.front);
        let down = Link::new(self.conditions, self.seed.wrapping_mul(2).wrapping_add(1));
        let thread_back = Arc::clone(&back);
        thread::spawn(move || {
            if let Err(error) = carry_back(&thread_back, &front, client, down) {
                cli::report(&error.context(format!("替 {client} 转发时")));
            }
        });
        Ok(Some(back))
    }
}

/// 把服务器的回答经过 `down` 转给 `client`,直到太久没有回答。
fn carry_back(
    back: &UdpSocket,
    front: &UdpSocket,
    client: SocketAddr,
    mut down: Link<()>,
) -> anyhow::Result<()> {
    let started = Instant::now();
    let mut heard = Instant::now();
    let mut buffer = vec![0; BUFFER];
    while heard.elapsed() < IDLE {
        if let Some((length, _)) = receive(back, down.due(), started, &mut buffer)? {
            heard = Instant::now();
            down.send(started.elapsed(), (), &buffer[..length]);
        }
        while let Some(((), datagram)) = down.receive(started.elapsed()) {
            let _ = front.send_to(&datagram, client);
        }
    }
    Ok(())
}

/// 等一个数据报,等到链路里的下一个该到了为止。
fn receive(
    socket: &UdpSocket,
    due: Option<Duration>,
    started: Instant,
    buffer: &mut [u8],
) -> anyhow::Result<Option<(usize, SocketAddr)>> {
    let left = due.map(|due| due.saturating_sub(started.elapsed()));
    let wait = left.map_or(POLL, |left| left.min(POLL));
    socket::receive_any(socket, wait, buffer)
}
