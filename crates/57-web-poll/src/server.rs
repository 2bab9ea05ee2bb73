//! 服务器:几个工作线程,每个一个事件循环([`crate::reactor`]),互不等待。

use std::num::NonZero;
use std::sync::Arc;
use std::thread;

use anyhow::Context;
use mio::{Poll, Waker};

use crate::arguments::Arguments;
use crate::cache::Cache;
use crate::cli;
use crate::closing;
use crate::descriptors;
use crate::desk::Desk;
use crate::listen::{self, SHARES_PORT};
use crate::log::Log;
use crate::places::Places;
use crate::reactor::{Reactor, WAKER};
use crate::site::Site;

/// 不写 `--workers` 时,每个核一个工作线程:它们从不等待,再多也没有核可用。
pub fn default_workers() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// 运行,直到 Ctrl-C。
///
/// # Errors
/// 打不开目录,不能监听,或者系统出了错。
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let site = Arc::new(Site::open(&arguments.root, arguments.options())?);
    let mut limits = arguments.limits();
    limits.connections = descriptors::provide(limits.connections);
    let count = if SHARES_PORT { limits.workers } else { 1 };
    let listeners = listen::open(&arguments.listen, count)?;
    let address = listeners[0].local_addr()?;
    let places = Arc::new(Places::new(limits.connections));
    let bell = Arc::clone(&places);
    let log = Arc::new(Log::open(arguments.quiet, move || bell.close())?);
    let (mut wakers, mut reactors) = (Vec::new(), Vec::new());
    for listener in listeners {
        let poll = Poll::new().context("建立事件循环失败")?;
        wakers.push(Waker::new(poll.registry(), WAKER).context("建立叫醒用的事件失败")?);
        let desk = Desk::new(Cache::new(Arc::clone(&site)), Arc::clone(&log));
        let reactor = Reactor::new(poll, listener, desk, limits, Arc::clone(&places))?;
        reactors.push(reactor);
    }
    places.set_wakers(wakers);
    closing::on_ctrl_c(Arc::clone(&places))?;
    cli::print_line(format_args!("监听 {address}"))?;
    let served = serve(reactors);
    if let Some(log) = Arc::into_inner(log) {
        log.finish();
    }
    served
}

/// 运行各个工作线程,直到都收场。
fn serve(reactors: Vec<Reactor>) -> anyhow::Result<()> {
    thread::scope(|scope| {
        let workers: Vec<_> = reactors
            .into_iter()
            .map(|mut reactor| scope.spawn(move || reactor.serve()))
            .collect();
        let joined = workers.into_iter().map(|worker| match worker.join() {
            Ok(served) => served,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        joined.collect()
    })
}
