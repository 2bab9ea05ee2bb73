//! 存文件:收到的先写进临时文件,完整、校验和也对,才改成真正的名字。

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use tempfile::NamedTempFile;

use crate::cli;
use crate::content::{Open, Reason};

/// 一个文件最多这么大:1 GiB。谁都可以来传,总不能让他占满磁盘。
pub const MAX_SIZE: u64 = 1 << 30;

/// 文件名最多这么多字节:各种文件系统都放得下(NAME_MAX,limits.h(0p))。
const MAX_NAME: usize = 255;

/// Windows 上这些名字是设备,加了扩展名也是。
const DEVICES: [&str; 4] = ["CON", "PRN", "AUX", "NUL"];

/// 正在收的文件。没有 [`save`](Self::save) 就离开作用域,临时文件也跟着删掉。
#[derive(Debug)]
pub struct Incoming {
    root: PathBuf,
    name: String,
    size: u64,
    received: u64,
    checksum: crc32fast::Hasher,
    /// 收到第一个字节才建:陌生人说一声「要传」,不值得建文件。
    temporary: Option<NamedTempFile>,
}

impl Incoming {
    /// 准备收 `open` 说的文件,存在 `root` 里;对方说的一概不信,先查一遍。
    pub fn new(root: &Path, open: &Open) -> Result<Self, Reason> {
        if !is_plain(&open.name) {
            return Err(Reason::Name);
        }
        if open.size > MAX_SIZE {
            return Err(Reason::TooLarge);
        }
        // 符号链接指向的不在了,名字也算被占用。
        if fs::symlink_metadata(root.join(&open.name)).is_ok() {
            return Err(Reason::Exists);
        }
        Ok(Self {
            root: root.to_owned(),
            name: open.name.clone(),
            size: open.size,
            received: 0,
            checksum: crc32fast::Hasher::new(),
            temporary: None,
        })
    }

    /// 文件名。
    pub fn name(&self) -> &str {
        &self.name
    }

    /// 文件的长度,字节。
    pub fn size(&self) -> u64 {
        self.size
    }

    /// 写下一段。
    pub fn write(&mut self, content: &[u8]) -> Result<(), Reason> {
        self.received += content.len() as u64;
        if self.received > self.size {
            return Err(Reason::Mismatch);
        }
        self.checksum.update(content);
        let written = self.file().and_then(|file| file.write_all(content));
        written.map_err(|error| self.failed(error))
    }

    /// 完了:长度和校验和都对,就改成真正的名字。
    pub fn save(mut self, checksum: u32) -> Result<(), Reason> {
        if self.received != self.size || self.checksum.clone().finalize() != checksum {
            return Err(Reason::Mismatch);
        }
        let path = self.root.join(&self.name);
        let flushed = self.file().and_then(|file| file.flush());
        flushed.map_err(|error| self.failed(error))?;
        let Some(temporary) = self.temporary.take() else {
            return Err(Reason::Storage);
        };
        // 不覆盖:查过以后,别人可能刚刚建了一个同名的。
        match temporary.persist_noclobber(path) {
            Ok(_) => Ok(()),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Err(Reason::Exists),
            Err(error) => Err(self.failed(error.error)),
        }
    }

    fn file(&mut self) -> io::Result<&mut NamedTempFile> {
        if self.temporary.is_none() {
            let temporary = tempfile::Builder::new()
                .prefix(".receiving-")
                .tempfile_in(&self.root)?;
            self.temporary = Some(temporary);
        }
        self.temporary
            .as_mut()
            .ok_or(io::ErrorKind::NotFound.into())
    }

    /// 对方只要知道存不下;是什么毛病,告诉坐在服务器前的人。
    fn failed(&self, error: io::Error) -> Reason {
        let failed: anyhow::Result<()> =
            Err(error).with_context(|| format!("写 {} 失败", self.name));
        if let Err(error) = failed {
            cli::report(&error);
        }
        Reason::Storage
    }
}

