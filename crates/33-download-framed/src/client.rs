//! 客户端:连上服务器,说出文件名,收齐了才存成文件。

use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use common::addr::Address;

use crate::cli;
use crate::protocol::{self, Status};

/// 接收缓冲区,字节:一次 `read` 最多取走这么多。大一些,系统调用就少一些;再大也快不了多少。
const BUFFER: usize = 64 * 1024;

/// 等对方接受连接最多这么久:握手只要一个往返,操作系统自己却会试上两分钟。
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// 命令行里给了文件名就用它;没有给就问。输入结束了是 `None`。
pub fn name_or_ask(given: Option<String>) -> anyhow::Result<Option<String>> {
    if given.is_some() {
        return Ok(given);
    }
    cli::print("请输入要下载的文件名:")?;
    let line = cli::read_line()?;
    Ok(line.map(|line| String::from_utf8_lossy(&line).into_owned()))
}

/// 下载一个文件。`timeout` 是每次等服务器的期限。
pub fn run(
    server: &Address,
    name: &str,
    output: Option<PathBuf>,
    timeout: Duration,
) -> anyhow::Result<()> {
    let path = match output {
        Some(path) => path,
        None => default_path(name)?,
    };
    let mut stream = connect(server, timeout)?;
    protocol::send_request(&mut stream, name)?;
    let length = match protocol::receive_answer(&mut stream)? {
        (Status::Ok, length) => length,
        (status, _) => bail!("服务器说:{status}"),
    };
    save(&mut stream, length, &path)?;
    cli::print_line(format_args!("收到 {length} 字节,存成 {}", path.display()))
}

/// 「[接收]」加在文件名前面,不是加在路径前面:目录在这边不一定有。
fn default_path(name: &str) -> anyhow::Result<PathBuf> {
    match Path::new(name).file_name() {
        Some(base) => Ok(format!("[接收]{}", base.to_string_lossy()).into()),
        None => bail!("「{name}」不是一个文件名"),
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

/// 收 `length` 字节,先存在 `NAME.part` 里,收齐了、真的写进磁盘了,才改成最后的名字。
///
/// 最后的名字下面,要么是以前的文件,要么是完整的新文件:改名是一步完成的(rename(2))。
fn save(stream: &mut TcpStream, length: u64, path: &Path) -> anyhow::Result<()> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let mut file = own(&part)?;
    let mut buffer = vec![0; BUFFER];
    let mut left = length;
    while left > 0 {
        let wanted = buffer
            .len()
            .min(usize::try_from(left).unwrap_or(usize::MAX));
        let received = stream.read(&mut buffer[..wanted]).context("接收失败")?;
        if received == 0 {
            let text = format!("连接断了:说好 {length} 字节,还差 {left}");
            let hint = format!("收到的在 {} 里;再下载一次", part.display());
            return Err(cli::Hinted { text, hint }.into());
        }
        let written = file.write_all(&buffer[..received]);
        written.with_context(|| format!("写不了文件 {}", part.display()))?;
        left -= received as u64;
    }
    let synced = file.sync_all();
    synced.with_context(|| format!("写不了文件 {}", part.display()))?;
    // 改了名才放开(离开这里时):先放开,别人就会清空这个文件,再被改成最后的名字。
    let renamed = fs::rename(&part, path);
    renamed.with_context(|| format!("不能改名成 {}", path.display()))
}

/// 打开、清空 `part`,独占它:两个程序写同一个文件,到手的是两份搅在一起的。
fn own(part: &Path) -> anyhow::Result<File> {
    loop {
        let created = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(part);
        let file = created.with_context(|| format!("建不了文件 {}", part.display()))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!("另一个程序正在写 {}", part.display()),
            Err(TryLockError::Error(error)) => return Err(error).context("锁不住文件"),
        }
        // 上一位可能刚把它改成了最后的名字:那么手里的是他的成品,不能动,再来一次。
        if part.exists() {
            let emptied = file.set_len(0);
            emptied.with_context(|| format!("写不了文件 {}", part.display()))?;
            return Ok(file);
        }
    }
}
