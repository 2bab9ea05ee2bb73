//! 服务器:在一个固定的端口上等客户,一位接一位,听他说一个文件名,把文件发给他。

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Component, Path};
use std::time::Duration;

use anyhow::Context;
use common::addr::Address;
use socket2::{Domain, Protocol, Socket, Type};

use crate::cli;
use crate::encoding::Encoding;

/// 监听队列的长度,位。
const BACKLOG: i32 = 128;

/// 文件名最多这么多字节:多数文件系统里一个名字不超过 255 字节。
const MAX_NAME: usize = 1024;

/// 等客户说话、等客户收,一次最多这么久:一位接一位地服务,不能让一个人占住不放。
const PATIENCE: Duration = Duration::from_secs(10);

/// 逐个服务客户,直到出错。
pub fn run(listen: &Address, root: &Path, encoding: Encoding) -> anyhow::Result<()> {
    let listed = fs::read_dir(root);
    listed.with_context(|| format!("打不开目录 {}", root.display()))?;
    let listener = open(listen)?;
    cli::print_line(format_args!("监听 {}", listener.local_addr()?))?;
    serve(&listener, root, encoding)
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

/// 逐个服务客户。
fn serve(listener: &TcpListener, root: &Path, encoding: Encoding) -> anyhow::Result<()> {
    loop {
        let (stream, peer) = match listener.accept() {
            Ok(accepted) => accepted,
            // 还在队列里就走了的客户,不算服务器出错(accept(2))。
            Err(error) if is_client_gone(error.kind()) => continue,
            Err(error) => return Err(error).context("等待客户时出错"),
        };
        match answer(stream, peer, root, encoding) {
            Ok(()) => {}
            Err(error) if error.is::<cli::OutputClosed>() => return Err(error),
            // 一位客户出错只影响他自己:报告,然后继续。
            Err(error) => cli::report(&error.context(format!("服务 {peer} 时"))),
        }
    }
}

fn is_client_gone(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted
    )
}

/// 听一个文件名,把文件的字节发给他;没有这个文件,就一个字节也不发。
///
/// 离开这里时 `stream` 被释放,连接随之关闭:客户会读到流的末尾,知道没有更多了。
fn answer(
    mut stream: TcpStream,
    peer: SocketAddr,
    root: &Path,
    encoding: Encoding,
) -> anyhow::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut buffer = [0; MAX_NAME];
    let length = stream.read(&mut buffer).context("接收文件名失败")?;
    if length == 0 {
        return cli::print_line(format_args!("{peer} 什么也没有说就走了"));
    }
    let name = encoding.decode(&buffer[..length]);
    let Some(mut file) = open_file(root, &name) else {
        return cli::print_line(format_args!("{peer} 要 {name}:没有,或者不能给"));
    };
    // 一块一块地读和发,不管文件多大,占的内存都一样。
    let sent = io::copy(&mut file, &mut stream).context("发送失败")?;
    cli::print_line(format_args!("{peer} 要 {name}:发出 {sent} 字节"))
}

/// 打开 `root` 里的一个普通文件;没有,或者不能给,是 `None`。
///
/// 名字来自陌生人。`Path::join` 遇到绝对路径会丢掉前面的目录,`..` 会走出去,所以只要恰好一个普通的名字。
fn open_file(root: &Path, name: &str) -> Option<File> {
    let mut components = Path::new(name).components();
    let (Some(Component::Normal(only)), None) = (components.next(), components.next()) else {
        return None;
    };
    // 分隔符和盘符在别的系统上也不行:同一个名字在哪里都是同一个意思。
    if name.contains(['/', '\\', ':', '\0']) {
        return None;
    }
    let path = root.join(only);
    // 目录读不了;管道、设备可能一打开就停在那里。
    let regular = fs::metadata(&path).is_ok_and(|metadata| metadata.is_file());
    regular.then(|| File::open(path).ok()).flatten()
}
