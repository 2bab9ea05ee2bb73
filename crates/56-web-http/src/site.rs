//! 网站:一个请求得到什么响应。只看请求和文件,不管连接。

#[cfg(test)]
mod tests;

use std::time::SystemTime;

use anyhow::Context;

use crate::failure::Failure;
use crate::lookup::Lookup;
use crate::pages;
use crate::path::RelativePath;
use crate::representation::Representation;
use crate::request::Request;
use crate::response::{Body, Fields, Response};
use crate::root::{Found, Root};
use crate::status::Status;
use crate::types::Type;
use crate::validators::Stamp;

/// 目录的首页。
pub const INDEX: &[u8] = b"index.html";

/// 自己的 404 页,放在根里面。
const NOT_FOUND_PAGE: &[u8] = b"404.html";

/// 网站的选项。
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// 没有 index.html 的目录,给出清单。
    pub listing: bool,
    /// 点开头的名字也给。
    pub hidden: bool,
    /// 200、206、304 的 Cache-Control;只有看得见的 ASCII 字符。
    pub cache_control: Option<String>,
}

/// 一个目录做成的网站。各个线程共用。
#[derive(Debug)]
pub struct Site {
    root: Root,
    options: Options,
}

impl Site {
    /// 以目录 `root` 为根。
    ///
    /// # Errors
    /// 打不开目录。
    pub fn open(root: &std::path::Path, options: Options) -> anyhow::Result<Self> {
        let root = Root::open(root).with_context(|| format!("打不开目录 {}", root.display()))?;
        Ok(Self { root, options })
    }

    /// 回答一个请求。不出错:什么都有一个状态码。
    pub fn answer(&self, request: &Request<'_>, now: SystemTime) -> Response {
        let response = match request.method {
            b"GET" => self.get(request, now),
            b"HEAD" => self.get(request, now).map(without_body),
            b"OPTIONS" => Ok(pages::options()),
            b"POST" | b"PUT" | b"DELETE" | b"PATCH" | b"TRACE" | b"CONNECT" => Err(Failure::new(
                Status::METHOD_NOT_ALLOWED,
                "这里只有文件可以看,不能这样做",
            )),
            _ => Err(Failure::new(Status::NOT_IMPLEMENTED, "不认得这个方法")),
        };
        response.unwrap_or_else(|failure| match request.method {
            b"HEAD" => without_body(self.fail(failure)),
            _ => self.fail(failure),
        })
    }

    /// 拒绝一个看不懂的请求:一页说明。
    pub fn refuse(&self, status: Status, reason: &'static str) -> Response {
        pages::failure(Failure::new(status, reason))
    }

    /// 以前对 `path`(请求目标里的路径,没有解码)的响应带着 `stamp`:文件现在还是那个样子吗?
    ///
    /// Unix 上只要一次系统调用,不打开文件。
    #[allow(dead_code, reason = "网站前面有缓存的阶段才用")]
    pub fn is_current(&self, path: &[u8], stamp: &Stamp) -> bool {
        let Ok(path) = RelativePath::new(path) else {
            return false;
        };
        let current = match path.directory {
            true => self.root.stamp(&path.join(INDEX).name),
            false => self.root.stamp(&path.name),
        };
        current.is_ok_and(|current| current == *stamp)
    }

    fn get(&self, request: &Request<'_>, now: SystemTime) -> Result<Response, Failure> {
        Lookup::new(&self.root, &self.options, request, now)?.answer()
    }

    /// 一页说明;404 先看有没有自己的页。
    fn fail(&self, failure: Failure) -> Response {
        let own = match failure.status {
            Status::NOT_FOUND => self.not_found(),
            _ => None,
        };
        own.unwrap_or_else(|| pages::failure(failure))
    }

    fn not_found(&self) -> Option<Response> {
        let Ok(Found::File(file, stamp)) = self.root.find(NOT_FOUND_PAGE) else {
            return None;
        };
        let page = Representation {
            file,
            stamp,
            kind: Type::of(NOT_FOUND_PAGE),
            coding: None,
        };
        let mut response = page.whole(false, Fields::new()).ok()?;
        response.status = Status::NOT_FOUND;
        Some(response)
    }
}

/// HEAD:字段和 GET 一样,没有正文(RFC 9110 §9.3.2)。
fn without_body(mut response: Response) -> Response {
    response.body = Body::Empty;
    response.stamp = None;
    response
}
