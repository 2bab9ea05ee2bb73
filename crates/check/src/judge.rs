//! 检查学生自己的程序:任何语言写的都行,只看它在网线上的表现。

use std::io::Write;
use std::time::Duration;

use anyhow::{Context, bail};
use common::addr::Address;

use crate::exam::{self, Stop};
use crate::ladder::{self, Case, Expectation, Line, Role};
use crate::stage;

/// 学生的程序每一步最多等这么久:本机上的一次往返不到一毫秒,三秒不会冤枉谁。
const PATIENCE: Duration = Duration::from_secs(3);

/// 检查谁。
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// 一个已经在运行的服务器的地址。
    Addr(String),
    /// 启动它的命令和参数;`{addr}` 换成地址。
    Command(Vec<String>),
}

/// 一次检查的要求。
#[derive(Debug, Clone)]
pub struct Request {
    /// 照哪一阶段检查,例如 `udp-echo`。
    pub stage: String,
    /// `server` 或 `client`;不写就看这一阶段有什么角色,两个都有就是服务器。
    pub role: Option<String>,
    /// 只做这一条。
    pub only: Option<String>,
    /// 检查谁。
    pub target: Target,
}

/// 逐条检查,把报告写到 `report`;全部通过(跳过的不算)是 `true`。
///
/// # Errors
/// 没有这个阶段、角色或检查;地址看不懂;报告写不出去;一条检查做不成。
pub fn run(request: &Request, report: &mut dyn Write) -> anyhow::Result<bool> {
    let line = choose(request)?;
    let target = target(&request.target, line.role)?;
    let cases = cases(line, request)?;
    writeln!(
        report,
        "按 {} 检查{},共 {} 条",
        request.stage,
        line.role.title(),
        cases.len()
    )?;
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for case in cases {
        match stage::run(case, target.clone(), PATIENCE) {
            Ok(()) => {
                passed += 1;
                writeln!(report, "✓ {}({})", case.title, case.id)?;
            }
            Err(Stop::Failed(failure)) => {
                failed += 1;
                writeln!(report, "✗ {}({})\n{failure}", case.title, case.id)?;
                write!(report, "{}", advice(case, line, request))?;
            }
            Err(Stop::Skipped(reason)) => {
                skipped += 1;
                writeln!(report, "– {}({}) 跳过:{reason}", case.title, case.id)?;
            }
            Err(Stop::Broken(error)) => {
                return Err(error.context(format!("检查「{}」({})做不成", case.title, case.id)));
            }
        }
    }
    writeln!(
        report,
        "通过 {passed} 条,没有通过 {failed} 条,跳过 {skipped} 条"
    )?;
    if passed + failed == 0 {
        bail!("一条也没有做成:看看上面跳过的原因");
    }
    Ok(failed == 0)
}

/// 这一阶段、这个角色的最后一条线,它通过其中多半:说的是这一阶段自己的事。没有这样的线,就是最后一条。
///
/// 它也在后一阶段的线上,但那里是后来才做到的事,多半通不过。只做一条时,那条线上没有,就到别的线上找。
fn choose(request: &Request) -> anyhow::Result<&'static Line> {
    let lines: Vec<&Line> = ladder::lines_of(&request.stage)
        .filter(|line| passing(line, &request.stage).next().is_some())
        .collect();
    if lines.is_empty() {
        bail!("{} 没有检查", request.stage);
    }
    let wanted = match request.role.as_deref() {
        Some("server") => Role::Server,
        Some("client") => Role::Client,
        Some("tool") => Role::Tool,
        Some(other) => bail!("没有 {other} 这个角色,只有 server、client 和 tool"),
        None if lines.iter().any(|line| line.role == Role::Server) => Role::Server,
        None => lines[0].role,
    };
    let own = |line: &&Line| 2 * passing(line, &request.stage).count() > line.cases.len();
    let lines = || lines.iter().copied().filter(|line| line.role == wanted);
    let line = lines().rfind(own).or(lines().next_back());
    let asked = |line: &&Line| {
        passing(line, &request.stage).any(|case| Some(case.id) == request.only.as_deref())
    };
    let line = line.filter(asked).or(lines().rfind(asked)).or(line);
    line.with_context(|| format!("{} 没有{}", request.stage, wanted.title()))
}

fn passing<'a>(line: &'a Line, stage: &'a str) -> impl Iterator<Item = &'a Case> {
    line.cases
        .iter()
        .filter(move |case| line.expectation(case, stage) == Expectation::Pass)
}

fn target(target: &Target, role: Role) -> anyhow::Result<exam::Target> {
    Ok(match target {
        Target::Command(argv) if role == Role::Tool => exam::Target::Command(argv.clone()),
        Target::Addr(_) if role == Role::Tool => {
            bail!("它不是服务器,没有地址;用「-- 命令」运行,检查的参数接在最后")
        }
        Target::Command(argv) if argv.iter().any(|argument| argument.contains("{addr}")) => {
            exam::Target::Command(argv.clone())
        }
        Target::Command(_) => {
            bail!("命令里要有 {{addr}},检查时换成地址;程序的地址是写死的,就先启动它,再用 --addr")
        }
        Target::Addr(address) => exam::Target::Address(address.parse::<Address>()?.resolve()?[0]),
    })
}

fn cases<'a>(line: &'a Line, request: &'a Request) -> anyhow::Result<Vec<&'a Case>> {
    let all: Vec<&Case> = passing(line, &request.stage).collect();
    let Some(only) = &request.only else {
        return Ok(all);
    };
    let ids: Vec<&str> = all.iter().map(|case| case.id).collect();
    let found = all.iter().find(|case| case.id == only);
    let case = found.with_context(|| format!("没有 {only} 这条检查,有的是:{}", ids.join(" ")))?;
    Ok(vec![*case])
}

/// 失败以后:为什么要紧、试试什么、读哪里、怎样只做这一条。
fn advice(case: &Case, line: &Line, request: &Request) -> String {
    let target = match &request.target {
        Target::Addr(address) => format!("--addr {address}"),
        Target::Command(argv) => {
            let quoted: Vec<String> = argv.iter().map(|argument| quote(argument)).collect();
            format!("-- {}", quoted.join(" "))
        }
    };
    // 只有工具这一个角色的阶段,不用写。
    let role = match ladder::lines_of(&request.stage).all(|other| other.role == Role::Tool) {
        true => String::new(),
        false => format!(" --role {}", line.role.name()),
    };
    format!(
        "  为什么  {}\n  试试  {}\n  读  docs/notes/{}\n  \
         只做这一条  cargo course check {}{role} --only {} {target}\n\n",
        case.why, case.hint, case.note, request.stage, case.id,
    )
}

/// 粘贴到 shell 里还是同一个参数。花括号也要加引号:PowerShell 里它是代码块。
fn quote(argument: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=@%+,".contains(&byte);
    // 反斜杠在 Windows 上只是路径的分隔符。
    let special = |byte: u8| b"\"$`!".contains(&byte) || (cfg!(unix) && byte == b'\\');
    if !argument.is_empty() && argument.bytes().all(|byte| plain(byte) || !byte.is_ascii()) {
        return argument.to_owned();
    }
    match argument.bytes().any(special) {
        false => format!("\"{argument}\""),
        true => format!("'{}'", argument.replace('\'', "'\\''")),
    }
}
