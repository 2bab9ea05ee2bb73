//! TCP 的 11 个状态(RFC 9293 §3.3.2)。

/// 连接的一端处在哪个状态。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// 没有连接:系统的表里没有这一行。
    Closed,
    /// 监听套接字。
    Listen,
    /// 发出了 SYN。
    SynSent,
    /// 收到了 SYN,发出了 SYN+ACK。
    SynReceived,
    /// 握手完成。
    Established,
    /// 发出了 FIN。
    FinWait1,
    /// 发出的 FIN 得到了确认。
    FinWait2,
    /// 收到了对方的 FIN。
    CloseWait,
    /// 发出了 FIN,没有等到确认,先等到了对方的 FIN。
    Closing,
    /// 收到过对方的 FIN,自己也发出了 FIN。
    LastAck,
    /// 两个 FIN 都确认了,自己是先关的一方。
    TimeWait,
}

impl State {
    /// RFC 里的名字。
    pub fn name(self) -> &'static str {
        match self {
            Self::Closed => "CLOSED",
            Self::Listen => "LISTEN",
            Self::SynSent => "SYN-SENT",
            Self::SynReceived => "SYN-RECEIVED",
            Self::Established => "ESTABLISHED",
            Self::FinWait1 => "FIN-WAIT-1",
            Self::FinWait2 => "FIN-WAIT-2",
            Self::CloseWait => "CLOSE-WAIT",
            Self::Closing => "CLOSING",
            Self::LastAck => "LAST-ACK",
            Self::TimeWait => "TIME-WAIT",
        }
    }

    /// 在等什么。
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Closed => "没有连接",
            Self::Listen => "等别人来连接",
            Self::SynSent => "SYN 发出了,等对方的 SYN+ACK",
            Self::SynReceived => "SYN+ACK 发出了,等对方的 ACK",
            Self::Established => "连接已建立,两个方向都能发",
            Self::FinWait1 => "FIN 发出了,等对方确认",
            Self::FinWait2 => "FIN 已确认,等对方的 FIN,还能收",
            Self::CloseWait => "对方说完了,等自己的程序 close()",
            Self::Closing => "两边同时关,等对方确认自己的 FIN",
            Self::LastAck => "最后的 FIN 发出了,等对方确认",
            Self::TimeWait => "都关了,先关的一方再留一会儿",
        }
    }

    /// `netstat` 的写法;不是状态就是 `None`。
    ///
    /// macOS 写 `SYN_RCVD`,Windows 写 `SYN_RECEIVED`、`LISTENING`。
    #[cfg_attr(target_os = "linux", allow(dead_code))]
    pub fn from_netstat(word: &str) -> Option<Self> {
        Some(match word {
            "CLOSED" => Self::Closed,
            "LISTEN" | "LISTENING" => Self::Listen,
            "SYN_SENT" => Self::SynSent,
            "SYN_RCVD" | "SYN_RECEIVED" | "SYN_RECV" => Self::SynReceived,
            "ESTABLISHED" => Self::Established,
            "FIN_WAIT_1" | "FIN_WAIT1" => Self::FinWait1,
            "FIN_WAIT_2" | "FIN_WAIT2" => Self::FinWait2,
            "CLOSE_WAIT" => Self::CloseWait,
            "CLOSING" => Self::Closing,
            "LAST_ACK" => Self::LastAck,
            "TIME_WAIT" => Self::TimeWait,
            _ => return None,
        })
    }
}
