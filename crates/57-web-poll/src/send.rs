//! 发送:头(和攒着的小正文)在前,一个大正文在后。能写多少写多少,写不下就停,从不等。

use std::io::{self, ErrorKind, IoSlice, Write};

use mio::net::TcpStream;

use crate::payload::Payload;

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

/// 发出 `head` 里 `*at` 以后的,再发 `payload`;发了多少,记在 `*at` 和 `payload` 里。
///
/// # Errors
/// 连接断了;或者文件变短了,说好的长度兑现不了,只能断开。
pub fn send(
    stream: &mut TcpStream,
    head: &[u8],
    at: &mut usize,
    payload: &mut Payload,
) -> io::Result<Sent> {
    let mut turn = TURN;
    loop {
        let first = *at < head.len();
        if !first && payload.is_empty() {
            return Ok(Sent::All);
        }
        if turn == 0 {
            return Ok(Sent::Enough);
        }
        let sent = match first {
            true => lead(stream, &head[*at..], at, payload),
            false => payload.send(stream, turn),
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

/// 发出头;后面是内存里的字节,就一次写出两样,不用先抄到一起(writev(2))。
fn lead(
    stream: &mut TcpStream,
    head: &[u8],
    at: &mut usize,
    payload: &mut Payload,
) -> io::Result<u64> {
    let sent = match payload {
        Payload::Bytes(bytes, 0) => {
            stream.write_vectored(&[IoSlice::new(head), IoSlice::new(bytes)])?
        }
        Payload::Nothing => stream.write(head)?,
        _ => more(stream, head)?,
    };
    *at += sent.min(head.len());
    if let Payload::Bytes(_, begin) = payload {
        *begin = sent.saturating_sub(head.len());
    }
    match sent {
        0 => Err(ErrorKind::WriteZero.into()),
        sent => Ok(sent as u64),
    }
}

/// 写出头,告诉系统后面马上还有:它等着和正文的开头装进同一个报文段(send(2) MSG_MORE)。
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
