//! 没有 openat 的系统上的根:一个路径。看和打开之间有一瞬间,所以比 Unix 上弱。

use std::fs::{self, File};
use std::io;
use std::path::{Component, Path, PathBuf};

use super::{Entry, Found, Kind, resolve};
use crate::path::is_dotted;
use crate::validators::{Stamp, nanoseconds};

/// 网站的根。
#[derive(Debug)]
pub struct Root {
    path: PathBuf,
}

/// 一个目录真正的路径。
#[derive(Debug)]
pub struct Directory(PathBuf);

impl Root {
    /// 打开自己这边的目录:路径是用户给的,可以是链接。
    ///
    /// # Errors
    /// 没有这个目录,不是目录,没有权限。
    pub fn open(path: &Path) -> io::Result<Self> {
        let path = path.canonicalize()?;
        fs::read_dir(&path)?;
        Ok(Self { path })
    }

    /// 打开里面的一个名字;空的就是根。
    ///
    /// # Errors
    /// 没有,没有权限,通到外面(NotFound)……
    pub fn find(&self, name: &[u8]) -> io::Result<Found> {
        let name = as_path(name)?;
        let inside = resolve(&self.path, name)?;
        // 短名字(GIT~1)是另一个写法:真正的名字隐藏着,写出来的却没有点。
        if dots(&inside) > dots(name) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let real = self.path.join(inside);
        let seen = fs::metadata(&real)?;
        if seen.is_dir() {
            return Ok(Found::Directory(Directory(real)));
        }
        if !seen.is_file() {
            return Ok(Found::Other);
        }
        let file = File::open(&real)?;
        let stamp = stamp(&file.metadata()?);
        Ok(Found::File(file, stamp))
    }

    /// 不打开,看看名字现在指的文件的样子:只用来和以前的比。
    #[allow(dead_code, reason = "网站前面有缓存的阶段才用")]
    pub fn stamp(&self, name: &[u8]) -> io::Result<Stamp> {
        let seen = fs::metadata(self.path.join(as_path(name)?))?;
        Ok(stamp(&seen))
    }
}

fn as_path(name: &[u8]) -> io::Result<&Path> {
    let name = str::from_utf8(name).map_err(|_| io::ErrorKind::NotFound)?;
    Ok(Path::new(name))
}

/// 点开头的段有几个。
fn dots(path: &Path) -> usize {
    let dotted = |component: &Component<'_>| match component {
        Component::Normal(segment) => is_dotted(segment.as_encoded_bytes()),
        _ => false,
    };
    path.components().filter(dotted).count()
}

impl Directory {
    /// 逐项给出,次序由文件系统定,直到 `visit` 说够了(`false`);不能写成 UTF-8 的名字、看到一半被删掉的,不给。
    ///
    /// # Errors
    /// 读目录出错。
    pub fn each(&self, mut visit: impl FnMut(Entry) -> bool) -> io::Result<()> {
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            let name = entry.file_name();
            let (Some(name), Ok(seen)) = (name.to_str(), entry.metadata()) else {
                continue;
            };
            let kind = match &seen {
                seen if seen.is_symlink() => Kind::Link,
                seen if seen.is_file() => Kind::File,
                seen if seen.is_dir() => Kind::Directory,
                _ => Kind::Other,
            };
            let name = name.as_bytes().to_owned();
            let stamp = stamp(&seen);
            if !visit(Entry { name, kind, stamp }) {
                break;
            }
        }
        Ok(())
    }
}

/// 标准库看到的样子。
fn stamp(seen: &fs::Metadata) -> Stamp {
    Stamp {
        size: seen.len(),
        identity: [0; 2],
        modified: seen.modified().map_or(0, nanoseconds),
        changed: seen.created().map_or(0, nanoseconds),
    }
}
