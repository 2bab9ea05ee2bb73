//! 服务器给命令定的限度:太多、太久就结束,它启动的进程一个也不留。

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::exam::{Exam, Stop, Verdict};
use crate::failure::Failure;
use crate::ladder::Case;
use crate::shell::commands;
use crate::shell::seen::Session;
use crate::tool;

/// 比服务器肯攒的多,字节。
const TOO_MUCH: usize = 9 << 20;

/// 每隔多久看一次。
const POLL: Duration = Duration::from_millis(5);

/// 其余各项由每条检查自己写。
const BASE: Case = Case {
    id: "",
    title: "",
    why: "",
    hint: "",
    note: "41-shell-sticky.md",
    since: "shell-sticky",
    until: None,
    options: &[],
    run: input,
};

/// 全部检查。
pub const CASES: &[Case] = &[
    Case {
        id: "input",
        title: "读标准输入的命令,马上读到末尾",
        why: "命令继承了服务器的标准输入,就会停在那里等人打字",
        hint: "stdin=subprocess.DEVNULL",
        run: input,
        ..BASE
    },
    Case {
        id: "too-much",
        title: "输出太多:结束这个命令,说出来,接着服务",
        why: "`yes` 的输出没有末尾:读到末尾才回答的服务器,内存会被它用光",
        hint: "攒到上限就结束命令",
        run: too_much,
        ..BASE
    },
    Case {
        id: "too-long",
        title: "运行太久:结束这个命令和它启动的进程,说出来,接着服务",
        why: "只结束 shell,它启动的进程还在运行",
        hint: "start_new_session=True,再 os.killpg",
        run: too_long,
        ..BASE
    },
    Case {
        id: "ctrl-c",
        title: "服务器按 Ctrl-C:正在运行的命令也结束",
        why: "自成一组的命令收不到终端的 Ctrl-C,会留下来",
        hint: "结束之前 os.killpg",
        run: ctrl_c,
        ..BASE
    },
    Case {
        id: "strangers",
        title: "别的机器连得到的地址,没有说清楚就不监听",
        why: "没有密码,谁连得上就能运行任何命令(CWE-306)",
        hint: "默认 127.0.0.1;别的地址要另外的选项",
        run: strangers,
        ..BASE
    },
];

fn input(exam: &mut Exam) -> Verdict {
    let session = Session::start_with(exam, &[])?;
    let command = match cfg!(windows) {
        true => "sort & echo done",
        false => "cat; echo done",
    };
    session.ask(exam.deadline(), command, b"done")
}

fn too_much(exam: &mut Exam) -> Verdict {
    let session = Session::start_with(exam, &[])?;
    let command = commands::prints(exam, "much.txt", &commands::lines(TOO_MUCH))?;
    session.client.type_line(&command);
    said(exam, &session, "超过")?;
    session.echo(exam, "after")
}

fn too_long(exam: &mut Exam) -> Verdict {
    let session = Session::start_with(exam, &["--longest", "1"])?;
    if !cfg!(unix) {
        return Ok(());
    }
    session.client.type_line(&lasting(exam));
    said(exam, &session, "期限")?;
    gone(exam, "运行太久的命令被结束以后")?;
    session.echo(exam, "after")?;
    // 这一个自己结束了,留在后台的还握着管道。
    session.client.type_line(&format!("{} &", lasting(exam)));
    said(exam, &session, "期限")?;
    gone(exam, "留在后台的被结束以后")
}

fn ctrl_c(exam: &mut Exam) -> Verdict {
    let mut session = Session::start_with(exam, &[])?;
    if !cfg!(unix) {
        return Ok(());
    }
    session.client.type_line(&lasting(exam));
    // 命令已经在运行。
    let pid = exam.directory().join("pid");
    let deadline = exam.deadline();
    while fs::read_to_string(&pid).unwrap_or_default().is_empty() {
        if Instant::now() >= deadline {
            return Err(Failure::new("命令没有运行").into());
        }
        std::thread::park_timeout(POLL);
    }
    session.server.interrupt()?;
    match session.server.wait(exam.deadline())? {
        Some(status) if status.success() => {}
        _ => return Err(Failure::new("按了 Ctrl-C,服务器应当正常结束").into()),
    }
    gone(exam, "服务器结束以后")
}

fn strangers(exam: &mut Exam) -> Verdict {
    for address in ["0.0.0.0:0", "[::]:0"] {
        let finished = tool::run(exam, &["server", address], "")?;
        finished.refused("谁都连得到这个地址")?;
    }
    Ok(())
}

/// 应当显示一行含有 `words` 的。
fn said(exam: &Exam, session: &Session, words: &str) -> Verdict {
    let line = session.client.output().read_line(exam.deadline())?;
    let line = String::from_utf8_lossy(&line).into_owned();
    if line.contains(words) {
        return Ok(());
    }
    Err(Failure::new(format!("应当说「{words}」"))
        .printed(&line)
        .into())
}

/// 一个很久的命令:它启动的进程把自己的进程号写下来。
fn lasting(exam: &Exam) -> String {
    let path = exam.directory().join("pid");
    format!("sh -c 'echo $$ >\"{}\"; exec sleep 60'", path.display())
}

/// 写下了进程号的那一个,应当已经不在了。
fn gone(exam: &Exam, when: &str) -> Verdict {
    let pid = fs::read_to_string(exam.directory().join("pid"))?;
    let deadline = exam.deadline();
    while is_running(pid.trim())? {
        if Instant::now() >= deadline {
            return Err(Failure::new(format!("{when},它启动的进程还在运行")).into());
        }
        std::thread::park_timeout(POLL);
    }
    Ok(())
}

/// 还在运行;结束了、没有人收走的不算(ps(1) 的状态 Z)。
fn is_running(pid: &str) -> Result<bool, Stop> {
    if cfg!(target_os = "linux") {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // 第二项是括号里的名字,第三项是状态(proc(5))。
        let state = stat
            .rsplit(") ")
            .next()
            .and_then(|rest| rest.chars().next());
        return Ok(!matches!(state, None | Some('Z' | 'X')));
    }
    let listed = Command::new("ps")
        .args(["-o", "stat=", "-p", pid])
        .output()?;
    let state = String::from_utf8_lossy(&listed.stdout).trim().to_owned();
    Ok(!state.is_empty() && !state.starts_with('Z'))
}
