//! 表示:选中的一份文件,变成 200、206、304、412 或 416(RFC 9110 §8、§13、§14)。

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, IoSliceMut, Read};
use std::sync::Arc;
use std::time::SystemTime;

use crate::clock;
use crate::coding::Coding;
use crate::conditions::{Outcome, evaluate, range_applies};
use crate::failure::Failure;
use crate::multipart::Multipart;
use crate::pages;
use crate::range::{self, Span, Wanted};
use crate::request::Request;
use crate::response::{Body, Fields, Response, Slice};
use crate::status::Status;
use crate::types::Type;
use crate::validators::{Stamp, Validators};

/// 不超过这么多字节的文件一次读进内存,和头一起发;更大的交给发送的一方,一边读一边发。
pub const SMALL: u64 = 64 * 1024;

/// 选中的一份。
#[derive(Debug)]
pub struct Representation {
    /// 打开的文件。
    pub file: File,
    /// 打开时的样子。
    pub stamp: Stamp,
    /// 类型;压缩过的,是压缩以前的类型。
    pub kind: Type,
    /// 编码。
    pub coding: Option<Coding>,
}

/// 没有成。
#[derive(Debug)]
pub enum Setback {
    /// 打开以后它又变了:再来一次。
    Changed,
    /// 只好这样回答。
    Failed(Failure),
}

impl From<Failure> for Setback {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<io::Error> for Setback {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl Representation {
    /// 回答一个 GET 或 HEAD。
    ///
    /// # Errors
    /// 读的时候文件变了,或者出错;条件不成立。
    pub fn respond(
        self,
        request: &Request<'_>,
        now: SystemTime,
        cache_control: Option<&str>,
    ) -> Result<Response, Setback> {
        let suffix = self.coding.map_or("", Coding::name);
        let validators = Validators::new(&self.stamp, suffix, now);
        let mut fields = Fields::new();
        self.vary(cache_control, &mut fields);
        match evaluate(request, validators.as_ref()) {
            Outcome::Proceed => {}
            Outcome::NotModified => return Ok(not_modified(validators.as_ref(), fields)),
            Outcome::Failed => {
                let reason = "文件已经不是您以为的那一份";
                return Err(Failure::new(Status::PRECONDITION_FAILED, reason).into());
            }
        }
        if let Some(coding) = self.coding {
            fields.add("Content-Encoding", coding.name());
        }
        if let Some(validators) = &validators {
            fields.add("ETag", &validators.tag);
            fields.add("Last-Modified", clock::date(validators.modified));
        }
        fields.add("Accept-Ranges", "bytes");
        match self.wanted(request, validators.as_ref()) {
            Wanted::Whole => {
                let stamp = validators.map(|_| self.stamp);
                let response = self.whole(request.method == b"HEAD", fields)?;
                Ok(Response { stamp, ..response })
            }
            Wanted::One(span) => Ok(self.one(span, fields)),
            Wanted::Several(spans) => {
                let (kind, size) = (self.content_type(), self.stamp.size);
                Ok(Multipart::new(kind, size).respond(self.file, &spans, fields))
            }
            Wanted::Unsatisfiable => Ok(pages::unsatisfiable(self.stamp.size)),
        }
    }

    /// 200 和 304 都要的字段(RFC 9110 §15.4.5):换一个 Accept-Encoding,回答也许就不同。
    fn vary(&self, cache_control: Option<&str>, fields: &mut Fields) {
        if self.kind.is_compressible() {
            fields.add("Vary", "Accept-Encoding");
        }
        if let Some(value) = cache_control {
            fields.add("Cache-Control", value);
        }
    }

    /// 只有 GET 可以要一段(RFC 9110 §14.2)。
    fn wanted(&self, request: &Request<'_>, validators: Option<&Validators>) -> Wanted {
        match request.field("range") {
            Some(value) if request.method == b"GET" && range_applies(request, validators) => {
                range::parse(value, self.stamp.size)
            }
            _ => Wanted::Whole,
        }
    }

    fn content_type(&self) -> String {
        [self.kind.name, self.kind.charset()].concat()
    }

    /// 200:整个文件。`fields` 里是和大小无关的字段。
    ///
    /// # Errors
    /// 读的时候文件变了,或者出错。
    pub fn whole(self, head: bool, mut fields: Fields) -> Result<Response, Setback> {
        let size = self.stamp.size;
        fields.add("Content-Type", self.content_type());
        fields.length(size);
        let body = match size {
            _ if head => Body::Empty,
            0 => Body::Empty,
            1..=SMALL => Body::Bytes(read(&self.file, size)?),
            _ => Body::File(Slice {
                file: Arc::new(self.file),
                start: 0,
                length: size,
            }),
        };
        Ok(Response::new(Status::OK, fields, body))
    }

    /// 206:一段。
    fn one(self, span: Span, mut fields: Fields) -> Response {
        fields.add("Content-Type", self.content_type());
        fields.add("Content-Range", span.content_range(self.stamp.size));
        fields.length(span.length);
        let body = Body::File(span.of(&Arc::new(self.file)));
        Response::new(Status::PARTIAL_CONTENT, fields, body)
    }
}

/// 304 没有正文,也不说类型和长度;ETag 要说,没有 ETag 才说 Last-Modified(RFC 9110 §15.4.5)。
fn not_modified(validators: Option<&Validators>, mut fields: Fields) -> Response {
    if let Some(validators) = validators {
        fields.add("ETag", &validators.tag);
    }
    Response::new(Status::NOT_MODIFIED, fields, Body::Empty)
}

/// 读一个小文件,一次系统调用。多读一个字节:读到了,就是它变长了。
fn read(mut file: &File, size: u64) -> Result<Arc<[u8]>, Setback> {
    let size = usize::try_from(size).map_err(|_| Setback::Changed)?;
    let mut content: Arc<[u8]> = std::iter::repeat_n(0, size).collect();
    // 刚刚建的 Arc,没有别人在用。
    let buffer = Arc::get_mut(&mut content).ok_or(Setback::Changed)?;
    let mut excess = [0];
    let mut both = [IoSliceMut::new(buffer), IoSliceMut::new(&mut excess)];
    match file.read_vectored(&mut both)? {
        got if got == size => Ok(content),
        _ => Err(Setback::Changed),
    }
}
