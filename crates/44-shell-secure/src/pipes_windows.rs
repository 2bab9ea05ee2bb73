//! 管道,和「到此为止」。Windows 上不必叫停:作业对象里的进程一个也跑不掉,它们都结束了,管道就到末尾。

use std::io::{self, Read, Write};

/// 叫停的一头:在这里什么也不做。
pub struct Stop;

/// 听的一头。
pub struct Stopped;

/// 管道。
pub struct Stoppable<P>(P);

/// 新的一对。
///
/// # Errors
/// 在这里不会出错;与 Unix 上的样子相同。
pub fn stop() -> io::Result<(Stop, Stopped)> {
    Ok((Stop, Stopped))
}

impl<P> Stoppable<P> {
    /// 从 `pipe` 读。
    pub fn reader(pipe: P, _stopped: &Stopped) -> Self {
        Self(pipe)
    }

    /// 往 `pipe` 写。
    ///
    /// # Errors
    /// 在这里不会出错;与 Unix 上的样子相同。
    pub fn writer(pipe: P, _stopped: &Stopped) -> io::Result<Self> {
        Ok(Self(pipe))
    }
}

impl<P: Read> Read for Stoppable<P> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<P: Write> Write for Stoppable<P> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
