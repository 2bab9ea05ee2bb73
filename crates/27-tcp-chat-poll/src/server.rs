//! 服务器:一个线程,一个事件循环([`crate::reactor`])。谁有事就办谁的,谁也不等。

use std::time::Duration;

use anyhow::Context;
use common::addr::Address;
use mio::net::TcpListener;
use mio::{Interest, Poll};
use socket2::{Domain, Protocol, Socket, Type};

use crate::cli;
use crate::closing::Closing;
use crate::journal;
use crate::reactor::{LISTENER, Reactor};

/// 监听队列:服务器重新启动时,大家会在同一秒里再连。
const BACKLOG: i32 = 1024;

/// 上限和期限。
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// 最多几条连接。
    pub max_members: usize,
    /// 一位成员的发件箱最多几字节。
    pub queue: usize,
    /// 分行的成员最多多久不说话。
    pub idle: Duration,
    /// 分帧的成员多久没有声音就问一声。
    pub heartbeat: Duration,
    /// 给晚来的人留几条消息。
    pub history: usize,
}

/// 运行,直到 Ctrl-C。
pub fn run(listen: &Address, limits: Limits, quiet: bool) -> anyhow::Result<()> {
    let poll = Poll::new().context("建立事件循环失败")?;
    let mut listener = open(listen)?;
    let registry = poll.registry();
    registry.register(&mut listener, LISTENER, Interest::READABLE)?;
    let closing = Closing::on_ctrl_c(registry)?;
    cli::print_line(format_args!("监听 {}", listener.local_addr()?))?;
    // 聊天只用一个线程;打印日志的另有一个,终端停住了也停不住聊天。
    let (journal, printer) = journal::open(quiet, closing)?;
    let served = Reactor::new(poll, listener, limits, journal).serve();
    printer.finish();
    served
}

/// 开始监听,不阻塞。
fn open(listen: &Address) -> anyhow::Result<TcpListener> {
    let address = listen.resolve()?[0];
    let domain = Domain::for_address(address);
    let socket =
        Socket::new(domain, Type::STREAM, Some(Protocol::TCP)).context("建立套接字失败")?;
    // 上一次运行留下的 TIME_WAIT 不再挡住这个端口(socket(7))。Windows 上同名的选项会让
    // 别的程序抢走端口,那里也不需要它。
    #[cfg(unix)]
    socket.set_reuse_address(true).context("设置地址复用失败")?;
    let bound = socket.bind(&address.into());
    bound.with_context(|| format!("绑定 {listen} 失败"))?;
    socket.listen(BACKLOG).context("开始监听失败")?;
    socket.set_nonblocking(true).context("设置非阻塞失败")?;
    Ok(TcpListener::from_std(socket.into()))
}
