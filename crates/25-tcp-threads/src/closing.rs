//! 收场:Ctrl-C 以后,叫醒等在 `accept` 里的线程。

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;

/// 叫醒自己最多花这么久:连到本机用不了一毫秒,连不上多半是队列满了,那时 `accept` 本来就不会等。
const WAKE_TIMEOUT: Duration = Duration::from_secs(1);

/// 要不要收场。
pub struct Closing {
    requested: AtomicBool,
    door: SocketAddr,
}

impl Closing {
    /// 守着监听地址 `listening`;Ctrl-C 开始收场,再按一次立刻结束。
    pub fn on_ctrl_c(listening: SocketAddr) -> anyhow::Result<Arc<Self>> {
        let closing = Arc::new(Self {
            requested: AtomicBool::new(false),
            door: door(listening),
        });
        let handler = Arc::clone(&closing);
        ctrlc::set_handler(move || {
            if handler.requested() {
                std::process::exit(1);
            }
            handler.request();
        })
        .context("设置 Ctrl-C 失败")?;
        Ok(closing)
    }

    /// 开始收场。
    ///
    /// `accept` 没有期限,也不能从外面取消:连一次自己,它就会醒来。
    pub fn request(&self) {
        if !self.requested.swap(true, Ordering::SeqCst) {
            let _ = TcpStream::connect_timeout(&self.door, WAKE_TIMEOUT);
        }
    }

    /// 是不是已经在收场。
    pub fn requested(&self) -> bool {
        self.requested.load(Ordering::SeqCst)
    }
}

/// 从本机怎样连到监听地址:`0.0.0.0` 是「所有网卡」,只能监听,不能当目标。
fn door(listening: SocketAddr) -> SocketAddr {
    let ip = match listening.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listening.port())
}
