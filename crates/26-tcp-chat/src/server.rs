//! 服务器:在一个固定的端口上等客户,每位客户两个线程:一个听他说,一个说给他听。
//!
//! 一句话的路:到达的字节 → 解码(`protocol`)→ 房间(`room`)→ 每人的发件箱(`outbox`)→ 网线。

use std::io::{self, ErrorKind};
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, Scope};
use std::time::{Duration, Instant};

use anyhow::Context;
use common::addr::Address;
use socket2::{Domain, Protocol, Socket, Type};

use crate::cli;
use crate::closing::Closing;
use crate::connections::Connections;
use crate::event::{Event, Kind, Leaving};
use crate::journal::{self, Journal};
use crate::protocol::Way;
use crate::room::Room;
use crate::session;

/// 监听队列的长度,位:一下子来几百人,也都等得到。
const BACKLOG: i32 = 1024;

/// 每个线程的栈,字节:平常是 2 MiB,几千个线程就太多了;这里一层层调用用不了几 KB。
pub const STACK: usize = 128 * 1024;

/// `accept` 失败(例如描述符用完)以后,最多隔这么久再试:不空转,有人离开马上就试。
const RETRY: Duration = Duration::from_secs(1);

/// 同一个毛病最多隔这么久说一次。
const COMPLAIN: Duration = Duration::from_secs(10);

/// 收场时最多等大家这么久。
const GRACE: Duration = Duration::from_secs(3);

/// 上限和期限。
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// 最多几位成员。
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

/// 运行聊天室,直到 Ctrl-C。
pub fn run(listen: &Address, limits: Limits, quiet: bool) -> anyhow::Result<()> {
    let listener = open(listen)?;
    let closing = Closing::on_ctrl_c(listener.local_addr()?)?;
    cli::print_line(format_args!("监听 {}", listener.local_addr()?))?;
    let (journal, printer) = journal::open(quiet, Arc::clone(&closing))?;
    let server = Server {
        limits,
        turn: Mutex::new(()),
        room: Mutex::new(Room::new(limits.history)),
        connections: Connections::new(limits.max_members, limits.queue),
        closing,
        journal,
        complained: Mutex::default(),
    };
    // 离开 scope 之前,里面的线程都已经结束:一个也不会留下。
    thread::scope(|scope| {
        server.serve(scope, &listener);
        server.close(listener);
    });
    drop(server);
    printer.finish();
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
pub struct Server {
    /// 上限和期限。
    pub limits: Limits,
    room: Mutex<Room>,
    /// 下一个进房间的人拿着它等。没有它,说个不停的人刚放开锁又马上抢到,别人老也轮不到。
    turn: Mutex<()>,
    connections: Connections,
    closing: Arc<Closing>,
    journal: Journal,
    /// 上一次抱怨系统的时候。
    complained: Mutex<Option<Instant>>,
}

impl Server {
    /// 在房间里做一件事。锁着房间的时候只往发件箱里放字节,从不等谁。
    pub fn in_room<T>(&self, act: impl FnOnce(&mut Room) -> T) -> T {
        let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut room = self.room.lock().unwrap_or_else(PoisonError::into_inner);
        drop(turn);
        let result = act(&mut room);
        let events = room.take_events();
        // 还锁着,日志的先后就是房间里的先后。
        for event in &events {
            self.journal.write(self.describe(event));
        }
        drop(room);
        for event in events {
            if event.kind == Kind::Left(Leaving::Slow) {
                self.connections.hang_up(event.id);
            }
        }
        result
    }

    fn describe(&self, event: &Event) -> String {
        match (event.kind, self.connections.peer(event.id)) {
            (Kind::Joined(Way::Frames), Some(peer)) => format!("{}({peer},帧)", event.text),
            (Kind::Joined(Way::Lines), Some(peer)) => format!("{}({peer},行)", event.text),
            _ => event.text.clone(),
        }
    }

    /// 等客户来,每位交给一个新线程;收场时返回。
    fn serve<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>, listener: &TcpListener) {
        while !self.closing.requested() {
            let trouble = match listener.accept() {
                // 收场时叫醒我们的那一次,不是客户。
                Ok(_) if self.closing.requested() => return,
                Ok((stream, peer)) => match self.connections.admit(stream, peer) {
                    Some(seat) => thread::Builder::new()
                        .stack_size(STACK)
                        .spawn_scoped(scope, move || session::run(self, &seat))
                        .err()
                        // 座位已经随着没有用上的闭包让出来了。
                        .map(|error| (error, "开不了新线程")),
                    None => None,
                },
                // 还在队列里就走了的客户,不算服务器出错(accept(2))。
                Err(error) if is_client_gone(error.kind()) => None,
                // 描述符或内存用完了:已经在座的不受影响,等有人离开再试。
                Err(error) => Some((error, "等待客户时出错")),
            };
            if let Some((error, what)) = trouble {
                self.complain(error, what);
                self.connections.wait_for_departure(RETRY);
            }
        }
    }

    /// 系统不给我们什么了:说一声。毛病多半要持续一阵,不能每次都说。
    pub fn complain(&self, error: io::Error, what: &'static str) {
        let complained = self.complained.lock();
        let mut last = complained.unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|last| last.elapsed() >= COMPLAIN) {
            cli::report(&anyhow::Error::new(error).context(what));
            *last = Some(Instant::now());
        }
    }

    /// 收场:先关门,不再有新客户;谁的话也不听了,告诉每个人,等他们走完。
    fn close(&self, listener: TcpListener) {
        drop(listener);
        let count = self.connections.count();
        if count > 0 {
            let seconds = GRACE.as_secs();
            cli::note(format_args!(
                "正在告别 {count} 位,最多等 {seconds} 秒,再按一次 Ctrl-C 立刻结束"
            ));
        }
        self.in_room(Room::close);
        self.connections.see_off(GRACE);
    }
}

fn is_client_gone(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted
    )
}
