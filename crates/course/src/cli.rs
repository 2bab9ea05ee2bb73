//! 命令行。

use std::path::PathBuf;

use clap::error::{ContextKind, ErrorKind};
use clap::{Args, Parser, Subcommand};

use crate::error::usage;

/// 课程工具:列出阶段、演示、检查你的程序、比较两个阶段。
#[derive(Debug, Parser)]
#[command(
    name = "cargo course",
    bin_name = "cargo course",
    disable_help_subcommand = true
)]
pub struct Cli {
    /// 做什么;不写就列出全部阶段。
    #[command(subcommand)]
    pub command: Option<Task>,
}

/// 子命令。
#[derive(Debug, Subcommand)]
pub enum Task {
    /// 列出全部阶段
    List,
    /// 演示讲义里的会话:真的程序,按人读的速度
    Demo(DemoArgs),
    /// 检查一个程序(任何语言写的)是不是做到了某个阶段
    Check(CheckArgs),
    /// 比较两个阶段的源码;只写一个,就和它的上一阶段比
    Diff(DiffArgs),
    /// 核对讲义里的代码、差异、会话、链接和用词
    Notes(NotesArgs),
}

/// 编译好的程序从哪里来。
#[derive(Debug, Args)]
pub struct ProgramArgs {
    /// 用这个目录里编译好的程序,不编译
    #[arg(long, value_name = "目录")]
    pub bin_dir: Option<PathBuf>,
    /// 用这个命令运行课程程序,例如 wine64
    #[arg(long, value_name = "命令")]
    pub runner: Option<String>,
}

/// `demo` 的参数。
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// 演哪些阶段(udp-echo、13、13-udp-echo 都行);不写就每章演一个
    #[arg(value_name = "阶段")]
    pub stages: Vec<String>,
    /// 不停顿
    #[arg(long)]
    pub fast: bool,
    /// 程序从哪里来。
    #[command(flatten)]
    pub programs: ProgramArgs,
}

/// `check` 的参数。
#[derive(Debug, Args)]
#[command(
    override_usage = "cargo course check <阶段> [--role server|client] [--only 检查项] \
                            (--addr 地址 | -- 命令… {addr})"
)]
pub struct CheckArgs {
    /// 按哪个阶段检查
    #[arg(value_name = "阶段")]
    pub stage: String,
    /// 检查的是服务器还是客户端
    #[arg(long, value_name = "角色", value_parser = ["server", "client", "tool"])]
    pub role: Option<String>,
    /// 只做这一项检查
    #[arg(long, value_name = "检查项")]
    pub only: Option<String>,
    /// 检查已经在这个地址运行的程序
    #[arg(
        long,
        value_name = "地址",
        required_unless_present = "command",
        conflicts_with = "command"
    )]
    pub addr: Option<String>,
    /// 启动程序的命令;其中的 {addr} 换成检查用的地址,下载的检查还有 {dir}(它的目录)和 {file}(要下载的文件名)
    #[arg(last = true, value_name = "命令")]
    pub command: Vec<String>,
}

/// `diff` 的参数。
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// 旧的阶段;只写一个阶段时,它是新的
    #[arg(value_name = "阶段")]
    pub first: String,
    /// 新的阶段
    #[arg(value_name = "新阶段")]
    pub second: Option<String>,
    /// 每个文件只说改了几行
    #[arg(long)]
    pub stat: bool,
}

/// `notes` 的参数。
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("mode").required(true))]
pub struct NotesArgs {
    /// 核对,有不符就列出来
    #[arg(long, group = "mode")]
    pub check: bool,
    /// 把变了的代码、差异、帮助和表重写一遍,再核对
    #[arg(long, group = "mode")]
    pub fix: bool,
    /// 只核对会话
    #[arg(long, conflicts_with_all = ["no_sessions", "fix"])]
    pub sessions_only: bool,
    /// 不核对会话
    #[arg(long)]
    pub no_sessions: bool,
    /// 程序从哪里来。
    #[command(flatten)]
    pub programs: ProgramArgs,
    /// 哪几篇(文件或阶段);不写就是全部讲义和 README
    #[arg(value_name = "讲义")]
    pub notes: Vec<String>,
}

impl Cli {
    /// 命令行里提到的阶段。
    #[must_use]
    pub fn stages(&self) -> Vec<&str> {
        match &self.command {
            Some(Task::Demo(demo)) => demo.stages.iter().map(String::as_str).collect(),
            Some(Task::Check(check)) => vec![&check.stage],
            Some(Task::Diff(diff)) => {
                let names = [Some(&diff.first), diff.second.as_ref()];
                names.into_iter().flatten().map(String::as_str).collect()
            }
            Some(Task::List | Task::Notes(_)) | None => Vec::new(),
        }
    }
}

/// `clap` 的用法错误,换成中文的说法。
#[must_use]
pub fn usage_error(error: &clap::Error) -> anyhow::Error {
    let part = |kind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    let argument = part(ContextKind::InvalidArg);
    let value = part(ContextKind::InvalidValue);
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
        ErrorKind::ArgumentConflict => {
            format!("{argument} 不能和 {} 一起写", part(ContextKind::PriorArg))
        }
        _ => error.to_string().trim_end().to_owned(),
    };
    let likely = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg]
        .map(part)
        .concat();
    let valid = part(ContextKind::ValidValue);
    let hint = match (likely.is_empty(), valid.is_empty()) {
        (false, _) => format!("是不是 {likely}?"),
        (true, false) => format!("可以是 {valid}"),
        (true, true) => "加上 --help 看用法".to_owned(),
    };
    usage(text, hint)
}

/// `clap` 的帮助里写死的几个英文词,换成中文。
#[must_use]
pub fn in_chinese(help: &str) -> String {
    [
        ("Usage:", "用法:"),
        ("Commands:", "命令:"),
        ("Arguments:", "参数:"),
        ("Options:", "选项:"),
        ("[OPTIONS]", "[选项]"),
        ("[COMMAND]", "[命令]"),
        ("<--check|--fix>", "(--check | --fix)"),
        ("[possible values: ", "[可选:"),
        ("Print help", "显示帮助"),
    ]
    .iter()
    .fold(help.to_owned(), |text, (english, chinese)| {
        text.replace(english, chinese)
    })
}
