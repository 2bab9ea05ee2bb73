//! 一问一答:请求是什么字节,回答应当是什么样子。

use std::net::SocketAddr;

use anyhow::{Context, bail, ensure};

/// 回答的头最多这么多字节:没有哪个服务器要这么多。
const MOST_HEAD: usize = 16 * 1024;

/// 一种请求和它的回答。
pub struct Exchange {
    request: Vec<u8>,
    body: Vec<u8>,
}

impl Exchange {
    /// 请求 `path`,正文应当是 `body`。
    pub fn new(server: SocketAddr, path: &str, body: Vec<u8>) -> Self {
        // 和 wrk 发的一样:除了 Host,什么也没有。
        let request = format!("GET {path} HTTP/1.1\r\nHost: {server}\r\n\r\n").into_bytes();
        Self { request, body }
    }

    /// 请求的字节。
    pub fn request(&self) -> &[u8] {
        &self.request
    }

    /// 收到的是不是一个完整的回答;不是预期的回答就出错。
    pub fn is_whole(&self, received: &[u8]) -> anyhow::Result<bool> {
        let Some(end) = received.windows(4).position(|four| four == b"\r\n\r\n") else {
            ensure!(received.len() <= MOST_HEAD, "回答的头没有完");
            return Ok(false);
        };
        let body = &received[end + 4..];
        if body.len() < self.body.len() {
            return Ok(false);
        }
        self.verify_head(&received[..end])?;
        ensure!(body == self.body, "正文不对,收到 {} 字节", body.len());
        Ok(true)
    }

    /// 状态是 200,长度是正文的长度。Python 的服务器说 HTTP/1.0。
    fn verify_head(&self, head: &[u8]) -> anyhow::Result<()> {
        let head = std::str::from_utf8(head).context("回答的头不是 ASCII")?;
        let (status, fields) = head.split_once("\r\n").unwrap_or((head, ""));
        ensure!(
            status.starts_with("HTTP/1.1 200 ") || status.starts_with("HTTP/1.0 200 "),
            "要 200,却是「{status}」"
        );
        for (name, value) in fields.lines().filter_map(|line| line.split_once(':')) {
            if name.eq_ignore_ascii_case("content-length") {
                let length: usize = value.trim().parse().context("Content-Length 不是数")?;
                ensure!(
                    length == self.body.len(),
                    "Content-Length 是 {length},正文有 {} 字节",
                    self.body.len()
                );
                return Ok(());
            }
        }
        bail!("没有 Content-Length")
    }
}
