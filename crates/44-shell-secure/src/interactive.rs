//! 一行一个命令,直到 `bye` 或者输入结束。

use std::io::{self, IsTerminal, Write};

use anyhow::{anyhow, bail};

use crate::cli;
use crate::outlet::Outlet;
use crate::protocol::MAX_COMMAND;
use crate::remote::Remote;
use crate::reply::{Exit, Reply};

/// 逐条运行,直到 `bye` 或者输入结束。命令的标准输入是空的:这边打的字都是命令。
///
/// # Errors
/// 连接断了,标准输出写不了,或者有的行没有发出。
pub fn run(mut remote: Remote) -> anyhow::Result<()> {
    let (local, peer) = remote.receiver.addresses()?;
    cli::note(format_args!("从 {local} 连到 {peer}"));
    let (mut outlet, mut directory) = match remote.receiver.receive()? {
        Reply::Hello {
            encoding,
            directory,
        } => (Outlet::decoded(encoding)?, directory.to_owned()),
        _ => bail!("看不懂服务器说的:它没有先打招呼"),
    };
    let mut failures = 0;
    while let Some(line) = next_command(&directory)? {
        match checked(&line) {
            Ok(line) => {
                let exit = remote.run(line, None, &mut outlet, &mut directory)?;
                explain(exit);
            }
            // 一行不能发只影响它自己:报告,然后继续。
            Err(error) => {
                cli::report(&error);
                failures += 1;
            }
        }
    }
    match failures {
        0 => Ok(()),
        _ => bail!("有 {failures} 行没有发出"),
    }
}

/// 下一个命令;`bye` 和输入结束都是 `None`,空行跳过。
fn next_command(directory: &str) -> anyhow::Result<Option<Vec<u8>>> {
    loop {
        // 提示给坐在终端前的人;管道里的是程序,只要结果。
        if io::stdin().is_terminal() {
            let _ = io::stderr().write_all(format!("{directory}> ").as_bytes());
        }
        let line = cli::read_line()?;
        if line.is_none() {
            end_line();
        }
        let command = line.as_deref().map(<[u8]>::trim_ascii);
        if command != Some(b"") {
            return Ok(line.filter(|line| line.trim_ascii() != b"bye"));
        }
    }
}

/// 有人坐在终端前,光标停在一行的中间:换行。
pub fn end_line() {
    if io::stdin().is_terminal() && io::stderr().is_terminal() {
        cli::note("");
    }
}

/// 一行能不能发。PowerShell 会在管道开头加一个字节序标记(U+FEFF),不是用户打的,去掉。
fn checked(line: &[u8]) -> anyhow::Result<&str> {
    let text = str::from_utf8(line).map_err(|error| {
        let place = error.valid_up_to() + 1;
        anyhow!("这一行从第 {place} 个字节起不是 UTF-8,没有发出")
    })?;
    let text = text.trim_start_matches('\u{feff}');
    allowed(text)?;
    Ok(text)
}

/// 一个命令能不能发。
///
/// # Errors
/// 是空的,太长,或者带着 shell 收不到的字符。
pub fn allowed(line: &str) -> anyhow::Result<()> {
    if line.is_empty() {
        bail!("命令是空的,没有发出");
    }
    if line.len() > MAX_COMMAND {
        let length = line.len();
        bail!("这个命令有 {length} 字节,最多 {MAX_COMMAND} 字节,没有发出");
    }
    if line.contains('\0') {
        bail!("这个命令里有 \\0,没有发出");
    }
    Ok(())
}

/// 没有正常结束,就说一声。
pub fn explain(exit: Exit) {
    match exit {
        Exit::Code(0) => {}
        Exit::Code(code) => cli::note(format_args!("退出码 {code}")),
        Exit::Signal(signal) => cli::note(format_args!("被信号 {signal} 结束")),
        other => refused(other),
    }
}

/// 服务器替我们结束的,原因只有它知道:无论哪种用法都要说。
pub fn refused(exit: Exit) {
    match exit {
        Exit::Code(_) | Exit::Signal(_) => {}
        Exit::TimedOut(seconds) => {
            cli::note(format_args!("运行了 {seconds} 秒还没有结束,服务器结束了它"));
        }
        Exit::TooMuch(size) => {
            cli::note(format_args!("输出超过 {size} MiB,服务器结束了它"));
        }
        Exit::Refused => cli::note("服务器不许运行它"),
    }
}
