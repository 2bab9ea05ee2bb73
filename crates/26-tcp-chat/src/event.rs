//! 房间里发生的事,给运行服务器的人看。

use std::fmt;

use crate::members::Id;
use crate::protocol::Way;

/// 房间里发生的一件事,给运行服务器的人看。
#[derive(Debug, PartialEq, Eq)]
pub struct Event {
    /// 说的是谁。
    pub id: Id,
    /// 例如 `小明 走了`。
    pub text: String,
    /// 是哪一种事。
    pub kind: Kind,
}

/// 事情的种类。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 来了,用这种传法。
    Joined(Way),
    /// 改了名。
    Renamed,
    /// 不在房间里了。因为 [`Leaving::Slow`] 离开的,服务器还要挂断他的连接。
    Left(Leaving),
}

/// 一位成员怎样离开。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// 自己走了。
    Quit,
    /// 发件箱满了。
    Slow,
    /// 太久没有一个字节。
    Silent,
    /// 连接出了错。
    Broken,
}

impl fmt::Display for Leaving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Quit => "走了",
            Self::Slow => "掉线了:收得太慢",
            Self::Silent => "掉线了:太久没有动静",
            Self::Broken => "掉线了:连接断了",
        })
    }
}
