//! 讲义里写明的报文。照讲义另写一遍,不用程序自己的代码:两边错成一样,也看得出来。

use crate::exam::{Exam, Stop};
use crate::udp_peer::UdpPeer;
use std::net::SocketAddr;

/// 种类:说要传什么。
pub const OPEN: u8 = 0;
/// 种类:文件的一段。
pub const DATA: u8 = 1;
/// 种类:文件到此为止。
pub const FIN: u8 = 2;
/// 种类:询问。
pub const PROBE: u8 = 3;
/// 种类:确认。
pub const ACK: u8 = 4;
/// 种类:保存好了。
pub const DONE: u8 = 5;
/// 种类:不收。
pub const REFUSED: u8 = 6;

/// 头的长度,字节。
const HEADER: usize = 22;

/// 一个报文。
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// 种类。
    pub kind: u8,
    /// 会话。
    pub session: u32,
    /// 编号。
    pub number: u32,
    /// 时刻。
    pub time: u32,
    /// 窗口。
    pub window: u16,
    /// 头后面的内容。
    pub content: Vec<u8>,
}

impl Packet {
    /// 变成字节。
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = b"RU\x01".to_vec();
        bytes.push(self.kind);
        for field in [self.session, self.number, self.time, 0] {
            bytes.extend_from_slice(&field.to_be_bytes());
        }
        bytes.extend_from_slice(&self.window.to_be_bytes());
        bytes.extend_from_slice(&self.content);
        let checksum = crc32(&bytes);
        bytes[16..20].copy_from_slice(&checksum.to_be_bytes());
        bytes
    }

    /// 读字节;不合格式时说哪里不对。
    pub fn decode(bytes: &[u8]) -> Result<Self, &'static str> {
        if bytes.len() < HEADER {
            return Err("数据报比 22 字节的头还短");
        }
        if !bytes.starts_with(b"RU\x01") {
            return Err("数据报的开头不是 52 55 01");
        }
        let mut zeroed = bytes.to_vec();
        zeroed[16..20].fill(0);
        if bytes[16..20] != crc32(&zeroed).to_be_bytes() {
            return Err("校验和不对(把它自己一栏当作 0,算整个数据报的 CRC-32)");
        }
        let field = |at: usize| u32::from_be_bytes([0, 1, 2, 3].map(|n| bytes[at + n]));
        Ok(Self {
            kind: bytes[3],
            session: field(4),
            number: field(8),
            time: field(12),
            window: u16::from_be_bytes([bytes[20], bytes[21]]),
            content: bytes[HEADER..].to_vec(),
        })
    }
}

/// CRC-32(以太网、gzip 用的那一种),一位一位地算。
pub fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            let odd = crc & 1 == 1;
            crc = (crc >> 1) ^ if odd { 0xedb8_8320 } else { 0 };
        }
    }
    !crc
}

/// 等一个合乎格式的报文。
pub fn receive(exam: &mut Exam, peer: &UdpPeer) -> Result<(Packet, SocketAddr), Stop> {
    let deadline = exam.deadline();
    let Some((bytes, from)) = peer.receive(deadline)? else {
        return Err(exam.failure("没有收到报文").received(None).into());
    };
    match Packet::decode(&bytes) {
        Ok(packet) => Ok((packet, from)),
        Err(what) => Err(exam.failure(what).received(Some(&bytes)).into()),
    }
}
