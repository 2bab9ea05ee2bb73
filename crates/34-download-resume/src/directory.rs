//! 目录:从一个打开的目录一层一层往里走,每一步只认一个名字,不跟链接。
//!
//! 先检查路径、再按路径打开,中间那一刻别人可以把目录换成链接;从打开的目录出发的一步
//! (openat(2) 加 `O_NOFOLLOW`)没有「中间」。

#[cfg(unix)]
#[path = "directory/unix.rs"]
mod system;

#[cfg(not(unix))]
#[path = "directory/portable.rs"]
mod system;

use std::io;

use crate::names::Name;
use crate::status::Status;

pub use system::{Directory, version};

/// 目录里的一项是什么。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 普通文件。
    File,
    /// 目录。
    Directory,
    /// 链接、管道、套接字、设备。
    Other,
}

/// 目录里的一项。
#[derive(Debug, Clone, Copy)]
pub struct Metadata {
    /// 是什么;链接就是链接,不看它指向哪里。
    pub kind: Kind,
    /// 大小,字节。
    pub size: u64,
    /// 修改时间,从 1970-01-01 起的秒。
    pub modified: i64,
}

impl Directory {
    /// 走到 `name` 所在的目录。
    pub fn parent(&self, name: &Name) -> io::Result<Self> {
        let (parents, _) = name.split();
        let mut here = self.child(".")?;
        for part in parents {
            here = here.child(part)?;
        }
        Ok(here)
    }

    /// 走到目录 `name`。
    pub fn descend(&self, name: &Name) -> io::Result<Self> {
        let (_, base) = name.split();
        match base {
            "" => self.child("."),
            base => self.parent(name)?.child(base),
        }
    }
}

/// 打不开的原因换成回答的状态。
pub fn status(error: &io::Error) -> Status {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Status::NotFound,
        io::ErrorKind::PermissionDenied => Status::Forbidden,
        // 系统不收这样的名字,例如太长。
        io::ErrorKind::InvalidFilename | io::ErrorKind::InvalidInput => Status::BadName,
        _ => Status::ServerError,
    }
}
