//! 名字:陌生人说的文件名,怎样变成 `root` 里的一个文件。

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;

use crate::protocol::Status;

/// 多数文件系统里,一个名字最多这么多字节(pathconf(3) `_PC_NAME_MAX`)。
const MAX_NAME: usize = 255;

/// Windows 的设备名:不管在哪个目录、有没有扩展名,打开的都是设备(Microsoft「Naming Files, Paths, and Namespaces」)。
const DEVICES: [&str; 7] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"];

/// 打开 `root` 里名叫 `name` 的普通文件,返回它和它的长度。
pub fn open(root: &Path, name: &[u8]) -> Result<(File, u64), Status> {
    let name = str::from_utf8(name).map_err(|_| Status::BadName)?;
    if !is_plain(name) {
        return Err(Status::BadName);
    }
    let path = root.join(name);
    // 链接可能指向外面:两边都换成真正的路径再比。只能直接在 `root` 里:下一层的目录,比过以后可能被换成链接。
    let real = fs::canonicalize(&path).map_err(|error| status(error.kind()))?;
    let inside = fs::canonicalize(root).map_err(|_| Status::ServerError)?;
    if real.parent() != Some(&inside) {
        return Err(Status::Forbidden);
    }
    // 先看再打开:管道、设备可能一打开就停在那里。
    let seen = fs::metadata(&real).map_err(|error| status(error.kind()))?;
    if !seen.is_file() {
        return Err(Status::NotAFile);
    }
    let file = open_itself(&real).map_err(|error| status(error.kind()))?;
    let metadata = file.metadata().map_err(|_| Status::ServerError)?;
    match metadata.is_file() {
        true => Ok((file, metadata.len())),
        false => Err(Status::NotAFile),
    }
}

/// 打开这个路径本身。看过以后,它可能已经被换成了链接或管道:不跟着链接走,也不等管道的另一头(open(2))。
#[cfg(unix)]
fn open_itself(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

/// 打开这个路径。Windows 上建符号链接要管理员,没有放在目录里的管道。
#[cfg(not(unix))]
fn open_itself(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// 是不是一个普通的文件名:在哪个系统上都只有一个意思,都不会走出目录。
fn is_plain(name: &str) -> bool {
    let special = |character: char| character.is_control() || "/\\:*?\"<>|".contains(character);
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    !name.is_empty()
        && name.len() <= MAX_NAME
        && !name.contains(special)
        // 末尾的点和空格,Windows 会悄悄去掉;`.` 和 `..` 也在这里。
        && !name.ends_with(['.', ' '])
        && !is_device(stem)
}

/// `CON`、`COM1`、`lpt9` ……;Windows 把上标的 ¹²³ 也当作数字。
fn is_device(stem: &str) -> bool {
    let upper = stem.to_uppercase();
    let port = upper.strip_prefix("COM").or(upper.strip_prefix("LPT"));
    let numbered = port.is_some_and(|rest| {
        let mut rest = rest.chars();
        rest.next()
            .is_some_and(|digit| "0123456789¹²³".contains(digit))
            && rest.next().is_none()
    });
    numbered || DEVICES.contains(&upper.as_str())
}

fn status(kind: ErrorKind) -> Status {
    match kind {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Status::NotFound,
        ErrorKind::PermissionDenied => Status::Forbidden,
        // 系统不收这样的名字,例如太长。
        ErrorKind::InvalidFilename | ErrorKind::InvalidInput => Status::BadName,
        _ => Status::ServerError,
    }
}

/// 名字在日志里怎样写:不是 UTF-8 的字节和控制字符写成看得见的样子。
pub fn shown(name: &[u8]) -> String {
    let mut text = String::new();
    for chunk in name.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character.is_control() {
                true => text.extend(character.escape_default()),
                false => text.push(character),
            }
        }
        text.push_str(&chunk.invalid().escape_ascii().to_string());
    }
    text
}
