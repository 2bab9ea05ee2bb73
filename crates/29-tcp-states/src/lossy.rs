//! 让报文段在本机「丢失」:有的状态在回环上只停留几微秒,丢一个报文段,它就停下来等重传。

#[cfg(target_os = "linux")]
use socket2::Socket;

/// 握手时丢过报文段的连接,先问答这么多次,再丢下一个。
///
/// 重传的期限按量到的往返时间算,丢失的那一秒也量了进去;每问答一次它占的份量少八分之一(RFC 6298
/// §2),50 次以后不到千分之二,期限回到最短的 0.2 秒。
pub const WARM_UP: u32 = 50;

/// 到达 `socket` 的报文段,内核从现在起都丢弃。不要管理员权限。
///
/// 用的是套接字过滤器:一小段程序,内核对每个到达的报文段运行一次,返回留下多少字节(socket(7)
/// 的 `SO_ATTACH_FILTER`)。这里只有一条指令:返回 0,一个字节也不留。
///
/// # Errors
/// 内核不让装过滤器,或者不是 Linux。
#[cfg(target_os = "linux")]
pub fn lose(socket: &Socket) -> anyhow::Result<()> {
    /// `BPF_RET | BPF_K`:返回常数(内核文档 networking/filter)。
    const RETURN: u16 = 0x06;
    let keep_nothing = [socket2::SockFilter::new(RETURN, 0, 0, 0)];
    socket
        .attach_filter(&keep_nothing)
        .map_err(|error| anyhow::Error::new(error).context("装套接字过滤器失败"))
}

/// 从现在起又都送到。丢了的不会回来,要等对方重传。
///
/// # Errors
/// 内核出错,或者不是 Linux。
#[cfg(target_os = "linux")]
pub fn deliver(socket: &Socket) -> anyhow::Result<()> {
    socket
        .detach_filter()
        .map_err(|error| anyhow::Error::new(error).context("取下套接字过滤器失败"))
}

/// 这个系统上能不能。
///
/// # Errors
/// 不是 Linux。
#[cfg(target_os = "linux")]
pub fn supported() -> anyhow::Result<()> {
    Ok(())
}

#[cfg(not(target_os = "linux"))]
pub use elsewhere::{deliver, lose, supported};

/// 别的系统没有这样的过滤器。
#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use socket2::Socket;

    use crate::cli::Hinted;

    pub fn supported() -> anyhow::Result<()> {
        Err(anyhow::Error::new(Hinted {
            text: "这个实验要让报文段丢失,只有 Linux 上能做".to_owned(),
            hint: "Windows 上可以用 WSL;不带 --hold 的 life 哪里都能运行".to_owned(),
        }))
    }

    pub fn lose(_: &Socket) -> anyhow::Result<()> {
        supported()
    }

    pub fn deliver(_: &Socket) -> anyhow::Result<()> {
        supported()
    }
}
