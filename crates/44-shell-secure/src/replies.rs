//! 往客户那边写:几个线程都有话说,一次一帧,谁也不插在谁的中间。

use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};

use common::frame::{FrameError, FrameWriter};

use crate::protocol::MAX_REPLY;
use crate::reply::Reply;
use crate::wire::Wire;

/// 往一位客户那边写的一头。
pub struct Replies<'a> {
    sink: Mutex<Sink<'a>>,
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
        let sink = Mutex::new(Sink { frames, writer });
        Self { sink, wire }
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
        let mut sink = self.lock();
        let Sink { frames, writer } = &mut *sink;
        let sent = frames
            .write(writer, body)
            .and_then(|()| writer.flush().map_err(FrameError::Io));
        if sent.is_err() {
            // 写了半帧,后面的都会错位:这条连接不能再用了。
            self.hang_up();
        }
        sent
    }

    /// 说最后一句,挂断。别的线程正堵在写上的话,这一句就不说了:不能在这里等他。
    pub fn dismiss(&self, text: &str) {
        if let Ok(sink) = self.sink.try_lock() {
            drop(sink);
            let _ = self.send(&Reply::Error(text));
        }
        self.hang_up();
    }

    /// 挂断。
    pub fn hang_up(&self) {
        self.wire.hang_up();
    }

    fn lock(&self) -> MutexGuard<'_, Sink<'a>> {
        // 持锁时不会恐慌;即使有过,下一帧也写得出去。
        self.sink.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
