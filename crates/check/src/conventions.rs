//! 每个阶段都遵守的约定:帮助、用法错误、监听的第一行、缺地址时的提问、Ctrl-C、关掉的输出。

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, bail, ensure};

use crate::exam::{PATIENCE, free_port};
use crate::ladder::{self, Role, Stage};
use crate::terminal::Terminal;

/// 没有遵守的约定,每条一段说明。
pub fn broken(package: &str, binary: &str) -> Vec<String> {
    let mut roles: Vec<(Role, Stage)> = Vec::new();
    for line in ladder::lines_of(package) {
        // `--` 后面的是交给别人的命令,那样运行的客户端不问地址。
        let whole = |stage: &&Stage| stage.name == package && !stage.args.contains(&"--");
        for stage in line.stages.iter().filter(whole) {
            if !roles.iter().any(|(role, _)| *role == line.role) {
                roles.push((line.role, *stage));
            }
        }
    }
    let mut problems = Vec::new();
    // 要一个目录的程序,给它一个空的。
    let directory = match tempfile::tempdir() {
        Ok(directory) => directory,
        Err(error) => return vec![format!("约定 · 没有临时目录:{error}\n")],
    };
    let temporary = directory.path().to_string_lossy().into_owned();
    for (role, stage) in roles {
        let program = Program {
            binary,
            role,
            words: stage
                .args
                .iter()
                .filter(|word| !word.contains("{addr}") && !word.contains("{file}"))
                .map(|word| word.replace("{dir}", &temporary))
                .collect(),
        };
        // 地址是选项的客户端(dns-query --server),不写地址也不问。
        let positional = stage.args.contains(&"{addr}");
        for (what, check) in checks(role, positional) {
            if let Err(error) = check(&program) {
                problems.push(format!(
                    "约定 · {}{what}\n  不对  {error:#}\n",
                    role.title()
                ));
            }
        }
    }
    problems
}

type Check = fn(&Program) -> anyhow::Result<()>;

fn checks(role: Role, positional: bool) -> Vec<(&'static str, Check)> {
    let mut checks: Vec<(&str, Check)> = vec![
        ("的帮助是中文", help_is_chinese),
        ("说明不认识的选项", unknown_option),
        ("的输出被关掉时安静地结束", closed_output),
    ];
    if role != Role::Tool && positional {
        checks.push(("说明写错的地址", mistyped_address));
    }
    match role {
        Role::Tool => checks.push(("说明看不懂的参数", mistyped_argument)),
        Role::Server => {
            checks.push(("先打印监听的地址,Ctrl-C 安静地结束", announces));
            checks.push(("说明端口被占用", port_taken));
        }
        Role::Client if !positional => {}
        Role::Client => {
            checks.push(("没有地址时会问,输入结束就结束", asks));
            checks.push(("在提问时按 Ctrl-C 安静地结束", interrupted));
        }
    }
    checks
}

/// 被检查的程序:路径、角色,和地址之前的参数(例如 `server`)。
struct Program<'a> {
    binary: &'a str,
    role: Role,
    words: Vec<String>,
}

impl Program<'_> {
    fn start(&self, arguments: &[&str]) -> anyhow::Result<Terminal> {
        let mut argv = vec![self.binary.to_owned()];
        argv.extend(self.words.iter().cloned());
        argv.extend(arguments.iter().map(|word| (*word).to_owned()));
        Terminal::start_split(&argv)
    }

    /// 运行到结束:退出码、标准输出、标准错误。
    fn finish(&self, arguments: &[&str]) -> anyhow::Result<Finished> {
        let mut terminal = self.start(arguments)?;
        terminal.end_input();
        finish(&mut terminal)
    }
}

struct Finished {
    code: Option<i32>,
    output: String,
    errors: String,
}

fn finish(terminal: &mut Terminal) -> anyhow::Result<Finished> {
    let deadline = Instant::now() + PATIENCE;
    let status = terminal.wait(deadline)?.context("程序没有结束")?;
    terminal.output().wait_end(deadline)?;
    terminal.errors().wait_end(deadline)?;
    Ok(Finished {
        code: status.code(),
        output: String::from_utf8(terminal.output().take_unread())?,
        errors: String::from_utf8(terminal.errors().take_unread())?,
    })
}

fn help_is_chinese(program: &Program) -> anyhow::Result<()> {
    let finished = program.finish(&["--help"])?;
    let Finished { code, output, .. } = finished;
    ensure!(code == Some(0), "--help 的退出码是 {code:?}");
    ensure!(output.contains("用法:"), "--help 没有用法:{output}");
    for word in [
        "Usage",
        "Options",
        "Print",
        "default",
        "ossible values",
        "see ",
    ] {
        ensure!(!output.contains(word), "--help 里还有英文 {word}:{output}");
    }
    Ok(())
}

fn unknown_option(program: &Program) -> anyhow::Result<()> {
    wrong_usage(&program.finish(&["--no-such-option"])?, "--no-such-option")
}

fn mistyped_address(program: &Program) -> anyhow::Result<()> {
    wrong_usage(&program.finish(&["127.0.0.1"])?, "127.0.0.1:8080")
}

