//! 双方说的话:请求是一个文件名,回答是状态和长度,都装在帧里([`common::frame`])。
//!
//! ```text
//! 请求  4 字节 长度 n │ n 字节 文件名,UTF-8
//! 回答  4 字节 长度 9 │ 1 字节 状态 │ 8 字节 文件的长度 │ 文件的字节,不再分帧
//! ```
//!
//! 整数都是网络字节序。状态不是 0 的,长度是 0。

use std::fmt;
use std::io::{Read, Write};

use anyhow::{Context, bail};
use byteorder::{ByteOrder, NetworkEndian};
use common::frame::{FrameReader, FrameWriter, HEADER};

/// 请求的正文最多这么多字节:多数文件系统里一个名字不超过 255 字节。
pub const MAX_REQUEST: usize = 1024;

/// 回答的正文总是这么多字节:一个状态,一个长度。
const ANSWER: usize = 9;

/// 回答的状态。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// 有,文件的字节跟在后面。
    Ok = 0,
    /// 没有这个文件。
    NotFound = 1,
    /// 有,但不是普通文件:目录、管道、设备。
    NotAFile = 2,
    /// 有,但不许读,或者是走出目录的链接。
    Forbidden = 3,
    /// 名字不是一个普通的文件名。
    BadName = 4,
    /// 服务器自己出了错。
    ServerError = 5,
}

impl Status {
    fn from_byte(byte: u8) -> Option<Self> {
        [
            Self::Ok,
            Self::NotFound,
            Self::NotAFile,
            Self::Forbidden,
            Self::BadName,
            Self::ServerError,
        ]
        .into_iter()
        .find(|status| *status as u8 == byte)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ok => "有",
            Self::NotFound => "没有这个文件",
            Self::NotAFile => "不是普通文件",
            Self::Forbidden => "不许读",
            Self::BadName => "不是一个普通的文件名",
            Self::ServerError => "服务器出错了",
        })
    }
}

/// 发出请求。
pub fn send_request(sink: &mut impl Write, name: &str) -> anyhow::Result<()> {
    let sent = FrameWriter::new(MAX_REQUEST).write(sink, name.as_bytes());
    sent.context("发送文件名失败")
}

/// 收一个请求;`None` 是客户一言不发就走了。不是 UTF-8 的名字原样给出,由调用者拒绝。
pub fn receive_request(source: &mut impl Read) -> anyhow::Result<Option<Vec<u8>>> {
    let mut frames = FrameReader::new(MAX_REQUEST);
    let body = frames.read(source).context("接收文件名失败")?;
    Ok(body.map(<[u8]>::to_vec))
}

/// 发出状态和长度,一次写出。
pub fn send_answer(sink: &mut impl Write, status: Status, length: u64) -> anyhow::Result<()> {
    let mut body = [0; ANSWER];
    body[0] = status as u8;
    NetworkEndian::write_u64(&mut body[1..], length);
    let sent = FrameWriter::new(ANSWER).write(sink, &body);
    sent.context("发送状态失败")
}

/// 收状态和长度,一个字节也不多读:后面紧跟着文件的字节。
pub fn receive_answer(source: &mut impl Read) -> anyhow::Result<(Status, u64)> {
    let mut bytes = [0; HEADER + ANSWER];
    source
        .read_exact(&mut bytes)
        .context("没有收到完整的回答")?;
    let mut frames = FrameReader::new(ANSWER);
    let body = frames.decode(&mut bytes.as_slice()).context("看不懂回答")?;
    let Some([status, length @ ..]) = body else {
        bail!("看不懂回答:长度不对");
    };
    let Some(status) = Status::from_byte(*status).filter(|_| length.len() == ANSWER - 1) else {
        bail!("看不懂回答:状态 {status}");
    };
    Ok((status, NetworkEndian::read_u64(length)))
}
