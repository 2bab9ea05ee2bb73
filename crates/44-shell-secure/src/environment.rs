//! 命令的环境变量:只给它要用的几个。服务器自己的环境里可能有口令、密钥、别的服务的地址,它都看不到。

use std::env;
use std::ffi::OsString;
use std::process::Command;

/// 给命令的环境变量:找程序、找家、说什么话、什么时区。
#[cfg(unix)]
const KEPT: &[&str] = &[
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "PWD",
];

/// Windows 的程序没有 SystemRoot 就启动不了。
#[cfg(windows)]
const KEPT: &[&str] = &[
    "PATH",
    "PATHEXT",
    "SystemRoot",
    "SystemDrive",
    "windir",
    "ComSpec",
    "TEMP",
    "TMP",
    "USERPROFILE",
    "USERNAME",
    "HOMEDRIVE",
    "HOMEPATH",
    "ProgramFiles",
    "ProgramData",
];

/// 只留 [`KEPT`] 里的,和已经为 `command` 单独设的。
pub fn clean(command: &mut Command) {
    let own: Vec<(OsString, OsString)> = command
        .get_envs()
        .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
        .collect();
    let kept = KEPT
        .iter()
        .filter_map(|name| Some((name, env::var_os(name)?)));
    command.env_clear().envs(kept).envs(own);
}
