//! 正文有多长(RFC 9112 §6.3):请求走私的病根都在这里。
//!
//! 路上的代理和我们对「到哪里为止」的看法只要不同,攻击者就能把一个请求的后半截变成下一个人的请求。
//! 所以凡是有两种读法的,一律拒绝并且关闭连接,不猜。

use super::bytes::{is_token, trim};
use super::{Framing, Reject, Request, Version};

/// 正文有多长。
pub fn of(request: &Request<'_>) -> Result<Framing, Reject> {
    let mut lengths = request.fields("content-length");
    let mut codings = request.fields("transfer-encoding");
    let length = match (lengths.next(), lengths.next()) {
        (None, _) => None,
        (Some(length), None) => Some(length),
        // 相同的两个可以当成一个(RFC 9110 §8.6),但是没有正常的客户这样发。
        (Some(_), Some(_)) => return Err(Reject::bad("不止一个 Content-Length")),
    };
    match (length, codings.next(), codings.next()) {
        (None, None, _) => Ok(Framing::Length(0)),
        (Some(length), None, _) => decimal(length).map(Framing::Length),
        (Some(_), Some(_), _) => Err(Reject::bad(
            "Content-Length 和 Transfer-Encoding 不能同时有",
        )),
        (None, Some(_), Some(_)) => Err(Reject::bad("不止一个 Transfer-Encoding")),
        (None, Some(_), None) if request.version == Version::Http10 => {
            Err(Reject::bad("HTTP/1.0 没有 Transfer-Encoding"))
        }
        (None, Some(coding), None) => chunked(coding),
    }
}

/// 只许数字:`+5`、`0x5`、`5, 5`、空的,都有人读成别的。
fn decimal(digits: &[u8]) -> Result<u64, Reject> {
    let wrong = Reject::bad("Content-Length 应当是一个十进制数");
    if digits.is_empty() {
        return Err(wrong);
    }
    digits.iter().try_fold(0_u64, |length, &digit| {
        let digit = match digit {
            b'0'..=b'9' => u64::from(digit - b'0'),
            _ => return Err(wrong),
        };
        let length = length
            .checked_mul(10)
            .and_then(|ten| ten.checked_add(digit));
        length.ok_or(Reject::bad("Content-Length 太大"))
    })
}

/// 传输编码只认识 chunked,而且最后一个必须是它,不然不知道到哪里为止(RFC 9112 §6.3 第 4 条)。
fn chunked(coding: &[u8]) -> Result<Framing, Reject> {
    if coding.eq_ignore_ascii_case(b"chunked") {
        return Ok(Framing::Chunked);
    }
    let mut codings = coding.rsplit(|&byte| byte == b',').map(trim);
    let last = codings.next().unwrap_or_default();
    let known = codings
        .clone()
        .any(|one| one.eq_ignore_ascii_case(b"chunked"));
    let mut others =
        codings.filter(|one| !one.is_empty() && one.iter().all(|&byte| is_token(byte)));
    if last.eq_ignore_ascii_case(b"chunked") && !known && others.next().is_some() {
        // 例如 gzip, chunked:知道到哪里为止,但是不会解(RFC 9112 §6.1)。
        return Err(Reject::new(501, "不认识这种传输编码,只认识 chunked"));
    }
    Err(Reject::bad("Transfer-Encoding 应当是 chunked"))
}
