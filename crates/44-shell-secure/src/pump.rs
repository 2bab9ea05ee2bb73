//! 把命令的一股输出搬给客户:出来一点就发一点,不等它凑够,也不等命令结束。

use std::io::{ErrorKind, PipeReader, Read};

use crate::command::Running;
use crate::directory::MAX_DIRECTORY;
use crate::protocol::MAX_OUTPUT;
use crate::replies::Replies;
use crate::reply::Channel;

/// 缓冲区开始这么大:多数命令只输出几行。
const SMALL: usize = 8 << 10;

/// 一股输出。
pub struct Pump {
    /// 从这里读;`None` 是到此为止。
    pub pipe: Option<PipeReader>,
    /// 一帧的正文:种类,然后是读到的字节。
    body: Vec<u8>,
    /// 有的话,不发给客户,留在这里。
    kept: Option<Vec<u8>>,
}

impl Pump {
    /// 从 `pipe` 读;`keep` 时不发给客户,留下来。
    pub fn new(pipe: PipeReader, channel: Channel, keep: bool) -> Self {
        let mut body = vec![0; SMALL];
        body[0] = channel as u8;
        Self {
            pipe: Some(pipe),
            body,
            kept: keep.then(Vec::new),
        }
    }

    /// 读一次,读到的作为一帧发出;返回读到了多少字节。到了末尾,或者发不出去,就关掉管道。
    ///
    /// 客户收得慢,发送就等着,命令也跟着堵在写上:内存里永远只有一帧。
    pub fn carry(&mut self, running: &Running, replies: &Replies) -> usize {
        let Some(pipe) = &mut self.pipe else {
            return 0;
        };
        let length = match pipe.read(&mut self.body[1..]) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return 0,
            read => read.unwrap_or_default(),
        };
        let more = match &mut self.kept {
            _ if length == 0 => false,
            Some(kept) => keep(kept, &self.body[1..=length]),
            None => send(&self.body[..=length], running, replies),
        };
        if !more {
            self.pipe = None;
        }
        // 装满了:它还有很多,换一个大的,少搬几趟。
        if length == self.body.len() - 1 {
            self.body.resize(1 + MAX_OUTPUT, 0);
        }
        length
    }

    /// 留下来的。
    pub fn kept(self) -> Vec<u8> {
        self.kept.unwrap_or_default()
    }
}

/// 没有目录有这么长,再多的不要。
fn keep(kept: &mut Vec<u8>, bytes: &[u8]) -> bool {
    kept.extend_from_slice(bytes);
    kept.len() < MAX_DIRECTORY
}

fn send(body: &[u8], running: &Running, replies: &Replies) -> bool {
    let length = body.len() - 1;
    let admitted = running.admit(length);
    let sent = replies.send_body(&body[..=admitted]);
    sent.is_ok() && admitted == length
}
