//! 分帧:TCP 是字节流,没有消息边界(RFC 9293 §2.2),边界要由应用自己写进去。
//! 一帧 = 4 字节的正文长度(u32,网络字节序)+ 正文。长度是对方说的,不可信,所以调用者必须给出
//! 上限,收发都先检查再占用内存。

use std::io::{self, ErrorKind, Read, Write};
use std::{error, fmt, mem, ops::Range};

use byteorder::{ByteOrder, NetworkEndian, WriteBytesExt};

/// 帧头的字节数。
pub const HEADER: usize = 4;
/// 缓冲区至少有这么多字节:一次系统调用读进许多小帧,而一万个连接只占 80 MB。
pub const CHUNK: usize = 8 * 1024;

/// 为什么收发不了一帧。
#[derive(Debug)]
#[allow(missing_docs, reason = "字段的名字就是意思,单位都是字节")]
pub enum FrameError {
    /// 收到时只能断开连接:不知道下一帧从哪里开始。
    TooLong { length: usize, limit: usize },
    /// 流在帧头或正文里结束;`whole` 是这一帧已知的大小,连同帧头。
    Cut { received: usize, whole: usize },
    /// 超时(`WouldBlock`、`TimedOut`)不丢失任何字节,再调用一次就接着收发。
    Io(io::Error),
}
impl error::Error for FrameError {}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { length, limit } => write!(f, "一帧 {length} 字节,上限是 {limit}"),
            Self::Cut { received, whole } => write!(f, "一帧 {whole} 字节,收到 {received} 就断了"),
            Self::Io(cause) => write!(f, "收发一帧时出错:{cause}"),
        }
    }
}

/// 收帧。缓冲区随真正到达的字节成倍增长,最多 `max(CHUNK, HEADER + limit)` 字节。
#[derive(Debug, Default)]
pub struct FrameReader {
    limit: usize,
    buffer: Vec<u8>,
    /// 缓冲区里收到了、还没有取走的字节。
    unread: Range<usize>,
}

impl FrameReader {
    /// 正文最多 `limit` 字节。
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    /// 阻塞地读一帧,借出正文;`None` 是流在两帧之间结束。`source` 不必再加缓冲,每次要给同一个。
    pub fn read(&mut self, source: &mut impl Read) -> Result<Option<&[u8]>, FrameError> {
        match self.receive(source)? {
            Some(body) => Ok(Some(&self.buffer[body])),
            None => self.finish().map(|()| None),
        }
    }

    /// 给事件循环:从 `bytes` 开头拿走字节,凑成一帧就借出正文;`None` 是拿完了还不够一帧。
    pub fn decode(&mut self, bytes: &mut &[u8]) -> Result<Option<&[u8]>, FrameError> {
        let body = self.receive(bytes)?;
        Ok(body.map(|body| &self.buffer[body]))
    }

    /// 给事件循环:取完帧而流结束了,检查是不是正好在两帧之间。
    pub fn finish(&self) -> Result<(), FrameError> {
        match (self.unread.len(), self.whole()?) {
            (0, _) => Ok(()),
            (received, whole) => Err(FrameError::Cut { received, whole }),
        }
    }

    /// 从 `source` 读到凑成一帧,返回正文在缓冲区里的位置;`None` 是 `source` 结束了。
    fn receive(&mut self, source: &mut impl Read) -> Result<Option<Range<usize>>, FrameError> {
        loop {
            let whole = self.whole()?;
            if self.unread.len() >= whole {
                let body = self.unread.start + HEADER..self.unread.start + whole;
                self.unread.start = body.end;
                return Ok(Some(body));
            }
            match self.fill(source, whole) {
                Ok(0) => return Ok(None),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                filled => _ = filled.map_err(FrameError::Io)?,
            }
        }
    }

    /// 正在收的帧连同帧头的大小;帧头还没有收全时,只知道有帧头那么大。
    fn whole(&self) -> Result<usize, FrameError> {
        let header = self.buffer[self.unread.clone()].first_chunk::<HEADER>();
        let length = header.map_or(0, |header| NetworkEndian::read_u32(header) as usize);
        check(length, self.limit)?;
        Ok(HEADER.saturating_add(length))
    }

    /// 读一次。缓冲区最多长到已收到的两倍:谁想让我们占用内存,谁就得真的发来字节。
    fn fill(&mut self, source: &mut impl Read, whole: usize) -> io::Result<usize> {
        if self.unread.start > 0 {
            self.buffer.copy_within(self.unread.clone(), 0);
            self.unread = 0..self.unread.len();
        }
        let received = self.unread.end;
        let size = whole.min(received * 2).max(CHUNK).max(self.buffer.len());
        self.buffer.reserve_exact(size - self.buffer.len());
        self.buffer.resize(size, 0);
        // 大帧正好读到末尾,不带进下一帧的开头,省得搬动。
        let stop = self.buffer.len().min(whole.max(received + CHUNK));
        self.unread.end += source.read(&mut self.buffer[received..stop])?;
        Ok(self.unread.end - received)
    }
}

/// 发帧。帧头和正文排在同一个队列里,一次写出。
///
/// 分两次写,每条消息可能慢 40 毫秒:Nagle 算法要等帧头得到确认才发正文(RFC 9293 §3.7.4),
/// 而对方的延迟确认在等更多的字节(§3.8.6.3)。
#[derive(Debug)]
pub struct FrameWriter {
    limit: usize,
    queue: Vec<u8>,
    /// 队列开头已经写出的字节数。
    sent: usize,
}

impl FrameWriter {
    /// 正文最多 `limit` 字节。
    pub fn new(limit: usize) -> Self {
        let (queue, sent) = (Vec::new(), 0);
        Self { limit, queue, sent }
    }

    /// 写出一帧。超时以后这一帧还在队列里,用 [`flush`](Self::flush) 接着写,不要再写一遍。
    pub fn write(&mut self, sink: &mut impl Write, body: &[u8]) -> Result<(), FrameError> {
        self.queue(body)?;
        self.flush(sink)
    }

    /// 把一帧排进队列,许多帧可以一起 [`flush`](Self::flush);正文超过上限时队列不变。
    pub fn queue(&mut self, body: &[u8]) -> Result<(), FrameError> {
        let length = check(body.len(), self.limit)?;
        self.queue.drain(..mem::take(&mut self.sent));
        let header = self.queue.write_u32::<NetworkEndian>(length);
        header.map_err(FrameError::Io)?;
        self.queue.extend_from_slice(body);
        Ok(())
    }

    /// 写出队列里的字节;出错时没有写出的还在队列里。
    pub fn flush(&mut self, sink: &mut impl Write) -> Result<(), FrameError> {
        while self.sent < self.queue.len() {
            match sink.write(&self.queue[self.sent..]) {
                Ok(0) => return Err(FrameError::Io(ErrorKind::WriteZero.into())),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                written => self.sent += written.map_err(FrameError::Io)?,
            }
        }
        Ok(())
    }
}

/// 长度不超过上限,也放得进帧头。
fn check(length: usize, limit: usize) -> Result<u32, FrameError> {
    match u32::try_from(length) {
        Ok(header) if length <= limit => Ok(header),
        _ => Err(FrameError::TooLong { length, limit }),
    }
}
