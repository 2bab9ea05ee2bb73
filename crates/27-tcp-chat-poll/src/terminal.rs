//! 终端:别人的话随时会来,不能把正在打的字冲乱。

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::Context;
use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{Config, Editor, ExternalPrinter};

use crate::cli;
use crate::gate::Gate;

/// 打字的一头。
pub enum Keyboard {
    /// 终端:由行编辑器管着正在打的那一行。
    Editor(Box<Editor<Gate, DefaultHistory>>, Gate),
    /// 管道或文件:没有人在打字。
    Pipe,
}

/// 显示的一头。几个线程都可能有话要显示,各有一份。
#[derive(Clone)]
pub enum Display {
    /// 终端:先擦掉正在打的那一行,显示完再画回来。
    Editor(Arc<Mutex<dyn ExternalPrinter + Send>>, Gate),
    /// 管道或文件:直接写。
    Pipe,
}

/// 打开终端;标准输入或标准输出不是终端(或者终端太简单)时,直接读写。
pub fn open() -> (Keyboard, Display) {
    // 终端的「括号粘贴」会把粘贴的几行合成一行;这里一行就是一句话,不要它。
    let config = Config::builder()
        .bracketed_paste(false)
        .auto_add_history(true)
        .build();
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
        Display::Editor(Arc::new(Mutex::new(printer)), gate),
    )
}

/// 叫醒键盘线程,最多叫这么多次。
const WAKE_UPS: u32 = 50;

/// 叫一次以后等这么久。
const WAKE_EVERY: Duration = Duration::from_millis(20);

/// 正在叫醒键盘线程:这时的 SIGINT 不是用户按的。
static WAKING: AtomicBool = AtomicBool::new(false);

/// Ctrl-C 是结束程序的正常办法:安静地退出,退出码 0。
///
/// 正在打字时轮不到它:行编辑器把 Ctrl-C 当作一个键,先让终端恢复原样([`Keyboard::read_line`])。
pub fn on_ctrl_c() -> anyhow::Result<()> {
    let quit = || {
        if !WAKING.load(Ordering::Relaxed) {
            std::process::exit(0);
        }
    };
    ctrlc::set_handler(quit).context("设置 Ctrl-C 失败")
}

/// 有没有人坐在键盘前:可以再问他一遍,他也等不了太久。
pub fn attended() -> bool {
    io::stdin().is_terminal()
}

/// 问一个问题,读一行回答。输入结束了是 `None`。
pub fn ask(question: &str) -> anyhow::Result<Option<Vec<u8>>> {
    let mut output = io::stdout().lock();
    let asked = output.write_all(question.as_bytes());
    match asked.and_then(|()| output.flush()) {
        // 标准输出的另一头不读了:没有人看得到问题。
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(None),
        asked => asked.context("写标准输出失败")?,
    }
    drop(output);
    cli::read_line()
}

impl Keyboard {
    /// 读一行的字节;输入结束(Ctrl-D)或 Ctrl-C 是 `None`。
    pub fn read_line(&mut self) -> anyhow::Result<Option<Vec<u8>>> {
        let Self::Editor(editor, gate) = self else {
            return cli::read_line();
        };
        match editor.readline(&gate.prompt()) {
            Ok(line) => Ok(Some(line.into_bytes())),
            Err(ReadlineError::Eof | ReadlineError::Interrupted) => Ok(None),
            Err(error) => Err(error).context("读键盘失败"),
        }
    }
}

impl Drop for Keyboard {
    /// 行编辑器关了,终端已经恢复原样:以后直接写。
    fn drop(&mut self) {
        if let Self::Editor(_, gate) = self {
            gate.end();
        }
    }
}

impl Display {
    /// 显示一行。
    pub fn show(&self, line: &str) -> anyhow::Result<()> {
        let Self::Editor(printer, gate) = self else {
            return cli::print_line(line);
        };
        let mut printer = printer.lock().unwrap_or_else(PoisonError::into_inner);
        gate.wait();
        let printed = printer.print(format!("{line}\n"));
        // 行编辑器正好关了。
        printed.or_else(|_| cli::print_line(line))
    }

    /// 谈话已经结束,键盘线程却可能还停在键盘上:叫醒它,行编辑器会让终端恢复原样。
    ///
    /// 行编辑器在等键盘时只听得见信号:给自己一个 SIGINT,就像从别处 `kill -INT`。它也可能正好在
    /// 两行之间,所以多叫几次。Windows 的终端由外面的 shell 恢复,管道没有什么要恢复的。
    pub fn wake(&self, typing: &JoinHandle<()>) {
        if cfg!(not(unix)) || matches!(self, Self::Pipe) || typing.is_finished() {
            return;
        }
        // 上移一行再换行,什么也看不到;但它排在别的话后面,它能排进去,前面的就都显示了。
        let _ = self.show("\u{1b}[A");
        WAKING.store(true, Ordering::Relaxed);
        for _ in 0..WAKE_UPS {
            if typing.is_finished() {
                break;
            }
            #[cfg(unix)]
            let _ = nix::sys::signal::raise(nix::sys::signal::Signal::SIGINT);
            thread::park_timeout(WAKE_EVERY);
        }
    }

    /// 显示一行说明:不是谁说的话,只是告诉坐在终端前的人。
    pub fn note(&self, line: &str) {
        match self {
            // 显示不了的话,接收线程也会发现。
            Self::Editor(..) => _ = self.show(line),
            Self::Pipe => cli::note(line),
        }
    }
}
