//! `cargo course`:课程工具的入口。

use std::io::{self, Write};
use std::path::absolute;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use check::judge::{self, Request, Target};
use clap::Parser;
use course::cli::{CheckArgs, Cli, DemoArgs, DiffArgs, NotesArgs, ProgramArgs, Task};
use course::error::{Hinted, hint, is_closed_pipe};
use course::ladder::Ladder;
use course::programs::{Programs, Source};
use course::workspace::Workspace;
use course::{cli, demo, diff, names, notes};

/// 按了 Ctrl-C。
static CANCELLED: AtomicBool = AtomicBool::new(false);

fn main() -> ExitCode {
    let done = match Cli::try_parse() {
        Ok(cli) => run(cli),
        Err(error) if error.use_stderr() => Err(cli::usage_error(&error)),
        Err(help) => print_help(&help),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // 按了 Ctrl-C、读输出的人走了:都不算出错,安静地结束。
        Err(_) if CANCELLED.load(Ordering::Relaxed) => ExitCode::SUCCESS,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => report(&error),
    }
}

/// 做命令行里说的事;`false` 是做完了,但结果是「不通过」。
fn run(cli: Cli) -> anyhow::Result<bool> {
    let workspace = Workspace::find()?;
    let ladder = Ladder::read(&workspace)?;
    match cli.command.unwrap_or(Task::List) {
        Task::List => {
            io::stdout().write_all(ladder.table().as_bytes())?;
            Ok(true)
        }
        Task::Demo(arguments) => run_demo(&workspace, &ladder, &arguments),
        Task::Check(arguments) => run_check(&ladder, arguments),
        Task::Diff(arguments) => run_diff(&workspace, &ladder, &arguments),
        Task::Notes(arguments) => run_notes(&workspace, &ladder, &arguments),
    }
}

fn run_demo(workspace: &Workspace, ladder: &Ladder, arguments: &DemoArgs) -> anyhow::Result<bool> {
    stop_on_ctrl_c()?;
    let mut programs = programs(workspace, ladder, &arguments.programs)?;
    let style = demo::Style {
        fast: arguments.fast,
        coloured: demo::coloured(),
        cancelled: &CANCELLED,
    };
    let stages = &arguments.stages;
    demo::run(
        workspace,
        ladder,
        &mut programs,
        stages,
        style,
        &mut io::stdout(),
    )?;
    Ok(true)
}

fn run_check(ladder: &Ladder, arguments: CheckArgs) -> anyhow::Result<bool> {
    // 检查停在等待里,叫不醒:结束它启动的程序,然后直接退出。
    ctrlc::set_handler(|| {
        check::end_all();
        std::process::exit(0);
    })
    .context("设置 Ctrl-C 失败")?;
    let stage = names::find(ladder, &arguments.stage)?;
    let target = match arguments.addr {
        Some(addr) => Target::Addr(addr),
        None => Target::Command(arguments.command),
    };
    let request = Request {
        stage: stage.package.clone(),
        role: arguments.role,
        only: arguments.only,
        target,
    };
    judge::run(&request, &mut io::stdout())
}

fn run_diff(workspace: &Workspace, ladder: &Ladder, arguments: &DiffArgs) -> anyhow::Result<bool> {
    let (from, to) = diff::choose(ladder, &arguments.first, arguments.second.as_deref())?;
    let diffs = diff::between(workspace, ladder, from, to)?;
    diff::print(
        &diffs,
        arguments.stat,
        demo::coloured(),
        &mut io::stdout().lock(),
    )?;
    Ok(true)
}

fn run_notes(
    workspace: &Workspace,
    ladder: &Ladder,
    arguments: &NotesArgs,
) -> anyhow::Result<bool> {
    stop_on_ctrl_c()?;
    let mut programs = programs(workspace, ladder, &arguments.programs)?;
    let options = notes::Options {
        fix: arguments.fix,
        excerpts: !arguments.sessions_only,
        sessions: !arguments.no_sessions,
        strict: std::env::var_os("COURSE_STRICT").is_some_and(|value| value == "1"),
        deadline: demo::DEADLINE,
        cancelled: &CANCELLED,
    };
    let report = notes::run(workspace, ladder, &mut programs, &options, &arguments.notes)?;
    write!(io::stdout(), "{report}")?;
    Ok(report.passed())
}

fn programs<'a>(
    workspace: &'a Workspace,
    ladder: &'a Ladder,
    arguments: &ProgramArgs,
) -> anyhow::Result<Programs<'a>> {
    let source = match &arguments.bin_dir {
        Some(directory) => Source::Directory(absolute(directory)?),
        None => Source::Build,
    };
    Ok(Programs::new(
        workspace,
        ladder,
        source,
        arguments.runner.clone(),
    ))
}

/// Ctrl-C 之后不再往下演;正在演的会话结束它启动的程序,再返回。
fn stop_on_ctrl_c() -> anyhow::Result<()> {
    ctrlc::set_handler(|| CANCELLED.store(true, Ordering::Relaxed)).context("收不到 Ctrl-C")
}

fn print_help(help: &clap::Error) -> anyhow::Result<bool> {
    write!(io::stdout(), "{}", cli::in_chinese(&help.to_string()))?;
    Ok(true)
}

/// 说出错误和提示;返回退出码:2 是命令写错了,1 是没有做成。
fn report(error: &anyhow::Error) -> ExitCode {
    let hinted = hint(error);
    // 标准错误也关了,就没有人可以告诉了。
    let _ = writeln!(io::stderr(), "错误:{error:#}");
    if let Some(hinted) = hinted {
        let _ = writeln!(io::stderr(), "提示:{}", hinted.hint());
    }
    ExitCode::from(if hinted.is_some_and(Hinted::is_usage) {
        2
    } else {
        1
    })
}
