//! 在那边运行一个命令,到它结束。

use std::sync::Arc;
use std::thread;

use anyhow::Context;

use crate::interrupt::Interrupt;
use crate::link::{Receiver, Sender};
use crate::outlet::Outlet;
use crate::reply::{Exit, Reply};
use crate::request::Request;
use crate::stdin::{self, Window};

/// 到服务器那边去的一条路。
pub struct Remote {
    /// 发的一头。
    pub sender: Sender,
    /// 收的一头。
    pub receiver: Receiver,
    /// Ctrl-C。
    pub interrupt: Interrupt,
}

impl Remote {
    /// 运行 `line`,输出写进 `outlet`;`input` 有的话,把它和自己的标准输入给它。
    /// 换了目录的话,记在 `directory` 里。
    ///
    /// # Errors
    /// 连接断了,服务器说出错,或者标准输出写不了。
    pub fn run(
        &mut self,
        line: &str,
        input: Option<Vec<u8>>,
        outlet: &mut Outlet,
        directory: &mut String,
    ) -> anyhow::Result<Exit> {
        let command = Request::Command {
            line,
            input: input.is_some(),
        };
        self.sender.send(&command).context("连接断了")?;
        self.interrupt.aim(self.sender.clone());
        let window = Arc::new(Window::new());
        if let Some(first) = input {
            let (sender, window) = (self.sender.clone(), Arc::clone(&window));
            // 命令结束时,它可能还停在读上;整个程序马上也就结束了。
            let thread =
                thread::Builder::new().spawn(move || stdin::send_all(&sender, &window, &first));
            thread.context("开不了新线程")?;
        }
        let exit = loop {
            match self.receiver.receive()? {
                Reply::Output(channel, bytes) => outlet.write(channel, bytes)?,
                Reply::Consumed(length) => window.give_back(length),
                Reply::Hello { encoding, .. } => outlet.speak(encoding),
                Reply::Directory(now) => now.clone_into(directory),
                Reply::Exit(exit) => break exit,
                // 收的一头已经当作错误了。
                Reply::Error(_) => {}
            }
        };
        self.interrupt.rest();
        outlet.finish();
        Ok(exit)
    }
}
