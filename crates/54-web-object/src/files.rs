//! 文件:陌生人说的路径,怎样变成网站目录里的一个文件。

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

use anyhow::Context;
use percent_encoding::percent_decode_str;

use crate::cli;
use crate::directory::Directory;
use crate::kinds;
use crate::response::Status;

/// 网站的目录。
pub struct Root {
    directory: Directory,
}

/// 找到的文件。
pub struct Found {
    /// 已经打开,从头读起。
    pub file: File,
    /// 打开时的长度,字节。
    pub length: u64,
    /// 类型,例如 `text/html; charset=utf-8`。
    pub kind: &'static str,
}

impl Root {
    /// 以 `directory` 为网站的目录。
    pub fn open(directory: &Path) -> anyhow::Result<Self> {
        let opened = Directory::open(directory);
        let directory = opened.with_context(|| format!("打不开目录 {}", directory.display()))?;
        Ok(Self { directory })
    }

    /// 请求目标说的是哪个文件;没有、不给,是该回答的状态。
    pub fn find(&self, target: &str) -> Result<Found, Status> {
        let name = name(target).ok_or(Status::NOT_FOUND)?;
        let opened = self.directory.file(&name);
        let (file, length) = opened.map_err(|error| status(&error))?;
        let kind = kinds::of(&name);
        Ok(Found { file, length, kind })
    }
}

/// 请求目标换成网站目录里的名字:切掉查询串,解一次百分号编码(RFC 3986 §2.1、§3.4);
/// 目录就是它里面的 `index.html`。会走出目录的是 `None`。
fn name(target: &str) -> Option<PathBuf> {
    let path = target.split('?').next().unwrap_or_default();
    // 先解码再检查,以后不再解:反过来,`%2e%2e` 就混过去了。
    let path = percent_decode_str(path).decode_utf8().ok()?;
    let mut name = PathBuf::new();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        if !is_plain(part) {
            return None;
        }
        name.push(part);
    }
    if path.ends_with('/') {
        name.push("index.html");
    }
    Some(name)
}

/// 是不是一个普通的名字:不是 `.` 和 `..`;在 Windows 上也不含盘符和 `\`。
///
/// `join` 遇到绝对路径会丢掉前面的目录:不检查,`/etc/passwd` 就是 `/etc/passwd`。
fn is_plain(part: &str) -> bool {
    let mut components = Path::new(part).components();
    let normal = matches!(components.next(), Some(Component::Normal(_)));
    normal && components.next().is_none() && !part.contains(|c: char| c.is_control() || c == '\\')
}

/// 打不开的原因换成回答的状态。
fn status(error: &io::Error) -> Status {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Status::NOT_FOUND,
        // 系统不收这样的名字,例如太长。
        ErrorKind::InvalidFilename | ErrorKind::InvalidInput => Status::NOT_FOUND,
        ErrorKind::PermissionDenied => Status::FORBIDDEN,
        _ => {
            cli::note(format_args!("错误:打不开文件:{error}"));
            Status::SERVER_ERROR
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_inside() {
        let inside = [
            ("/", "index.html"),
            ("/?a=/../b", "index.html"),
            ("/a%20b.txt?v=1", "a b.txt"),
            ("/%E4%BD%A0//%2541/", "你/%41/index.html"),
            ("/...", "..."),
        ];
        for (target, wanted) in inside {
            assert_eq!(name(target).as_deref(), Some(Path::new(wanted)), "{target}");
        }
        let outside = [
            "/..",
            "/a/../b",
            "/%2e%2E/x",
            "/..%2fx",
            "/a%00",
            "/a%5cb",
            "/%ff",
            "/./x",
        ];
        for target in outside {
            assert_eq!(name(target), None, "{target} 不应当是名字");
        }
    }
}
