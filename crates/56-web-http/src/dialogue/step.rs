//! 对话与外面的往来:谁来回答,下一步做什么。

use std::time::SystemTime;

use crate::request::Request;
use crate::response::{Body, Response};
use crate::status::Status;

/// 谁来回答请求:网站自己,或者它前面的缓存。
pub trait Origin {
    /// 回答一个请求。
    fn answer(&mut self, request: &Request<'_>, now: SystemTime) -> Response;

    /// 拒绝一个看不懂的请求。
    fn refuse(&mut self, status: Status, reason: &'static str) -> Response;
}

/// 在等什么:决定用哪一个期限。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// 下一个请求,一个字节也还没有来(空行不算)。
    Request,
    /// 头的其余部分。
    Head,
    /// 正文的其余部分。
    Body,
}

/// 下一步。
#[derive(Debug)]
pub enum Step {
    /// 要更多的字节。
    Read(Waiting),
    /// 回答:头已经写在 `output` 的末尾,接着发 `body`。
    Answer(Answer),
}

/// 一个回答。
#[derive(Debug)]
pub struct Answer {
    /// 正文。
    pub body: Body,
    /// 发完就关闭连接:先关自己的方向,再读掉对方还在发的(有限度),免得复位吃掉回答(RFC 9112 §9.6)。
    pub close: bool,
    /// 状态码,日志用。
    pub status: Status,
    /// 请求行,日志用;不记日志就是空的,不分配。被拒绝的请求,请求行不完整时也是空的。
    pub line: Box<[u8]>,
}
