//! 收进来的字节:缓冲区,和每次读最多等多久。

use std::io::{ErrorKind, Read};
use std::net::TcpStream;
use std::time::Duration;

/// 缓冲区,字节:比最长的头大,请求再长也放得下。
const SIZE: usize = 64 * 1024;

/// 读一次的结果。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// 这么多个新的字节。
    Bytes(usize),
    /// 对方说完了,或者连接断了。
    End,
    /// 到了期限。
    Late,
}

/// 收到了、还没有用掉的字节。
pub struct Inbox {
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    /// 套接字上现在的接收期限:没有变就不用再设,省一次系统调用。
    timeout: Option<Duration>,
}

impl Inbox {
    /// 空的。
    pub fn new() -> Self {
        Self {
            buffer: vec![0; SIZE].into_boxed_slice(),
            start: 0,
            end: 0,
            timeout: None,
        }
    }

    /// 换一条连接,从头开始。
    pub fn restart(&mut self) {
        (self.start, self.end, self.timeout) = (0, 0, None);
    }

    /// 还没有用掉的字节。
    pub fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// 用掉了开头的 `length` 个。
    pub fn consume(&mut self, length: usize) {
        self.start += length;
    }

    /// 没有用掉的都不要了。
    pub fn clear(&mut self) {
        (self.start, self.end) = (0, 0);
    }

    /// 读一次,最多等 `longest`。
    pub fn read(&mut self, mut stream: &TcpStream, longest: Duration) -> Received {
        self.buffer.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        // 放不下的请求,解析时就该拒绝了。
        if self.end == SIZE {
            return Received::End;
        }
        // 对套接字来说,期限为零是一直等下去。
        if longest.is_zero() {
            return Received::Late;
        }
        if self.timeout != Some(longest) {
            if stream.set_read_timeout(Some(longest)).is_err() {
                return Received::End;
            }
            self.timeout = Some(longest);
        }
        loop {
            match stream.read(&mut self.buffer[self.end..]) {
                Ok(0) => return Received::End,
                Ok(length) => {
                    self.end += length;
                    return Received::Bytes(length);
                }
                // 信号打断了,再等一遍:信号很少。
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if is_timeout(error.kind()) => return Received::Late,
                Err(_) => return Received::End,
            }
        }
    }
}

/// 到了期限:Unix 报 WouldBlock,Windows 报 TimedOut。
pub fn is_timeout(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
