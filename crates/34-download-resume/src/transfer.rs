//! 下载一个文件:问、收、核对、改名;断了再连,变了从头来。

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail};

use crate::cli;
use crate::connection::{Connection, Pool};
use crate::digest::{Running, digest};
use crate::directory::{self, Directory};
use crate::failure::Failure;
use crate::fetch::{Abort, Fetch};
use crate::limit::Limit;
use crate::names::Name;
use crate::part::{Part, Segment, split};
use crate::progress::{Progress, Style};
use crate::protocol::{Digest, Kind, Range, Stat, Version};

/// 不比这小的文件,边收边算摘要,同时请服务器也算;再小,多一个线程、一条连接不合算。
const SMALL: u64 = 1 << 20;

/// 服务器上的文件最多变这么多次;还在变,就不等了。
const MAX_CHANGES: u32 = 5;

/// 断了以后等这么久再连,每次加倍。
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// 最多等这么久。
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// 摘要赶上了收到的字节,等这么久再看。
const FOLLOW: Duration = Duration::from_millis(2);

/// 怎样下载。
pub struct Options {
    /// 一个文件分几段同时收。
    pub jobs: u64,
    /// 限速。
    pub limit: Option<Limit>,
    /// 没有进展地断了,再连几次。
    pub retries: u32,
    /// 改名之前等内容写进磁盘。
    pub sync: bool,
    /// 怎样显示进度。
    pub style: Style,
}

/// 下载的结果。
pub enum Outcome {
    /// 收齐了;其中 `received` 字节是这次收的。
    Saved { size: u64, received: u64 },
    /// 本来就有,和服务器的一样。
    Latest,
}

/// 下载一个文件。
pub struct Transfer<'a> {
    /// 到服务器的连接。
    pub pool: &'a Pool,
    /// 怎样下载。
    pub options: &'a Options,
    /// 文件在服务器上的名字。
    pub remote: &'a Name,
    /// 存在哪个目录。
    pub directory: &'a Directory,
    /// 存成什么名字。
    pub local: &'a str,
    /// 这次收到的字节。
    received: AtomicU64,
}

impl<'a> Transfer<'a> {
    /// 还没有开始。
    pub fn new(
        pool: &'a Pool,
        options: &'a Options,
        remote: &'a Name,
        directory: &'a Directory,
        local: &'a str,
    ) -> Self {
        let received = AtomicU64::new(0);
        Self {
            pool,
            options,
            remote,
            directory,
            local,
            received,
        }
    }

    /// 下载,直到收齐并且核对过;断了再连,服务器上的文件变了从头来。
    pub fn run(&self) -> Result<Outcome, Failure> {
        let (mut interruptions, mut changes, mut differences) = (0, 0, 0);
        loop {
            let before = self.received.load(Ordering::Relaxed);
            match self.attempt() {
                Err(Failure::Interrupted(error)) => {
                    if self.received.load(Ordering::Relaxed) > before {
                        interruptions = 0;
                    }
                    if interruptions >= self.options.retries {
                        return Err(Failure::Interrupted(error));
                    }
                    let wait = FIRST_WAIT * 2u32.saturating_pow(interruptions);
                    let wait = wait.min(LONGEST_WAIT);
                    interruptions += 1;
                    cli::note(format_args!("{error:#};{} 秒后再连", wait.as_secs_f64()));
                    thread::sleep(wait);
                }
                Err(Failure::Changed) if changes < MAX_CHANGES => {
                    changes += 1;
                    cli::note("服务器上的文件变了,从头来");
                }
                Err(Failure::Different) if differences == 0 => {
                    differences += 1;
                    cli::note("收齐了,但摘要和服务器的不同,从头来");
                }
                outcome => return outcome,
            }
        }
    }