/// 只是一个名字:不含目录,在哪个系统上都没有特别的意思。
fn is_plain(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let stem = stem.to_ascii_uppercase();
    let port = stem.strip_prefix("COM").or(stem.strip_prefix("LPT"));
    let device = DEVICES.contains(&stem.as_str()) || port.is_some_and(|n| n.chars().count() == 1);
    let special = |c: char| c.is_control() || "/\\:*?\"<>|".contains(c);
    (1..=MAX_NAME).contains(&name.len())
        // 以点开头的是隐藏文件,其中有登录时自动运行的。
        && !name.starts_with('.')
        && !name.ends_with(['.', ' '])
        && !name.contains(special)
        && !device
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(name: &str, size: u64) -> Open {
        Open {
            keep_early: false,
            size,
            name: name.to_owned(),
        }
    }

    fn names(root: &Path) -> Vec<String> {
        let entries = fs::read_dir(root).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn only_plain_names_are_taken() {
        for name in ["a", "报告.pdf", "COM10", "a b", "null", "CONSOLE.txt"] {
            assert!(is_plain(name), "{name:?}");
        }
        assert!(is_plain(&"x".repeat(255)));
        for name in [
            "",
            ".",
            "..",
            "../x",
            "a/b",
            "/etc/passwd",
            "a\\b",
            "C:x",
            "x\0",
            "x\n",
            ".bashrc",
            "CON",
            "nul.txt",
            "com1",
            "LPT9.x",
            "x.",
            "x ",
            "a*",
            "a?",
        ] {
            assert!(!is_plain(name), "{name:?}");
        }
        assert!(!is_plain(&"x".repeat(256)));
    }

    #[test]
    fn a_file_appears_only_when_it_is_whole() {
        let root = tempfile::tempdir().unwrap();
        let mut incoming = Incoming::new(root.path(), &open("a", 6)).unwrap();
        assert!(names(root.path()).is_empty());
        incoming.write(b"abc").unwrap();
        assert!(!root.path().join("a").exists());
        incoming.write(b"def").unwrap();
        incoming.save(crc32fast::hash(b"abcdef")).unwrap();
        assert_eq!(names(root.path()), ["a"]);
        assert_eq!(fs::read(root.path().join("a")).unwrap(), b"abcdef");
    }

    #[test]
    fn what_is_not_whole_leaves_nothing_behind() {
        let root = tempfile::tempdir().unwrap();
        let started = |content: &[u8]| {
            let mut incoming = Incoming::new(root.path(), &open("a", 3)).unwrap();
            incoming.write(content).map(|()| incoming)
        };
        let sum = crc32fast::hash(b"abc");
        assert_eq!(started(b"ab").unwrap().save(sum), Err(Reason::Mismatch));
        assert_eq!(started(b"abd").unwrap().save(sum), Err(Reason::Mismatch));
        // 短了的,自己的校验和是对的。
        let short = crc32fast::hash(b"ab");
        assert_eq!(started(b"ab").unwrap().save(short), Err(Reason::Mismatch));
        assert_eq!(started(b"abcd").err(), Some(Reason::Mismatch));
        drop(started(b"abc").unwrap());
        assert!(names(root.path()).is_empty());
    }

    #[test]
    fn an_empty_file_is_a_file() {
        let root = tempfile::tempdir().unwrap();
        let incoming = Incoming::new(root.path(), &open("empty", 0)).unwrap();
        incoming.save(0).unwrap();
        assert_eq!(names(root.path()), ["empty"]);
    }

    #[test]
    fn an_existing_file_is_never_replaced() {
        let root = tempfile::tempdir().unwrap();
        let first = Incoming::new(root.path(), &open("a", 0)).unwrap();
        fs::write(root.path().join("a"), "old").unwrap();
        assert_eq!(first.save(0), Err(Reason::Exists));
        let second = Incoming::new(root.path(), &open("a", 0));
        assert_eq!(second.err(), Some(Reason::Exists));
        assert_eq!(names(root.path()), ["a"]);
        assert_eq!(fs::read(root.path().join("a")).unwrap(), b"old");
    }

    #[test]
    fn a_promise_of_too_much_is_refused_at_once() {
        let root = tempfile::tempdir().unwrap();
        let refused = |size| Incoming::new(root.path(), &open("a", size)).err();
        assert_eq!(refused(u64::MAX), Some(Reason::TooLarge));
        assert_eq!(refused(MAX_SIZE + 1), Some(Reason::TooLarge));
        assert_eq!(refused(MAX_SIZE), None);
    }
}
