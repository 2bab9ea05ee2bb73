//! 操作系统的连接表:本机每条 TCP 连接的每一端占一行。

use std::net::{IpAddr, SocketAddr};

use crate::state::State;

/// 表里的一行:从这一端看过去的连接。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// 本端的地址。
    pub local: SocketAddr,
    /// 对端的地址;监听套接字没有对端,是 `0.0.0.0:0`。
    pub remote: SocketAddr,
    /// 状态。
    pub state: State,
}

impl Row {
    /// IPv6 的套接字上来了 IPv4 的连接,系统写成 `::ffff:127.0.0.1`:换回 IPv4 的写法。
    pub fn new(local: SocketAddr, remote: SocketAddr, state: State) -> Self {
        let plain = |address: SocketAddr| -> SocketAddr {
            let ip: IpAddr = address.ip().to_canonical();
            SocketAddr::new(ip, address.port())
        };
        Self {
            local: plain(local),
            remote: plain(remote),
            state,
        }
    }
}

#[cfg(target_os = "linux")]
pub use linux::rows;

#[cfg(not(target_os = "linux"))]
pub use crate::netstat::rows;

/// 看不到表就说一声:表只是附带一看的实验,照样做。
pub fn warn_if_unreadable() {
    if let Err(error) = rows() {
        crate::cli::report(&error);
    }
}

/// `/proc/net/tcp`:内核把表写成文字,地址和状态是十六进制(proc(5))。
#[cfg(target_os = "linux")]
mod linux {
    use std::fs::File;
    use std::io;

    use anyhow::Context;
    use procfs_core::net::{TcpNetEntries, TcpState};
    use procfs_core::{ExplicitSystemInfo, FromReadSI};

    use super::{Row, State};
    use crate::cli::Hinted;

    /// 两张表,IPv4 和 IPv6 各一张,都只有本网络命名空间的连接。
    const TABLES: [&str; 2] = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// 表里现在的每一行。
    ///
    /// # Errors
    /// 读不到或读不懂。关掉了 IPv6 的机器上没有第二张表,不算错误。
    pub fn rows() -> anyhow::Result<Vec<Row>> {
        // 只用得到字节序:表里的 IPv4 地址是按本机字节序写出的整数。
        let system = ExplicitSystemInfo {
            boot_time_secs: 0,
            ticks_per_second: 100,
            page_size: 4096,
            is_little_endian: cfg!(target_endian = "little"),
        };
        let mut rows = Vec::new();
        for path in TABLES {
            let file = match File::open(path) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::NotFound && path != TABLES[0] => {
                    continue;
                }
                Err(error) => return Err(unreadable(path, &error).into()),
            };
            let entries = TcpNetEntries::from_read(file, &system)
                .with_context(|| format!("看不懂 {path}"))?;
            let row = |entry: procfs_core::net::TcpNetEntry| {
                let state = state(&entry.state);
                Row::new(entry.local_address, entry.remote_address, state)
            };
            rows.extend(entries.0.into_iter().map(row));
        }
        Ok(rows)
    }

    fn unreadable(path: &str, error: &io::Error) -> Hinted {
        Hinted {
            text: format!("读不到系统的连接表 {path}:系统说「{error}」"),
            hint: "容器或沙箱里可能没有挂上 /proc;换到外面运行".to_owned(),
        }
    }

    fn state(state: &TcpState) -> State {
        match state {
            TcpState::Established => State::Established,
            TcpState::SynSent => State::SynSent,
            TcpState::SynRecv | TcpState::NewSynRecv => State::SynReceived,
            TcpState::FinWait1 => State::FinWait1,
            TcpState::FinWait2 => State::FinWait2,
            TcpState::TimeWait => State::TimeWait,
            TcpState::Close => State::Closed,
            TcpState::CloseWait => State::CloseWait,
            TcpState::LastAck => State::LastAck,
            TcpState::Listen => State::Listen,
            TcpState::Closing => State::Closing,
        }
    }
}
