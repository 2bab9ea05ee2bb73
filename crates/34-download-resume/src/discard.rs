//! 收到就丢掉:不碰磁盘,只测网络和服务器有多快。

use crate::action::Range;
use crate::failure::Failure;
use crate::fetch::{Abort, Fetch};
use crate::jobs::each;
use crate::names::Name;
use crate::pool::Pool;
use crate::progress::Progress;
use crate::protocol::{Digest, Stat};
use crate::segments::split;
use crate::transfer::Options;

/// 收下整个文件,丢掉;返回大小。
pub fn discard(pool: &Pool, options: &Options, remote: &Name) -> Result<u64, Failure> {
    let mut connection = pool.connection()?;
    let stat = connection.file(remote)?;
    pool.put_back(connection);
    let progress = Progress::new(options.style, remote.as_str(), stat.size);
    let result = fetch(pool, options, remote, stat, &progress);
    progress.finish(result.is_ok());
    result.map(|()| stat.size)
}

fn fetch(
    pool: &Pool,
    options: &Options,
    remote: &Name,
    stat: Stat,
    progress: &Progress,
) -> Result<(), Failure> {
    let abort = Abort::new();
    let fetch = Fetch {
        pool,
        remote,
        limit: options.limit.as_ref(),
        progress,
        abort: &abort,
        apart: false,
    };
    let segments = split(stat.size, options.jobs);
    each(&segments, options.jobs, &abort, |segment| {
        let range = Range {
            version: stat.version,
            start: segment.start,
            end: segment.end,
            have: 0,
            digest: Digest::default(),
        };
        fetch.range(range, None, |_| Ok(()), |_| ())
    })
}
