//! 网站:一个请求得到什么响应。只看请求和文件,不管连接。

use std::time::SystemTime;

use crate::request::Request;
use crate::response::{Body, Response};
use crate::status::Status;

/// 网站的选项。
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// 没有 index.html 的目录,给出清单。
    pub listing: bool,
    /// 点开头的名字也给。
    pub hidden: bool,
    /// 200、206、304 的 Cache-Control。
    pub cache_control: Option<String>,
}

/// 一个目录做成的网站。各个线程共用。
#[derive(Debug)]
pub struct Site {
    options: Options,
}

impl Site {
    /// 以目录 `root` 为根。
    ///
    /// # Errors
    /// 打不开目录。
    pub fn open(root: &std::path::Path, options: Options) -> anyhow::Result<Self> {
        let _ = root;
        Ok(Self { options })
    }

    /// 回答一个请求。不出错:什么都有一个状态码。
    pub fn answer(&self, request: &Request<'_>, now: SystemTime) -> Response {
        let _ = (&self.options, request, now);
        let page: &[u8] = "<!doctype html><title>你好</title>\n".as_bytes();
        let fields = format!(
            "Content-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n",
            page.len()
        );
        Response {
            status: Status::OK,
            fields: fields.into_bytes().into(),
            body: Body::Bytes(page.into()),
        }
    }

    /// 拒绝一个看不懂的请求:一页说明。
    pub fn refuse(&self, status: Status, reason: &'static str) -> Response {
        Response {
            status,
            fields: format!("Content-Length: {}\r\n", reason.len())
                .into_bytes()
                .into(),
            body: Body::Bytes(reason.as_bytes().into()),
        }
    }
}
