//! 客户端:连上服务器,一行一个命令;或者只运行一个,像它就在本机一样。

use std::process::ExitCode;
use std::time::Duration;

use common::addr::Address;

use crate::cli;
use crate::interactive;
use crate::interrupt::Interrupt;
use crate::link::connect;
use crate::outlet::Outlet;
use crate::remote::Remote;
use crate::reply::Exit;
use crate::stdin;

/// 只运行一个时,自己出了错的退出码:不和那边命令的混在一起,ssh(1) 也用它。
const FAILED: u8 = 255;

/// 运行得太久:和 timeout(1) 一样。
const TIMED_OUT: u8 = 124;

/// 输出太多。
const TOO_MUCH: u8 = 125;

/// 不许运行:和 shell 遇到不能执行的文件时一样。
const REFUSED: u8 = 126;

/// `command` 是空的就一行一个,否则只运行它。没有给的地址会问。
///
/// # Errors
/// 一行一个时:连不上,连接断了,有的行没有发出。只运行一个时,错误已经报告了。
pub fn run(
    server: Option<Address>,
    timeout: Duration,
    command: &[String],
) -> anyhow::Result<ExitCode> {
    let interrupt = Interrupt::watch()?;
    let Some(server) = cli::address_or_ask(server, "请输入服务器地址:")? else {
        return Ok(ExitCode::SUCCESS);
    };
    let link = || {
        let (sender, receiver) = connect(&server, timeout)?;
        anyhow::Ok(Remote {
            sender,
            receiver,
            interrupt,
        })
    };
    if command.is_empty() {
        interactive::run(link()?)?;
        return Ok(ExitCode::SUCCESS);
    }
    match link().and_then(|remote| run_one(remote, command)) {
        Ok(exit) => Ok(ExitCode::from(code(exit))),
        Err(error) if error.is::<cli::OutputClosed>() => Ok(ExitCode::SUCCESS),
        Err(error) => {
            cli::report(&error);
            Ok(ExitCode::from(FAILED))
        }
    }
}

/// 只运行一个:几个词用空格接成一行,由那边的 shell 去拆,和 ssh 一样。
fn run_one(mut remote: Remote, words: &[String]) -> anyhow::Result<Exit> {
    let line = words.join(" ");
    interactive::allowed(&line)?;
    let input = match stdin::look() {
        // 已经到了末尾:没有什么可送。
        Some(first) if first.is_empty() => None,
        first => Some(first.unwrap_or_default()),
    };
    let exit = remote.run(&line, input, &mut Outlet::exact()?, &mut String::new())?;
    interactive::refused(exit);
    Ok(exit)
}

/// 那边怎样结束的,换成自己的退出码。
fn code(exit: Exit) -> u8 {
    match exit {
        // Windows 的退出码有 32 位:放不下的也不能变成 0。
        Exit::Code(code) => u8::try_from(code).unwrap_or(u8::MAX),
        // 被信号结束是 128 + 信号,和 shell 一样。
        Exit::Signal(signal) => u8::try_from(signal.saturating_add(128)).unwrap_or(u8::MAX),
        Exit::TimedOut(_) => TIMED_OUT,
        Exit::TooMuch(_) => TOO_MUCH,
        Exit::Refused => REFUSED,
    }
}
