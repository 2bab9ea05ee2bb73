//! 发送:头部(和攒着的小主体)在前,一个大主体在后。能写多少写多少,写不下就停,从不等。

use std::fs::File;
use std::io::{self, ErrorKind, IoSlice, Write};
use std::sync::Arc;

use mio::net::TcpStream;

use crate::positioned::read_at;
use crate::response::{Body, Piece, Slice};

/// 一轮最多给一条连接发这么多字节,再发要等别的连接都轮到一次。
const TURN: u64 = 4 << 20;

/// 发完了没有。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// 都交给了系统。
    All,
    /// 系统的缓冲区满了,先发出了一些:等「可写」的事件。
    Blocked,
    /// 系统的缓冲区满了,一个字节也没有发出。
    Stuck,
    /// 这一轮发得够多了:下一轮接着发,不会有事件来提醒。
    Enough,
}

/// 大的主体还没有发的部分。小的和头部放在一起。
#[derive(Debug, Default)]
pub enum Cargo {
    /// 没有了。
    #[default]
    Nothing,
    /// 内存里的字节,从第几个起。
    Bytes(Arc<[u8]>, usize),
    /// 文件的一段。
    File(Slice),
    /// 几块里的后面几块:从第几块起;这一块正在发的,是里面的另一个。
    Parts(Arc<[Piece]>, usize, Box<Cargo>),
}

impl Cargo {
    /// 整个主体。
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
    fn send(&mut self, stream: &mut TcpStream, most: u64) -> io::Result<u64> {
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

/// 发出 `head` 里 `*at` 以后的,再发 `cargo`;发了多少,记在 `*at` 和 `cargo` 里。
///
/// # Errors
/// 连接断了;或者文件变短了,说好的长度兑现不了,只能断开。
pub fn send(
    stream: &mut TcpStream,
    head: &[u8],
    at: &mut usize,
    cargo: &mut Cargo,
) -> io::Result<Sent> {
    let mut turn = TURN;
    loop {
        let first = *at < head.len();
        if !first && cargo.is_empty() {
            return Ok(Sent::All);
        }
        if turn == 0 {
            return Ok(Sent::Enough);
        }
        let sent = match first {
            true => lead(stream, &head[*at..], at, cargo),
            false => cargo.send(stream, turn),
        };
        match sent {
            Ok(sent) => turn = turn.saturating_sub(sent),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                return Ok(if turn < TURN {
                    Sent::Blocked
                } else {
                    Sent::Stuck
                });
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// 发出头部;后面是内存里的字节,就一次写出两样,不用先抄到一起(writev(2))。
fn lead(stream: &mut TcpStream, head: &[u8], at: &mut usize, cargo: &mut Cargo) -> io::Result<u64> {
    let sent = match cargo {
        Cargo::Bytes(bytes, 0) => {
            stream.write_vectored(&[IoSlice::new(head), IoSlice::new(bytes)])?
        }
        Cargo::Nothing => stream.write(head)?,
        _ => more(stream, head)?,
    };
    *at += sent.min(head.len());
    if let Cargo::Bytes(_, begin) = cargo {
        *begin = sent.saturating_sub(head.len());
    }
    match sent {
        0 => Err(ErrorKind::WriteZero.into()),
        sent => Ok(sent as u64),
    }
}

/// 写出头部,告诉系统后面马上还有:它等着和主体的开头装进同一个报文段(send(2) MSG_MORE)。
#[cfg(target_os = "linux")]
fn more(stream: &mut TcpStream, head: &[u8]) -> io::Result<usize> {
    use rustix::net::SendFlags;
    // NOSIGNAL:对方已经断开时,要的是 EPIPE,不是信号。
    let flags = SendFlags::MORE | SendFlags::NOSIGNAL;
    Ok(rustix::net::send(&*stream, head, flags)?)
}

#[cfg(not(target_os = "linux"))]
fn more(stream: &mut TcpStream, head: &[u8]) -> io::Result<usize> {
    stream.write(head)
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
