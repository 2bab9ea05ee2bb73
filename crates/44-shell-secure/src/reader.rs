//! 连接的读的一头:收密文,解密;TLS 说「完了」才是末尾。

use std::io::{self, ErrorKind, Read};
use std::net::TcpStream;
use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use crate::wire::{CutOff, Tls, Wire, lock};

/// 一次最多收这么多密文,字节:一条 TLS 记录最多 16 KiB 多一点(RFC 8446 §5.2),两条凑一次系统调用。
const CHUNK: usize = 32 << 10;

/// 读的一头。
pub struct Reader {
    wire: Arc<Wire>,
    /// 到这个时刻为止;`None` 是照连接上设的期限。一次一个字节慢慢来的人,也拖不过它。
    pub deadline: Option<Instant>,
    buffer: Vec<u8>,
    /// 收到了、还没有解密的。
    waiting: Range<usize>,
}

impl Reader {
    /// 从 `wire` 读。
    pub fn new(wire: Arc<Wire>) -> Self {
        Self {
            wire,
            deadline: None,
            buffer: Vec::new(),
            waiting: 0..0,
        }
    }

    /// 做完握手。不加密的没有握手。
    ///
    /// # Errors
    /// 到了期限,断了,或者谈不拢(里面是 [`rustls::Error`])。
    pub fn handshake(&mut self) -> io::Result<()> {
        let wire = Arc::clone(&self.wire);
        let Some(tls) = &wire.tls else {
            return Ok(());
        };
        wire.send_own(tls)?;
        while lock(&tls.state).is_handshaking() {
            if !self.receive(tls)? {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(())
    }

    /// 收一些密文,解密;`false` 是 TCP 结束了。
    fn receive(&mut self, tls: &Tls) -> io::Result<bool> {
        if self.waiting.is_empty() {
            self.buffer.resize(CHUNK, 0);
            let length = receive_raw(&self.wire.raw, self.deadline, &mut self.buffer)?;
            self.waiting = 0..length;
            if length == 0 {
                return Ok(false);
            }
        }
        let mut state = lock(&tls.state);
        let taken = state.read_tls(&mut &self.buffer[self.waiting.clone()])?;
        self.waiting.start += taken;
        let processed = state.process_new_packets();
        drop(state);
        // 解密不了的话,要发的是警报:告诉他为什么。
        let sent = self.wire.send_own(tls);
        processed.map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?;
        sent.map(|()| true)
    }
}

impl Read for Reader {
    /// 对方说了「完了」才是末尾;TCP 就这样结束,是 [`CutOff`]。
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wire = Arc::clone(&self.wire);
        let Some(tls) = &wire.tls else {
            return receive_raw(&wire.raw, self.deadline, buffer);
        };
        loop {
            match lock(&tls.state).reader().read(buffer) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                read => return read,
            }
            if !self.receive(tls)? {
                return Err(io::Error::new(ErrorKind::UnexpectedEof, CutOff));
            }
        }
    }
}

fn receive_raw(
    mut raw: &TcpStream,
    deadline: Option<Instant>,
    buffer: &mut [u8],
) -> io::Result<usize> {
    if let Some(deadline) = deadline {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        raw.set_read_timeout(Some(left))?;
    }
    raw.read(buffer)
}
