//! 客户端:连上服务器,和那边的人对话。

use std::io::ErrorKind;
use std::net::TcpStream;
use std::time::Duration;

use anyhow::Context;
use common::addr::Address;

use crate::cli;
use crate::encoding::Encoding;
use crate::session;

/// 等对方接受连接最多这么久:握手只要一个往返,操作系统自己却会试上两分钟。
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// 和服务器那边的人对话;这边先说。
pub fn run(server: &Address, encoding: Encoding) -> anyhow::Result<()> {
    let stream = connect(server)?;
    let (local, peer) = (stream.local_addr()?, stream.peer_addr()?);
    cli::note(format_args!("从 {local} 连到 {peer}"));
    session::talk(stream, false, encoding)?;
    Ok(())
}

/// 和服务器握手。本机的端口由操作系统挑:同时运行几个客户端也不会撞上。
fn connect(server: &Address) -> anyhow::Result<TcpStream> {
    let mut result = Err(ErrorKind::NotFound.into());
    // 一个名字可能有几个地址:依次试,直到有一个连得上。
    for address in server.resolve()? {
        result = TcpStream::connect_timeout(&address, CONNECT_TIMEOUT);
        if result.is_ok() {
            break;
        }
    }
    result.with_context(|| format!("连不上 {server}"))
}
