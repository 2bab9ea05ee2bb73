//! 命令的内存上限,和不由 shell 解释的程序怎样启动。
//!
//! 上限是 RLIMIT_AS(setrlimit(2)),要在命令自己的进程里、`exec` 以前设。标准库要做到这件事只有 `pre_exec`,
//! 它是 unsafe;启动以后再从外面设(prlimit(2)),命令已经跑了一会儿,先分出去的进程就漏掉了。
//! shell 自己会设:`ulimit -v`。反正每个命令都要启动一个 shell,不多花什么。

use std::path::Path;
use std::process::Command;

/// 一个进程最多用多少内存。
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// MiB,地址空间;0 是不限。
    mebibytes: u32,
}

impl Memory {
    /// 最多 `mebibytes` MiB;0 是不限。
    pub const fn new(mebibytes: u32) -> Self {
        Self { mebibytes }
    }

    /// 在命令行 `line` 前面加上限。
    ///
    /// 接在同一行上:shell 报告的行号不变。不认得 `-v` 的系统(macOS)上不起作用;Windows 上没有 `ulimit`。
    pub fn limit(self, line: &str) -> String {
        match self.mebibytes {
            0 => line.to_owned(),
            _ if cfg!(windows) => line.to_owned(),
            _ => format!("ulimit -v {} 2>/dev/null; {line}", self.kibibytes()),
        }
    }

    fn kibibytes(self) -> String {
        (u64::from(self.mebibytes) << 10).to_string()
    }
}

/// 程序 `path`,参数原样给它,自成一组。
///
/// 设上限的 shell 只看得到这里写死的一句;客户写的都是它的参数,它不解释,马上换成那个程序(execve(2))。
#[cfg(unix)]
pub fn program(path: &Path, arguments: &[String], memory: Memory) -> Command {
    use std::os::unix::process::CommandExt;

    let mut command = Command::new("/bin/sh");
    command
        .arg("-c")
        .arg(r#"[ "$0" = 0 ] || ulimit -v "$0" 2>/dev/null; exec "$@""#)
        .arg(memory.kibibytes())
        .arg(path)
        .args(arguments)
        .process_group(0);
    command
}

/// 程序 `path`,参数原样给它。
#[cfg(windows)]
pub fn program(path: &Path, arguments: &[String], _memory: Memory) -> Command {
    let mut command = Command::new(path);
    command.args(arguments);
    command
}
