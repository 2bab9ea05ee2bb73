//! 文件:陌生人说的路径,怎样变成网站目录里的一个文件。

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, ensure};
use percent_encoding::percent_decode_str;

use crate::cli;
use crate::kinds;
use crate::response::Status;

/// 网站的目录。
pub struct Root {
    /// 真正的路径:没有链接,没有 `..`。
    directory: PathBuf,
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
        let real = fs::canonicalize(directory);
        let real = real.with_context(|| format!("打不开目录 {}", directory.display()))?;
        ensure!(real.is_dir(), "{} 不是目录", directory.display());
        Ok(Self { directory: real })
    }

    /// 请求目标说的是哪个文件;没有、不给,是该回答的状态。
    pub fn find(&self, target: &str) -> Result<Found, Status> {
        let name = name(target).ok_or(Status::NOT_FOUND)?;
        let found = self.open_file(&name).map_err(|error| status(&error))?;
        found.ok_or(Status::NOT_FOUND)
    }

    /// 打开 `name`;在外面、不是普通文件,是 `None`。
    fn open_file(&self, name: &Path) -> io::Result<Option<Found>> {
        // 名字里没有 `..`,链接还是可以指向外面:换成真正的路径再看。
        let real = fs::canonicalize(self.directory.join(name))?;
        // 先看再打开:管道、设备可能一打开就停在那里。
        if !real.starts_with(&self.directory) || !fs::metadata(&real)?.is_file() {
            return Ok(None);
        }
        let file = File::open(&real)?;
        let length = file.metadata()?.len();
        let kind = kinds::of(name);
        Ok(Some(Found { file, length, kind }))
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
