//! 收场:Ctrl-C 以后,叫醒等在 `accept` 里的线程。

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use socket2::{Domain, Protocol, Socket, Type};

/// 叫醒自己最多花这么久:连到本机用不了一毫秒,连不上多半是队列满了,那时 `accept` 本来就不会等。
const WAKE_TIMEOUT: Duration = Duration::from_secs(1);

/// 要不要收场。
pub struct Closing {
    requested: AtomicBool,
    door: SocketAddr,
    /// 叫醒自己用的套接字。现在就备好:到时候描述符可能已经用完了。
    bell: Mutex<Option<Socket>>,
}

impl Closing {
    /// 守着监听地址 `listening`;Ctrl-C 开始收场,再按一次立刻结束。
    pub fn on_ctrl_c(listening: SocketAddr) -> anyhow::Result<Arc<Self>> {
        let domain = Domain::for_address(listening);
        let bell =
            Socket::new(domain, Type::STREAM, Some(Protocol::TCP)).context("建立套接字失败")?;
        let closing = Arc::new(Self {
            requested: AtomicBool::new(false),
            door: door(listening),
            bell: Mutex::new(Some(bell)),
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
        self.requested.store(true, Ordering::SeqCst);
        let mut bell = self.bell.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bell) = bell.take() {
            let _ = bell.connect_timeout(&self.door.into(), WAKE_TIMEOUT);
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
