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

/// 请求的正文最多这么多字节:Linux 的路径最多 4,096 字节(`PATH_MAX`,limits.h(0p))。
pub const MAX_REQUEST: usize = 4096;

/// 回答的正文最多这么多字节:最大的是 LIST 的一项,名字不超过 255 字节。
pub const MAX_ANSWER: usize = 1024;

/// 一个版本的文件。
pub type Version = [u8; 16];

/// BLAKE3 的摘要。
pub type Digest = [u8; 32];

/// 一个文件的一段。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// 文件的哪个版本。
    pub version: Version,
    /// 从第几个字节起。
    pub start: u64,
    /// 到第几个字节为止,不含它。
    pub end: u64,
    /// 这一段的开头,客户端已经有多少字节。
    pub have: u64,
    /// 已有的这些字节的摘要;`have` 是 0 时不看它。
    pub digest: Digest,
}

/// 请求做什么。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// 有没有、多大、哪个版本。
    Stat,
    /// 目录里有什么。
    List,
    /// 要一段内容。
    Get(Range),
    /// 要整个文件的摘要。
    Digest(Version),
}

impl Action {
    /// 请求的正文。
    pub fn encode(&self, path: &str) -> io::Result<Vec<u8>> {
        let mut body = Vec::with_capacity(128 + path.len());
        match self {
            Self::Stat => body.push(1),
            Self::List => body.push(2),
            Self::Get(range) => {
                body.push(3);
                body.extend(range.version);
                body.write_u64::<NetworkEndian>(range.start)?;
                body.write_u64::<NetworkEndian>(range.end)?;
                body.write_u64::<NetworkEndian>(range.have)?;
                body.extend(range.digest);
            }
            Self::Digest(version) => {
                body.push(4);
                body.extend(version);
            }
        }
        body.extend(path.as_bytes());
        Ok(body)
    }

    /// 从请求的正文分出做什么和路径;路径还没有检查。看不懂就是错误。
    pub fn decode(mut body: &[u8]) -> io::Result<(Self, &[u8])> {
        let action = match body.read_u8()? {
            1 => Self::Stat,
            2 => Self::List,
            3 => Self::Get(Range {
                version: array(&mut body)?,
                start: body.read_u64::<NetworkEndian>()?,
                end: body.read_u64::<NetworkEndian>()?,
                have: body.read_u64::<NetworkEndian>()?,
                digest: array(&mut body)?,
            }),
            4 => Self::Digest(array(&mut body)?),
            _ => return Err(io::ErrorKind::InvalidData.into()),
        };
        Ok((action, body))
    }
}

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
