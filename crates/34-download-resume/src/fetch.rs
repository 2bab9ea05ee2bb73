//! 收一段:先说已经有多少、摘要是什么,再从服务器说的地方接着收。

use std::fs::File;
use std::net::{Shutdown, TcpStream};
use std::ops;
use std::sync::{Mutex, PoisonError};

use crate::action::Range;
use crate::failure::Failure;
use crate::limit::Limit;
use crate::names::Name;
use crate::pool::Pool;
use crate::positioned::write_all_at;
use crate::progress::Progress;
use crate::receive::{Receiver, read, unwritable};
use crate::relay::relay;
use crate::reserve::Reserve;

/// 一次下载里,各条连接共用的东西。
pub struct Fetch<'a> {
    /// 到服务器的连接。
    pub pool: &'a Pool,
    /// 文件在服务器上的名字。
    pub remote: &'a Name,
    /// 限速。
    pub limit: Option<&'a Limit>,
    /// 进度。
    pub progress: &'a Progress,
    /// 叫停。
    pub abort: &'a Abort,
    /// 收和写各用一个线程。
    pub apart: bool,
}

impl Fetch<'_> {
    /// 收 `range`,存进 `file`(没有就丢掉)。
    ///
    /// `begin` 得知从第几个字节起,`received` 得知又收到(并且写进)多少字节。
    pub fn range(
        &self,
        range: Range,
        file: Option<&File>,
        begin: impl FnOnce(u64) -> Result<(), Failure>,
        received: impl Fn(u64) + Sync,
    ) -> Result<(), Failure> {
        let mut connection = self.pool.connection()?;
        self.abort.watch(&connection.stream)?;
        let from = connection.get(self.remote, range)?;
        begin(from)?;
        let stream = &connection.stream;
        let count = |length: usize| {
            received(length as u64);
            self.progress.add(length as u64);
        };
        match file {
            None => self.discard(stream, from..range.end, count)?,
            Some(file) if self.apart => self.relay(stream, from..range.end, file, count)?,
            Some(file) => self.store(stream, from..range.end, file, count)?,
        }
        self.pool.put_back(connection);
        Ok(())
    }

    /// 反复 `take`,直到收齐这一段;它得知从第几个字节起、最多收多少字节,返回收了多少。
    fn each(
        &self,
        range: ops::Range<u64>,
        mut take: impl FnMut(u64, u64) -> Result<usize, Failure>,
    ) -> Result<(), Failure> {
        let mut offset = range.start;
        while offset < range.end {
            let left = range.end - offset;
            let most = self
                .limit
                .map_or(left, |limit| left.min(limit.most() as u64));
            let length = take(offset, most)?;
            if length == 0 {
                let text = format!("连接断了,还差 {left} 字节");
                return Err(Failure::Interrupted(anyhow::anyhow!(text)));
            }
            offset += length as u64;
            if let Some(limit) = self.limit {
                limit.spend(length);
            }
        }
        Ok(())
    }

    fn discard(
        &self,
        stream: &TcpStream,
        range: ops::Range<u64>,
        count: impl Fn(usize),
    ) -> Result<(), Failure> {
        let mut receiver = Receiver::new();
        self.each(range, |_, most| {
            let length = receiver.discard(stream, most)?;
            count(length);
            Ok(length)
        })
    }

    fn store(
        &self,
        stream: &TcpStream,
        range: ops::Range<u64>,
        file: &File,
        count: impl Fn(usize),
    ) -> Result<(), Failure> {
        let mut receiver = Receiver::new();
        let mut reserve = Reserve::new(file, &range);
        self.each(range, |offset, most| {
            reserve.ahead(offset);
            let length = receiver.store(stream, most, file, offset)?;
            count(length);
            Ok(length)
        })
    }

    fn relay(
        &self,
        stream: &TcpStream,
        range: ops::Range<u64>,
        file: &File,
        count: impl Fn(usize) + Sync,
    ) -> Result<(), Failure> {
        let mut reserve = Reserve::new(file, &range);
        let mut offset = range.start;
        let write = |bytes: &[u8]| {
            reserve.ahead(offset);
            write_all_at(file, bytes, offset).map_err(unwritable)?;
            offset += bytes.len() as u64;
            count(bytes.len());
            Ok(())
        };
        relay(write, |blocks| {
            self.each(range, |_, most| {
                blocks.pass(|block| read(stream, most, block))
            })
        })
    }
}

/// 一条连接出了错,别的也不必再等:全部挂断。
#[derive(Default)]
pub struct Abort {
    /// 要挂断的连接;已经叫停就是 `None`。
    streams: Mutex<Option<Vec<TcpStream>>>,
}

impl Abort {
    /// 还没有叫停。
    pub fn new() -> Self {
        Self {
            streams: Mutex::new(Some(Vec::new())),
        }
    }

    /// 叫停时挂断这条连接。
    pub fn watch(&self, stream: &TcpStream) -> Result<(), Failure> {
        let stream = stream.try_clone().map_err(anyhow::Error::new)?;
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        match streams.as_mut() {
            Some(streams) => {
                streams.push(stream);
                Ok(())
            }
            None => Err(Failure::Interrupted(anyhow::anyhow!("另一条连接断了"))),
        }
    }

    /// 叫停。
    pub fn abort(&self) {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        for stream in streams.take().unwrap_or_default() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}
