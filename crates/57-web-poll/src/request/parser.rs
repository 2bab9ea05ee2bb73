//! 解析器:一步一步地看文法,完整以后看意思。

use super::fields::Section;
use super::line::Line;
use super::{Framing, Reject, Request, framing, target};

/// 解析到哪里了:看过的字节不再看。一个请求完了,换一个新的。
#[derive(Debug, Default)]
pub struct Parser {
    line: Line,
    section: Section,
}

impl Parser {
    /// 从 `input` 的开头解析一个头。还不完整是 `None`;下一次给的 `input` 要以这一次的为开头。
    ///
    /// # Errors
    /// 不合文法或者超过上限。
    pub fn parse<'a>(&mut self, input: &'a [u8]) -> Result<Option<Request<'a>>, Reject> {
        if !self.line.scan(input)? {
            return Ok(None);
        }
        let section = input.get(self.line.length()..).unwrap_or_default();
        if !self.section.scan(section)? {
            return Ok(None);
        }
        let mut request = Request {
            method: self.line.method_of(input),
            target: target::parse(self.line.method_of(input), self.line.target_of(input))?,
            version: self.line.version_of(),
            framing: Framing::Length(0),
            line: self.line.text(input),
            length: self.line.length() + self.section.length(),
            section: section.get(..self.section.length()).unwrap_or_default(),
            index: self.section.index,
        };
        target::check_host(&request)?;
        request.framing = framing::of(&request)?;
        Ok(Some(request))
    }

    /// 来了空行以外的字节没有。
    pub fn started(&self) -> bool {
        self.line.started()
    }

    /// 被拒绝的请求的请求行,日志用;请求行还不完整是空的。
    pub fn line<'a>(&self, input: &'a [u8]) -> &'a [u8] {
        self.line.text(input)
    }
}
