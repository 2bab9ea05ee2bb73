//! 服务器:在一个固定的端口上等浏览器,请他们排队;工作线程一位接一位,听一个请求,给一个文件,直到客户说完。

use std::fmt;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use common::addr::Address;
use socket2::{Domain, Protocol, Socket, Type};

use crate::cli;
use crate::closing::Closing;
use crate::files::Root;
use crate::inbox::Inbox;
use crate::pool::{Pool, Seat};
use crate::refusal::Refusals;
use crate::response;

/// 监听队列的长度,位。
const BACKLOG: i32 = 128;

/// 一次发送最多等这么久:对方一直不收,不能让他占住不放。
const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// `accept` 失败(例如描述符用完)以后,最多隔这么久再试:不空转,有人离开马上就试。
const RETRY: Duration = Duration::from_secs(1);

/// 服务器给自己定的限度。
pub struct Limits {
    /// 工作线程:每个服务一条连接,要一个线程和两个描述符(连接、文件)。
    pub workers: usize,
    /// 他们都忙的时候,最多几位客户排队:每位一个描述符。
    pub queue: usize,
    /// 等下一个请求最多这么久:等着的人占着一个线程。
    pub idle: Duration,
    /// 收场时,最多等客户这么久。
    pub grace: Duration,
}

/// 一个网站:在哪里听,给哪个目录里的文件。
pub struct WebServer {
    listener: TcpListener,
    site: Site,
}

/// 各个线程共用的东西。
struct Site {
    root: Root,
    quiet: bool,
    limits: Limits,
    pool: Pool,
}

impl WebServer {
    /// 打开目录,开始监听;客户可以来排队了,`start` 以后才有人答。
    pub fn new(listen: &Address, root: &Path, limits: Limits, quiet: bool) -> anyhow::Result<Self> {
        let site = Site {
            root: Root::open(root)?,
            quiet,
            pool: Pool::new(limits.workers, limits.queue),
            limits,
        };
        let listener = open(listen)?;
        Ok(Self { listener, site })
    }

    /// 真正的地址:要的是端口 0,这里是操作系统挑的那个。
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// 开始:等客户来,请他们排队;收场以后返回。
    ///
    /// 收场的次序:先关门,不再有新客户,排着队的说一声 503;再等正在答的答完;到了期限还没有完的,挂断。
    pub fn start(self, closing: &Closing) -> anyhow::Result<()> {
        let Self { listener, site } = self;
        let mut refusals = Refusals::default();
        // 离开 scope 之前,里面的线程都已经结束:一个也不会留下。
        thread::scope(|scope| {
            let mut started = Ok(());
            for _ in 0..site.limits.workers {
                let worker = || site.work(closing);
                let thread = thread::Builder::new().spawn_scoped(scope, worker);
                started = started.and(thread.map(|_| ()));
            }
            if started.is_ok() {
                site.welcome(&listener, closing, &mut refusals);
            }
            refusals.turn_away(listener);
            for (stream, _) in site.pool.close() {
                refusals.refuse(stream);
            }
            site.pool.see_off(site.limits.grace);
            started.context("开不了新线程")
        })
    }
}

impl Site {
    /// 等客户来,请他们排队;收场时返回。
    fn welcome(&self, listener: &TcpListener, closing: &Closing, refusals: &mut Refusals) {
        while !closing.requested() {
            match listener.accept() {
                // 收场时叫醒我们的那一次,不是客户。
                Ok((stream, _)) if closing.requested() => refusals.refuse(stream),
                Ok((stream, peer)) => {
                    if let Err(stream) = self.pool.admit(stream, peer) {
                        refusals.refuse(stream);
                        self.log(closing, format_args!("{peer} \"-\" 503 0"));
                    }
                }
                // 还在队列里就走了的客户,不算服务器出错(accept(2))。
                Err(error) if is_client_gone(error.kind()) => {}
                // 描述符或内存用完了:已经在服务的不受影响,等有人离开再试。
                Err(error) => {
                    cli::report(&anyhow::Error::new(error).context("等待客户时出错"));
                    self.pool.wait_for_departure(RETRY);
                }
            }
        }
    }

    /// 一个工作线程:一位接一位地服务,直到收场。
    fn work(&self, closing: &Closing) {
        while let Some(seat) = self.pool.next() {
            if let Err(error) = self.answer(&seat, closing) {
                // 一位客户出错只影响他自己:报告,然后服务下一位。
                cli::report(&error.context(format!("服务 {} 时", seat.peer)));
            }
            self.pool.leave(&seat);
        }
    }

    /// 一个请求一行;没有人要看了,就收场。
    fn log(&self, closing: &Closing, line: fmt::Arguments) {
        if !self.quiet && cli::print_line(line).is_err() {
            closing.request();
        }
    }

    /// 听一个请求,回答一次;直到客户说完,或者有一方不想留着这条连接。
    fn answer(&self, seat: &Seat, closing: &Closing) -> anyhow::Result<()> {
        let (stream, peer) = (&seat.stream, seat.peer);
        // 连接留着,没有 FIN 来催:Nagle 算法会攒着最后一小段,等对方的确认(tcp(7) TCP_NODELAY)。
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(self.limits.idle))?;
        stream.set_write_timeout(Some(SEND_TIMEOUT))?;
        let mut inbox = Inbox::new(self.limits.idle);
        // 浏览器常常先连上备用:没有请求,就没有回答。
        while inbox.wait(stream)? {
            let stays = seat.wake();
            let Some(mut request) = inbox.read(stream)? else {
                break;
            };
            // 有人在等:说清楚答完就关闭,他下次重新来排队。
            request.keep &= stays && !self.pool.crowded();
            let found = match &request.target {
                Ok(target) => self.root.find(target),
                Err(status) => Err(*status),
            };
            let (status, length) = response::send(stream, &request, found)?;
            let (line, code) = (&request.line, status.code);
            self.log(closing, format_args!("{peer} \"{line}\" {code} {length}"));
            if !request.keep {
                response::hang_up(stream);
                break;
            }
            if inbox.is_empty() && !seat.rest(&self.pool) {
                break;
            }
        }
        Ok(())
    }
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

fn is_client_gone(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted
    )
}