    fn attempt(&self) -> Result<Outcome, Failure> {
        let mut connection = self.pool.connection()?;
        let stat = connection.stat(self.remote)?;
        file_only(&stat, self.remote)?;
        if self.is_latest(&mut connection, &stat)? {
            self.pool.put_back(connection);
            return Ok(Outcome::Latest);
        }
        self.pool.put_back(connection);
        let part = Part::open(self.directory, self.local, stat, self.options.jobs)?;
        let held: u64 = part.segments.iter().map(Segment::held).sum();
        if held > 0 {
            cli::note(format_args!(
                "{} 已经有 {held} 字节,核对以后接着收",
                self.local
            ));
        }
        match self.fill(&part, &stat) {
            Ok((ours, theirs)) if ours == theirs => {}
            Ok(_) => {
                part.discard()?;
                return Err(Failure::Different);
            }
            Err(failure) => {
                // 记不下来也要报告原来的错误;旧的状态还在。
                let _ = part.save();
                return Err(failure);
            }
        }
        part.publish(self.options.sync)?;
        let received = self.received.load(Ordering::Relaxed);
        Ok(Outcome::Saved {
            size: stat.size,
            received,
        })
    }

    /// 最后的名字下面已经有一个文件,和服务器的一样。
    fn is_latest(&self, connection: &mut Connection, stat: &Stat) -> Result<bool, Failure> {
        let present = match self.directory.metadata(self.local) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            present => present.with_context(|| format!("看不了 {}", self.local))?,
        };
        if present.kind != directory::Kind::File {
            let text = format!("已经有 {},它不是普通文件", self.local);
            return Err(Failure::Fatal(anyhow::anyhow!(text)));
        }
        if present.size != stat.size {
            return Ok(false);
        }
        // 自己的文件读不了,就当它不一样。
        let Ok(Some(file)) = self.directory.read(self.local) else {
            return Ok(false);
        };
        let ours = digest(&file, 0, stat.size, |_| anyhow::Ok(()))?;
        Ok(ours == Some(connection.digest(self.remote, stat.version)?))
    }

    /// 收齐各段,返回自己的和服务器的摘要。
    fn fill(&self, part: &Part, stat: &Stat) -> Result<(Digest, Digest), Failure> {
        let progress = Progress::new(self.options.style, self.remote.as_str(), stat.size);
        let abort = Abort::new();
        let fetch = self.fetch(&progress, &abort);
        let over = AtomicBool::new(false);
        let result = thread::scope(|scope| {
            let large = stat.size > SMALL;
            let ours = large.then(|| scope.spawn(|| follow(part, stat.size, &over)));
            let theirs = large.then(|| scope.spawn(|| self.ask_digest(stat.version, &abort)));
            let work = |segment: &Segment| self.segment(&fetch, part, segment, stat.version);
            let fetched = each(&part.segments, self.options.jobs, &abort, work);
            over.store(true, Ordering::Release);
            fetched?;
            let ours = match ours.map(|thread| thread.join()) {
                Some(Ok(Ok(Some(ours)))) => ours,
                _ => self.whole(part, stat.size)?,
            };
            let theirs = match theirs.map(|thread| thread.join()) {
                Some(Ok(Ok(theirs))) => theirs,
                Some(Ok(Err(Failure::Changed))) => return Err(Failure::Changed),
                // 那条连接没有要到(例如客户太多),用空下来的再要一次。
                _ => self.ask_digest(stat.version, &abort)?,
            };
            Ok((ours, theirs))
        });
        progress.finish(result.is_ok());
        result
    }

    fn fetch<'b>(&'b self, progress: &'b Progress, abort: &'b Abort) -> Fetch<'b> {
        Fetch {
            pool: self.pool,
            remote: self.remote,
            limit: self.options.limit.as_ref(),
            progress,
            abort,
        }
    }

    fn segment(
        &self,
        fetch: &Fetch,
        part: &Part,
        segment: &Segment,
        version: Version,
    ) -> Result<(), Failure> {
        let (start, end, held) = (segment.start, segment.end, segment.held());
        // 手里的读不全,就当一个字节也没有。
        let mine = digest(&part.file, start, held, |_| anyhow::Ok(()))?;
        let have = mine.map_or(0, |_| held);
        let digest = mine.unwrap_or_default();
        let range = Range {
            version,
            start,
            end,
            have,
            digest,
        };
        let begin = |from: u64| {
            if from == start && have > 0 {
                cli::note(format_args!(
                    "已有的 {have} 字节和服务器的不同,这一段从头收"
                ));
            }
            fetch.progress.add(from - start);
            let confirmed = part.confirm(segment, from - start);
            Ok(confirmed.context("写不了文件")?)
        };
        let received = |bytes| {
            part.received(segment, bytes);
            self.received.fetch_add(bytes, Ordering::Relaxed);
        };
        fetch.range(range, Some(&part.file), begin, received)
    }

    fn ask_digest(&self, version: Version, abort: &Abort) -> Result<Digest, Failure> {
        let mut connection = self.pool.connection()?;
        abort.watch(&connection.stream)?;
        let digest = connection.digest(self.remote, version)?;
        self.pool.put_back(connection);
        Ok(digest)
    }

    fn whole(&self, part: &Part, size: u64) -> anyhow::Result<Digest> {
        match digest(&part.file, 0, size, |_| anyhow::Ok(()))? {
            Some(digest) => Ok(digest),
            None => bail!("没有收齐的文件变短了,是不是别的程序动了它?"),
        }
    }

    /// 收了就丢掉,只为测速度;返回大小。
    pub fn discard(pool: &Pool, options: &Options, remote: &Name) -> Result<u64, Failure> {
        let mut connection = pool.connection()?;
        let stat = connection.stat(remote)?;
        file_only(&stat, remote)?;
        pool.put_back(connection);
        let progress = Progress::new(options.style, remote.as_str(), stat.size);
        let abort = Abort::new();
        let limit = options.limit.as_ref();
        let fetch = Fetch {
            pool,
            remote,
            limit,
            progress: &progress,
            abort: &abort,
        };
        let result = each(
            &split(stat.size, options.jobs),
            options.jobs,
            &abort,
            |segment| {
                let range = Range {
                    version: stat.version,
                    start: segment.start,
                    end: segment.end,
                    have: 0,
                    digest: Digest::default(),
                };
                fetch.range(range, None, |_| Ok(()), |_| ())
            },
        );
        progress.finish(result.is_ok());
        result.map(|()| stat.size)
    }
}

