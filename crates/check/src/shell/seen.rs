//! 坐在终端前的人看到的:打一个命令,屏幕上恰好多出它的输出。

use std::fs;
use std::time::Instant;

use crate::exam::{Exam, Stop, Verdict};
use crate::failure::Failure;
use crate::shell::commands::{self, BOTH, NOTHING, UNKNOWN};
use crate::terminal::Terminal;

/// 客户端和它的服务器。
pub struct Session {
    /// 客户端。
    pub client: Terminal,
    /// 服务器。
    pub server: Terminal,
}

impl Session {
    fn start(exam: &Exam) -> Result<Self, Stop> {
        Self::start_with(exam, &[])
    }

    /// 启动服务器(另加这些选项),再启动客户端。
    pub fn start_with(exam: &Exam, options: &[&str]) -> Result<Self, Stop> {
        let arguments = [&["server", "127.0.0.1:0"], options].concat();
        let server = Terminal::start(&exam.tool(&arguments)?)?;
        let line = server.output().read_line(exam.deadline())?;
        let line = String::from_utf8_lossy(&line).into_owned();
        let Some(address) = line.strip_prefix("监听 ") else {
            let what = "服务器的第一行应当是「监听 IP:PORT」";
            return Err(Failure::new(what).printed(&line).into());
        };
        let argv = exam.tool(&["client", address])?;
        Ok(Self {
            client: Terminal::start_split(&argv)?,
            server,
        })
    }

    /// 打一个命令,屏幕上应当恰好多出这些行。
    pub fn ask(&self, deadline: Instant, command: &str, shown: &[u8]) -> Verdict {
        self.client.type_line(command);
        let expected = String::from_utf8_lossy(shown).into_owned();
        for (number, wanted) in expected.lines().enumerate() {
            let line = match self.client.output().read_line(deadline) {
                Ok(line) => String::from_utf8_lossy(&line).into_owned(),
                Err(waited) => {
                    let text = format!("「{command}」的输出只显示了 {number} 行({waited})");
                    return Err(Failure::new(text).printed(&self.complaint()).into());
                }
            };
            if line.trim_end() != wanted {
                let text = format!("「{command}」的第 {} 行不对", number + 1);
                let failure = Failure::new(text).expected(wanted.as_bytes());
                return Err(failure.received(Some(line.as_bytes())).into());
            }
        }
        Ok(())
    }

    /// 让它打印一个词。
    pub fn echo(&self, exam: &Exam, word: &str) -> Verdict {
        let command = format!("echo {word}");
        self.ask(exam.deadline(), &command, word.as_bytes())
    }

    fn complaint(&self) -> String {
        String::from_utf8_lossy(&self.client.errors().take_unread()).into_owned()
    }
}

/// 一个打印 `length` 字节的命令,前后各一个短的。
fn expect_long(exam: &Exam, length: usize, redirect: &str) -> Verdict {
    let session = Session::start(exam)?;
    session.echo(exam, "one")?;
    let content = commands::lines(length);
    let command = commands::prints(exam, "long.txt", &content)?;
    session.ask(exam.deadline(), &format!("{command}{redirect}"), &content)?;
    session.echo(exam, "two")?;
    session.echo(exam, "three")
}

/// 三个短的,然后再见。
pub fn several(exam: &mut Exam) -> Verdict {
    let mut session = Session::start(exam)?;
    for word in ["one", "two", "three"] {
        session.echo(exam, word)?;
    }
    session.client.type_line("bye");
    match session.client.wait(exam.deadline())? {
        Some(status) if status.success() => Ok(()),
        _ => Err(Failure::new("打了 bye,客户端应当正常结束").into()),
    }
}

/// 标准错误和打错的命令。
pub fn errors(exam: &mut Exam) -> Verdict {
    let session = Session::start(exam)?;
    // 两样的次序各阶段不一样,这里不管。
    session.client.type_line(BOTH);
    let mut lines = [String::new(), String::new()];
    for line in &mut lines {
        let bytes = session.client.output().read_line(exam.deadline())?;
        *line = String::from_utf8_lossy(&bytes).trim_end().to_owned();
    }
    lines.sort();
    if lines != ["err", "out"] {
        let failure = Failure::new("应当显示 out 和 err 两行");
        return Err(failure.printed(&lines.join("\n")).into());
    }
    session.client.type_line(UNKNOWN);
    let line = session.client.output().read_line(exam.deadline())?;
    if !String::from_utf8_lossy(&line).contains(UNKNOWN) {
        let failure = Failure::new("应当显示 shell 的抱怨");
        return Err(failure.received(Some(&line)).into());
    }
    Ok(())
}

/// 少一个字节。
pub fn just_below(exam: &mut Exam) -> Verdict {
    expect_long(exam, 1023, "")
}

/// 恰好一次接收的上限。
pub fn exactly(exam: &mut Exam) -> Verdict {
    expect_long(exam, 1024, "")
}

/// 多一个字节。
pub fn just_above(exam: &mut Exam) -> Verdict {
    expect_long(exam, 1025, "")
}

/// `seq 1 500` 那么长。
pub fn third(exam: &mut Exam) -> Verdict {
    expect_long(exam, 1891, "")
}

/// 比一根管道装得下的多。
pub fn more_than_a_pipe(exam: &mut Exam) -> Verdict {
    expect_long(exam, 65_537, "")
}

/// 很长。
pub fn one_mib(exam: &mut Exam) -> Verdict {
    expect_long(exam, 1 << 20, "")
}

/// 标准错误里的比一根管道装得下的多。
pub fn long_errors(exam: &mut Exam) -> Verdict {
    expect_long(exam, 65_537, " 1>&2")
}

/// 什么也不打印。
pub fn empty(exam: &mut Exam) -> Verdict {
    let session = Session::start(exam)?;
    session.client.type_line(NOTHING);
    session.echo(exam, "after")
}

/// 长的命令。
pub fn long_command(exam: &mut Exam) -> Verdict {
    let session = Session::start(exam)?;
    session.echo(exam, &"x".repeat(2000))?;
    session.echo(exam, "after")
}

/// 换一个目录。
pub fn cd(exam: &mut Exam) -> Verdict {
    let session = Session::start(exam)?;
    fs::write(exam.directory().join("marker.txt"), "here")?;
    let directory = exam.directory().display().to_string();
    session.client.type_line(&commands::enters(&directory));
    session.ask(exam.deadline(), &commands::shows("marker.txt"), b"here")
}
