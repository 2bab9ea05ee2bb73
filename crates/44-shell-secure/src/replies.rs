//! 往客户那边写:几个线程都有话说,一次一帧,谁也不插在谁的中间。

use std::io::Write;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use common::frame::{FrameError, FrameWriter};

use crate::protocol::MAX_REPLY;
use crate::reply::{Channel, Exit, Reply};
use crate::wire::Wire;

/// 说最后一句,最多等这么久:别的线程可能正堵在写上,客户一直不收,不能为了道别在这里等他。
const LAST_WORD: Duration = Duration::from_secs(1);

/// 往一位客户那边写的一头。
pub struct Replies<'a> {
    /// 谁在写,谁就拿着它;`None` 是有人在写。
    sink: Mutex<Option<Sink<'a>>>,
    /// 写完了,放回来时通知。
    returned: Condvar,
    /// 下面的连接:写不出去就挂断,读的一头马上知道。
    wire: &'a Wire,
}

struct Sink<'a> {
    frames: FrameWriter,
    writer: Box<dyn Write + Send + 'a>,
}

impl<'a> Replies<'a> {
    /// 写到 `writer`;`wire` 是它下面的连接。
    pub fn new(writer: Box<dyn Write + Send + 'a>, wire: &'a Wire) -> Self {
        let frames = FrameWriter::new(MAX_REPLY);
        Self {
            sink: Mutex::new(Some(Sink { frames, writer })),
            returned: Condvar::new(),
            wire,
        }
    }

    /// 说一句。客户不收就等着,到了发送的期限算断了。
    ///
    /// # Errors
    /// 写不出去;连接已经挂断。
    pub fn send(&self, reply: &Reply) -> Result<(), FrameError> {
        let mut body = Vec::new();
        reply.encode(&mut body);
        self.send_body(&body)
    }

    /// 写一帧,`body` 是现成的正文。
    ///
    /// # Errors
    /// 同 [`send`](Self::send)。
    pub fn send_body(&self, body: &[u8]) -> Result<(), FrameError> {
        let busy = |sink: &mut Option<Sink>| sink.is_none();
        let waited = self.returned.wait_while(self.lock(), busy);
        let mut guard = waited.unwrap_or_else(PoisonError::into_inner);
        let taken = guard.take();
        drop(guard);
        self.write(taken, body)
    }

    /// 说最后一句,挂断。
    pub fn dismiss(&self, text: &str) {
        let busy = |sink: &mut Option<Sink>| sink.is_none();
        let waited = self
            .returned
            .wait_timeout_while(self.lock(), LAST_WORD, busy);
        let (mut guard, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let taken = guard.take();
        drop(guard);
        let mut body = Vec::new();
        Reply::Error(text).encode(&mut body);
        let _ = self.write(taken, &body);
        self.hang_up();
    }

    /// 写,再把 `sink` 放回去。
    fn write(&self, sink: Option<Sink<'a>>, body: &[u8]) -> Result<(), FrameError> {
        let Some(mut sink) = sink else {
            return Ok(());
        };
        let written = sink.frames.write(&mut sink.writer, body);
        let written = written.and_then(|()| sink.writer.flush().map_err(FrameError::Io));
        if written.is_err() {
            // 写了半帧,后面的都会错位:这条连接不能再用了。
            self.hang_up();
        }
        *self.lock() = Some(sink);
        self.returned.notify_one();
        written
    }

    /// 命令结束了;换了目录的话,先说换到哪里。他已经走了的话,读的一头也会发现。
    pub fn ended(&self, directory: Option<&str>, exit: Exit) {
        if let Some(directory) = directory {
            let _ = self.send(&Reply::Directory(directory));
        }
        let _ = self.send(&Reply::Exit(exit));
    }

    /// 命令没有运行:说为什么,和它的结局。
    pub fn decline(&self, why: &str, exit: Exit) {
        let text = format!("错误:{why}\n");
        let told = Reply::Output(Channel::Errors, text.as_bytes());
        let _ = self.send(&told);
        let _ = self.send(&Reply::Exit(exit));
    }

    /// 挂断。
    pub fn hang_up(&self) {
        self.wire.hang_up();
    }

    fn lock(&self) -> MutexGuard<'_, Option<Sink<'a>>> {
        // 持锁时不会恐慌;即使有过,里面的东西也还是好的。
        self.sink.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
