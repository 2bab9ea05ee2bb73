//! 表示:一个打开的文件,加上类型和编码,变成响应(RFC 9110 §8)。

use std::fs::File;
use std::io::{self, IoSliceMut, Read};
use std::sync::Arc;
use std::time::SystemTime;

use crate::clock;
use crate::response::{Body, Fields, Response, Slice};
use crate::status::Status;
use crate::types::Type;
use crate::validators::{Stamp, Validators};

/// 不超过这么多字节的文件一次读进内存,和头部一起发;更大的交给发送的一方,一边读一边发。
pub const SMALL: u64 = 64 * 1024;

/// 选中的一份。
#[derive(Debug)]
pub struct Representation {
    /// 打开的文件。
    pub file: File,
    /// 打开时的样子。
    pub stamp: Stamp,
    /// 类型。
    pub kind: Type,
}

/// 读不成。
#[derive(Debug)]
pub enum Unread {
    /// 打开以后它又变了:再来一次。
    Changed,
    /// 出错。
    Failed(io::Error),
}

impl Representation {
    /// 200:整个文件。`fields` 里已经有和大小无关的字段。
    ///
    /// # Errors
    /// 读的时候文件变了,或者出错。
    pub fn whole(self, head: bool, mut fields: Fields) -> Result<Response, Unread> {
        let size = self.stamp.size;
        fields.length(size);
        let body = match size {
            0 => Body::Empty,
            _ if head => Body::Empty,
            1..=SMALL => Body::Bytes(read(&self.file, size)?),
            _ => Body::File(Slice {
                file: Arc::new(self.file),
                start: 0,
                length: size,
            }),
        };
        Ok(Response::new(Status::OK, fields, body))
    }

    /// 类型和校验器。
    pub fn describe(&self, validators: Option<&Validators>, fields: &mut Fields) {
        let kind = [self.kind.name, self.kind.charset()].concat();
        fields.add("Content-Type", kind);
        if let Some(validators) = validators {
            fields.add("ETag", &validators.tag);
            fields.add("Last-Modified", clock::date(validators.modified));
        }
        fields.add("Accept-Ranges", "bytes");
    }

    /// 校验器;刚刚改过的文件没有。
    pub fn validators(&self, now: SystemTime) -> Option<Validators> {
        Validators::new(&self.stamp, "", now)
    }
}

/// 读一个小文件,一次系统调用。多读一个字节:读到了,就是它变长了。
fn read(mut file: &File, size: u64) -> Result<Arc<[u8]>, Unread> {
    let size = usize::try_from(size).map_err(|_| Unread::Changed)?;
    let mut content: Arc<[u8]> = std::iter::repeat_n(0, size).collect();
    let mut excess = [0];
    // 刚刚建的 Arc 没有别人在用。
    let Some(buffer) = Arc::get_mut(&mut content) else {
        return Err(Unread::Changed);
    };
    let mut both = [IoSliceMut::new(buffer), IoSliceMut::new(&mut excess)];
    match file.read_vectored(&mut both) {
        Ok(got) if got == size => Ok(content),
        Ok(_) => Err(Unread::Changed),
        Err(error) => Err(Unread::Failed(error)),
    }
}
