//! 响应:状态、字段、正文。写成字节时才加上 Date 和 Connection。

use std::fs::File;
use std::sync::Arc;

use crate::status::Status;

/// 一个响应。复制它很便宜:大的东西都是共用的。
#[derive(Debug, Clone)]
pub struct Response {
    /// 状态码。
    pub status: Status,
    /// 已经写成字节的字段,每行以 CRLF 结尾,包括 Content-Length(要有的话);没有 Date、Connection。
    pub fields: Arc<[u8]>,
    /// 正文;HEAD 和 304 没有。
    pub body: Body,
    /// 缓存可以留着这个响应,再回答对同一个路径的普通的 GET(`Request::is_plain`),
    /// 只要 [`crate::site::Site::is_current`] 说文件还是这个样子。`None`:不能留。
    pub stamp: Option<Stamp>,
}

/// 文件打开时的样子。一样,就是同一个文件、同样的内容。
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// 大小,字节。
    pub size: u64,
    /// 哪个文件:设备号和 inode;没有的系统上是零。
    pub identity: [i128; 2],
    /// 修改时间,从 1970-01-01 起的纳秒。
    pub modified: i128,
    /// Unix:内容或属性最后变化的时间(ctime),普通的程序改不了它。别处是建立的时间。
    pub changed: i128,
}

impl Response {
    /// 不能留在缓存里的响应。
    pub fn new(status: Status, fields: Fields, body: Body) -> Self {
        Self {
            status,
            fields: fields.0.into(),
            body,
            stamp: None,
        }
    }
}

/// 正文。
#[derive(Debug, Clone)]
pub enum Body {
    /// 没有。
    Empty,
    /// 内存里的字节。
    Bytes(Arc<[u8]>),
    /// 文件的一段。
    File(Slice),
    /// 几段,先后为序:multipart/byteranges。
    Parts(Arc<[Piece]>),
}

/// 文件的一段。文件中途变短,发送的一方要断开连接:已经说好的长度兑现不了。
#[derive(Debug, Clone)]
pub struct Slice {
    /// 打开的文件。
    pub file: Arc<File>,
    /// 从这个字节起。
    pub start: u64,
    /// 这么多字节。
    pub length: u64,
}

/// 正文的一块。
#[derive(Debug, Clone)]
pub enum Piece {
    /// 内存里的字节。
    Bytes(Arc<[u8]>),
    /// 文件的一段。
    File(Slice),
}

/// 正在写的字段。
#[derive(Debug)]
pub struct Fields(Vec<u8>);

impl Fields {
    /// 一个文件的字段通常 200 多字节:一次留够,写的时候不再搬家。
    const CAPACITY: usize = 384;

    /// 还没有字段。
    pub fn new() -> Self {
        Self(Vec::with_capacity(Self::CAPACITY))
    }

    /// 写一个字段。值由自己这边给出,里面没有 CR、LF。
    pub fn add(&mut self, name: &str, value: impl AsRef<[u8]>) -> &mut Self {
        self.0.extend_from_slice(name.as_bytes());
        self.0.extend_from_slice(b": ");
        self.0.extend_from_slice(value.as_ref());
        self.0.extend_from_slice(b"\r\n");
        self
    }

    /// 写 Content-Length。
    pub fn length(&mut self, length: u64) -> &mut Self {
        self.add("Content-Length", length.to_string())
    }
}
