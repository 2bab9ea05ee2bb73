//! 符合性表用的对端:别人的服务器可以分块,可以先来一个 100。

use std::net::SocketAddr;
use std::time::Instant;

use crate::exam::Stop;
use crate::failure::Failure;
use crate::tcp_peer::TcpPeer;
use crate::web::HttpPeer;
use crate::web::response::{Length, MAX_BODY, Response};

impl HttpPeer {
    /// 连到 `server`,到 `deadline` 为止。
    ///
    /// # Errors
    /// 连不上。
    pub(super) fn connect_to(server: SocketAddr, deadline: Instant) -> Result<Self, Stop> {
        let tcp = TcpPeer::connect(server, deadline)?;
        Ok(Self {
            tcp,
            sent: Vec::new(),
            unread: Vec::new(),
        })
    }

    /// 读一个回答(可以是 1xx),正文的长度用哪种写法都行。
    ///
    /// # Errors
    /// 到了 `deadline` 没有回答,写法不对,或者没有说完就断了。
    pub(super) fn any_response(
        &mut self,
        to_head: bool,
        deadline: Instant,
    ) -> Result<Response, Stop> {
        let head = self.head(deadline)?;
        let wrong = |what: String| Failure::new(what).sent(&self.sent).received(Some(&head));
        let mut response = Response::parse(&head).map_err(wrong)?;
        let bodiless = to_head || response.status < 200 || matches!(response.status, 204 | 304);
        let chunked = response.field("Transfer-Encoding").is_some();
        if chunked && response.field("Content-Length").is_some() {
            return Err(
                wrong("不应当既有 Transfer-Encoding 又有 Content-Length".to_owned()).into(),
            );
        }
        if !chunked {
            response.body = match response.length(to_head).map_err(wrong)? {
                Length::Known(length) => self.exactly(length, &head, deadline)?,
                Length::UntilClose => self.until_close(deadline)?,
            };
        } else if !bodiless {
            response.body = self.chunks(&head, deadline)?;
        }
        Ok(response)
    }

    /// 分块的正文,尾部的字段丢掉(RFC 9112 §7.1)。
    fn chunks(&mut self, head: &[u8], deadline: Instant) -> Result<Vec<u8>, Stop> {
        let mut body = Vec::new();
        loop {
            let line = self.line(head, deadline)?;
            let digits = line.split(';').next().unwrap_or_default().trim();
            let size = usize::from_str_radix(digits, 16).ok();
            match size.filter(|size| body.len() + size <= MAX_BODY) {
                Some(0) => break,
                Some(size) => body.extend(self.exactly(size, head, deadline)?),
                None => return Err(self.wrong(&format!("块的长度不对:「{line}」")).into()),
            }
            self.line(head, deadline)?;
        }
        while !self.line(head, deadline)?.is_empty() {}
        Ok(body)
    }

    /// 一行,不带行尾。
    fn line(&mut self, head: &[u8], deadline: Instant) -> Result<String, Stop> {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            line.extend(self.exactly(1, head, deadline)?);
            if line.len() > MAX_LINE {
                return Err(self.wrong("块的一行没完没了").into());
            }
        }
        line.truncate(line.len() - 2);
        Ok(String::from_utf8_lossy(&line).into_owned())
    }
}

/// 块的一行最多这么多字节。
const MAX_LINE: usize = 4 << 10;
