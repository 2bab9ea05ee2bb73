//! 一个工作线程的所有连接共用的东西:网站和缓存,钟,写回答的地方,日志。

use std::net::IpAddr;
use std::sync::Arc;

use crate::cache::Cache;
use crate::clock::Clock;
use crate::log::Log;
use crate::status::Status;

/// 一个工作线程的所有连接共用。
pub struct Desk {
    /// 网站,和它前面的缓存。
    pub origin: Cache,
    /// 钟,一批事件看一次。
    pub clock: Clock,
    /// 正在写的回答,发完就空。
    pub output: Vec<u8>,
    /// 正在写的回答里,要记日志的。
    pub records: Vec<Record>,
    /// 访问日志。
    pub log: Arc<Log>,
}

/// 一个回答,发完才记进日志。
#[derive(Debug)]
pub struct Record {
    line: Box<[u8]>,
    status: Status,
    /// 正文有多少字节。
    body: u64,
    /// 连头一共多少字节。
    whole: u64,
}

impl Desk {
    /// 还没有回答。
    pub fn new(origin: Cache, log: Arc<Log>) -> Self {
        Self {
            origin,
            clock: Clock::new(),
            output: Vec::new(),
            records: Vec::new(),
            log,
        }
    }

    /// 又来了一批事件:看看钟,缓存里的也要再问一次。
    pub fn begin(&mut self) {
        self.clock.tick();
        self.origin.begin();
    }

    /// 写好了一个回答:头 `head` 字节,正文 `body` 字节。
    pub fn note(&mut self, line: Box<[u8]>, status: Status, head: usize, body: u64) {
        if self.log.enabled() {
            self.records.push(Record {
                line,
                status,
                body,
                whole: head as u64 + body,
            });
        }
    }

    /// 正在写的回答发过了,最后的 `unsent` 字节没有发出:记进日志。
    pub fn settle(&mut self, peer: IpAddr, unsent: u64) {
        let mut records = std::mem::take(&mut self.records);
        self.record(peer, &mut records, unsent);
        self.records = records;
    }

    /// 记进日志:这些回答发过了,最后的 `unsent` 字节没有发出。
    pub fn record(&self, peer: IpAddr, records: &mut Vec<Record>, mut unsent: u64) {
        for record in records.iter_mut().rev() {
            let missing = unsent.min(record.whole);
            unsent -= missing;
            record.body = record.body.saturating_sub(missing);
        }
        for Record {
            line, status, body, ..
        } in records.drain(..)
        {
            self.log.write(peer, &line, status, body, &self.clock);
        }
    }
}
