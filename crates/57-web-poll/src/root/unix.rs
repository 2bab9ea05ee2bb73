//! Unix 的根:一个打开的目录,名字都从它走起。

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat};

use super::{Entry, Found, Kind, resolve};
use crate::validators::{SECOND, Stamp};

/// 打开一个陌生人说的名字:管道不等另一头(NONBLOCK),终端不成为控制终端(NOCTTY)。
const FLAGS: OFlags = OFlags::RDONLY
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

/// 网站的根。
#[derive(Debug)]
pub struct Root {
    descriptor: OwnedFd,
    /// 真正的路径:没有 openat2 时,和遇到绝对的链接时,看它通到哪里。
    path: PathBuf,
    /// 内核有没有 openat2(Linux 5.6 起)。
    #[cfg(target_os = "linux")]
    beneath: bool,
}

/// 一个打开的目录。
#[derive(Debug)]
pub struct Directory(OwnedFd);

impl Root {
    /// 打开自己这边的目录:路径是用户给的,可以是链接。
    ///
    /// # Errors
    /// 没有这个目录,不是目录,没有权限。
    pub fn open(path: &Path) -> io::Result<Self> {
        let path = path.canonicalize()?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let descriptor = rustix::fs::open(&path, flags, Mode::empty())?;
        Ok(Self {
            #[cfg(target_os = "linux")]
            beneath: beneath(&descriptor, b".").is_ok(),
            descriptor,
            path,
        })
    }

    /// 打开里面的一个名字;空的就是根。
    ///
    /// # Errors
    /// 没有,没有权限,通到外面(NotFound 或者 EXDEV),描述符用完了……
    pub fn find(&self, name: &[u8]) -> io::Result<Found> {
        let name = if name.is_empty() { b"." } else { name };
        let descriptor = self.walk(name)?;
        let stat = rustix::fs::fstat(&descriptor)?;
        Ok(match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => Found::File(File::from(descriptor), stamp(&stat)),
            FileType::Directory => Found::Directory(Directory(descriptor)),
            _ => Found::Other,
        })
    }

    /// 不打开,看看名字现在指的文件的样子:只用来和以前的比。
    ///
    /// 这一步会跟着链接走到外面去,所以结果不能给人看;和打开时的样子完全一样,就是同一个文件。
    #[allow(dead_code, reason = "网站前面有缓存的阶段才用")]
    pub fn stamp(&self, name: &[u8]) -> io::Result<Stamp> {
        let stat = rustix::fs::statat(&self.descriptor, name, AtFlags::empty())?;
        Ok(stamp(&stat))
    }

    #[cfg(target_os = "linux")]
    fn walk(&self, name: &[u8]) -> io::Result<OwnedFd> {
        if !self.beneath {
            return self.walk_resolved(name);
        }
        match beneath(&self.descriptor, name) {
            // 绝对的链接一律是 EXDEV,即使它通到根里面:走到底再看。
            Err(rustix::io::Errno::XDEV) => self.walk_resolved(name),
            other => Ok(other?),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn walk(&self, name: &[u8]) -> io::Result<OwnedFd> {
        self.walk_resolved(name)
    }

    /// 先问真正的路径,再去那里。
    pub(super) fn walk_resolved(&self, name: &[u8]) -> io::Result<OwnedFd> {
        let real = resolve(&self.path, Path::new(OsStr::from_bytes(name)))?;
        self.walk_plain(&real)
    }

    /// 从根一段一段地打开,不跟链接:问过以后,路上被换成了链接,就打不开。
    pub(super) fn walk_plain(&self, real: &Path) -> io::Result<OwnedFd> {
        let flags = FLAGS | OFlags::NOFOLLOW;
        let mut here = rustix::fs::openat(&self.descriptor, ".", FLAGS, Mode::empty())?;
        for component in real.components() {
            if let Component::Normal(segment) = component {
                here = rustix::fs::openat(&here, segment, flags, Mode::empty())?;
            }
        }
        Ok(here)
    }
}

/// 从 `root` 打开 `name`,内核保证不走到外面,也不走 /proc 里的魔法链接(openat2(2))。
#[cfg(target_os = "linux")]
fn beneath(root: &OwnedFd, name: &[u8]) -> rustix::io::Result<OwnedFd> {
    use rustix::fs::{ResolveFlags, openat2};
    use rustix::io::Errno;
    /// 走的路上恰好有人改名,内核说 EAGAIN:再试几次。
    const TRIES: u32 = 8;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    let mut opened = Err(Errno::AGAIN);
    for _ in 0..TRIES {
        opened = openat2(root, name, FLAGS, Mode::empty(), resolve);
        if !matches!(opened, Err(Errno::AGAIN | Errno::INTR)) {
            break;
        }
    }
    opened
}

impl Directory {
    /// 逐项给出,次序由文件系统定,直到 `visit` 说够了(`false`);看到一半被删掉的不给。
    ///
    /// # Errors
    /// 读目录出错。
    pub fn each(&self, mut visit: impl FnMut(Entry) -> bool) -> io::Result<()> {
        let mut entries = Dir::read_from(&self.0)?;
        while let Some(entry) = entries.read() {
            let entry = entry?;
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            let Ok(stat) = rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) else {
                continue;
            };
            let kind = match FileType::from_raw_mode(stat.st_mode) {
                FileType::RegularFile => Kind::File,
                FileType::Directory => Kind::Directory,
                FileType::Symlink => Kind::Link,
                _ => Kind::Other,
            };
            let name = name.to_bytes().to_owned();
            let stamp = stamp(&stat);
            if !visit(Entry { name, kind, stamp }) {
                break;
            }
        }
        Ok(())
    }
}

/// fstat(2) 看到的样子。
pub(super) fn stamp(stat: &Stat) -> Stamp {
    let time = |seconds, fraction| i128::from(seconds) * SECOND + fraction;
    Stamp {
        size: u64::try_from(stat.st_size).unwrap_or_default(),
        identity: [i128::from(stat.st_dev), i128::from(stat.st_ino)],
        modified: time(stat.st_mtime, i128::from(stat.st_mtime_nsec)),
        changed: time(stat.st_ctime, i128::from(stat.st_ctime_nsec)),
    }
}
