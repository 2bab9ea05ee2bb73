//! 客户端:连上服务器,说出文件名,把收到的字节存成文件。

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use common::addr::Address;

use crate::cli;
use crate::encoding::{self, Encoding};

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
    Ok(cli::read_line()?.map(|line| encoding::typed_text(&line)))
}

/// 下载一个文件。`timeout` 是每次等服务器的期限。
pub fn run(
    server: &Address,
    name: &str,
    output: Option<PathBuf>,
    timeout: Duration,
    encoding: Encoding,
) -> anyhow::Result<()> {
    let path = match output {
        Some(path) => path,
        None => default_path(name)?,
    };
    let mut stream = connect(server, timeout)?;
    let request = encoding.encode(name)?;
    stream.write_all(&request).context("发送文件名失败")?;
    let length = save(&mut stream, &path)?;
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

/// 收到流的末尾,存成文件;一个字节也没有收到,就不建文件。返回存了多少字节。
fn save(stream: &mut TcpStream, path: &Path) -> anyhow::Result<u64> {
    let mut buffer = vec![0; BUFFER];
    let mut length = stream.read(&mut buffer).context("接收失败")?;
    if length == 0 {
        bail!("服务器一个字节也没有发来:没有这个文件,或者它是空的");
    }
    let created = File::create(path);
    let mut file = created.with_context(|| format!("建不了文件 {}", path.display()))?;
    let mut total = 0;
    // 读到 0 个字节,是流的末尾:服务器发完了,关闭了连接。也可能是它半路出了错:分不出来。
    while length > 0 {
        let written = file.write_all(&buffer[..length]);
        written.with_context(|| format!("写不了文件 {}", path.display()))?;
        total += length as u64;
        length = stream.read(&mut buffer).context("接收失败")?;
    }
    Ok(total)
}
