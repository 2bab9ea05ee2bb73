//! 一问一答,在 TCP 上:字节流没有边界,所以每个报文前有两个字节的长度(RFC 1035 §4.2.2)。

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use byteorder::{ByteOrder, NetworkEndian, WriteBytesExt};

use crate::client::is_timeout;
use crate::wire::count;

/// 连接、发送和收齐一共最多这么久:服务器每次只给一个字节,也拖不住我们。
const TIMEOUT: Duration = Duration::from_secs(5);

/// 问一次,给出回答的报文(不含长度)。
pub fn exchange(server: SocketAddr, bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let deadline = Instant::now() + TIMEOUT;
    let mut stream = TcpStream::connect_timeout(&server, TIMEOUT)
        .with_context(|| format!("连接 {server} 失败"))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    // 长度和报文一次写出:分两次写,有的服务器只读到两个字节就放弃。
    let mut framed = Vec::new();
    framed.write_u16::<NetworkEndian>(count(bytes.len())?)?;
    framed.extend_from_slice(bytes);
    stream.write_all(&framed).context("发送失败")?;
    let mut length = [0; 2];
    read_exact(&mut stream, &mut length, deadline)?;
    let mut message = vec![0; usize::from(NetworkEndian::read_u16(&length))];
    read_exact(&mut stream, &mut message, deadline)?;
    Ok(message)
}

/// 收满 `buffer`;到了期限,或者连接先断了,都是错误。
fn read_exact(stream: &mut TcpStream, buffer: &mut [u8], deadline: Instant) -> anyhow::Result<()> {
    let whole = buffer.len();
    let mut received = 0;
    while received < whole {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            bail!(
                "等了 {} 秒,{whole} 字节只到了 {received} 字节",
                TIMEOUT.as_secs()
            );
        }
        stream.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
        match stream.read(&mut buffer[received..]) {
            Ok(0) => bail!("连接断了,{whole} 字节只到了 {received} 字节"),
            Ok(length) => received += length,
            Err(error) if is_timeout(&error) || error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error).context("接收失败"),
        }
    }
    Ok(())
}
