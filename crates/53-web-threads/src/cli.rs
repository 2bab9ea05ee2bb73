//! 命令行与终端:中文的用法错误、缺地址时的提问、结果和错误的打印。

// 每个阶段都是同一份,比较两个阶段时看不到它;用到几个函数,各阶段不一样。
#![allow(dead_code)]

use std::fmt;
use std::io::{self, BufRead, Read, Write};
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use clap::error::{ContextKind, ErrorKind};
use common::addr::{AddrError, Address};

/// 一行输入最多这么多字节:比最大的数据报大一个量级,又不会让一个没有换行的大文件占满内存。
const MAX_LINE: usize = 1 << 20;

/// 读懂命令行;读不懂就说明哪里不对,以退出码 2 结束。
pub fn parse<C: Parser>() -> C {
    C::try_parse().unwrap_or_else(|error| {
        if error.use_stderr() {
            report(&usage(&error));
            std::process::exit(2);
        }
        let _ = write!(io::stdout(), "{}", in_chinese(&error.to_string()));
        std::process::exit(0);
    })
}

/// 用法错误,换成中文。`clap` 的错误带着「哪个参数、什么值」,这里只换说法。
fn usage(error: &clap::Error) -> anyhow::Error {
    let part = |kind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    let argument = part(ContextKind::InvalidArg);
    let value = part(ContextKind::InvalidValue);
    let source = std::error::Error::source(error);
    if let Some(mistake) = source.and_then(|source| source.downcast_ref::<AddrError>()) {
        let text = format!("看不懂 {argument}:{mistake}");
        let hint = mistake.hint();
        return anyhow::Error::new(Hinted { text, hint });
    }
    let text = match error.kind() {
        ErrorKind::UnknownArgument => format!("没有 {argument} 这个参数"),
        ErrorKind::InvalidSubcommand => {
            format!("没有 {} 这个命令", part(ContextKind::InvalidSubcommand))
        }
        ErrorKind::InvalidValue if value.is_empty() => format!("{argument} 还缺一个值"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            format!("{argument} 不能是 {value}")
        }
        ErrorKind::MissingRequiredArgument => format!("还缺 {argument}"),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "还缺一个命令".to_owned()
        }
        ErrorKind::InvalidUtf8 => "有一个参数不是 UTF-8,读不懂".to_owned(),
        ErrorKind::ArgumentConflict => format!("{argument} 只能写一次,或者不能和别的一起写"),
        _ => error.to_string(),
    };
    let likely = part(ContextKind::SuggestedArg) + &part(ContextKind::SuggestedSubcommand);
    let valid = part(ContextKind::ValidValue) + &part(ContextKind::ValidSubcommand);
    let hint = match (likely.is_empty(), valid.is_empty()) {
        (false, _) => format!("是不是 {likely}?"),
        (true, false) => format!("可以是 {valid}"),
        (true, true) => "加上 --help 看用法".to_owned(),
    };
    anyhow::Error::new(Hinted { text, hint })
}

/// `clap` 的帮助里写死的几个英文词。
fn in_chinese(help: &str) -> String {
    [
        ("Usage:", "用法:"),
        ("Commands:", "命令:"),
        ("Arguments:", "参数:"),
        ("Options:", "选项:"),
        ("[OPTIONS]", "[选项]"),
        ("<COMMAND>", "<命令>"),
        ("[default: ", "[默认:"),
        ("[possible values: ", "[可选:"),
        (
            "Print this message or the help of the given subcommand(s)",
            "显示这个命令的帮助",
        ),
        ("Print help", "显示帮助"),
    ]
    .iter()
    .fold(help.to_owned(), |text, (english, chinese)| {
        text.replace(english, chinese)
    })
}

/// 命令行里给了地址就用它;没有给就问,直到问到一个看得懂的。输入结束了是 `None`。
pub fn address_or_ask(given: Option<Address>, question: &str) -> anyhow::Result<Option<Address>> {
    if given.is_some() {
        return Ok(given);
    }
    loop {
        print(question)?;
        let Some(line) = read_line()? else {
            return Ok(None);
        };
        match String::from_utf8_lossy(&line).parse::<Address>() {
            Ok(address) => return Ok(Some(address)),
            Err(mistake) => report(&mistake.into()),
        }
    }
}

/// 从标准输入读一行,不含行尾的换行(`\n` 或 Windows 的 `\r\n`)。输入结束了是 `None`。
///
/// 给的是原始字节:终端里打的字一定是 UTF-8,管道里来的却可能是任何编码。
pub fn read_line() -> anyhow::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let mut input = io::stdin().lock().take(MAX_LINE as u64);
    input
        .read_until(b'\n', &mut line)
        .context("读标准输入失败")?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.len() == MAX_LINE && !line.ends_with(b"\n") {
        let text = format!("有一行超过 {MAX_LINE} 字节,从这一行起都没有处理");
        let hint = "分成几行再试".to_owned();
        return Err(anyhow::Error::new(Hinted { text, hint }));
    }
    if line.ends_with(b"\n") {
        line.pop();
        line.pop_if(|byte| *byte == b'\r');
    }
    Ok(Some(line))
}

