//! 大的正文:内存里的字节,或者文件的一段,能发多少发多少。Linux 上文件用 sendfile:字节从页缓存直接进
//! 套接字,不经过程序的内存。

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::sync::Arc;

use mio::net::TcpStream;

use crate::positioned::read_at;
use crate::response::{Body, Piece, Slice};

/// 大的正文还没有发的部分。小的和头放在一起。
#[derive(Debug, Default)]
pub enum Payload {
    /// 没有了。
    #[default]
    Nothing,
    /// 内存里的字节,从第几个起。
    Bytes(Arc<[u8]>, usize),
    /// 文件的一段。
    File(Slice),
    /// 几块里的后面几块:从第几块起;这一块正在发的,是里面的另一个。
    Parts(Arc<[Piece]>, usize, Box<Payload>),
}

impl Payload {
    /// 整个正文。
    pub fn new(body: Body) -> Self {
        match body {
            Body::Empty => Self::Nothing,
            Body::Bytes(bytes) => Self::Bytes(bytes, 0),
            Body::File(slice) => Self::File(slice),
            Body::Parts(pieces) => Self::Parts(pieces, 0, Box::new(Self::Nothing)),
        }
    }

    /// 发完了。
    pub fn is_empty(&self) -> bool {
        self.left() == 0
    }

    /// 还有多少字节。
    pub fn left(&self) -> u64 {
        match self {
            Self::Nothing => 0,
            Self::Bytes(bytes, at) => (bytes.len() - at) as u64,
            Self::File(slice) => slice.length,
            Self::Parts(pieces, next, now) => {
                let length = |piece: &Piece| match piece {
                    Piece::Bytes(bytes) => bytes.len() as u64,
                    Piece::File(slice) => slice.length,
                };
                now.left() + pieces[*next..].iter().map(length).sum::<u64>()
            }
        }
    }

    /// 发一些,最多 `most` 字节左右;返回发了多少。
    pub fn send(&mut self, stream: &mut TcpStream, most: u64) -> io::Result<u64> {
        match self {
            Self::Nothing => Ok(0),
            Self::Bytes(bytes, at) => {
                let sent = stream.write(&bytes[*at..])?;
                *at += sent;
                Ok(sent as u64)
            }
            Self::File(slice) => {
                let count = slice.length.min(most) as usize;
                let sent = file(stream, &slice.file, slice.start, count)? as u64;
                slice.start += sent;
                slice.length -= sent;
                Ok(sent)
            }
            Self::Parts(pieces, next, now) => {
                if now.is_empty() {
                    **now = match &pieces[*next] {
                        Piece::Bytes(bytes) => Self::Bytes(Arc::clone(bytes), 0),
                        Piece::File(slice) => Self::File(slice.clone()),
                    };
                    *next += 1;
                    if now.is_empty() {
                        return Ok(0);
                    }
                }
                now.send(stream, most)
            }
        }
    }
}

/// 从文件的第 `start` 个字节起发 `count` 个;返回发了多少,至少一个。
fn file(stream: &mut TcpStream, file: &File, start: u64, count: usize) -> io::Result<usize> {
    match transfer(stream, file, start, count)? {
        0 => Err(ErrorKind::UnexpectedEof.into()),
        sent => Ok(sent),
    }
}

/// 字节从页缓存直接进套接字,不经过程序的内存(sendfile(2))。
#[cfg(target_os = "linux")]
fn transfer(stream: &mut TcpStream, file: &File, start: u64, count: usize) -> io::Result<usize> {
    use rustix::io::Errno;
    let mut offset = start;
    match rustix::fs::sendfile(&*stream, file, Some(&mut offset), count) {
        // 有的文件系统不会:换普通的办法。
        Err(Errno::INVAL | Errno::NOSYS) => copy(stream, file, start, count),
        sent => Ok(sent?),
    }
}

#[cfg(not(target_os = "linux"))]
fn transfer(stream: &mut TcpStream, file: &File, start: u64, count: usize) -> io::Result<usize> {
    copy(stream, file, start, count)
}

/// 哪里都能用的办法:读进来,再写出去。写不下的下次再读一遍:空着的连接不留缓冲区。
fn copy(stream: &mut TcpStream, file: &File, start: u64, count: usize) -> io::Result<usize> {
    let mut buffer = [0; 64 * 1024];
    let length = count.min(buffer.len());
    match read_at(file, &mut buffer[..length], start)? {
        0 => Ok(0),
        length => stream.write(&buffer[..length]),
    }
}
