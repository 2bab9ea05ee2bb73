//! 还没有说出来的回答,和把它写成字节。

use super::{Answer, Origin};
use crate::clock::Clock;
use crate::request::{Reject, Request, Version};
use crate::response::{Body, Response};
use crate::status::Status;

/// 还没有说出来的回答。
#[derive(Debug)]
pub struct Draft {
    /// 网站的回答。
    pub response: Response,
    /// 连接怎么办。
    pub connection: Connection,
    /// HEAD 的回答没有正文。
    pub head_only: bool,
    /// 请求行,日志用。
    pub line: Box<[u8]>,
}

/// 回答以后,连接怎么办。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// 关闭,也说出来。
    Close,
    /// 留着:HTTP/1.1 本来就这样,不用说。
    Persist,
    /// 留着:HTTP/1.0 的客户问了,要说出来。
    KeepAlive,
}

impl Connection {
    /// 请求以后,连接怎么办;`last` 是说它是这条连接上的最后一个。
    pub fn after(request: &Request<'_>, last: bool) -> Self {
        match request.version {
            _ if last || !request.keep_alive() => Self::Close,
            Version::Http10 => Self::KeepAlive,
            Version::Http11 => Self::Persist,
        }
    }
}

impl Draft {
    /// 拒绝,然后关闭。
    pub fn refusal(
        reject: Reject,
        origin: &mut impl Origin,
        head_only: bool,
        line: Box<[u8]>,
    ) -> Self {
        Self {
            response: origin.refuse(reject.status, reject.reason),
            connection: Connection::Close,
            head_only,
            line,
        }
    }

    /// 把头写进 `output` 的末尾:状态行、Date、Connection、网站写好的字段、空行。
    pub fn write(self, clock: &Clock, output: &mut Vec<u8>) -> Answer {
        let Response {
            status,
            fields,
            body,
            ..
        } = self.response;
        write_status(status, output);
        output.extend_from_slice(b"Date: ");
        output.extend_from_slice(clock.date().as_bytes());
        output.extend_from_slice(match self.connection {
            Connection::Close => b"\r\nConnection: close\r\n",
            Connection::Persist => b"\r\n",
            Connection::KeepAlive => b"\r\nConnection: keep-alive\r\n",
        });
        output.extend_from_slice(&fields);
        output.extend_from_slice(b"\r\n");
        // 没有正文的回答,多一个字节也会被当成下一个回答的开头(RFC 9112 §6.3)。
        let silent = self.head_only || matches!(status.0, 204 | 304);
        Answer {
            body: if silent { Body::Empty } else { body },
            close: self.connection == Connection::Close,
            status,
            line: self.line,
        }
    }
}

/// 没有地方了:不听请求就回答 503,然后关闭。头写在 `output` 的末尾。
pub fn crowded(origin: &mut impl Origin, clock: &Clock, output: &mut Vec<u8>) -> Answer {
    let crowded = Reject::new(503, "现在太忙,请过一会儿再来");
    Draft::refusal(crowded, origin, false, Box::default()).write(clock, output)
}

/// 状态行。不用格式化:每个回答都要写它。
fn write_status(status: Status, output: &mut Vec<u8>) {
    let digit = |weight: u16| b'0' + (status.0 / weight % 10) as u8;
    output.extend_from_slice(b"HTTP/1.1 ");
    output.extend_from_slice(&[digit(100), digit(10), digit(1), b' ']);
    output.extend_from_slice(status.reason().as_bytes());
    output.extend_from_slice(b"\r\n");
}
