//! 管道,和「到此为止」:命令结束了,还有人拿着它的管道不放,我们也不等他。
//!
//! 阻塞在 `read` 里的线程,从外面叫不醒,关掉描述符也不行。所以在 Unix 上先用 `poll` 同时等两个管道:
//! 要读写的,和一个专门用来叫停的;后者的写端一关,等着的都会醒(poll(2) 的 POLLHUP)。

use std::io::{self, ErrorKind, PipeReader, PipeWriter, Read, Write};
use std::os::fd::AsFd;
use std::sync::Arc;

use rustix::event::{PollFd, PollFlags, poll};

/// 停了以后,管道里剩下的最多再读这么多字节:一个管道最多装这么多(pipe(7));没有这个限度,
/// 逃出进程组的程序一直写,就一直读不完。
const LEFT_OVER: usize = 1 << 20;

/// 叫停的一头:放开它,就是叫停。
pub struct Stop(#[expect(dead_code, reason = "只等着被释放")] PipeWriter);

/// 听的一头。
#[derive(Clone)]
pub struct Stopped(Arc<PipeReader>);

/// 叫得停的管道。
pub struct Stoppable<P> {
    pipe: P,
    stopped: Stopped,
    /// 停了以后最多再读这么多字节。
    rest: usize,
}

/// 新的一对。
///
/// # Errors
/// 描述符用完了。
pub fn stop() -> io::Result<(Stop, Stopped)> {
    let (reader, writer) = io::pipe()?;
    Ok((Stop(writer), Stopped(Arc::new(reader))))
}

impl<P: AsFd> Stoppable<P> {
    /// 从 `pipe` 读,由 `stopped` 叫停。
    pub fn reader(pipe: P, stopped: &Stopped) -> Self {
        Self {
            pipe,
            stopped: stopped.clone(),
            rest: LEFT_OVER,
        }
    }

    /// 往 `pipe` 写,由 `stopped` 叫停。
    ///
    /// # Errors
    /// 设置不了非阻塞。
    pub fn writer(pipe: P, stopped: &Stopped) -> io::Result<Self> {
        // 写得下一部分就先写一部分:阻塞的写要等到全部写下。对面那一头不受影响。
        rustix::io::ioctl_fionbio(&pipe, true)?;
        Ok(Self::reader(pipe, stopped))
    }

    /// 等到管道可以 `wanted`,或者叫停了:各是不是。
    fn wait(&self, wanted: PollFlags) -> io::Result<(bool, bool)> {
        let mut waiting = [
            PollFd::new(&self.pipe, wanted),
            PollFd::new(&*self.stopped.0, PollFlags::IN),
        ];
        poll(&mut waiting, None)?;
        let [ready, stopped] = waiting.map(|one| !one.revents().is_empty());
        Ok((ready, stopped))
    }
}

impl<P: AsFd + Read> Read for Stoppable<P> {
    /// 叫停了,管道里又没有了,就是末尾。
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (ready, stopped) = self.wait(PollFlags::IN)?;
        if !ready {
            return Ok(0);
        }
        if !stopped {
            return self.pipe.read(buffer);
        }
        let most = buffer.len().min(self.rest);
        let length = self.pipe.read(&mut buffer[..most])?;
        self.rest -= length;
        Ok(length)
    }
}

impl<P: AsFd + Write> Write for Stoppable<P> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            if self.wait(PollFlags::OUT)?.1 {
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
