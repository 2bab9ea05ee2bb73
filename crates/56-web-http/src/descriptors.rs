//! 描述符:一条连接一个,正在发的文件也要一个。不够的话,先提高自己的上限,再少接一些。

/// 留给文件的份额:上限的这么多分之一。连接占满了,也还能打开文件来回答。
#[cfg(unix)]
const SHARE: u64 = 4;

/// 标准输入输出、监听的套接字、根目录这些,和拒绝时的那几条连接。
#[cfg(unix)]
const OWN: u64 = 16;

/// macOS 上再高也不许超过这个数(`OPEN_MAX`,setrlimit(2))。
#[cfg(target_os = "macos")]
const SYSTEM: u64 = 10_240;

/// 为 `wanted` 条连接备好描述符;返回够用几条。
///
/// 系统给每个程序两个上限:软的是现在的,自己可以改,改到硬的为止(getrlimit(2))。软的往往只有 1024。
#[cfg(unix)]
pub fn provide(wanted: usize) -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let hard = maximum.unwrap_or(u64::MAX);
    #[cfg(target_os = "macos")]
    let hard = hard.min(SYSTEM);
    let all = (wanted as u64 + OWN) * SHARE / (SHARE - 1) + 1;
    let mut soft = current.unwrap_or(u64::MAX);
    if soft < all && soft < hard {
        let raised = all.min(hard);
        let limit = Rlimit {
            current: Some(raised),
            maximum,
        };
        if setrlimit(Resource::Nofile, limit).is_ok() {
            soft = raised;
        }
    }
    let enough = (soft - soft / SHARE).saturating_sub(OWN).max(1);
    usize::try_from(enough).map_or(wanted, |enough| enough.min(wanted))
}

/// 别的系统没有这样的上限。
#[cfg(not(unix))]
pub fn provide(wanted: usize) -> usize {
    wanted
}
