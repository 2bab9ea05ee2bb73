//! 命令的标准输入,叫得停:命令结束了,还有人拿着管道的另一头不读,我们也不等他。
//!
//! 阻塞在 `write` 里的线程,从外面叫不醒,关掉描述符也不行。所以先用 `poll` 同时等两样:管道写得下,
//! 和命令的结束(poll(2))。

use std::io::{self, ErrorKind, PipeWriter, Write};
use std::os::fd::BorrowedFd;

use rustix::event::{PollFd, PollFlags, poll};

/// 叫得停的管道。
pub struct Stoppable<'a> {
    pipe: PipeWriter,
    ended: BorrowedFd<'a>,
}

impl<'a> Stoppable<'a> {
    /// 往 `pipe` 写,`ended` 能读了就停。
    pub fn new(pipe: PipeWriter, ended: BorrowedFd<'a>) -> Self {
        // 写得下一部分就先写一部分:阻塞的写要等到全部写下。对面那一头不受影响。
        // 设不成也只是叫不停。
        let _ = rustix::io::ioctl_fionbio(&pipe, true);
        Self { pipe, ended }
    }
}

impl Write for Stoppable<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            let mut waiting = [
                PollFd::new(&self.pipe, PollFlags::OUT),
                PollFd::new(&self.ended, PollFlags::IN),
            ];
            poll(&mut waiting, None)?;
            if !waiting[1].revents().is_empty() {
                return Err(ErrorKind::BrokenPipe.into());
            }
            match self.pipe.write(bytes) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                written => return written,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pipe.flush()
    }
}
