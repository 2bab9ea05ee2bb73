//! 收一段:先说已经有多少、摘要是什么,再从服务器说的地方接着收。

use std::fs::File;
use std::net::{Shutdown, TcpStream};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::action::Range;
use crate::failure::Failure;
use crate::limit::Limit;
use crate::names::Name;
use crate::pool::Pool;
use crate::progress::Progress;
use crate::receive::Receiver;
use crate::segments::Segment;

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
}

impl Fetch<'_> {
    /// 收 `range`,存进 `file`(没有就丢掉)。
    ///
    /// `begin` 得知从第几个字节起,`received` 得知又收到多少字节。
    pub fn range(
        &self,
        range: Range,
        file: Option<&File>,
        begin: impl FnOnce(u64) -> Result<(), Failure>,
        received: impl Fn(u64),
    ) -> Result<(), Failure> {
        let mut connection = self.pool.connection()?;
        self.abort.watch(&connection.stream)?;
        let from = connection.get(self.remote, range)?;
        begin(from)?;
        let mut receiver = Receiver::new();
        let mut offset = from;
        while offset < range.end {
            let most = range.end - offset;
            let most = self
                .limit
                .map_or(most, |limit| most.min(limit.most() as u64));
            let length = match file {
                Some(file) => receiver.store(&connection.stream, most, file, offset)?,
                None => receiver.discard(&connection.stream, most)?,
            };
            if length == 0 {
                let text = format!("连接断了,还差 {} 字节", range.end - offset);
                return Err(Failure::Interrupted(anyhow::anyhow!(text)));
            }
            offset += length as u64;
            received(length as u64);
            self.progress.add(length as u64);
            if let Some(limit) = self.limit {
                limit.spend(length);
            }
        }
        self.pool.put_back(connection);
        Ok(())
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

/// 最多 `jobs` 个线程,一段一段地做完;有一段出错,全部停下。
pub fn each(
    segments: &[Segment],
    jobs: u64,
    abort: &Abort,
    work: impl Fn(&Segment) -> Result<(), Failure> + Sync,
) -> Result<(), Failure> {
    let jobs = usize::try_from(jobs).unwrap_or(1);
    let workers = segments.len().clamp(1, jobs);
    // 等着收的段,和还在收的线程数:要一起看,不然还回来的段可能没有人收。
    let waiting = Mutex::new((segments.iter().rev().collect::<Vec<_>>(), workers));
    let lock = || waiting.lock().unwrap_or_else(PoisonError::into_inner);
    let next = || {
        let mut waiting = lock();
        let segment = waiting.0.pop();
        waiting.1 -= usize::from(segment.is_none());
        segment
    };
    // 座位不够:这一段还回去,别的线程会收;最后一个线程才算出错。
    let give_back = |segment| {
        let mut waiting = lock();
        let others = waiting.1 > 1;
        if others {
            waiting.0.push(segment);
            waiting.1 -= 1;
        }
        others
    };
    let first = Mutex::new(None);
    let worker = || {
        while let Some(segment) = next() {
            let failure = match work(segment) {
                Ok(()) => continue,
                Err(Failure::Busy) if give_back(segment) => return,
                Err(failure) => failure,
            };
            // 第一个错误是原因,其余的是被它叫停的。
            let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert(failure);
            return abort.abort();
        }
    };
    thread::scope(|scope| {
        for _ in 1..workers {
            scope.spawn(worker);
        }
        worker();
    });
    let first = first.into_inner().unwrap_or_else(PoisonError::into_inner);
    first.map_or(Ok(()), Err)
}
