//! 下载一个文件:问、收、核对、改名;断了再连,变了从头来。

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crate::cli;
use crate::directory::Directory;
use crate::failure::{Failure, said};
use crate::fill::Fill;
use crate::latest::is_latest;
use crate::limit::Limit;
use crate::names::Name;
use crate::part::Part;
use crate::pool::Pool;
use crate::progress::{Progress, Style};
use crate::protocol::Stat;
use crate::segments::Segment;

/// 服务器上的文件最多变这么多次;还在变,就不等了。
const MAX_CHANGES: u32 = 5;

/// 断了以后等这么久再连,每次加倍。
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// 最多等这么久。
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// 收到的是别的版本的。
const CHANGED: &str = "服务器上的文件变了,从头来";

/// 怎样下载。
pub struct Options {
    /// 一个文件分几段同时收。
    pub jobs: u64,
    /// 限速。
    pub limit: Option<Limit>,
    /// 没有进展地断了,再连几次。
    pub retries: u32,
    /// 改名之前核对整个文件的摘要。
    pub verify: bool,
    /// 改名之前等内容写进磁盘。
    pub sync: bool,
    /// 怎样显示进度。
    pub style: Style,
}

/// 下载的结果。
pub enum Outcome {
    /// 收齐了,共 `size` 字节;其中 `received` 字节是这次收的。
    Saved {
        /// 整个文件的大小,字节。
        size: u64,
        /// 这次收到的,字节。
        received: u64,
    },
    /// 本来就有,和服务器的一样。
    Latest,
}

/// 下载一个文件。
pub struct Transfer<'a> {
    pool: &'a Pool,
    options: &'a Options,
    remote: &'a Name,
    directory: &'a Directory,
    local: &'a str,
    /// 这次收到的字节。
    received: AtomicU64,
}

impl<'a> Transfer<'a> {
    /// 下载服务器上的 `remote`,存成 `directory` 里的 `local`;还没有开始。
    pub fn new(
        pool: &'a Pool,
        options: &'a Options,
        remote: &'a Name,
        directory: &'a Directory,
        local: &'a str,
    ) -> Self {
        Self {
            pool,
            options,
            remote,
            directory,
            local,
            received: AtomicU64::new(0),
        }
    }

    /// 下载,直到收齐并且核对过;断了再连,服务器上的文件变了从头来。
    pub fn run(&self) -> Result<Outcome, Failure> {
        let (mut interruptions, mut changes, mut differences) = (0, 0, 0);
        loop {
            let before = self.received.load(Ordering::Relaxed);
            let outcome = self.attempt();
            if outcome.is_err() {
                self.pool.forget();
            }
            match outcome {
                Err(failure @ (Failure::Interrupted(_) | Failure::Busy)) => {
                    if self.received.load(Ordering::Relaxed) > before {
                        interruptions = 0;
                    }
                    if interruptions >= self.options.retries {
                        return Err(failure);
                    }
                    let wait = FIRST_WAIT * 2u32.saturating_pow(interruptions).min(1000);
                    let wait = wait.min(LONGEST_WAIT);
                    interruptions += 1;
                    let (cause, seconds) = (anyhow::Error::from(failure), wait.as_secs_f64());
                    cli::note(format_args!("{};{seconds} 秒后再连", said(&cause)));
                    thread::sleep(wait);
                }
                Err(Failure::Changed) if changes < MAX_CHANGES => {
                    changes += 1;
                    cli::note(CHANGED);
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
        let stat = connection.file(self.remote)?;
        let theirs = || connection.digest(self.remote, stat.version);
        let latest = is_latest(self.directory, self.local, stat.size, theirs)?;
        self.pool.put_back(connection);
        if latest {
            Part::tidy(self.directory, self.local)?;
            return Ok(Outcome::Latest);
        }
        let part = Part::open(self.directory, self.local, stat, self.options.jobs)?;
        if part.outdated {
            cli::note(CHANGED);
        }
        let held: u64 = part.segments.iter().map(Segment::held).sum();
        if held > 0 {
            cli::note(format_args!(
                "{} 已经有 {held} 字节,核对以后接着收",
                self.local
            ));
        }
        match self.fill(&part, stat) {
            Ok(true) => part.publish(self.options.sync)?,
            Ok(false) => {
                part.discard()?;
                return Err(self.why_different(stat)?);
            }
            // 收到的是别的版本的,用不上了。
            Err(Failure::Changed) => {
                part.discard()?;
                return Err(Failure::Changed);
            }
            Err(failure) => {
                // 记不下来也要报告原来的错误;旧的状态还在。
                let _ = part.save();
                return Err(failure);
            }
        }
        Ok(Outcome::Saved {
            size: stat.size,
            received: self.received.load(Ordering::Relaxed),
        })
    }

    /// 摘要为什么不同:也许文件刚刚变了,已经交给系统的字节跟着变了(sendfile(2) NOTES)。
    fn why_different(&self, stat: Stat) -> Result<Failure, Failure> {
        let mut connection = self.pool.connection()?;
        let now = connection.file(self.remote)?;
        self.pool.put_back(connection);
        Ok(match now.version == stat.version {
            true => Failure::Different,
            false => Failure::Changed,
        })
    }

    /// 收齐;返回摘要和服务器的是不是一样。
    fn fill(&self, part: &Part, stat: Stat) -> Result<bool, Failure> {
        let progress = Progress::new(self.options.style, self.remote.as_str(), stat.size);
        let fill = Fill {
            pool: self.pool,
            options: self.options,
            remote: self.remote,
            stat,
            progress: &progress,
        };
        let same = fill.run(part, &self.received);
        progress.finish(same.is_ok());
        same
    }
}
