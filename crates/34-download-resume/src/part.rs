//! 没有收齐的文件:内容在 `NAME.part`,收到哪里记在 `NAME.part.state`。收齐、核对过,才改成最后的名字。

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::cli::Hinted;
use crate::directory::Directory;
use crate::names::{PART, partial};
use crate::protocol::Stat;
use crate::segments::{Segment, split, spread};
use crate::state::{MAX_SIZE, State};

/// 状态最多隔这么久写一次:突然断电,多收的这一点再收一遍。
const SAVE: Duration = Duration::from_secs(1);

/// 没有收齐的文件。
pub struct Part<'a> {
    directory: &'a Directory,
    name: &'a str,
    partial: String,
    state: String,
    /// 内容。
    pub file: File,
    /// 各段。
    pub segments: Vec<Segment>,
    /// 有半成品,属于别的版本。
    pub outdated: bool,
    stat: Stat,
    saved: Mutex<Instant>,
}

impl<'a> Part<'a> {
    /// 打开 `NAME.part`,没有就建;它属于别的版本,就从头来。
    pub fn open(
        directory: &'a Directory,
        name: &'a str,
        stat: Stat,
        jobs: u64,
    ) -> anyhow::Result<Self> {
        let (partial, state) = partial(name);
        let file = own(directory, &partial)?;
        let old = load(directory, &state);
        let found = old.is_some();
        let known = old.filter(|known| known.version == stat.version && known.size == stat.size);
        let outdated = found && known.is_none();
        let segments = match known {
            Some(known) => spread(recall(&file, known)?, jobs),
            None => {
                // 先清空,再写新的状态:停在中间,旧的状态也不会用在新的内容上。
                empty(&file).context("清不空没有收齐的文件")?;
                split(stat.size, jobs)
            }
        };
        let part = Self {
            directory,
            name,
            partial,
            state,
            file,
            segments,
            outdated,
            stat,
            saved: Mutex::new(Instant::now()),
        };
        part.save()?;
        Ok(part)
    }

    /// `name` 已经是最新的:上次改了名,还没有删掉状态文件就停下了,现在删掉。
    pub fn tidy(directory: &Directory, name: &str) -> anyhow::Result<()> {
        let (partial, state) = partial(name);
        match directory.metadata(&partial) {
            // 还有半成品:也许另一个程序正在收,不动它。
            Ok(_) => Ok(()),
            Err(_) => directory.remove(&state).context("删不掉状态文件"),
        }
    }

    /// 服务器说:这一段从 `held` 字节之后接着收。
    pub fn confirm(&self, segment: &Segment, held: u64) -> io::Result<()> {
        if held == 0 && self.segments.len() == 1 {
            empty(&self.file)?;
        }
        segment.confirm(held);
        Ok(())
    }

    /// 这一段又收到并且写进了 `bytes` 字节。
    pub fn received(&self, segment: &Segment, bytes: u64) {
        segment.receive(bytes);
        let Ok(saved) = self.saved.try_lock() else {
            return;
        };
        if saved.elapsed() >= SAVE {
            drop(saved);
            // 写不成(例如磁盘满了),旧的状态还在,只是记得少一些。
            let _ = self.save();
        }
    }

    /// 从文件开头起,连续多少字节已经收到,并且和服务器的一样。
    pub fn contiguous(&self) -> u64 {
        for segment in &self.segments {
            let reached = segment.start + segment.confirmed();
            if reached < segment.end {
                return reached;
            }
        }
        self.stat.size
    }

    /// 写下收到哪里了:先写一个新的文件,再改名,看到的总是完整的一份。
    pub fn save(&self) -> anyhow::Result<()> {
        let mut saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner);
        *saved = Instant::now();
        let segments = self.segments.iter();
        let state = State {
            version: self.stat.version,
            size: self.stat.size,
            segments: segments
                .map(|one| (one.start, one.end, one.held()))
                .collect(),
        };
        let text = state.encode();
        let write = |name: &str| self.directory.create(name)?.write_all(text.as_bytes());
        // 也以 `.part` 结尾:下载来的文件不会叫这个名字,不会被它换掉。
        let fresh = format!("{}{PART}", self.state);
        let written = write(&fresh).and_then(|()| self.directory.rename(&fresh, &self.state));
        // 磁盘满了,放不下第二份:就写在原来的地方。写坏了也不要紧,信不信它还要看摘要。
        let written = written.or_else(|_| {
            self.directory.remove(&fresh)?;
            write(&self.state)
        });
        written.with_context(|| format!("写不了状态文件 {}", self.state))
    }

    /// 内容不对,不要了。
    pub fn discard(self) -> anyhow::Result<()> {
        self.file.set_len(0).context("清不空没有收齐的文件")?;
        self.directory.remove(&self.state).context("删不掉状态文件")
    }

    /// 内容核对过了:等它真的写进磁盘(`sync`),改成最后的名字。
    pub fn publish(self, sync: bool) -> anyhow::Result<()> {
        let fit = self.file.set_len(self.stat.size);
        let synced = fit.and_then(|()| if sync { self.file.sync_all() } else { Ok(()) });
        synced.with_context(|| format!("写不了文件 {}", self.partial))?;
        // Windows 不能给打开着的文件改名;别处一直锁到改完名。
        #[cfg(windows)]
        drop(self.file);
        let renamed = self.directory.rename(&self.partial, self.name);
        renamed.with_context(|| format!("不能改名成 {}", self.name))?;
        self.directory
            .remove(&self.state)
            .context("删不掉状态文件")?;
        let synced = if sync { self.directory.sync() } else { Ok(()) };
        synced.context("目录写不进磁盘")
    }
}

/// 清空。本来就是空的就不动它:有的文件系统见了清空,到关闭时要等整个文件写进磁盘(ext4(5) `auto_da_alloc`)。
fn empty(file: &File) -> io::Result<()> {
    match file.metadata()?.len() {
        0 => Ok(()),
        _ => file.set_len(0),
    }
}

fn own(directory: &Directory, name: &str) -> anyhow::Result<File> {
    directory.own(name).map_err(|error| match error.kind() {
        ErrorKind::WouldBlock => {
            let text = format!("{name} 正被另一个程序使用");
            let hint = "是不是另一个窗口里也在下载它?".to_owned();
            Hinted { text, hint }.into()
        }
        _ => anyhow::Error::new(error).context(format!("建不了文件 {name}")),
    })
}

fn load(directory: &Directory, name: &str) -> Option<State> {
    let file = directory.read(name).ok()??;
    let mut text = String::new();
    file.take(MAX_SIZE).read_to_string(&mut text).ok()?;
    State::decode(&text)
}

/// 上次的各段;只有一段时,文件有多长就收了多少,比状态里记的新。
fn recall(file: &File, known: State) -> anyhow::Result<Vec<Segment>> {
    let length = file.metadata().context("看不了没有收齐的文件")?.len();
    let single = known.segments.len() == 1;
    let segment = |(start, end, held): (u64, u64, u64)| {
        let present = length.clamp(start, end) - start;
        let held = if single { present } else { held.min(present) };
        Segment::new(start, end, held)
    };
    Ok(known.segments.into_iter().map(segment).collect())
}
