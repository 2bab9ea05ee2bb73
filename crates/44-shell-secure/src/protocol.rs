//! 协议:每一帧的第一个字节说里面是什么([`common::frame`] 管长度,这里管内容)。
//!
//! 整数用网络字节序,文字用 UTF-8。第一个字节:
//!
//! | 客户 → 服务器 | | 服务器 → 客户 | |
//! |---|---|---|---|
//! | 1 | 命令:标志 u8(第 0 位:有标准输入),命令行 | 16 | 你好:版本 u8,编码名长度 u8,编码名,目录 |
//! | 2 | 标准输入的字节 | 17 | 标准输出的字节 |
//! | 3 | 标准输入结束 | 18 | 标准错误的字节 |
//! | 4 | 中断(Ctrl-C) | 19 | 标准输入用掉了多少字节 u32 |
//! | 8 | 口令:第一帧,别的都在它后面 | 20 | 当前目录变了:目录 |
//! | | | 21 | 命令结束:怎样结束 u8,数值 u32 |
//! | | | 22 | 出错:一句话,然后挂断 |
//!
//! 客户说的在 [`crate::request`],服务器说的在 [`crate::reply`]。

/// 协议的版本。
pub const VERSION: u8 = 1;

/// 命令行最多这么多字节:Linux 一个参数最多 128 KiB(execve(2)),留一半。
pub const MAX_COMMAND: usize = 64 << 10;

/// 一帧标准输入最多这么多字节:Linux 的管道平常就这么大(pipe(7)),一次读不到更多。
pub const MAX_INPUT: usize = 64 << 10;

/// 一帧输出最多这么多字节:再大不会更快,只是每个命令多占内存。
pub const MAX_OUTPUT: usize = 256 << 10;

/// 发出了、命令还没有读走的标准输入最多这么多字节。服务器替一位客户最多存这么多;
/// 往返 20 毫秒的网络上,每秒还能发 25 MB。
pub const WINDOW: usize = 512 << 10;

/// 客户发的一帧,正文最多这么长。
pub const MAX_REQUEST: usize = 2 + MAX_COMMAND;

/// 服务器发的一帧,正文最多这么长。
pub const MAX_REPLY: usize = 1 + MAX_OUTPUT;

/// 看不懂的一帧。
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    /// 一帧至少要有种类。
    #[error("收到一个空帧")]
    Empty,
    /// 没有这一种。
    #[error("没有第 {0} 种帧")]
    Unknown(u8),
    /// 内容的长短或者写法不对。
    #[error("第 {0} 种帧的内容不对")]
    Malformed(u8),
}