/// 工具的参数不是地址:看不懂就说出来,退出码 1 或 2。
fn mistyped_argument(program: &Program) -> anyhow::Result<()> {
    let Finished {
        code,
        output,
        errors,
    } = program.finish(&["看不懂的参数"])?;
    ensure!(
        matches!(code, Some(1 | 2)),
        "退出码应当是 1 或 2,却是 {code:?}"
    );
    ensure!(output.is_empty(), "错误打印到了标准输出:{output}");
    ensure!(
        errors.starts_with("错误:") && errors.contains("\n提示:"),
        "标准错误应当有「错误:」和「提示:」:{errors}"
    );
    Ok(())
}

fn wrong_usage(finished: &Finished, mentioned: &str) -> anyhow::Result<()> {
    let Finished {
        code,
        output,
        errors,
    } = finished;
    ensure!(*code == Some(2), "用法错误的退出码应当是 2,却是 {code:?}");
    ensure!(output.is_empty(), "错误打印到了标准输出:{output}");
    ensure!(
        errors.starts_with("错误:") && errors.contains("\n提示:") && errors.contains(mentioned),
        "标准错误应当有「错误:」「提示:」和 {mentioned}:{errors}"
    );
    Ok(())
}

/// 第一次写标准输出就发现没有人读:和 `| head -0` 一样。
fn closed_output(program: &Program) -> anyhow::Result<()> {
    let (reader, writer) = io::pipe()?;
    drop(reader);
    // 服务器第一次写的是监听的地址,客户端是提问;工具没有参数就没有结果,看帮助。
    let argument = match program.role {
        Role::Server => Some("127.0.0.1:0"),
        Role::Client => None,
        Role::Tool => Some("--help"),
    };
    let mut child = Command::new(program.binary)
        .args(&program.words)
        .args(argument)
        .stdin(Stdio::null())
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()?;
    let deadline = Instant::now() + PATIENCE;
    while child.try_wait()?.is_none() {
        if Instant::now() >= deadline {
            child.kill()?;
            child.wait()?;
            bail!("输出已经关掉,程序却没有结束");
        }
        std::thread::park_timeout(std::time::Duration::from_millis(5));
    }
    let finished = child.wait_with_output()?;
    let errors = String::from_utf8_lossy(&finished.stderr).into_owned();
    ensure!(
        finished.status.success() && errors.is_empty(),
        "应当安静地结束,却是 {}:{errors}",
        finished.status
    );
    Ok(())
}

fn announces(program: &Program) -> anyhow::Result<()> {
    let mut terminal = program.start(&["127.0.0.1:0"])?;
    let line = terminal.output().read_line(Instant::now() + PATIENCE)?;
    let line = String::from_utf8_lossy(&line).into_owned();
    let port = line.strip_prefix("监听 127.0.0.1:").unwrap_or_default();
    ensure!(
        port.parse::<u16>().is_ok_and(|port| port != 0),
        "第一行应当是「监听 127.0.0.1:真正的端口」,却是「{line}」"
    );
    ends_quietly(&mut terminal)
}

/// 按 Ctrl-C:退出码 0,不再打印什么。Windows 上没有能发给别的进程的 Ctrl-C,不检查。
fn ends_quietly(terminal: &mut Terminal) -> anyhow::Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    terminal.interrupt()?;
    let Finished {
        code,
        output,
        errors,
    } = finish(terminal)?;
    ensure!(code == Some(0), "Ctrl-C 以后退出码应当是 0,却是 {code:?}");
    // 危险的服务器一启动就警告,和 Ctrl-C 无关。
    let mut said = errors.lines().filter(|line| !line.starts_with("警告:"));
    ensure!(
        output.is_empty() && said.next().is_none(),
        "Ctrl-C 以后又打印了:{output}{errors}"
    );
    Ok(())
}

fn port_taken(program: &Program) -> anyhow::Result<()> {
    // 这一阶段用的是 UDP 还是 TCP 都一样:两个都占住。
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?));
    let _udp = UdpSocket::bind(address)?;
    let _tcp = TcpListener::bind(address)?;
    let finished = program.finish(&[&address.to_string()])?;
    let Finished { code, errors, .. } = finished;
    ensure!(code == Some(1), "退出码应当是 1,却是 {code:?}");
    ensure!(
        errors.contains("占用") && errors.contains("\n提示:"),
        "没有说清楚端口被占用:{errors}"
    );
    Ok(())
}

fn asks(program: &Program) -> anyhow::Result<()> {
    let mut terminal = program.start(&[])?;
    terminal.type_line("127.0.0.1");
    terminal.end_input();
    let Finished {
        code,
        output,
        errors,
    } = finish(&mut terminal)?;
    ensure!(code == Some(0), "输入结束,退出码应当是 0,却是 {code:?}");
    ensure!(
        output.matches("请输入").count() == 2 && output.ends_with("地址:"),
        "应当问两次「请输入……地址:」:{output}"
    );
    ensure!(
        errors.contains("127.0.0.1:8080"),
        "没有说明写错的地址:{errors}"
    );
    Ok(())
}

fn interrupted(program: &Program) -> anyhow::Result<()> {
    let mut terminal = program.start(&[])?;
    terminal
        .output()
        .wait_for(Instant::now() + PATIENCE, |unread, _| {
            unread
                .ends_with("地址:".as_bytes())
                .then_some((unread.len(), ()))
        })?;
    ends_quietly(&mut terminal)
}
