//! 没有 openat 的系统上的目录:一个路径。每走一步都看看是不是链接;看和走之间有一瞬间,所以比 Unix 上弱。

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::{Kind, Metadata};
use crate::protocol::Version;

/// 一个目录的真正的路径。
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
}

impl Directory {
    /// 打开自己这边的目录:路径是用户给的,可以是链接。
    pub fn open(path: &Path) -> io::Result<Self> {
        fs::read_dir(path)?;
        let path = path.canonicalize()?;
        Ok(Self { path })
    }

    /// 里面的一个目录;链接不算。
    pub fn child(&self, name: &str) -> io::Result<Self> {
        if name == "." {
            return Self::open(&self.path);
        }
        let path = self.path.join(name);
        let real = path.canonicalize()?;
        let seen = fs::symlink_metadata(&path)?;
        // 联接点(junction)也是链接:真正的路径不在这里面的,一概不进。
        match seen.is_dir() && real.parent() == Some(&self.path) {
            true => Ok(Self { path: real }),
            false => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    /// 里面的一个目录,没有就建。
    pub fn make_child(&self, name: &str) -> io::Result<Self> {
        match fs::create_dir(self.path.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => self.child(name),
        }
    }

    /// 里面的一项是什么。
    pub fn metadata(&self, name: &str) -> io::Result<Metadata> {
        Ok(metadata(&fs::symlink_metadata(self.path.join(name))?))
    }

    /// 打开一个普通文件来读;别的种类是 `None`。
    pub fn read(&self, name: &str) -> io::Result<Option<File>> {
        if self.metadata(name)?.kind != Kind::File {
            return Ok(None);
        }
        let file = File::open(self.path.join(name))?;
        Ok(file.metadata()?.is_file().then_some(file))
    }

    /// 打开(没有就建)一个自己要写的普通文件,独占;别的程序占着是 `WouldBlock`。
    pub fn own(&self, name: &str) -> io::Result<File> {
        self.refuse_others(name)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(windows)]
        std::os::windows::fs::OpenOptionsExt::share_mode(&mut options, 0);
        // ERROR_SHARING_VIOLATION(32):别的程序开着它。
        let opened = options.open(self.path.join(name));
        opened.map_err(|error| match error.raw_os_error() {
            Some(32) => io::ErrorKind::WouldBlock.into(),
            _ => error,
        })
    }

    /// 建一个空的文件;已经有就清空。
    pub fn create(&self, name: &str) -> io::Result<File> {
        self.refuse_others(name)?;
        File::create(self.path.join(name))
    }

    fn refuse_others(&self, name: &str) -> io::Result<()> {
        match self.metadata(name) {
            Ok(seen) if seen.kind != Kind::File => Err(io::ErrorKind::InvalidInput.into()),
            _ => Ok(()),
        }
    }

    /// 改名,一步完成;新的名字原来有文件就换掉。
    pub fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path.join(from), self.path.join(to))
    }

    /// 删掉一个文件;本来就没有也算删掉。
    pub fn remove(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.path.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// 目录不能 sync:这里的文件系统自己记日志。
    pub fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    /// 逐项给出名字和它是什么,次序由文件系统定;不能写成 UTF-8 的名字、看到一半被删掉的,不给。
    pub fn each<E: From<io::Error>>(
        &self,
        mut visit: impl FnMut(&[u8], Metadata) -> Result<(), E>,
    ) -> Result<(), E> {
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            if let (Some(name), Ok(seen)) = (entry.file_name().to_str(), entry.metadata()) {
                visit(name.as_bytes(), metadata(&seen))?;
            }
        }
        Ok(())
    }
}

fn metadata(seen: &fs::Metadata) -> Metadata {
    let kind = match seen {
        seen if seen.is_file() => Kind::File,
        seen if seen.is_dir() => Kind::Directory,
        _ => Kind::Other,
    };
    let age = seen.modified().ok();
    let age = age.and_then(|modified| modified.duration_since(UNIX_EPOCH).ok());
    Metadata {
        kind,
        size: seen.len(),
        modified: age.map_or(0, |age| i64::try_from(age.as_secs()).unwrap_or(i64::MAX)),
    }
}

/// 文件的版本:多大、什么时候建的、什么时候改过(纳秒)。
pub fn version(file: &File) -> io::Result<Version> {
    let seen = file.metadata()?;
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seen.len().to_be_bytes());
    for time in [seen.created(), seen.modified()] {
        let age = time
            .ok()
            .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        hasher.update(&age.unwrap_or_default().as_nanos().to_be_bytes());
    }
    let mut version = Version::default();
    hasher.finalize_xof().fill(&mut version);
    Ok(version)
}
