//! 不接待的客户:说一句为什么,挂断。

use std::io::Read;
use std::net::TcpStream;

use common::frame::FrameWriter;

use crate::customers::dismiss;
use crate::protocol::MAX_REPLY;
use crate::reply::Reply;

/// TLS 记录的种类:警报。后面是版本 0x0303 和长度 2(RFC 8446 §5.1)。
const ALERT: u8 = 21;

/// 警报的级别:说完就断。
const FATAL: u8 = 2;

/// 和对方无关,是我们自己没有余力。
const INTERNAL_ERROR: u8 = 80;

/// 告诉他为什么(`why` 是现成的字节),挂断。
pub fn refuse(stream: &TcpStream, why: &[u8]) {
    // 关闭时还有没读的字节,对方收到的就是复位(RFC 1122 §4.2.2.13),说的话也跟着没了:先取走他已经说的。
    let mut request = [0; 4096];
    let _ = stream.set_nonblocking(true);
    let _ = (&mut &*stream).read(&mut request);
    dismiss(stream, why);
}

/// 最后一句话,连同帧头。
pub fn farewell(text: &str) -> Vec<u8> {
    let (mut body, mut frame) = (Vec::new(), Vec::new());
    Reply::Error(text).encode(&mut body);
    // 写进内存,不会失败。
    let _ = FrameWriter::new(MAX_REPLY).write(&mut frame, &body);
    frame
}

/// 还没有握手就只能说一句 TLS 的明文警报:internal_error(RFC 8446 §6)。
pub fn alert() -> Vec<u8> {
    vec![ALERT, 3, 3, 0, 2, FATAL, INTERNAL_ERROR]
}
