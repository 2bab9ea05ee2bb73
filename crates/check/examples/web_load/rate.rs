//! 每秒就请求这么多次:时刻表早就定好,服务器慢了也不等它。

use std::collections::VecDeque;
use std::fmt;
use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::answer::Exchange;
use crate::{CHUNK, PATIENCE};

/// 一轮最多看这么多件事:多的下一轮再看。
const EVENTS: usize = 1024;

/// 一条连接。
struct Connection {
    stream: TcpStream,
    /// 正在等的回答,它的请求应当什么时候发出。
    due: Option<Instant>,
    received: Vec<u8>,
}

/// 量到的。
pub struct Measured {
    latencies: Vec<Duration>,
    elapsed: Duration,
}

/// 全部连接和时刻表。
struct Load<'a> {
    exchange: &'a Exchange,
    connections: Vec<Connection>,
    /// 没有在等回答的连接,轮流用。
    free: VecDeque<usize>,
    /// 到了时刻、还没有空的连接可用的请求。
    late: VecDeque<Instant>,
    chunk: Vec<u8>,
    latencies: Vec<Duration>,
}

/// 在 `connections` 条连接上请求 `seconds` 秒,每秒 `rate` 次。每条连接先请求一次,不算在里面。
pub fn measure(
    server: SocketAddr,
    exchange: &Exchange,
    connections: usize,
    rate: usize,
    seconds: u64,
) -> anyhow::Result<Measured> {
    let mut poll = Poll::new().context("没有事件循环")?;
    let mut load = Load::open(&poll, server, exchange, connections)?;
    let interval = Duration::from_secs(1) / rate as u32;
    let start = Instant::now();
    let end = start + Duration::from_secs(seconds);
    let mut events = Events::with_capacity(EVENTS);
    let mut next = start;
    let mut now = start;
    while next < end || !load.is_done() {
        ensure!(now < end + PATIENCE, "{} 个回答没有来", load.waiting());
        while next <= now && next < end {
            load.late.push_back(next);
            next += interval;
        }
        load.send()?;
        // 不睡觉,一直在看:叫醒自己的时间不算在服务器头上。
        poll.poll(&mut events, Some(Duration::ZERO))
            .context("等不了事件")?;
        for event in &events {
            load.receive(event.token().0)?;
        }
        now = Instant::now();
    }
    Ok(Measured {
        latencies: load.latencies,
        elapsed: start.elapsed(),
    })
}

impl<'a> Load<'a> {
    fn open(
        poll: &Poll,
        server: SocketAddr,
        exchange: &'a Exchange,
        count: usize,
    ) -> anyhow::Result<Self> {
        let mut connections = Vec::with_capacity(count);
        for number in 0..count {
            let stream = crate::open(server, exchange)?;
            stream.set_nonblocking(true).context("不能不等")?;
            let mut stream = TcpStream::from_std(stream);
            poll.registry()
                .register(&mut stream, Token(number), Interest::READABLE)
                .context("登记不了连接")?;
            connections.push(Connection {
                stream,
                due: None,
                received: Vec::new(),
            });
        }
        Ok(Self {
            exchange,
            connections,
            free: (0..count).collect(),
            late: VecDeque::new(),
            chunk: vec![0; CHUNK],
            latencies: Vec::new(),
        })
    }

    /// 到了时刻的请求,有空的连接就发。
    fn send(&mut self) -> anyhow::Result<()> {
        while let Some(&due) = self.late.front() {
            let Some(number) = self.free.pop_front() else {
                return Ok(());
            };
            self.late.pop_front();
            let connection = &mut self.connections[number];
            // 上一个请求已经有了回答,发送缓冲是空的:短短的一个请求一定写得下。
            connection
                .stream
                .write_all(self.exchange.request())
                .context("发不出请求")?;
            connection.due = Some(due);
        }
        Ok(())
    }

    /// 连接 `number` 有字节可读:读到没有为止。
    fn receive(&mut self, number: usize) -> anyhow::Result<()> {
        let connection = &mut self.connections[number];
        loop {
            match connection.stream.read(&mut self.chunk) {
                Ok(0) => bail!("服务器关了连接"),
                Ok(count) => connection.received.extend_from_slice(&self.chunk[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error).context("收不到回答"),
            }
        }
        if self.exchange.is_whole(&connection.received)? {
            let due = connection.due.take().context("没有问就来的回答")?;
            self.latencies.push(due.elapsed());
            connection.received.clear();
            self.free.push_back(number);
        }
        Ok(())
    }

    fn waiting(&self) -> usize {
        self.late.len() + self.connections.len() - self.free.len()
    }

    fn is_done(&self) -> bool {
        self.waiting() == 0
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sorted = self.latencies.clone();
        sorted.sort_unstable();
        // 从小到大排好,前 `percent` % 里的最后一个。
        let percentile = |percent: usize| {
            let rank = (sorted.len() * percent).div_ceil(100).max(1);
            sorted[rank - 1].as_secs_f64() * 1e6
        };
        write!(
            f,
            "requests={} seconds={:.3} p50_us={:.1} p99_us={:.1}",
            sorted.len(),
            self.elapsed.as_secs_f64(),
            percentile(50),
            percentile(99),
        )
    }
}
