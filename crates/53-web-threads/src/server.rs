//! 服务器:在一个固定的端口上等浏览器,每条连接一个线程,听一个请求,给一个文件,直到客户说完。

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use common::addr::Address;
use socket2::{Domain, Protocol, Socket, Type};

use crate::cli;
use crate::files::Root;
use crate::inbox::{Inbox, PATIENCE};
use crate::response;

/// 监听队列的长度,位。
const BACKLOG: i32 = 128;

/// 一次发送最多等这么久:对方一直不收,不能让他占住不放。
const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// `accept` 失败(例如描述符用完)以后,隔这么久再试:不空转。
const RETRY: Duration = Duration::from_secs(1);

/// 同时服务许多客户,直到 Ctrl-C。
pub fn run(listen: &Address, root: &Path, quiet: bool) -> anyhow::Result<()> {
    let root = Root::open(root)?;
    let listener = open(listen)?;
    cli::print_line(format_args!("监听 {}", listener.local_addr()?))?;
    serve(&listener, &root, quiet)
}

/// 等客户来,每条连接交给一个新线程。
fn serve(listener: &TcpListener, root: &Root, quiet: bool) -> ! {
    thread::scope(|scope| {
        loop {
            let (stream, peer) = match listener.accept() {
                Ok(accepted) => accepted,
                // 还在队列里就走了的客户,不算服务器出错(accept(2))。
                Err(error) if is_client_gone(error.kind()) => continue,
                // 描述符或内存用完了:已经在服务的不受影响,过一会儿再试。
                Err(error) => {
                    cli::report(&anyhow::Error::new(error).context("等待客户时出错"));
                    thread::sleep(RETRY);
                    continue;
                }
            };
            let thread = thread::Builder::new()
                .spawn_scoped(scope, move || attend(&stream, peer, root, quiet));
            if let Err(error) = thread {
                // 连接已经随着没有用上的闭包关闭了。
                cli::report(&anyhow::Error::new(error).context("开不了新线程"));
            }
        }
    })
}

/// 服务一条连接,直到关闭。
fn attend(stream: &TcpStream, peer: SocketAddr, root: &Root, quiet: bool) {
    match answer(stream, peer, root, quiet) {
        Ok(()) => {}
        // 没有人要看结果了:和 Ctrl-C 一样,安静地结束。
        Err(error) if error.is::<cli::OutputClosed>() => std::process::exit(0),
        // 一位客户出错只影响他自己:报告,别的线程继续。
        Err(error) => cli::report(&error.context(format!("服务 {peer} 时"))),
    }
}

/// 听一个请求,回答一次;直到客户说完,或者有一方不想留着这条连接。
fn answer(stream: &TcpStream, peer: SocketAddr, root: &Root, quiet: bool) -> anyhow::Result<()> {
    // 连接留着,没有 FIN 来催:Nagle 算法会攒着最后一小段,等对方的确认(tcp(7) TCP_NODELAY)。
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(SEND_TIMEOUT))?;
    let mut inbox = Inbox::new();
    // 浏览器常常先连上备用:没有请求,就没有回答。
    while let Some(request) = inbox.read(stream)? {
        let found = match &request.target {
            Ok(target) => root.find(target),
            Err(status) => Err(*status),
        };
        let (status, length) = response::send(stream, &request, found)?;
        if !quiet {
            let (line, code) = (&request.line, status.code);
            cli::print_line(format_args!("{peer} \"{line}\" {code} {length}"))?;
        }
        if !request.keep {
            response::hang_up(stream);
            break;
        }
    }
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

fn is_client_gone(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted
    )
}
