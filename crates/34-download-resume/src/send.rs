//! 发出文件的一段。Linux 上用 sendfile:字节从页缓存直接进套接字,不经过程序的内存。
//!
//! 还在路上的字节就是页缓存里的页:文件这时被就地改写,路上的字节也跟着变(sendfile(2) NOTES)。
//! 版本看不出这一瞬间,整个文件的摘要看得出。

use std::fs::File;
use std::io::{self, Write};
use std::net::TcpStream;

use crate::digest::BLOCK;
use crate::positioned::read_at;

/// 一次 sendfile 最多这么多字节;每次之后看看文件变了没有,所以也不能太大。
#[cfg(target_os = "linux")]
const CHUNK: u64 = 1 << 20;

/// 发出 `file` 从 `from` 到 `end` 的字节,返回真正发出的。
///
/// `intact` 在每一块之后看文件是不是还是原来的;不是,或者文件变短了,就到此为止。
pub fn send(
    stream: &TcpStream,
    file: &File,
    from: u64,
    end: u64,
    mut intact: impl FnMut() -> io::Result<bool>,
) -> io::Result<u64> {
    let mut offset = from;
    while offset < end {
        if chunk(stream, file, &mut offset, end)? == 0 || !intact()? {
            break;
        }
    }
    Ok(offset - from)
}

#[cfg(target_os = "linux")]
fn chunk(stream: &TcpStream, file: &File, offset: &mut u64, end: u64) -> io::Result<usize> {
    use rustix::io::Errno;
    let count = (end - *offset).min(CHUNK) as usize;
    loop {
        match rustix::fs::sendfile(stream, file, Some(offset), count) {
            Err(Errno::INTR) => {}
            // 有的文件系统不会(sendfile(2)):换普通的办法。
            Err(Errno::INVAL | Errno::NOSYS) => return copy(stream, file, offset, end),
            sent => return Ok(sent?),
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn chunk(stream: &TcpStream, file: &File, offset: &mut u64, end: u64) -> io::Result<usize> {
    copy(stream, file, offset, end)
}

/// 哪里都能用的办法:读进来,再写出去。
fn copy(mut stream: &TcpStream, file: &File, offset: &mut u64, end: u64) -> io::Result<usize> {
    let count = usize::try_from(end - *offset).unwrap_or(BLOCK).min(BLOCK);
    let mut buffer = vec![0; count];
    let length = read_at(file, &mut buffer, *offset)?;
    stream.write_all(&buffer[..length])?;
    *offset += length as u64;
    Ok(length)
}
