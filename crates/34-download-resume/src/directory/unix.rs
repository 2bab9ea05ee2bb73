//! Unix 的目录:一个描述符。

use std::ffi::CStr;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{AtFlags, FileType, FlockOperation, Mode, OFlags};

use super::{Kind, Metadata};
use crate::protocol::Version;

/// 一个打开的目录;它被改名、换掉,手里的还是它。
#[derive(Debug)]
pub struct Directory {
    descriptor: OwnedFd,
}

impl Directory {
    /// 打开自己这边的目录:路径是用户给的,可以是链接。
    pub fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let descriptor = rustix::fs::open(path, flags, Mode::empty())?;
        Ok(Self { descriptor })
    }

    /// 里面的一个目录;链接不算。
    pub fn child(&self, name: &str) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let descriptor = rustix::fs::openat(&self.descriptor, name, flags, Mode::empty())?;
        Ok(Self { descriptor })
    }

    /// 里面的一个目录,没有就建。
    pub fn make_child(&self, name: &str) -> io::Result<Self> {
        match rustix::fs::mkdirat(&self.descriptor, name, Mode::from(0o777)) {
            Ok(()) | Err(rustix::io::Errno::EXIST) => self.child(name),
            Err(error) => Err(error.into()),
        }
    }

    /// 里面的一项是什么。
    pub fn metadata(&self, name: &str) -> io::Result<Metadata> {
        let stat = rustix::fs::statat(&self.descriptor, name, AtFlags::SYMLINK_NOFOLLOW)?;
        Ok(metadata(&stat))
    }

    /// 打开一个普通文件来读;别的种类是 `None`。
    pub fn read(&self, name: &str) -> io::Result<Option<File>> {
        // 先看再打开:有的设备一打开就有动作。两步之间它可能被换掉,所以打开时不跟链接,
        // 不等管道的另一头(O_NONBLOCK),打开以后再看一次。
        if self.metadata(name)?.kind != Kind::File {
            return Ok(None);
        }
        let flags = OFlags::RDONLY | OFlags::NONBLOCK;
        let file = self.file(name, flags)?;
        Ok(file.metadata()?.is_file().then_some(file))
    }

    /// 打开(没有就建)一个自己要写的普通文件,独占;别的程序占着是 `WouldBlock`。
    pub fn own(&self, name: &str) -> io::Result<File> {
        loop {
            let file = self.file(name, OFlags::RDWR | OFlags::CREATE | OFlags::NONBLOCK)?;
            let mine = file.metadata()?;
            if !mine.is_file() {
                return Err(io::ErrorKind::InvalidInput.into());
            }
            rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive)?;
            // 等到锁的时候,上一位可能已经把它改了名:手里的就是别人的成品,不能动。
            let now = rustix::fs::statat(&self.descriptor, name, AtFlags::SYMLINK_NOFOLLOW);
            match now.map(|stat| stat.st_ino) {
                Ok(inode) if inode == mine.ino() => return Ok(file),
                Ok(_) | Err(rustix::io::Errno::NOENT) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// 建一个空的文件;已经有就清空。
    pub fn create(&self, name: &str) -> io::Result<File> {
        self.file(
            name,
            OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::NONBLOCK,
        )
    }

    fn file(&self, name: &str, flags: OFlags) -> io::Result<File> {
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NOCTTY;
        let opened = rustix::fs::openat(&self.descriptor, name, flags, Mode::from(0o666))?;
        Ok(File::from(opened))
    }

    /// 改名,一步完成;新的名字原来有文件就换掉(rename(2))。
    pub fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let here = &self.descriptor;
        Ok(rustix::fs::renameat(here, from, here, to)?)
    }

    /// 删掉一个文件;本来就没有也算删掉。
    pub fn remove(&self, name: &str) -> io::Result<()> {
        match rustix::fs::unlinkat(&self.descriptor, name, AtFlags::empty()) {
            Ok(()) | Err(rustix::io::Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// 等改过的名字真的写进磁盘:名字存在目录里,不在文件里(fsync(2))。
    pub fn sync(&self) -> io::Result<()> {
        Ok(rustix::fs::fsync(&self.descriptor)?)
    }

    /// 逐项给出名字和它是什么,次序由文件系统定;看到一半被删掉的不给。
    pub fn each<E: From<io::Error>>(
        &self,
        mut visit: impl FnMut(&[u8], Metadata) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut entries = rustix::fs::Dir::read_from(&self.descriptor).map_err(io::Error::from)?;
        while let Some(entry) = entries.read() {
            let entry = entry.map_err(io::Error::from)?;
            let name: &CStr = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            let seen = rustix::fs::statat(&self.descriptor, name, AtFlags::SYMLINK_NOFOLLOW);
            if let Ok(stat) = seen {
                visit(name.to_bytes(), metadata(&stat))?;
            }
        }
        Ok(())
    }
}

fn metadata(stat: &rustix::fs::Stat) -> Metadata {
    let kind = match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Directory,
        _ => Kind::Other,
    };
    Metadata {
        kind,
        size: u64::try_from(stat.st_size).unwrap_or_default(),
        modified: stat.st_mtime,
    }
}

/// 文件的版本:是哪个文件(设备号、inode)、多大、内容和属性最后什么时候改过(纳秒)。
///
/// 改修改时间容易(touch(1)),改 ctime 要改系统的钟。写成摘要,不把 inode 告诉陌生人。
pub fn version(file: &File) -> io::Result<Version> {
    let seen = file.metadata()?;
    let mut hasher = blake3::Hasher::new();
    for number in [seen.dev(), seen.ino(), seen.size()] {
        hasher.update(&number.to_be_bytes());
    }
    let times = [
        seen.mtime(),
        seen.mtime_nsec(),
        seen.ctime(),
        seen.ctime_nsec(),
    ];
    for number in times {
        hasher.update(&number.to_be_bytes());
    }
    let mut version = Version::default();
    hasher.finalize_xof().fill(&mut version);
    Ok(version)
}
