//! 响应:状态、字段、主体。写成字节时才加上 Date 和 Connection。

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
    /// 主体;HEAD 和 304 没有。
    pub body: Body,
}

/// 主体。
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

/// 主体的一块。
#[derive(Debug, Clone)]
pub enum Piece {
    /// 内存里的字节。
    Bytes(Arc<[u8]>),
    /// 文件的一段。
    File(Slice),
}
