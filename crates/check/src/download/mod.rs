//! 下载的检查:到手的文件一个字节不差,或者清楚地说出为什么没有。

pub mod client;
pub mod files;
pub mod framed;
pub mod resume_client;
pub mod resume_server;
pub mod server;

mod hostile;
mod resume;

/// 看得见、每一处都不一样的内容:少了哪一段、错了位,一看便知。
fn pattern(length: usize) -> Vec<u8> {
    (0..)
        .flat_map(|n| format!("{n} ").into_bytes())
        .take(length)
        .collect()
}

/// 在 `path` 建一个没有人读写的管道;这里的系统没有,是 `false`。
fn make_fifo(path: &std::path::Path) -> std::io::Result<bool> {
    // mkfifo 是 POSIX 的命令(mkfifo(1p))。
    let made = cfg!(unix)
        && std::process::Command::new("mkfifo")
            .arg(path)
            .status()?
            .success();
    Ok(made)
}

/// 不是一个普通文件名的名字:会走出目录,或者在某个系统上有别的意思。
const BAD_NAMES: &[&str] = &[
    "..",
    ".",
    "../secret.txt",
    "..\\secret.txt",
    "/etc/passwd",
    "C:\\Windows\\win.ini",
    "C:secret.txt",
    "sub/../../secret.txt",
    "sub/inner.txt",
    "sub\\inner.txt",
    "./文件 1.bin",
    "文件 1.bin/",
    "文件 1.bin\0",
    "\0",
    "//server/share",
    "\\\\server\\share",
    "%2e%2e/secret.txt",
    "....//secret.txt",
];
