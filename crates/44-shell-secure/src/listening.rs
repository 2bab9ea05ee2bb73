//! 开始监听:没有加密、没有口令的,别的机器不该连得到。

use std::net::TcpListener;

use anyhow::Context;
use common::addr::Address;
use socket2::{Domain, Protocol, Socket, Type};

use crate::cli;
use crate::options::Guarding;

/// 开始监听。标准库的 `TcpListener::bind` 把这几步合成一步,这里分开写。
///
/// # Errors
/// 不该在这里监听,或者地址用不了。
pub fn open(listen: &Address, backlog: i32, guarding: &Guarding) -> anyhow::Result<TcpListener> {
    let address = listen.resolve()?[0];
    // 回环地址只有本机的程序连得到;别的地址,同一个网里的人都连得到。
    if guarding.is_open() && !address.ip().to_canonical().is_loopback() {
        let text = format!("没有在 {address} 上监听:别的机器也连得到那里,要加密,也要口令");
        let hint = "去掉 --no-tls 和 --no-token,或者用 127.0.0.1".to_owned();
        return Err(cli::Hinted { text, hint }.into());
    }
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
