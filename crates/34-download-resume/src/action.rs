//! 请求:做什么,和它的参数;布局见 [`crate::protocol`]。

use std::io;

use byteorder::{NetworkEndian, ReadBytesExt, WriteBytesExt};

use crate::names::shown;
use crate::protocol::{Digest, Version, array};
use crate::status::Status;

/// 请求的正文最多这么多字节:Linux 的路径最多 4,096 字节(`PATH_MAX`,limits.h(0p))。
pub const MAX_REQUEST: usize = 4096;

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

    /// 被拒绝了怎样说:要的是目录,「不是」的也是目录。
    pub fn refused(&self, status: Status) -> String {
        match (self, status) {
            (Self::List, Status::NotAFile) => "不是目录".to_owned(),
            _ => status.to_string(),
        }
    }

    /// 在日志里怎样写。
    pub fn shown(&self, path: &[u8]) -> String {
        let path = match path {
            b"" => "/".to_owned(),
            path => shown(path),
        };
        match self {
            Self::Stat => format!("问 {path}"),
            Self::List => format!("看目录 {}/", path.trim_end_matches('/')),
            Self::Get(range) => format!("要 {path} 的 {}-{}", range.start, range.end),
            Self::Digest(_) => format!("要 {path} 的摘要"),
        }
    }
}
