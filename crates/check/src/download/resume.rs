//! 断点续传的下载说的话:检查自己照着协议拼、照着协议拆,不借用被检查的程序。

use crate::exam::{Exam, Stop};
use crate::tcp_peer::{End, TcpPeer};

/// 问一个文件。
pub const STAT: u8 = 1;
/// 看一个目录。
pub const LIST: u8 = 2;
/// 要一段内容。
pub const GET: u8 = 3;
/// 要摘要。
pub const DIGEST: u8 = 4;

/// 一帧:4 字节长度,然后是正文。
pub fn frame(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes(), body].concat()
}

/// 一个请求。
pub fn request(action: u8, fields: &[u8], path: &[u8]) -> Vec<u8> {
    frame(&[&[action], fields, path].concat())
}

/// GET 的参数。
pub fn range(version: &[u8], start: u64, end: u64, have: u64, digest: &[u8; 32]) -> Vec<u8> {
    let numbers = [start, end, have].map(u64::to_be_bytes).concat();
    [version, &numbers, digest].concat()
}

/// 收一帧的正文;流正好结束在两帧之间是 `None`。
pub fn receive(exam: &mut Exam, peer: &mut TcpPeer) -> Result<Option<Vec<u8>>, Stop> {
    let header = peer.receive(4, exam.deadline())?;
    let Ok(length) = <[u8; 4]>::try_from(header.bytes.as_slice()) else {
        if header.end == End::TimedOut {
            return Err(exam.failure("等到期限,也没有等到一帧").into());
        }
        return Ok(None);
    };
    let length = u32::from_be_bytes(length) as usize;
    if length > 1 << 16 {
        let text = format!("帧头说正文有 {length} 字节:不是帧,或者太长了");
        return Err(exam.failure(text).received(Some(&header.bytes)).into());
    }
    let body = peer.receive(length, exam.deadline())?;
    if body.bytes.len() < length {
        let text = format!("帧头说正文有 {length} 字节,只收到 {}", body.bytes.len());
        return Err(exam.failure(text).received(Some(&body.bytes)).into());
    }
    Ok(Some(body.bytes))
}
