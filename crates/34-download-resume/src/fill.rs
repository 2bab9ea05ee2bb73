//! 收齐一个文件:几条连接各收各的段,一个线程跟在后面算摘要,服务器同时也算。

use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use anyhow::{Context, bail};

use crate::action::Range;
use crate::cli;
use crate::connection::Connection;
use crate::digest::digest;
use crate::failure::Failure;
use crate::fetch::{Abort, Fetch};
use crate::follow::follow;
use crate::jobs::each;
use crate::names::Name;
use crate::part::Part;
use crate::pool::Pool;
use crate::progress::Progress;
use crate::protocol::{Digest, Stat};
use crate::segments::Segment;
use crate::transfer::Options;

/// 比这大的文件,边收边算摘要,同时请服务器也算;再小,多一个线程、一条连接不合算。
const SMALL: u64 = 1 << 20;

/// 收齐一个文件。
pub struct Fill<'a> {
    /// 到服务器的连接。
    pub pool: &'a Pool,
    /// 怎样下载。
    pub options: &'a Options,
    /// 文件在服务器上的名字。
    pub remote: &'a Name,
    /// 它多大、哪个版本。
    pub stat: Stat,
    /// 进度。
    pub progress: &'a Progress,
}

impl Fill<'_> {
    /// 收齐各段,返回摘要和服务器的是不是一样;`total` 里加上收到的字节。
    pub fn run(&self, part: &Part, total: &AtomicU64) -> Result<bool, Failure> {
        let abort = Abort::new();
        let over = AtomicBool::new(false);
        let fetch = Fetch {
            pool: self.pool,
            remote: self.remote,
            limit: self.options.limit.as_ref(),
            progress: self.progress,
            abort: &abort,
            apart: self.apart(),
        };
        let work = |segment: &Segment| self.segment(&fetch, part, segment, total);
        let fetch_all = || each(&part.segments, self.options.jobs, &abort, work);
        if !self.options.verify {
            return fetch_all().map(|()| true);
        }
        thread::scope(|scope| {
            let large = self.stat.size > SMALL;
            let ours = large.then(|| scope.spawn(|| follow(part, self.stat.size, &over)));
            // 另连一条:空着的那条留给接收,座位不够时先顾着它。
            let ask = || self.ask_digest(self.pool.connect()?, &abort);
            let theirs = large.then(|| scope.spawn(ask));
            let fetched = fetch_all();
            over.store(true, Ordering::Release);
            fetched?;
            let ours = match ours.map(|thread| thread.join()) {
                Some(Ok(Ok(Some(ours)))) => ours,
                _ => self.whole(part)?,
            };
            let theirs = match theirs.map(|thread| thread.join()) {
                Some(Ok(Ok(theirs))) => theirs,
                Some(Ok(Err(Failure::Changed))) => return Err(Failure::Changed),
                // 那条连接没有要到(例如客户太多),用空下来的再要一次。
                _ => self.ask_digest(self.pool.connection()?, &abort)?,
            };
            Ok(ours == theirs)
        })
    }

    /// 收和写要不要各用一个线程:另一个核闲着才合算。
    fn apart(&self) -> bool {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let idle = !self.options.verify && self.options.jobs == 1 && cores > 1;
        idle && self.stat.size > SMALL
    }

    /// 收一段:已经有的先算出摘要,服务器认了,才从那里接着收。
    fn segment(
        &self,
        fetch: &Fetch,
        part: &Part,
        segment: &Segment,
        total: &AtomicU64,
    ) -> Result<(), Failure> {
        let (start, held) = (segment.start, segment.held());
        // 手里的读不全,就当一个字节也没有。
        let mine = digest(&part.file, start, held, |_| anyhow::Ok(()))?;
        let have = mine.map_or(0, |_| held);
        let range = Range {
            version: self.stat.version,
            start,
            end: segment.end,
            have,
            digest: mine.unwrap_or_default(),
        };
        let begin = |from: u64| {
            if from == start && have > 0 {
                cli::note(format_args!(
                    "已有的 {have} 字节和服务器的不同,这一段从头收"
                ));
            }
            self.progress.skip(from - start);
            let confirmed = part.confirm(segment, from - start);
            Ok(confirmed.context("写不了文件")?)
        };
        let received = |bytes| {
            part.received(segment, bytes);
            total.fetch_add(bytes, Ordering::Relaxed);
        };
        fetch.range(range, Some(&part.file), begin, received)
    }

    fn ask_digest(&self, mut connection: Connection, abort: &Abort) -> Result<Digest, Failure> {
        abort.watch(&connection.stream)?;
        let digest = connection.digest(self.remote, self.stat.version)?;
        self.pool.put_back(connection);
        Ok(digest)
    }

    fn whole(&self, part: &Part) -> anyhow::Result<Digest> {
        match digest(&part.file, 0, self.stat.size, |_| anyhow::Ok(()))? {
            Some(digest) => Ok(digest),
            None => bail!("没有收齐的文件变短了,是不是别的程序动了它?"),
        }
    }
}
