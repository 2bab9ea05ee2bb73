//! 范围:只要文件的一段或几段(RFC 9110 §14)。

#[cfg(test)]
mod tests;

use std::fs::File;
use std::sync::Arc;

use crate::response::Slice;

/// 一次最多要这么多段。看视频、断点续传只要一段,读 PDF 的几段;再多就是想让服务器做很多事。
const MAX_RANGES: usize = 16;

/// 文件的一段,在文件里面,至少一个字节。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// 从这个字节起。
    pub start: u64,
    /// 这么多字节。
    pub length: u64,
}

impl Span {
    /// Content-Range 的值。
    pub fn content_range(self, size: u64) -> String {
        format!(
            "bytes {}-{}/{size}",
            self.start,
            self.start + self.length - 1
        )
    }

    /// 文件 `file` 的这一段。
    pub fn of(self, file: &Arc<File>) -> Slice {
        Slice {
            file: Arc::clone(file),
            start: self.start,
            length: self.length,
        }
    }
}

/// 要的是什么。
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// 整个文件:没有要范围,或者要的写法不对、不是字节、太多、互相重叠,就当没有说。
    Whole,
    /// 一段。
    One(Span),
    /// 几段,按他说的次序。
    Several(Vec<Span>),
    /// 没有一段在文件里面。
    Unsatisfiable,
}

/// 一段的三种写法。
enum Spec {
    /// `100-199`,`100-`。
    From(u64, u64),
    /// `-100`:最后这么多字节。
    Last(u64),
}

/// 看 Range 的值;文件有 `size` 字节。
pub fn parse(value: &[u8], size: u64) -> Wanted {
    let Some(specs) = specs(value) else {
        return Wanted::Whole;
    };
    // 空的文件写不出 Content-Range;末尾的几个字节,就是整个文件。
    if size == 0 && specs.iter().any(|spec| matches!(spec, Spec::Last(1..))) {
        return Wanted::Whole;
    }
    let mut spans: Vec<Span> = specs.iter().filter_map(|spec| spec.within(size)).collect();
    match (spans.pop(), spans.is_empty()) {
        (None, _) => Wanted::Unsatisfiable,
        (Some(only), true) => Wanted::One(only),
        (Some(last), false) => {
            spans.push(last);
            match overlap(&spans) {
                true => Wanted::Whole,
                false => Wanted::Several(spans),
            }
        }
    }
}

/// 读出各段;有一段写错,就都不算。
fn specs(value: &[u8]) -> Option<Vec<Spec>> {
    let equals = value.iter().position(|&byte| byte == b'=')?;
    let (unit, set) = (&value[..equals], &value[equals + 1..]);
    if !unit.eq_ignore_ascii_case(b"bytes") {
        return None;
    }
    let elements = set.split(|&byte| byte == b',').map(<[u8]>::trim_ascii);
    // 空的一项不算(RFC 9110 §5.6.1.2)。
    let mut elements = elements.filter(|element| !element.is_empty());
    let specs: Option<Vec<Spec>> = elements.by_ref().take(MAX_RANGES).map(spec).collect();
    let specs = specs.filter(|specs| !specs.is_empty())?;
    elements.next().is_none().then_some(specs)
}

fn spec(element: &[u8]) -> Option<Spec> {
    let dash = element.iter().position(|&byte| byte == b'-')?;
    match (&element[..dash], &element[dash + 1..]) {
        (b"", last) => Some(Spec::Last(number(last)?)),
        (first, b"") => Some(Spec::From(number(first)?, u64::MAX)),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(Spec::From(first, last))
        }
    }
}

/// 一个或更多数字;大得放不下,就当最大的:反正在文件外面。
fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value = digits.iter().fold(0_u64, |sum, digit| {
        sum.saturating_mul(10)
            .saturating_add(u64::from(digit - b'0'))
    });
    Some(value)
}

impl Spec {
    /// 文件里面的部分;一个字节也没有就是 `None`。
    fn within(&self, size: u64) -> Option<Span> {
        let (start, length) = match *self {
            Self::From(first, last) => {
                let length = last.min(size.checked_sub(1)?).checked_sub(first)?;
                (first, length + 1)
            }
            Self::Last(length) => (size.saturating_sub(length), length.min(size)),
        };
        (length > 0).then_some(Span { start, length })
    }
}

/// 有没有两段重叠:几段小小的请求不该换来比文件还多的字节。
fn overlap(spans: &[Span]) -> bool {
    let mut sorted = spans.to_vec();
    sorted.sort_by_key(|span| span.start);
    sorted
        .windows(2)
        .any(|pair| pair[0].start + pair[0].length > pair[1].start)
}
