//! 几段一起发:每一段前面说自己的类型和位置(RFC 9110 §14.6)。

use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use crate::range::Span;
use crate::response::{Body, Fields, Piece, Response};
use crate::status::Status;

/// 一个 multipart/byteranges 的正文。
#[derive(Debug)]
pub struct Multipart {
    kind: String,
    size: u64,
    boundary: String,
}

impl Multipart {
    /// 文件的 Content-Type 是 `kind`,有 `size` 字节。
    pub fn new(kind: String, size: u64) -> Self {
        // 分界猜不到(128 位的随机数),所以文件里不会有。
        let random = || RandomState::new().hash_one(0);
        let boundary = format!("{:016x}{:016x}", random(), random());
        Self {
            kind,
            size,
            boundary,
        }
    }

    /// 206。
    pub fn respond(&self, file: File, spans: &[Span], mut fields: Fields) -> Response {
        let file = Arc::new(file);
        let mut pieces = Vec::with_capacity(spans.len() * 2 + 1);
        let mut length = 0;
        for &span in spans {
            let head = self.head(span);
            length += head.len() as u64 + span.length;
            pieces.push(Piece::Bytes(head.into_bytes().into()));
            pieces.push(Piece::File(span.of(&file)));
        }
        let end = format!("\r\n--{}--\r\n", self.boundary);
        length += end.len() as u64;
        pieces.push(Piece::Bytes(end.into_bytes().into()));
        let kind = format!("multipart/byteranges; boundary={}", self.boundary);
        fields.add("Content-Type", kind);
        fields.length(length);
        Response::new(Status::PARTIAL_CONTENT, fields, Body::Parts(pieces.into()))
    }

    /// 一段的前面。
    fn head(&self, span: Span) -> String {
        let (boundary, kind, range) = (&self.boundary, &self.kind, span.content_range(self.size));
        format!("\r\n--{boundary}\r\nContent-Type: {kind}\r\nContent-Range: {range}\r\n\r\n")
    }
}
