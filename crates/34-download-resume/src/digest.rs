//! 摘要:内容差一个字节,摘要就完全不同。用 BLAKE3,它比 SHA-256 快(快多少见讲义「断点续传与校验」)。

use std::fs::File;
use std::io;

use blake3::Hasher;

use crate::positioned::read_at;
use crate::protocol::Digest;

/// 一次读这么多字节:放得进 CPU 的二级缓存,读进来的还热着就算完。
pub const BLOCK: usize = 256 * 1024;

/// 从 `start` 起 `length` 字节的摘要;文件没有这么长是 `None`。
///
/// 每算完一块报告一次已经算过的字节,它也可以叫停。
pub fn digest<E: From<io::Error>>(
    file: &File,
    start: u64,
    length: u64,
    mut report: impl FnMut(u64) -> Result<(), E>,
) -> Result<Option<Digest>, E> {
    let mut running = Running::new();
    while running.hashed < length {
        let next = running.hashed.saturating_add(BLOCK as u64).min(length);
        if !running.advance(file, start, next)? {
            return Ok(None);
        }
        report(running.hashed)?;
    }
    Ok(Some(running.finish()))
}

/// 算到一半的摘要。
pub struct Running {
    hasher: Hasher,
    buffer: Vec<u8>,
    /// 已经算过的字节。
    pub hashed: u64,
}

impl Running {
    /// 一个字节也没有算。
    pub fn new() -> Self {
        Self {
            hasher: Hasher::new(),
            buffer: vec![0; BLOCK],
            hashed: 0,
        }
    }

    /// 接着算到 `end`(从 `start` 数起),最多 [`BLOCK`] 字节;文件没有这么长是 `false`。
    pub fn advance(&mut self, file: &File, start: u64, end: u64) -> io::Result<bool> {
        let length = usize::try_from(end - self.hashed)
            .unwrap_or(BLOCK)
            .min(BLOCK);
        let buffer = &mut self.buffer[..length];
        let Some(offset) = start.checked_add(self.hashed) else {
            return Ok(false);
        };
        let read = read_at(file, buffer, offset)?;
        self.hasher.update(&buffer[..read]);
        self.hashed += read as u64;
        Ok(read > 0)
    }

    /// 到这里为止的摘要。
    pub fn finish(&self) -> Digest {
        self.hasher.finalize().into()
    }
}
