//! 工具:带着参数运行到结束的程序,看它的输出和退出码。

use std::fmt::Write;

use crate::exam::{Exam, Stop, Verdict};
use crate::failure::Failure;
use crate::terminal::Terminal;

/// 运行到结束的一次结果。
#[derive(Debug)]
pub struct Finished {
    /// 这一次的参数,写成命令行的样子。
    pub words: String,
    /// 退出码;被信号结束就没有。
    pub code: Option<i32>,
    /// 标准输出。
    pub output: String,
    /// 标准错误。
    pub errors: String,
}

/// 带着 `arguments` 运行到结束,`input` 是标准输入的全部内容。
///
/// # Errors
/// 启动不了,给的是一个地址而不是命令,或者到了期限还没有结束。
pub fn run(exam: &Exam, arguments: &[&str], input: &str) -> Result<Finished, Stop> {
    let words = arguments.join(" ");
    let mut terminal = Terminal::start_split(&exam.tool(arguments)?)?;
    terminal.type_bytes(input.as_bytes());
    terminal.end_input();
    let deadline = exam.deadline();
    // 输出先结束,进程才算结束;一直不读走,输出多的程序会堵在写上。
    let ended = terminal.output().wait_end(deadline);
    let status = terminal.wait(deadline)?;
    let errors = terminal.errors().wait_end(deadline);
    let mut finished = Finished {
        words,
        code: None,
        output: text(&terminal.output().take_unread()),
        errors: text(&terminal.errors().take_unread()),
    };
    match (status, ended.and(errors)) {
        (Some(status), Ok(())) => {
            finished.code = status.code();
            Ok(finished)
        }
        _ => Err(finished.failure("程序应当自己结束,却没有结束").into()),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Finished {
    /// 一个失败:写明参数,附上程序打印的话。
    #[must_use]
    pub fn failure(&self, what: &str) -> Failure {
        let mut printed = self.output.clone();
        let _ = write!(printed, "{}", self.errors);
        Failure::new(format!("参数是「{}」:{what}", self.words)).printed(&printed)
    }

    /// 应当成功:退出码 0。
    ///
    /// # Errors
    /// 退出码不是 0。
    pub fn succeeded(&self) -> Verdict {
        match self.code {
            Some(0) => Ok(()),
            code => Err(self
                .failure(&format!("退出码应当是 0,{}", said(code)))
                .into()),
        }
    }

    /// 应当失败:退出码 1 或 2,标准错误说明原因,标准输出没有结果。
    ///
    /// # Errors
    /// 有一样不是这样。
    pub fn refused(&self, why: &str) -> Verdict {
        let what = match self.code {
            Some(1 | 2) if self.crashed() => "程序崩溃了,没有自己说明原因".to_owned(),
            Some(1 | 2) if self.errors.trim().is_empty() => "标准错误里没有说明原因".to_owned(),
            Some(1 | 2) if !self.output.trim().is_empty() => "标准输出里不应当有结果".to_owned(),
            Some(1 | 2) => return Ok(()),
            code => format!("退出码应当是 1 或 2,{}", said(code)),
        };
        Err(self.failure(&format!("{why},{what}")).into())
    }
}

impl Finished {
    /// 标准错误是语言自己的崩溃报告,不是程序的话。
    fn crashed(&self) -> bool {
        let reports = ["Traceback (most recent call last)", "panicked at"];
        reports.iter().any(|report| self.errors.contains(report))
    }
}

fn said(code: Option<i32>) -> String {
    code.map_or_else(
        || "它却被信号结束".to_owned(),
        |code| format!("却是 {code}"),
    )
}
