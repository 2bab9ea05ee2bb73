//! 拥塞控制:TCP 发多快,由发送的一方按哪一种算法决定。

use socket2::Socket;

/// 换一种算法,例如 `cubic`、`bbr`(tcp(7) `TCP_CONGESTION`)。系统没有它、不许用它,就是错误。
#[cfg(target_os = "linux")]
pub fn set(socket: &Socket, algorithm: &str) -> anyhow::Result<()> {
    use crate::cli::Hinted;
    let set = rustix::net::sockopt::set_tcp_congestion(socket, algorithm);
    set.map_err(|error| {
        let text = format!("不能用拥塞控制 {algorithm}:{error}");
        let hint = "能用的在 /proc/sys/net/ipv4/tcp_allowed_congestion_control 里".to_owned();
        Hinted { text, hint }.into()
    })
}

/// 别的系统不能一条连接一条连接地选。
#[cfg(not(target_os = "linux"))]
pub fn set(_socket: &Socket, _algorithm: &str) -> anyhow::Result<()> {
    anyhow::bail!("只有 Linux 能选拥塞控制")
}
