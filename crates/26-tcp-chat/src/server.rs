//! 服务器。

use std::time::Duration;

use common::addr::Address;

/// 上限和期限。
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// 最多几条连接。
    pub max_members: usize,
    /// 一位成员的发件箱最多几字节。
    pub queue: usize,
    /// 分行的成员最多多久不说话。
    pub idle: Duration,
    /// 分帧的成员多久没有声音就问一声。
    pub heartbeat: Duration,
    /// 给晚来的人留几条消息。
    pub history: usize,
}

/// 运行,直到 Ctrl-C。
pub fn run(_listen: &Address, _limits: Limits, _quiet: bool) -> anyhow::Result<()> {
    Ok(())
}
