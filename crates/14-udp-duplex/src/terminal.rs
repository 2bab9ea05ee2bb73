//! 终端:别人的话随时会来,不能把正在打的字冲乱。

use anyhow::Context;
use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{Config, Editor, ExternalPrinter};

use crate::cli;
use crate::encoding;
use crate::gate::Gate;

/// 打字的一头。
pub enum Keyboard {
    /// 终端:由行编辑器管着正在打的那一行。
    Editor(Box<Editor<Gate, DefaultHistory>>, Gate),
    /// 管道或文件:没有人在打字。
    Pipe,
}

/// 显示的一头。
pub enum Display {
    /// 终端:先擦掉正在打的那一行,显示完再画回来。
    Editor(Box<dyn ExternalPrinter + Send>, Gate),
    /// 管道或文件:直接写。
    Pipe,
}

/// 打开终端;标准输入或标准输出不是终端(或者终端太简单)时,直接读写。
pub fn open() -> (Keyboard, Display) {
    // 终端的「括号粘贴」会把粘贴的几行合成一行;这里一行就是一个数据报,不要它。
    let config = Config::builder().bracketed_paste(false).build();
    let editor = Editor::with_config(config).ok();
    let opened = editor.and_then(|mut editor| {
        let printer = editor.create_external_printer().ok()?;
        Some((editor, printer))
    });
    let Some((mut editor, printer)) = opened else {
        return (Keyboard::Pipe, Display::Pipe);
    };
    let gate = Gate::new();
    editor.set_helper(Some(gate.clone()));
    (
        Keyboard::Editor(Box::new(editor), gate.clone()),
        Display::Editor(Box::new(printer), gate),
    )
}

impl Keyboard {
    /// 读一行;输入结束(Ctrl-D)或 Ctrl-C 是 `None`。
    pub fn read_line(&mut self) -> anyhow::Result<Option<String>> {
        let Self::Editor(editor, gate) = self else {
            return Ok(cli::read_line()?.map(|line| encoding::typed_text(&line)));
        };
        match editor.readline(&gate.prompt()) {
            Ok(line) => Ok(Some(line)),
            Err(ReadlineError::Eof | ReadlineError::Interrupted) => Ok(None),
            Err(error) => Err(error).context("读键盘失败"),
        }
    }
}

impl Drop for Keyboard {
    /// 行编辑器关了:等着门开的那一句不再等。
    fn drop(&mut self) {
        if let Self::Editor(_, gate) = self {
            gate.end();
        }
    }
}

impl Display {
    /// 显示一行。
    pub fn show(&mut self, line: &str) -> anyhow::Result<()> {
        match self {
            Self::Editor(printer, gate) => {
                gate.wait();
                printer.print(format!("{line}\n")).context("显示失败")
            }
            Self::Pipe => cli::print_line(line),
        }
    }
}
