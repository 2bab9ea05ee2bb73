//! 服务器:几个工人,每人一个事件循环([`crate::reactor`]),互不等待。

use std::sync::Arc;
use std::thread;

use anyhow::Context;
use common::addr::Address;
use mio::{Poll, Waker};

use crate::cache::Cache;
use crate::cli;
use crate::clock::Clock;
use crate::connection::Desk;
use crate::limits::Limits;
use crate::listen::{self, SHARES_PORT};
use crate::places::Places;
use crate::reactor::{Reactor, WAKER};
use crate::site::Site;

/// 运行,直到 Ctrl-C。
///
/// # Errors
/// 不能监听,或者系统出了错。
pub fn run(listen: &Address, site: Site, limits: Limits) -> anyhow::Result<()> {
    let count = if SHARES_PORT { limits.workers } else { 1 };
    let listeners = listen::open(listen, count)?;
    let address = listeners[0].local_addr()?;
    let site = Arc::new(site);
    let places = Arc::new(Places::new(limits.connections));
    let mut wakers = Vec::new();
    let mut reactors = Vec::new();
    for listener in listeners {
        let poll = Poll::new().context("建立事件循环失败")?;
        wakers.push(Waker::new(poll.registry(), WAKER).context("建立叫醒用的事件失败")?);
        let desk = Desk {
            origin: Cache::new(Arc::clone(&site)),
            clock: Clock::new(),
            output: Vec::new(),
        };
        reactors.push(Reactor::new(
            poll,
            listener,
            desk,
            limits,
            Arc::clone(&places),
        )?);
    }
    places.set_wakers(wakers);
    on_ctrl_c(Arc::clone(&places))?;
    cli::print_line(format_args!("监听 {address}"))?;
    thread::scope(|scope| {
        let workers: Vec<_> = reactors
            .into_iter()
            .map(|mut reactor| scope.spawn(move || reactor.serve()))
            .collect();
        workers
            .into_iter()
            .try_for_each(|worker| match worker.join() {
                Ok(served) => served,
                Err(panic) => std::panic::resume_unwind(panic),
            })
    })
}

/// Ctrl-C 开始收场,再按一次立刻结束。
fn on_ctrl_c(places: Arc<Places>) -> anyhow::Result<()> {
    ctrlc::set_handler(move || {
        if places.is_closing() {
            std::process::exit(1);
        }
        places.close();
    })
    .context("设置 Ctrl-C 失败")
}
