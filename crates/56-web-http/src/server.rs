//! 服务器:在一个固定的端口上等客户,请他们排队,工作线程不够就再开;Ctrl-C 按次序收场。

use std::io::{self, ErrorKind};
use std::net::{IpAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Scope};
use std::time::Duration;

use anyhow::Context;
use common::addr::Address;
use socket2::{Domain, Protocol, Socket, Type};

use crate::arguments::Arguments;
use crate::cli;
use crate::closing::Closing;
use crate::descriptors;
use crate::limits::{BACKLOG, Limits};
use crate::log::Log;
use crate::pool::Pool;
use crate::refusal::Refusals;
use crate::site::Site;
use crate::status::Status;
use crate::worker::Worker;

/// 工作线程的栈,字节:只有用到的几页才占内存,但地址空间有限,几千个线程不要各留 2 MiB。
const STACK: usize = 256 * 1024;

/// `accept` 失败(例如描述符用完)以后,最多隔这么久再试:不空转,有人离开马上就试。
const RETRY: Duration = Duration::from_secs(1);

/// 不写 `--workers` 时,最多开这么多个工作线程。
pub fn default_workers() -> usize {
    1024
}

/// 运行,直到 Ctrl-C。
///
/// 收场的次序:先关门;闲着的马上走;正在回答的答完;到了期限还没有走的,挂断。
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let limits = arguments.limits();
    let site = Site::open(&arguments.root, arguments.options())?;
    let listener = open(&arguments.listen)?;
    let address = listener.local_addr()?;
    let closing = Closing::on_ctrl_c(address)?;
    let connections = descriptors::provide(limits.connections);
    let ending = Arc::clone(&closing);
    let server = Server {
        log: Log::open(arguments.quiet, move || ending.request())?,
        pool: Pool::new(limits.workers, connections),
        told: AtomicBool::new(false),
        closing,
        limits,
        site,
    };
    cli::print_line(format_args!("监听 {address}"))?;
    // 离开 scope 之前,里面的线程都已经结束:一个也不会留下。
    thread::scope(|scope| {
        server.welcome(scope, listener);
        server.pool.see_off(server.limits.grace);
    });
    server.log.finish();
    Ok(())
}

/// 开始监听:socket、bind、listen 三步(socket(7)、listen(2))。
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
    Ok(socket.into())
}

/// 各个线程共用的东西。
struct Server {
    limits: Limits,
    site: Site,
    log: Log,
    pool: Pool,
    closing: Arc<Closing>,
    /// 说过资源不够了:不用每次都说。
    told: AtomicBool,
}

impl Server {
    /// 等客户来,请他们排队;收场时返回:门关了,排着队的也说过一声了。
    fn welcome<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>, listener: TcpListener) {
        let mut refusals = Refusals::new(&self.site);
        while !self.closing.requested() {
            match listener.accept() {
                // 收场时叫醒我们的那一次,不是客户。
                Ok((stream, _)) if self.closing.requested() => drop(refusals.refuse(stream)),
                Ok((stream, peer)) => self.admit(scope, &mut refusals, stream, peer.ip()),
                // 还在队列里就走了的客户,不算服务器出错(accept(2))。
                Err(error) if is_client_gone(error.kind()) => {}
                // 描述符或内存用完了:请一条闲着的离开,有人离开就再试。
                Err(error) => {
                    self.complain(error, "等待客户时出错");
                    refusals.clear();
                    self.pool.free_one(RETRY);
                }
            }
        }
        turn_away(listener, &mut refusals);
        for seat in self.pool.close() {
            refusals.refuse(seat.stream);
        }
    }

    /// 请一位客户排队;工作线程不够就再开一个,连接太多就请他以后再来。
    fn admit<'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
        refusals: &mut Refusals<'_>,
        stream: TcpStream,
        peer: IpAddr,
    ) {
        match self.pool.admit(stream, peer) {
            Ok(None) => {}
            Ok(Some(number)) => self.hire(scope, number),
            Err(stream) => {
                let sent = refusals.refuse(stream);
                let status = Status::SERVICE_UNAVAILABLE;
                self.log.write(peer, b"", status, sent, refusals.clock());
            }
        }
    }

    /// 开第 `number` 个工作线程:一条接一条地照看连接,直到收场。
    fn hire<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>, number: usize) {
        let work = move || {
            let mut worker = Worker::new(&self.site, &self.limits, &self.log);
            while let Some(desk) = self.pool.next(number) {
                worker.attend(&desk);
            }
        };
        let thread = thread::Builder::new().stack_size(STACK);
        if let Err(error) = thread.spawn_scoped(scope, work) {
            self.complain(error, "开不了新线程");
            self.pool.not_hired();
        }
    }

    /// 资源不够了,说一次。
    fn complain(&self, error: io::Error, doing: &'static str) {
        if !self.told.swap(true, Ordering::Relaxed) {
            cli::report(&anyhow::Error::new(error).context(doing));
        }
    }
}

/// 关门。还在监听队列里等着的,也说一声。
fn turn_away(listener: TcpListener, refusals: &mut Refusals<'_>) {
    let ready = listener.set_nonblocking(true);
    while let (Ok(()), Ok((stream, _))) = (&ready, listener.accept()) {
        refusals.refuse(stream);
    }
}

fn is_client_gone(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted
    )
}
