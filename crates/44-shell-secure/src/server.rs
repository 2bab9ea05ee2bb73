//! 服务器:在一个固定的端口上等客户,每位客户一个线程,直到他说完。

use std::env;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, Scope};
use std::time::Duration;

use anyhow::Context;
use common::addr::Address;

use crate::audit::Event;
use crate::cli;
use crate::closing::Closing;
use crate::codepage;
use crate::command;
use crate::customers::{Customers, Seat, turn_away};
use crate::entrance::{Entrance, Refusal, tell};
use crate::farewell::refuse;
use crate::guard::Guard;
use crate::keepalive;
use crate::listening::open;
use crate::options::Guarding;
use crate::session::Session;

/// `accept` 失败(例如描述符用完)以后,最多隔这么久再试:不空转,有人离开马上就试。
const RETRY: Duration = Duration::from_secs(1);

/// 还没有通过的人,同时最多这么多:他们不占客户的座位。
const STRANGERS: usize = 100;

/// 服务器给自己定的限度。
pub struct Limits {
    /// 监听队列的长度,位。
    pub backlog: i32,
    /// 最多同时服务几位客户:每位要几个线程,十来个描述符。
    pub customers: usize,
    /// 客户最多这么久不说话,也最多这么久不收。
    pub idle: Duration,
    /// 收场时,最多等客户这么久。
    pub grace: Duration,
    /// 一个命令的限度。
    pub command: command::Limits,
}

/// 同时服务许多客户,直到 Ctrl-C。
///
/// 收场的次序:先关门,不再有新客户;再等正在服务的说完;到了期限还没有走的,挂断,命令跟着结束。
pub fn run(listen: &Address, limits: Limits, guarding: &Guarding) -> anyhow::Result<()> {
    let start = env::current_dir().context("不知道当前目录")?;
    let listener = open(listen, limits.backlog, guarding)?;
    let prepared = guarding.prepare()?;
    let server = Server {
        closing: Closing::on_ctrl_c(listener.local_addr()?)?,
        customers: Customers::new(limits.customers),
        strangers: Customers::new(STRANGERS),
        entrance: prepared.entrance,
        guard: prepared.guard,
        encoding: codepage::of_commands(),
        limits,
        start,
    };
    cli::print_line(format_args!("监听 {}", listener.local_addr()?))?;
    prepared.notices.iter().for_each(cli::note);
    // 离开 scope 之前,里面的线程都已经结束:一个也不会留下。
    thread::scope(|scope| {
        let served = server.serve(scope, &listener);
        turn_away(listener, &server.entrance.last_words("服务器要关闭了"));
        server.strangers.see_off(Duration::ZERO, &[]);
        // 什么也不说:他的一帧可能正写到一半,说的话会混进里面。
        server.customers.see_off(server.limits.grace, &[]);
        served
    })
}

/// 各个线程共用的东西。
struct Server {
    limits: Limits,
    /// 命令的输出用什么编码。
    encoding: String,
    /// 命令从哪个目录开始。
    start: PathBuf,
    customers: Customers,
    /// 还没有通过的人。
    strangers: Customers,
    entrance: Entrance,
    guard: Guard,
    closing: Arc<Closing>,
}

impl Server {
    /// 等客户来,每位交给一个新线程;收场时返回。
    fn serve<'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
        listener: &TcpListener,
    ) -> anyhow::Result<()> {
        while !self.closing.requested() {
            match listener.accept() {
                // 收场时叫醒我们的那一次,不是客户。
                Ok((stream, _)) if self.closing.requested() => {
                    refuse(&stream, &self.entrance.last_words("服务器要关闭了"));
                }
                Ok((stream, peer)) => self.welcome(scope, stream, peer)?,
                // 还在队列里就走了的客户,不算服务器出错(accept(2))。
                Err(error) if is_client_gone(error.kind()) => {}
                // 描述符或内存用完了:已经在服务的不受影响,等有人离开再试。
                Err(error) => {
                    cli::report(&anyhow::Error::new(error).context("等待客户时出错"));
                    self.customers.wait_for_departure(RETRY);
                }
            }
        }
        Ok(())
    }

    /// 有座位就开一个线程服务他,满座就请他以后再来。
    fn welcome<'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
        stream: TcpStream,
        peer: SocketAddr,
    ) -> anyhow::Result<()> {
        let seat = match self.strangers.admit(stream) {
            Ok(seat) => seat,
            Err(stream) => {
                refuse(&stream, &self.entrance.last_words("客人太多,请稍后再来"));
                return self.log_refusal(peer, "门口的人太多");
            }
        };
        let thread = thread::Builder::new().spawn_scoped(scope, move || self.attend(seat, peer));
        if let Err(error) = thread {
            // 座位已经随着没有用上的闭包让出来了。
            cli::report(&anyhow::Error::new(error).context("开不了新线程"));
        }
        Ok(())
    }

    /// 服务一位客户,直到他说完。
    fn attend(&self, seat: Seat, peer: SocketAddr) {
        match self.converse(seat, peer) {
            Ok(()) => {}
            Err(error) if error.is::<cli::OutputClosed>() => self.closing.request(),
            // 一位客户出错只影响他自己:报告,别的线程继续。
            Err(error) => cli::report(&error.context(format!("服务 {peer} 时"))),
        }
    }

    fn converse(&self, door: Seat, peer: SocketAddr) -> anyhow::Result<()> {
        keepalive::set(&door.stream)?;
        let (wire, reader) = match self.entrance.admit(Arc::clone(&door.stream), peer) {
            Ok(admitted) => admitted,
            Err(Refusal(reason)) => return self.log_refusal(peer, &reason),
        };
        // 通过了才入座:门外的人再多,也占不了座位。
        let Ok(_seat) = self.customers.admit(door.stream.try_clone()?) else {
            tell(&wire, "客人太多,请稍后再来");
            wire.hang_up();
            return cli::print_line(format_args!("{peer} 来了,但已经满座"));
        };
        drop(door);
        self.guard.audit.record(peer, Event::Admitted)?;
        cli::print_line(format_args!("{peer} 连上了"))?;
        let session = Session {
            peer,
            wire: &wire,
            idle: self.limits.idle,
            limits: self.limits.command,
            encoding: &self.encoding,
            start: self.start.clone(),
            guard: &self.guard,
        };
        session.run(reader, &*wire)?;
        cli::print_line(format_args!("{peer} 服务完了"))
    }

    fn log_refusal(&self, peer: SocketAddr, reason: &str) -> anyhow::Result<()> {
        match self.guard.audit.record_stranger(peer, reason)? {
            true => cli::print_line(format_args!("{peer} 没有进来:{reason}")),
            false => Ok(()),
        }
    }
}

fn is_client_gone(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted
    )
}
