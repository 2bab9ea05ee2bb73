//! 服务器:在一个固定的端口上等客户,每位客户一个线程,听他说一次,回答一次,直到他说完。

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::{self, Scope};
use std::time::Duration;

use anyhow::Context;
use common::addr::Address;
use socket2::{Domain, Protocol, Socket, Type};

use crate::cli;
use crate::closing::Closing;
use crate::customers::{Customers, Seat, dismiss, turn_away};
use crate::encoding::Encoding;

/// 接收缓冲区,字节:一次 `read` 最多取走这么多。不大,好让讲义里看得到「一条消息分几次收」。
const BUFFER: usize = 1024;

/// 一次发送最多等这么久:对方一直不收,缓冲区就一直是满的,不能让他占着一个线程。
const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// `accept` 失败(例如描述符用完)以后,最多隔这么久再试:不空转,有人离开马上就试。
const RETRY: Duration = Duration::from_secs(1);

/// 收场时告诉客户的话。
const CLOSING: &str = "服务器要关闭了";

/// 服务器给自己定的限度。
pub struct Limits {
    /// 监听队列的长度,位。
    pub backlog: i32,
    /// 最多同时服务几位客户:每位要一个线程和一个描述符。
    pub customers: usize,
    /// 客户最多这么久不说话。
    pub idle: Duration,
    /// 收场时,最多等客户这么久。
    pub grace: Duration,
}

/// 同时服务许多客户,直到 Ctrl-C。
///
/// 收场的次序:先关门,不再有新客户;再等正在服务的说完;到了期限还没有走的,告诉他,挂断。
pub fn run(listen: &Address, limits: Limits, encoding: Encoding) -> anyhow::Result<()> {
    let listener = open(listen, limits.backlog)?;
    let server = Server {
        closing: Closing::on_ctrl_c(listener.local_addr()?)?,
        customers: Customers::new(limits.customers),
        limits,
        encoding,
    };
    cli::print_line(format_args!("监听 {}", listener.local_addr()?))?;
    // 离开 scope 之前,里面的线程都已经结束:一个也不会留下。
    thread::scope(|scope| {
        let served = server.serve(scope, &listener);
        let farewell = server.words(CLOSING);
        turn_away(listener, &farewell);
        server.customers.see_off(server.limits.grace, &farewell);
        served
    })
}

/// 开始监听。标准库的 `TcpListener::bind` 把这几步合成一步,这里分开写。
fn open(listen: &Address, backlog: i32) -> anyhow::Result<TcpListener> {
    let address = listen.resolve()?[0];
    // socket:要一个 TCP 套接字,它还没有地址。
    let domain = Domain::for_address(address);
    let socket =
        Socket::new(domain, Type::STREAM, Some(Protocol::TCP)).context("建立套接字失败")?;
    // 上一次运行留下的 TIME_WAIT 不再挡住这个端口(socket(7))。Windows 上同名的选项会让
    // 别的程序抢走端口,那里也不需要它。
    #[cfg(unix)]
    socket.set_reuse_address(true).context("设置地址复用失败")?;
    // bind:占住这个地址。
    let bound = socket.bind(&address.into());
    bound.with_context(|| format!("绑定 {listen} 失败"))?;
    // listen:从此由操作系统替我们和客户握手,握完手的在队列里排着,最多 backlog 位(listen(2))。
    socket.listen(backlog).context("开始监听失败")?;
    Ok(socket.into())
}

/// 各个线程共用的东西。
struct Server {
    limits: Limits,
    encoding: Encoding,
    customers: Customers,
    closing: Arc<Closing>,
}

impl Server {
    /// 等客户来,每位交给一个新线程;收场时返回。
    ///
    /// `accept` 返回两样东西:专门服务这位客户的新套接字,和他的地址。监听套接字自己不收发数据,
    /// 交出去马上可以去等下一位。
    fn serve<'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
        listener: &TcpListener,
    ) -> anyhow::Result<()> {
        let mut told = false;
        while !self.closing.requested() {
            match listener.accept() {
                // 收场时叫醒我们的那一次,不是客户。
                Ok((stream, _)) if self.closing.requested() => {
                    dismiss(&stream, &self.words(CLOSING))
                }
                Ok((stream, peer)) => self.welcome(scope, stream, peer)?,
                // 还在队列里就走了的客户,不算服务器出错(accept(2))。
                Err(error) if is_client_gone(error.kind()) => {}
                // 描述符或内存用完了:已经在服务的不受影响,等有人离开再试。
                Err(error) => {
                    if !told {
                        cli::report(&anyhow::Error::new(error).context("等待客户时出错"));
                    }
                    // 没有人离开,就不用再说一遍。
                    told = !self.customers.wait_for_departure(RETRY);
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
        let seat = match self.customers.admit(stream) {
            Ok(seat) => seat,
            Err(stream) => {
                dismiss(&stream, &self.words("客人太多,请稍后再来"));
                return cli::print_line(format_args!("{peer} 来了,但已经满座"));
            }
        };
        let thread = thread::Builder::new().spawn_scoped(scope, move || self.attend(&seat, peer));
        if let Err(error) = thread {
            // 座位已经随着没有用上的闭包让出来了。
            cli::report(&anyhow::Error::new(error).context("开不了新线程"));
        }
        Ok(())
    }

    /// 服务一位客户,直到他说完。
    fn attend(&self, seat: &Seat, peer: SocketAddr) {
        match self.answer(&seat.stream, peer) {
            Ok(()) => {}
            Err(error) if error.is::<cli::OutputClosed>() => self.closing.request(),
            // 一位客户出错只影响他自己:报告,别的线程继续。
            Err(error) => cli::report(&error.context(format!("服务 {peer} 时"))),
        }
    }

    /// 听一次,把英文字母变成大写,发回去;直到客户说完,或者太久不说话。
    fn answer(&self, mut stream: &TcpStream, peer: SocketAddr) -> anyhow::Result<()> {
        cli::print_line(format_args!("{peer} 连上了"))?;
        stream.set_read_timeout(Some(self.limits.idle))?;
        stream.set_write_timeout(Some(SEND_TIMEOUT))?;
        let mut buffer = [0; BUFFER];
        loop {
            let length = match stream.read(&mut buffer) {
                // 读到 0 个字节,是流的末尾:客户说完了(recv(2))。不离开循环,以后每次都马上读到 0。
                Ok(0) => break,
                Ok(length) => length,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                // 到了期限:Unix 报 WouldBlock,Windows 报 TimedOut。
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
                {
                    dismiss(stream, &self.words("太久没有说话,再见"));
                    return cli::print_line(format_args!("{peer} 太久没有说话"));
                }
                Err(error) => return Err(error).context("接收失败"),
            };
            let message = &mut buffer[..length];
            let text = self.encoding.decode(message);
            cli::print_line(format_args!("{peer} 发送了:{text}"))?;
            message.make_ascii_uppercase();
            stream.write_all(message).context("发送失败")?;
        }
        cli::print_line(format_args!("{peer} 服务完了"))
    }

    fn words(&self, text: &str) -> Vec<u8> {
        // 都是常用字,哪一种编码里都有。
        self.encoding.encode(text).unwrap_or_default()
    }
}

fn is_client_gone(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted
    )
}
