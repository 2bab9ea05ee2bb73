//! 借一个程序运行命令:每次启动它,或者只启动一次、一行一行地告诉它。

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, ensure};

use crate::{OUTPUT, Way};

/// 每次启动一个程序,等它结束。
pub struct Call {
    command: Command,
}

impl Call {
    /// 程序和参数,不经过 shell。
    pub fn new(program: &str, words: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(words).stdin(Stdio::null());
        command.stdout(Stdio::piped());
        Self { command }
    }
}

impl Way for Call {
    fn run(&mut self) -> anyhow::Result<()> {
        let mut child = self.command.spawn().context("启动不了")?;
        let mut output = Vec::new();
        if let Some(mut stdout) = child.stdout.take() {
            stdout.read_to_end(&mut output)?;
        }
        let status = child.wait()?;
        ensure!(status.success(), "{status}");
        ensure!(output == OUTPUT, "打印的不对:{}", output.escape_ascii());
        Ok(())
    }
}

/// 一个一直开着的程序。
pub struct Typed {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    /// 每次写的一行,连同换行。
    line: String,
    /// 它打印的一行。
    output: Vec<u8>,
}

impl Typed {
    /// 启动程序,不经过 shell。
    pub fn start(line: &str, program: &str, words: &[&str]) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        command.args(words);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().context("启动不了")?;
        let stdin = child.stdin.take().context("没有标准输入")?;
        let stdout = child.stdout.take().context("没有标准输出")?;
        Ok(Self {
            child,
            stdin,
            stdout: BufReader::new(stdout),
            line: format!("{line}\n"),
            output: Vec::new(),
        })
    }
}

impl Way for Typed {
    fn run(&mut self) -> anyhow::Result<()> {
        self.stdin.write_all(self.line.as_bytes())?;
        self.output.clear();
        self.stdout.read_until(b'\n', &mut self.output)?;
        let output = &self.output;
        ensure!(output == OUTPUT, "打印的不对:{}", output.escape_ascii());
        Ok(())
    }

    /// 标准输入结束,程序也就结束。
    fn finish(self: Box<Self>) -> anyhow::Result<()> {
        let mut this = *self;
        drop(this.stdin);
        let status = this.child.wait()?;
        ensure!(status.success(), "{status}");
        Ok(())
    }
}
