//! 根:里面的名字怎样打开,而走不出去。
//!
//! 链接在里面就跟,通到外面就没有。先检查、后打开,中间那一刻别人可以换掉一段路;
//! 所以在 Unix 上最后一步总是从打开的根出发,由内核来守。

#[cfg(unix)]
#[path = "root/unix.rs"]
mod system;

#[cfg(not(unix))]
#[path = "root/portable.rs"]
mod system;

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::validators::Stamp;

pub use system::{Directory, Root};

/// 打开的是什么。
#[derive(Debug)]
pub enum Found {
    /// 普通文件,和它打开时的样子。
    File(File, Stamp),
    /// 目录。
    Directory(Directory),
    /// 管道、套接字、设备:不给。
    Other,
}

/// 目录里的一项。
#[derive(Debug)]
pub struct Entry {
    /// 名字,一段。
    pub name: Vec<u8>,
    /// 是什么。
    pub kind: Kind,
    /// 多大,什么时候改过;只对文件和目录有意义。
    pub stamp: Stamp,
}

/// 目录里的一项是什么。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 普通文件。
    File,
    /// 目录。
    Directory,
    /// 链接:要打开才知道。
    Link,
    /// 管道、套接字、设备。
    Other,
}

/// 名字 `name` 真正在哪里,从 `root` 算起:每一段链接都走到底,结果里没有链接。
fn resolve(root: &Path, name: &Path) -> io::Result<PathBuf> {
    let real = root.join(name).canonicalize()?;
    match real.strip_prefix(root) {
        Ok(inside) => Ok(inside.to_owned()),
        Err(_) => Err(io::ErrorKind::NotFound.into()),
    }
}
