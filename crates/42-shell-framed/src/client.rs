//! 客户端:连上服务器,把输入的每一个命令发给它,等一个回答。

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, bail};
use common::addr::Address;

use crate::cli;
use crate::console;
use crate::encoding::{self, Encoding};
use crate::protocol;

/// 等对方接受连接最多这么久:握手只要一个往返,操作系统自己却会试上两分钟。
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// 逐个发送命令,每个等一个回答,直到 `bye` 或输入结束。`timeout` 是等一个回答的期限。
pub fn run(server: &Address, timeout: Duration, encoding: Encoding) -> anyhow::Result<()> {
    let mut stream = connect(server, timeout)?;
    let (local, peer) = (stream.local_addr()?, stream.peer_addr()?);
    cli::note(format_args!("从 {local} 连到 {peer}"));
    let mut failures = 0;
    while let Some(text) = next_command()? {
        // 有一行编不了码,只影响它自己:报告,然后继续。
        let message = match encoding.encode(&text) {
            Ok(message) => message,
            Err(error) => {
                cli::report(&error);
                failures += 1;
                continue;
            }
        };
        send(&mut stream, &message)?;
        // 说完再走:对方不必等到流的末尾,就知道没有下一个了。
        if text == "bye" {
            break;
        }
        let answer = receive(&mut stream, timeout)?;
        console::show(&answer, encoding)?;
    }
    match failures {
        0 => Ok(()),
        _ => bail!("有 {failures} 行没有发送"),
    }
}

/// 和服务器握手。本机的端口由操作系统挑:同时运行几个客户端也不会撞上。
fn connect(server: &Address, timeout: Duration) -> anyhow::Result<TcpStream> {
    let mut result = Err(ErrorKind::NotFound.into());
    // 一个名字可能有几个地址:依次试,直到有一个连得上。
    for address in server.resolve()? {
        result = TcpStream::connect_timeout(&address, CONNECT_TIMEOUT);
        if result.is_ok() {
            break;
        }
    }
    let stream = result.with_context(|| format!("连不上 {server}"))?;
    stream.set_read_timeout(Some(timeout))?;
    stream.set_write_timeout(Some(timeout))?;
    Ok(stream)
}

/// 用户要运行的下一个命令,去掉两头的空白;输入结束是 `None`。
///
/// 空行跳过:TCP 发 0 个字节,什么也不会发出(send(2)),两边就只能互相等。
fn next_command() -> anyhow::Result<Option<String>> {
    loop {
        // 提示给坐在终端前的人;管道里的是程序,只要结果。
        if io::stdin().is_terminal() {
            let _ = io::stderr().write_all(b"cmd:");
        }
        let line = cli::read_line()?;
        let text = line.map(|line| encoding::typed_text(&line).trim().to_owned());
        if text.as_deref() != Some("") {
            return Ok(text);
        }
    }
}

/// 发送一个命令的全部字节:`write` 可能只收下一部分,`write_all` 会接着写。
fn send(stream: &mut TcpStream, message: &[u8]) -> anyhow::Result<()> {
    match stream.write_all(message) {
        Err(error) if is_timeout(error.kind()) => {
            let text = format!("等到了期限,{} 字节对方没有收完", message.len());
            let hint = "它可能停住了,也可能正等着这一边收它的回答".to_owned();
            return Err(cli::Hinted { text, hint }.into());
        }
        sent => sent.context("发送失败")?,
    }
    Ok(())
}

/// 等一个完整的回答。
fn receive(stream: &mut TcpStream, timeout: Duration) -> anyhow::Result<Vec<u8>> {
    let received = protocol::receive_answer(stream);
    let late = |error: &anyhow::Error| {
        let error = error.downcast_ref::<io::Error>();
        error.is_some_and(|error| is_timeout(error.kind()))
    };
    if received.as_ref().is_err_and(late) {
        let text = format!("连上了,但等了 {} 秒没有回答", timeout.as_secs());
        let hint = "命令可能还没有运行完(用 --timeout 多等一会儿),也可能服务器正在服务别的客户";
        return Err(cli::Hinted {
            text,
            hint: hint.to_owned(),
        }
        .into());
    }
    received
}

/// 到了期限:Unix 报 WouldBlock,Windows 报 TimedOut。
fn is_timeout(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
