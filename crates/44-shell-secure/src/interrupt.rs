//! Ctrl-C:第一次中断那边的命令,第二次结束自己。

use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context;

use crate::interactive::end_line;
use crate::link::Sender;
use crate::request::Request;

/// 被 Ctrl-C 结束的退出码:128 + SIGINT,和 shell 一样。
const INTERRUPTED: i32 = 130;

/// Ctrl-C 该做什么。
#[derive(Clone, Default)]
pub struct Interrupt(Arc<Mutex<Aim>>);

#[derive(Default)]
enum Aim {
    /// 没有命令在运行:安静地结束自己。
    #[default]
    Quit,
    /// 中断那边的命令。
    Remote(Sender),
    /// 已经中断过了,它还没有结束:结束自己,服务器发现连接断了,会结束它。
    Leave,
}

impl Interrupt {
    /// 从现在起管 Ctrl-C。
    ///
    /// # Errors
    /// 系统不肯。
    pub fn watch() -> anyhow::Result<Self> {
        let interrupt = Self::default();
        let handler = interrupt.clone();
        ctrlc::set_handler(move || handler.pressed()).context("设置 Ctrl-C 失败")?;
        Ok(interrupt)
    }

    /// 命令开始了:Ctrl-C 归它。
    pub fn aim(&self, sender: Sender) {
        *self.lock() = Aim::Remote(sender);
    }

    /// 命令结束了。
    pub fn rest(&self) {
        *self.lock() = Aim::Quit;
    }

    fn pressed(&self) {
        // 终端显示了 ^C,没有换行。
        end_line();
        let mut aim = self.lock();
        match &*aim {
            Aim::Quit => process::exit(0),
            Aim::Leave => process::exit(INTERRUPTED),
            // 发不出去就是断了,收的一头会发现。
            Aim::Remote(sender) => _ = sender.send(&Request::Interrupt),
        }
        *aim = Aim::Leave;
    }

    fn lock(&self) -> MutexGuard<'_, Aim> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
