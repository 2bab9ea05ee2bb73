//! 服务器给不了的时候:要么告诉客户为什么,要么和他的连接已经坏了。

use std::io;

use crate::directory;
use crate::status::Status;

/// 给不了的原因;和客户的连接出了错是 `Err`。
pub type Answer<T> = Result<T, Refusal>;

/// 给不了的原因。
pub enum Refusal {
    /// 告诉客户。
    Status(Status),
    /// 没有办法告诉他了:挂断。
    Broken(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Broken(error.into())
    }
}

/// 打不开。
pub fn refuse(error: io::Error) -> Refusal {
    Refusal::Status(directory::status(&error))
}
