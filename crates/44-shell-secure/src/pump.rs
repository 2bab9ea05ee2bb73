//! 把命令的一股输出搬给客户:出来一点就发一点,不等它凑够,也不等命令结束。

use std::io::{self, ErrorKind, Read};

use crate::command::Running;
use crate::directory::MAX_DIRECTORY;
use crate::protocol::MAX_OUTPUT;
use crate::replies::Replies;
use crate::reply::Channel;

/// 缓冲区开始这么大:多数命令只输出几行。
const SMALL: usize = 8 << 10;

/// 从 `pipe` 读,一次读到的作为一帧发出,直到末尾。
///
/// 客户收得慢,发送就等着,命令也跟着堵在写上:内存里永远只有一帧。
pub fn pump(mut pipe: impl Read, channel: Channel, running: &Running, replies: &Replies) {
    let mut body = vec![0; SMALL];
    body[0] = channel as u8;
    loop {
        let length = match read(&mut pipe, &mut body[1..]) {
            Ok(0) | Err(_) => return,
            Ok(length) => length,
        };
        let admitted = running.admit(length);
        let sent = replies.send_body(&body[..=admitted]);
        if admitted < length || sent.is_err() {
            return;
        }
        // 装满了:它还有很多,换一个大的,少搬几趟。
        if length == body.len() - 1 {
            body.resize(1 + MAX_OUTPUT, 0);
        }
    }
}

/// 从 `pipe` 读完全部,不发给谁;太多的不要。
pub fn collect(mut pipe: impl Read) -> Vec<u8> {
    let mut bytes = vec![0; MAX_DIRECTORY];
    let mut length = 0;
    while let Ok(more @ 1..) = read(&mut pipe, &mut bytes[length..]) {
        length += more;
    }
    bytes.truncate(length);
    bytes
}

fn read(pipe: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match pipe.read(buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}
