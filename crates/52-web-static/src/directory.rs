//! 目录:打开里面的文件;链接指向外面的,打不开。

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// 网站的目录。
pub struct Directory {
    /// 真正的路径:没有链接,没有 `..`。
    real: PathBuf,
    /// 打开的目录,openat2 从它出发。
    #[cfg(target_os = "linux")]
    descriptor: File,
}

impl Directory {
    /// 打开自己这边的目录:路径是用户给的,可以是链接。
    pub fn open(path: &Path) -> io::Result<Self> {
        let real = fs::canonicalize(path)?;
        // 不是目录,读不了,在这里就说出来。
        fs::read_dir(&real)?;
        Ok(Self {
            #[cfg(target_os = "linux")]
            descriptor: File::open(&real)?,
            real,
        })
    }

    /// 打开里面的普通文件 `name`,返回它和它的长度(字节);在外面的、不是普通文件的,和没有一样。
    pub fn file(&self, name: &Path) -> io::Result<(File, u64)> {
        #[cfg(target_os = "linux")]
        if let Some(opened) = self.beneath(name) {
            return opened;
        }
        self.checked(name)
    }

    /// 一步打开:内核每走一层都看着,不许走到外面(openat2(2) `RESOLVE_BENEATH`;绝对的链接一律算外面)。
    /// 没有这个系统调用(Linux 5.6 以前,有的容器),是 `None`。
    #[cfg(target_os = "linux")]
    fn beneath(&self, name: &Path) -> Option<io::Result<(File, u64)>> {
        use rustix::fs::{Mode, OFlags, ResolveFlags};
        use rustix::io::Errno;
        // 管道的另一头没有人,打开也不等(O_NONBLOCK)。
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let inside = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        match rustix::fs::openat2(&self.descriptor, name, flags, Mode::empty(), inside) {
            Ok(file) => Some(plain(file.into())),
            Err(Errno::NOSYS | Errno::PERM) => None,
            // 到了外面;链接绕成了圈;套接字打不开(open(2))。
            Err(Errno::XDEV | Errno::LOOP | Errno::NXIO) => Some(Err(ErrorKind::NotFound.into())),
            Err(error) => Some(Err(error.into())),
        }
    }

    /// 分几步打开:换成真正的路径,看它还在不在里面。看过以后,里面的目录可能被换成链接;
    /// 只有能改这个目录的人才做得到。
    fn checked(&self, name: &Path) -> io::Result<(File, u64)> {
        let real = fs::canonicalize(self.real.join(name))?;
        // 先看再打开:管道、设备可能一打开就停在那里。
        if !real.starts_with(&self.real) || !fs::metadata(&real)?.is_file() {
            return Err(ErrorKind::NotFound.into());
        }
        plain(File::open(&real)?)
    }
}

/// 打开的应当是普通文件。
fn plain(file: File) -> io::Result<(File, u64)> {
    let metadata = file.metadata()?;
    match metadata.is_file() {
        true => Ok((file, metadata.len())),
        false => Err(ErrorKind::NotFound.into()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// 两种办法都给里面的,都不给外面的。
    #[test]
    fn both_ways_stay_inside() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret"), "外面").unwrap();
        let root = outside.path().join("root");
        fs::create_dir_all(root.join("sub")).unwrap();
        fs::write(root.join("sub/page"), "里面").unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::symlink;
            symlink("../secret", root.join("out")).unwrap();
            symlink(outside.path(), root.join("dir")).unwrap();
            symlink("loop", root.join("loop")).unwrap();
            symlink("sub/page", root.join("in")).unwrap();
        }
        let directory = Directory::open(&root).unwrap();
        for name in ["sub/page", "in"] {
            let name = Path::new(name);
            if cfg!(unix) || name == Path::new("sub/page") {
                assert!(directory.file(name).is_ok(), "{name:?} 在里面");
                assert!(directory.checked(name).is_ok(), "{name:?} 在里面");
            }
        }
        for name in ["out", "dir/secret", "loop", "sub", "../secret", "nosuch"] {
            let name = Path::new(name);
            assert!(directory.file(name).is_err(), "{name:?} 不应当给");
            assert!(directory.checked(name).is_err(), "{name:?} 不应当给");
        }
    }

    #[test]
    fn a_file_is_no_directory() {
        let outside = tempfile::tempdir().unwrap();
        let file = outside.path().join("file");
        fs::write(&file, "x").unwrap();
        assert!(Directory::open(&file).is_err());
        assert!(Directory::open(&outside.path().join("nosuch")).is_err());
    }
}