fn file_only(stat: &Stat, remote: &Name) -> anyhow::Result<()> {
    if stat.kind == Kind::Directory {
        let text = format!("「{}」是目录", remote.as_str());
        let hint = "要下载里面的全部文件,加上 --recursive".to_owned();
        return Err(cli::Hinted { text, hint }.into());
    }
    // 文件的位置是有符号的 64 位整数(lseek(2)):没有更大的文件,服务器在说谎。
    if i64::try_from(stat.size).is_err() {
        bail!("服务器说文件有 {} 字节,不可能", stat.size);
    }
    Ok(())
}

/// 最多 `jobs` 个线程,一段一段地做完;有一段出错,全部停下。
fn each(
    segments: &[Segment],
    jobs: u64,
    abort: &Abort,
    work: impl Fn(&Segment) -> Result<(), Failure> + Sync,
) -> Result<(), Failure> {
    let next = AtomicUsize::new(0);
    let first = Mutex::new(None);
    let worker = || {
        while let Some(segment) = segments.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(failure) = work(segment) {
                // 第一个错误是原因,其余的是被它叫停的。
                let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
                first.get_or_insert(failure);
                abort.abort();
                return;
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..segments.len().min(usize::try_from(jobs).unwrap_or(1)) {
            scope.spawn(worker);
        }
        worker();
    });
    let first = first.into_inner().unwrap_or_else(PoisonError::into_inner);
    first.map_or(Ok(()), Err)
}

/// 跟在接收的后面算整个文件的摘要;`over` 而没有收齐是 `None`。
fn follow(part: &Part, size: u64, over: &AtomicBool) -> std::io::Result<Option<Digest>> {
    let mut running = Running::new();
    loop {
        let ended = over.load(Ordering::Acquire);
        let ready = part.contiguous();
        if running.hashed < ready {
            if !running.advance(&part.file, 0, ready)? {
                return Ok(None);
            }
        } else if ready == size {
            return Ok(Some(running.finish()));
        } else if ended {
            return Ok(None);
        } else {
            thread::park_timeout(FOLLOW);
        }
    }
}