/// 打印一行结果到标准输出,马上送出去。
pub fn print_line(text: impl fmt::Display) -> anyhow::Result<()> {
    print(format_args!("{text}\n"))
}

/// 打印一段,不换行,马上送出去。
pub fn print(text: impl fmt::Display) -> anyhow::Result<()> {
    // 先凑成一整段再写:长的一行也只写一次,读的人不会看到半行。
    let text = text.to_string();
    let mut output = io::stdout().lock();
    let written = output.write_all(text.as_bytes());
    let written = written.and_then(|()| output.flush());
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(OutputClosed.into()),
        written => written.context("写标准输出失败"),
    }
}

/// 打印一行说明到标准错误:不是结果,只是告诉坐在终端前的人。
pub fn note(text: impl fmt::Display) {
    // 标准错误不缓冲:先凑成一整行再写,别的线程的输出就不会插进来。它也关了,就没有人可以告诉了。
    let _ = io::stderr().write_all(format!("{text}\n").as_bytes());
}

/// 程序的结局换成退出码:0 正常,1 出错。
pub fn finish(result: anyhow::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<OutputClosed>() => ExitCode::SUCCESS,
        Err(error) => {
            report(&error);
            ExitCode::FAILURE
        }
    }
}

/// 打印一个错误:先说哪里不对,有办法的话再说怎么办。
pub fn report(error: &anyhow::Error) {
    let causes: Vec<String> = error.chain().map(describe).collect();
    note(format_args!("错误:{}", causes.join(":")));
    if let Some(hint) = error.chain().find_map(hint) {
        note(format_args!("提示:{hint}"));
    }
}

fn describe(cause: &(dyn std::error::Error + 'static)) -> String {
    let Some(error) = cause.downcast_ref::<io::Error>() else {
        return cause.to_string();
    };
    match (system_error(error), error.raw_os_error()) {
        (Some((text, _)), Some(code)) => format!("{text}(系统错误 {code})"),
        (Some((text, _)), None) => text.to_owned(),
        (None, _) => format!("系统说「{error}」"),
    }
}

fn hint(cause: &(dyn std::error::Error + 'static)) -> Option<String> {
    if let Some(mistake) = cause.downcast_ref::<AddrError>() {
        return Some(mistake.hint());
    }
    if let Some(hinted) = cause.downcast_ref::<Hinted>() {
        return Some(hinted.hint.clone());
    }
    let error = cause.downcast_ref::<io::Error>()?;
    system_error(error).map(|(_, hint)| hint.to_owned())
}

/// 操作系统最常见的几种网络错误:是什么,怎么办(errno(3))。
fn system_error(error: &io::Error) -> Option<(&'static str, &'static str)> {
    // 标准库没有给它名字:Unix 的 EMFILE、ENFILE,Windows 的 WSAEMFILE。
    let exhausted = if cfg!(windows) { [10024, 4] } else { [24, 23] };
    if error
        .raw_os_error()
        .is_some_and(|code| exhausted.contains(&code))
    {
        return Some((
            "打开的文件和连接太多了",
            "关掉一些,或者提高上限(Unix 上是 ulimit -n)",
        ));
    }
    Some(match error.kind() {
        io::ErrorKind::AddrInUse => ("地址已被占用", "换一个端口,或者先结束占用它的程序"),
        io::ErrorKind::AddrNotAvailable => (
            "这个 IP 地址不是本机的",
            "监听用 127.0.0.1(只限本机)或 0.0.0.0(所有网卡)",
        ),
        io::ErrorKind::PermissionDenied => (
            "没有权限",
            "文件:看看它允许谁读写;端口:1024 以下的要管理员,换一个大的;目标是广播地址时也会这样",
        ),
        io::ErrorKind::ConnectionRefused => {
            ("对方那个端口上没有程序", "先启动服务器,再核对地址和端口")
        }
        io::ErrorKind::ConnectionReset => ("对方中断了连接", "看看对方的程序是不是退出了"),
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionAborted => {
            ("连接已经断了", "看看对方的程序是不是退出了")
        }
        // 到了期限:Unix 报 WouldBlock,Windows 报 TimedOut。
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => (
            "等了很久,对方没有回应",
            "核对地址;对方可能没有开机、被防火墙挡住,或者正忙着",
        ),
        io::ErrorKind::NotFound => ("没有这个文件或目录", "核对路径"),
        io::ErrorKind::IsADirectory => ("它是一个目录", "写一个文件名"),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            ("磁盘满了", "腾出一些空间再试")
        }
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable => {
            ("到对方的网络不通", "核对地址,看看网线或 Wi-Fi")
        }
        _ => return None,
    })
}

/// 自带办法的错误。
#[derive(Debug)]
pub struct Hinted {
    /// 哪里不对。
    pub text: String,
    /// 怎么办。
    pub hint: String,
}

impl fmt::Display for Hinted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Hinted {}

/// 标准输出的另一头不读了(例如 `| head -1`):没有人要结果了,安静地结束。
#[derive(Debug)]
pub struct OutputClosed;

impl fmt::Display for OutputClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("标准输出已经关闭")
    }
}

impl std::error::Error for OutputClosed {}
