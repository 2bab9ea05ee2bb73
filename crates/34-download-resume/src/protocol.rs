//! 双方说的话:每个请求、每个回答都是一帧([`common::frame`]),一条连接上可以一问一答许多次。
//!
//! ```text
//! 请求  1 字节 做什么 │ 它的参数 │ 路径,UTF-8,用 / 分开,从 root 算起
//!   1 STAT    (没有参数)
//!   2 LIST    (没有参数)                                      路径空着就是 root
//!   3 GET     版本 16 │ 从 u64 │ 到 u64(不含) │ 已有 u64 │ 已有的摘要 32
//!   4 DIGEST  版本 16
//! 回答  1 字节 状态 │ 状态是 0 时它的内容
//!   STAT    种类 u8(0 文件,1 目录) │ 大小 u64 │ 版本 16
//!   LIST    空;然后一项一帧:种类 u8 │ 大小 u64 │ 修改时间 i64(秒) │ 名字;一个空帧结束
//!   GET     从 u64;然后是「到 - 从」个字节,不再分帧
//!   DIGEST  摘要 32
//! 状态 9:还在算,内容是已经算过的字节 u64;随后还有回答
//! ```
//!
//! 整数都是网络字节序。版本由服务器从文件的修改时间、大小、编号得出,文件变了它就变;客户端不必看懂。

use std::io::{self, Read};

use byteorder::{NetworkEndian, ReadBytesExt, WriteBytesExt};

/// 回答的正文最多这么多字节:最大的是 LIST 的一项,名字不超过 255 字节。
pub const MAX_ANSWER: usize = 1024;

/// 一个版本的文件。
pub type Version = [u8; 16];

/// BLAKE3 的摘要。
pub type Digest = [u8; 32];

/// 文件还是目录。别的种类(链接、管道、设备)不列出,也不给。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 普通文件。
    File = 0,
    /// 目录。
    Directory = 1,
}

/// STAT 的回答。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// 种类。
    pub kind: Kind,
    /// 大小,字节;目录是 0。
    pub size: u64,
    /// 版本。
    pub version: Version,
}

impl Stat {
    /// 状态之后的内容。
    pub fn encode(&self) -> io::Result<Vec<u8>> {
        let mut body = vec![self.kind as u8];
        body.write_u64::<NetworkEndian>(self.size)?;
        body.extend(self.version);
        Ok(body)
    }

    /// 状态之后的内容;多一个、少一个字节都看不懂。
    pub fn decode(mut body: &[u8]) -> io::Result<Self> {
        let stat = Self {
            kind: kind(body.read_u8()?)?,
            size: body.read_u64::<NetworkEndian>()?,
            version: array(&mut body)?,
        };
        finished(body).map(|()| stat)
    }
}

/// LIST 的一项。
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// 种类。
    pub kind: Kind,
    /// 大小,字节;目录是 0。
    pub size: u64,
    /// 修改时间,从 1970-01-01 起的秒。
    pub modified: i64,
    /// 名字:服务器说的,还没有检查。
    pub name: Vec<u8>,
}

impl Entry {
    /// 一帧的正文。
    pub fn encode(&self) -> io::Result<Vec<u8>> {
        let mut body = vec![self.kind as u8];
        body.write_u64::<NetworkEndian>(self.size)?;
        body.write_i64::<NetworkEndian>(self.modified)?;
        body.extend(&self.name);
        Ok(body)
    }

    /// 一帧的正文。
    pub fn decode(mut body: &[u8]) -> io::Result<Self> {
        Ok(Self {
            kind: kind(body.read_u8()?)?,
            size: body.read_u64::<NetworkEndian>()?,
            modified: body.read_i64::<NetworkEndian>()?,
            name: body.to_vec(),
        })
    }
}

fn kind(byte: u8) -> io::Result<Kind> {
    match byte {
        0 => Ok(Kind::File),
        1 => Ok(Kind::Directory),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// 一个整数,正好用完 `body`。
pub fn number(mut body: &[u8]) -> io::Result<u64> {
    let number = body.read_u64::<NetworkEndian>()?;
    finished(body).map(|()| number)
}

/// 固定长度的一段字节。
pub fn array<const N: usize>(body: &mut &[u8]) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    body.read_exact(&mut bytes).map(|()| bytes)
}

fn finished(rest: &[u8]) -> io::Result<()> {
    match rest.is_empty() {
        true => Ok(()),
        false => Err(io::ErrorKind::InvalidData.into()),
    }
}
