//! 长连接:安静是正常的,所以由操作系统去探对方还在不在。

use std::net::TcpStream;
use std::time::Duration;

use anyhow::Context;
use socket2::{SockRef, TcpKeepalive};

/// 安静这么久就探一次:比常见的 NAT 忘掉一条连接的时间短。
const QUIET: Duration = Duration::from_secs(30);

/// 没有回应,隔这么久再探;探几次由系统定(Linux 是 9 次)。
const AGAIN: Duration = Duration::from_secs(10);

/// 设置一条连接:探测对方,小的帧不等凑齐再发。
///
/// # Errors
/// 系统不肯,多半是连接已经断了。
pub fn set(stream: &TcpStream) -> anyhow::Result<()> {
    // 一帧一次写出,不必等着和下一帧合并(tcp(7) 的 TCP_NODELAY)。
    stream.set_nodelay(true).context("设置 TCP_NODELAY 失败")?;
    let socket = SockRef::from(stream);
    let probes = TcpKeepalive::new().with_time(QUIET).with_interval(AGAIN);
    let set = socket.set_tcp_keepalive(&probes);
    // 不设 TCP_USER_TIMEOUT:对方慢慢看(less)而不收,它也会当作断了(tcp(7))。
    set.context("设置 SO_KEEPALIVE 失败")
}
