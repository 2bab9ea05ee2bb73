//! 发出一个回答。小的和头一起,一次写出;大的文件在 Linux 上用 sendfile:字节从页缓存直接进套接字,
//! 不经过程序的内存(sendfile(2))。

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::net::TcpStream;

use crate::response::{Body, Piece, Slice};

/// 这么多字节以内的正文和头一起写:复制一遍,比多一次系统调用便宜。
const SMALL: usize = 16 * 1024;

/// 一次 sendfile 最多这么多字节。
#[cfg(target_os = "linux")]
const CHUNK: u64 = 1 << 20;

/// 没有 sendfile 的地方,一次读、写这么多字节。
const BLOCK: usize = 64 * 1024;

/// 正在发的回答。
pub struct Sending<'a> {
    stream: &'a TcpStream,
    /// 攒着还没有写的:先是头。
    output: &'a mut Vec<u8>,
    /// 真正发出的字节。
    sent: u64,
}

/// 发出 `output` 里的头,和 `body`;发完 `output` 是空的。返回正文真正发出了几个字节,和有没有发完。
///
/// 没有发完就只能挂断:长度已经说出去了,兑现不了,对方要看得出来。
pub fn send(stream: &TcpStream, output: &mut Vec<u8>, body: &Body) -> (u64, io::Result<()>) {
    let head = output.len() as u64;
    let mut sending = Sending {
        stream,
        output,
        sent: 0,
    };
    let result = sending.body(body).and_then(|()| sending.flush());
    let sent = sending.sent.saturating_sub(head);
    output.clear();
    (sent, result)
}

impl Sending<'_> {
    fn body(&mut self, body: &Body) -> io::Result<()> {
        match body {
            Body::Empty => Ok(()),
            Body::Bytes(bytes) => self.bytes(bytes),
            Body::File(slice) => self.file(slice),
            Body::Parts(pieces) => pieces.iter().try_for_each(|piece| match piece {
                Piece::Bytes(bytes) => self.bytes(bytes),
                Piece::File(slice) => self.file(slice),
            }),
        }
    }

    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.len() > SMALL {
            self.flush()?;
            return self.write(bytes);
        }
        self.output.extend_from_slice(bytes);
        self.flush_when_full()
    }

    fn file(&mut self, slice: &Slice) -> io::Result<()> {
        let Slice {
            file,
            start,
            length,
        } = slice;
        if *length > SMALL as u64 {
            self.flush()?;
            return self.transfer(file, *start, start + length);
        }
        let from = self.output.len();
        self.output.resize(from + *length as usize, 0);
        read_exact_at(file, &mut self.output[from..], *start)?;
        self.flush_when_full()
    }

    fn flush_when_full(&mut self) -> io::Result<()> {
        match self.output.len() > BLOCK {
            true => self.flush(),
            false => Ok(()),
        }
    }

    /// 写出攒着的。
    fn flush(&mut self) -> io::Result<()> {
        let output = std::mem::take(self.output);
        let written = self.write(&output);
        *self.output = output;
        self.output.clear();
        written
    }

    /// 写出全部字节;对方一直不收,到了期限就是错误(`SO_SNDTIMEO`,socket(7))。
    fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.stream.write(bytes) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(length) => {
                    self.sent += length as u64;
                    bytes = &bytes[length..];
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// 发出 `file` 从 `offset` 到 `end` 的字节。
    #[cfg(target_os = "linux")]
    fn transfer(&mut self, file: &File, mut offset: u64, end: u64) -> io::Result<()> {
        use rustix::io::Errno;
        while offset < end {
            let count = (end - offset).min(CHUNK) as usize;
            match rustix::fs::sendfile(self.stream, file, Some(&mut offset), count) {
                // 文件变短了。
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(length) => self.sent += length as u64,
                Err(Errno::INTR) => {}
                // 有的文件系统不会(sendfile(2)):换普通的办法。
                Err(Errno::INVAL | Errno::NOSYS) => return self.copy(file, offset, end),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    #[cfg(not(target_os = "linux"))]
    fn transfer(&mut self, file: &File, offset: u64, end: u64) -> io::Result<()> {
        self.copy(file, offset, end)
    }

    /// 哪里都能用的办法:读进来,再写出去。
    fn copy(&mut self, file: &File, mut offset: u64, end: u64) -> io::Result<()> {
        let mut block = vec![0; BLOCK];
        while offset < end {
            let count = usize::try_from(end - offset).unwrap_or(BLOCK).min(BLOCK);
            read_exact_at(file, &mut block[..count], offset)?;
            self.write(&block[..count])?;
            offset += count as u64;
        }
        Ok(())
    }
}

/// 从 `offset` 起读满 `buffer`,不动文件自己的读写位置;文件没有那么长是错误。
fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    let mut filled = 0;
    while filled < buffer.len() {
        let rest = &mut buffer[filled..];
        let offset = offset + filled as u64;
        #[cfg(unix)]
        let read = std::os::unix::fs::FileExt::read_at(file, rest, offset);
        #[cfg(windows)]
        let read = std::os::windows::fs::FileExt::seek_read(file, rest, offset);
        match read {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(length) => filled += length,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
