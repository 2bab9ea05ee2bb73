//! 条件请求:客户手里有一份,只在它变了(或者没变)时才要(RFC 9110 §13)。

use crate::clock;
use crate::request::Request;
use crate::validators::Validators;

/// 看过条件,接着怎样。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// 照常回答。
    Proceed,
    /// 304:他手里的那一份还能用。
    NotModified,
    /// 412:他以为的那一份已经不在了。
    Failed,
}

/// 对一个找到了的文件,按 RFC 9110 §13.2.2 的次序看各个条件。只用于 GET 和 HEAD。
///
/// 没有校验器(刚刚改过的文件)时,除了 `*` 什么也对不上。
pub fn evaluate(request: &Request<'_>, validators: Option<&Validators>) -> Outcome {
    let tag = validators.map(|validators| validators.tag.as_bytes());
    let since = |name| {
        let date = clock::parse(request.field(name)?)?;
        Some(validators?.modified <= date)
    };
    // 1、2:他要的是不是现在的这一份。有 ETag 就不看日期。
    let unchanged = match is_present(request, "if-match") {
        true => any_match(request.fields("if-match"), tag, Comparison::Strong),
        false => since("if-unmodified-since").unwrap_or(true),
    };
    if !unchanged {
        return Outcome::Failed;
    }
    // 3、4:他手里的还能不能用。
    let usable = match is_present(request, "if-none-match") {
        true => any_match(request.fields("if-none-match"), tag, Comparison::Weak),
        false => since("if-modified-since").unwrap_or(false),
    };
    match usable {
        true => Outcome::NotModified,
        false => Outcome::Proceed,
    }
}

/// If-Range:他手里的一段是不是现在这一份的;不是就给整个文件(RFC 9110 §13.1.5)。
///
/// 要接在一起的两段必须一字不差,所以只做强比较;日期要到那一秒过完才算强的。
pub fn range_applies(request: &Request<'_>, validators: Option<&Validators>) -> bool {
    if !is_present(request, "if-range") {
        return true;
    }
    let (Some(value), Some(validators)) = (request.field("if-range"), validators) else {
        return false;
    };
    match value.first() {
        Some(b'"') => value == validators.tag.as_bytes(),
        _ => validators.settled && clock::parse(value) == Some(validators.modified),
    }
}

fn is_present(request: &Request<'_>, name: &'static str) -> bool {
    request.fields(name).next().is_some()
}

/// 两个 ETag 怎样比(RFC 9110 §8.8.3.2)。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    /// 两个都是强的,才可能一样。
    Strong,
    /// 不管 `W/`。
    Weak,
}

/// 名单里有没有一个是 `tag`(我们自己的,总是强的);`*` 是随便哪一份。
fn any_match<'a>(
    values: impl Iterator<Item = &'a [u8]>,
    tag: Option<&[u8]>,
    comparison: Comparison,
) -> bool {
    let mut values = values;
    values.any(|value| {
        value == b"*"
            || tags(value).any(|(weak, listed)| {
                Some(listed) == tag && (comparison == Comparison::Weak || !weak)
            })
    })
}

/// 逐个给出名单里的 ETag:是不是弱的,和带引号的部分。引号里可以有逗号,所以不能按逗号切开。
/// 从写错的地方起,后面的都不算。
fn tags(value: &[u8]) -> impl Iterator<Item = (bool, &[u8])> {
    let mut rest = value;
    std::iter::from_fn(move || {
        let start = rest.iter().position(|byte| !b", \t".contains(byte))?;
        rest = &rest[start..];
        let weak = rest.starts_with(b"W/");
        let quoted = if weak { &rest[2..] } else { rest };
        let inside = quoted.strip_prefix(b"\"")?;
        let length = inside.iter().position(|&byte| byte == b'"')? + 2;
        rest = &quoted[length..];
        Some((weak, &quoted[..length]))
    })
}
