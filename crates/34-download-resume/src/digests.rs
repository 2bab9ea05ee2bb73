//! 服务器算过的摘要:许多客户要同一个文件,只算一次。

use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::digest::digest;
use crate::directory;
use crate::names::Name;
use crate::protocol::{Digest, Version};

/// 最多记住这么多个:一个 48 字节,够一个大目录用。
const CAPACITY: usize = 4096;

/// 刚改过的文件不记:同一个时钟刻度(几毫秒)里再改一次,修改时间看不出来。
const SETTLED: Duration = Duration::from_secs(2);

/// 等别人算的时候,隔这么久报告一次。
const REPORT: Duration = Duration::from_millis(500);

/// 哪个文件的哪个版本:两个文件的版本可能碰巧一样(不是每个系统都说得出文件的编号)。
type Key = [u8; 16];

/// 算过的和正在算的。
#[derive(Default)]
pub struct Digests {
    table: Mutex<Table>,
    /// 有人算完了(或者半途放弃了)。
    settled: Condvar,
}

#[derive(Default)]
struct Table {
    known: VecDeque<(Key, Digest)>,
    /// 正在算的,各算了多少字节。
    working: HashMap<Key, u64>,
}

impl Digests {
    /// 整个文件的摘要;文件已经不是这个版本是 `None`。
    ///
    /// 隔一会儿用 `report` 报告已经算过的字节;它出错(客户走了)就不算了,等着的人接手。
    pub fn get(
        &self,
        name: &Name,
        file: &File,
        version: Version,
        mut report: impl FnMut(u64) -> anyhow::Result<()>,
    ) -> anyhow::Result<Option<Digest>> {
        let mut key = Key::default();
        let mut hasher = blake3::Hasher::new();
        hasher.update(&version).update(name.as_str().as_bytes());
        hasher.finalize_xof().fill(&mut key);
        loop {
            let mut table = self.lock();
            if let Some((_, digest)) = table.known.iter().find(|(known, _)| *known == key) {
                return Ok(Some(*digest));
            }
            let Some(hashed) = table.working.get(&key).copied() else {
                table.working.insert(key, 0);
                drop(table);
                return self.work(key, file, version, report);
            };
            drop(self.settled.wait_timeout(table, REPORT));
            report(hashed)?;
        }
    }

    fn work(
        &self,
        key: Key,
        file: &File,
        version: Version,
        mut report: impl FnMut(u64) -> anyhow::Result<()>,
    ) -> anyhow::Result<Option<Digest>> {
        // 无论怎样离开这里,都让等着的人知道。
        let _leaving = Leaving(self, key);
        let size = file.metadata()?.len();
        let found = digest(file, 0, size, |hashed| {
            self.lock().working.insert(key, hashed);
            report(hashed)
        })?;
        if directory::version(file)? != version {
            return Ok(None);
        }
        let age = file.metadata()?.modified()?.elapsed();
        if let (Some(digest), true) = (found, age.is_ok_and(|age| age > SETTLED)) {
            let known = &mut self.lock().known;
            known.truncate(CAPACITY - 1);
            known.push_front((key, digest));
        }
        Ok(found)
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // 持锁时不会恐慌;即使有过,表也还是好的。
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Leaving<'a>(&'a Digests, Key);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.lock().working.remove(&self.1);
        self.0.settled.notify_all();
    }
}
