//! 收下文件的字节。Linux 上用 splice:字节从套接字经过管道进页缓存,不经过程序的内存。

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::net::TcpStream;

use crate::failure::Failure;
use crate::positioned::write_all_at;

/// 普通的办法一次最多收这么多字节:和摘要的一块一样大。
const BUFFER: usize = crate::digest::BLOCK;

/// 一次最多要这么多字节;也是管道的大小:不要特权的最大值(pipe(7) `pipe-max-size`)。
const CHUNK: usize = 1 << 20;

/// 收字节的一方。
pub struct Receiver {
    buffer: Vec<u8>,
    #[cfg(target_os = "linux")]
    pipe: Option<linux::Pipe>,
}

impl Receiver {
    /// 准备好缓冲区或者管道。
    pub fn new() -> Self {
        Self {
            buffer: Vec::new(),
            #[cfg(target_os = "linux")]
            pipe: linux::Pipe::new(CHUNK).ok(),
        }
    }

    /// 收一次,最多 `most` 字节,存到 `file` 的 `offset`;返回收了多少,0 是流的末尾。
    pub fn store(
        &mut self,
        stream: &TcpStream,
        most: u64,
        file: &File,
        offset: u64,
    ) -> Result<usize, Failure> {
        let most = usize::try_from(most).unwrap_or(CHUNK).min(CHUNK);
        #[cfg(target_os = "linux")]
        if let Some(pipe) = &mut self.pipe {
            let moved = pipe.store(stream, most, file, offset)?;
            if !pipe.works {
                self.pipe = None;
            }
            return Ok(moved);
        }
        self.buffer.resize(BUFFER, 0);
        let received = read(stream, most as u64, &mut self.buffer)?;
        let written = write_all_at(file, &self.buffer[..received], offset);
        written.map_err(unwritable)?;
        Ok(received)
    }

    /// 收一次,最多 `most` 字节,丢掉。
    pub fn discard(&mut self, stream: &TcpStream, most: u64) -> Result<usize, Failure> {
        let most = usize::try_from(most).unwrap_or(CHUNK).min(CHUNK);
        // 内核直接丢掉,不往缓冲区里抄(tcp(7) `MSG_TRUNC`);缓冲区只说明长度。
        #[cfg(target_os = "linux")]
        {
            use rustix::net::{RecvFlags, recv};
            self.buffer.resize(most.max(self.buffer.len()), 0);
            let buffer = &mut self.buffer[..most];
            retry(|| Ok(recv(stream, &mut *buffer, RecvFlags::TRUNC)?.1))
        }
        #[cfg(not(target_os = "linux"))]
        {
            self.buffer.resize(BUFFER, 0);
            read(stream, most as u64, &mut self.buffer)
        }
    }
}

/// 收一次,最多 `most` 字节,放进 `buffer` 的开头;返回收了多少,0 是流的末尾。
pub fn read(mut stream: &TcpStream, most: u64, buffer: &mut [u8]) -> Result<usize, Failure> {
    let most = usize::try_from(most).map_or(buffer.len(), |most| most.min(buffer.len()));
    retry(|| stream.read(&mut buffer[..most]))
}

fn retry(mut receive: impl FnMut() -> io::Result<usize>) -> Result<usize, Failure> {
    loop {
        match receive() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // 到了期限,Unix 报 WouldBlock。
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                return Err(Failure::interrupted(ErrorKind::TimedOut.into(), "接收失败"));
            }
            received => return received.map_err(|error| Failure::interrupted(error, "接收失败")),
        }
    }
}

/// 写不进文件:磁盘满了之类,再试也没有用。
pub fn unwritable(error: io::Error) -> Failure {
    Failure::Fatal(anyhow::Error::new(error).context("写不了文件"))
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::File;
    use std::io::{self, Read};
    use std::net::TcpStream;
    use std::os::fd::OwnedFd;

    use rustix::io::Errno;
    use rustix::pipe::{PipeFlags, SpliceFlags, fcntl_setpipe_size, pipe_with, splice};

    use super::{retry, unwritable};
    use crate::failure::Failure;
    use crate::positioned::write_all_at;

    /// splice 的两头必有一头是管道:套接字和文件之间隔着它。管道里放的是页的引用,不是抄来的字节。
    pub struct Pipe {
        reader: OwnedFd,
        writer: OwnedFd,
        /// 这里的文件系统会不会 splice。
        pub works: bool,
    }

    impl Pipe {
        pub fn new(size: usize) -> io::Result<Self> {
            let (reader, writer) = pipe_with(PipeFlags::CLOEXEC)?;
            // 不给大的,就用原来的 64 KiB。
            let _ = fcntl_setpipe_size(&writer, size);
            Ok(Self {
                reader,
                writer,
                works: true,
            })
        }

        pub fn store(
            &mut self,
            stream: &TcpStream,
            most: usize,
            file: &File,
            mut offset: u64,
        ) -> Result<usize, Failure> {
            let flags = SpliceFlags::MOVE;
            let received = retry(|| Ok(splice(stream, None, &self.writer, None, most, flags)?))?;
            let end = offset + received as u64;
            while offset < end {
                let left = (end - offset) as usize;
                match splice(&self.reader, None, file, Some(&mut offset), left, flags) {
                    Ok(0) => return Err(unwritable(io::ErrorKind::WriteZero.into())),
                    Ok(_) | Err(Errno::INTR) => {}
                    Err(Errno::INVAL) => {
                        self.works = false;
                        self.drain(file, offset, left).map_err(unwritable)?;
                        break;
                    }
                    Err(error) => return Err(unwritable(error.into())),
                }
            }
            Ok(received)
        }

        /// 文件系统不会 splice:把管道里的读出来,照普通的办法写。
        fn drain(&self, file: &File, offset: u64, length: usize) -> io::Result<()> {
            let mut bytes = vec![0; length];
            File::from(self.reader.try_clone()?).read_exact(&mut bytes)?;
            write_all_at(file, &bytes, offset)
        }
    }
}
