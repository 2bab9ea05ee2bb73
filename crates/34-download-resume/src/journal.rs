//! 访问日志:谁要了什么,结果怎样;一个请求一行,写到标准输出。

use std::fmt;

use crate::cli;

/// 访问日志。
pub struct Journal {
    /// 什么也不记;错误照样写到标准错误。
    pub quiet: bool,
}

impl Journal {
    /// 记一行;标准输出关了,没有人要结果了,是错误。
    pub fn line(&self, text: impl fmt::Display) -> anyhow::Result<()> {
        match self.quiet {
            true => Ok(()),
            false => cli::print_line(text),
        }
    }
}
