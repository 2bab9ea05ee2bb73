//! 收场:Ctrl-C 以后,叫醒等在 `poll` 里的事件循环。

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use mio::{Registry, Waker};

use crate::reactor::WAKER;

/// 要不要收场。
pub struct Closing {
    requested: AtomicBool,
    waker: Waker,
}

impl Closing {
    /// Ctrl-C 开始收场,再按一次立刻结束。
    pub fn on_ctrl_c(registry: &Registry) -> anyhow::Result<Arc<Self>> {
        let closing = Arc::new(Self {
            requested: AtomicBool::new(false),
            waker: Waker::new(registry, WAKER).context("建立叫醒用的事件失败")?,
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

    /// 开始收场:事件循环会得到一个 [`WAKER`] 的事件。
    pub fn request(&self) {
        self.requested.store(true, Ordering::SeqCst);
        if self.waker.wake().is_err() {
            std::process::exit(1);
        }
    }

    /// 是不是已经在收场。
    pub fn requested(&self) -> bool {
        self.requested.load(Ordering::SeqCst)
    }
}
