//! 对一个回答的要求:状态码、字段、正文。

use std::fs;
use std::path::Path;

use super::talk::Talk;
use crate::web::response::Response;

/// 一条要求;不合就说哪里不合。
pub(super) type Check = Box<dyn Fn(&Seen<'_>) -> Result<(), String> + Send + Sync>;

/// 到现在为止看见的。
pub(super) struct Seen<'a> {
    /// 网站的根目录。
    pub root: &'a Path,
    /// 这条连接上最后的回答,照次序。
    pub answers: &'a [Response],
    /// 见过几个 1xx。
    pub interim: usize,
}

impl Seen<'_> {
    /// 正在检查的回答。
    pub(super) fn last(&self) -> &Response {
        // 读到了一个回答才检查它。
        &self.answers[self.answers.len() - 1]
    }

    /// 网站里的一个文件。
    pub(super) fn file(&self, name: &str) -> Result<Vec<u8>, String> {
        fs::read(self.root.join(name)).map_err(|error| format!("读不了网站里的 {name}:{error}"))
    }
}

impl Talk {
    /// 状态码应当是其中一个。
    pub(super) fn status(self, allowed: &'static [u16]) -> Self {
        self.check(move |seen| {
            let status = seen.last().status;
            match allowed.contains(&status) {
                true => Ok(()),
                false => Err(format!("状态码应当是 {allowed:?},却是 {status}")),
            }
        })
    }

    /// 200,正文是网站里的文件 `name`。
    pub(super) fn gives(self, name: &'static str) -> Self {
        self.status(&[200]).body_of(name)
    }

    /// 状态码不许是其中一个。
    pub(super) fn not(self, forbidden: &'static [u16]) -> Self {
        self.check(|seen| match seen.last().status {
            status if forbidden.contains(&status) => Err(format!("状态码不应当是 {status}")),
            _ => Ok(()),
        })
    }

    /// 如果是 200,正文应当是文件 `name`:宽容可以,给错不行。
    pub(super) fn if_ok(self, name: &'static str) -> Self {
        self.check(|seen| match seen.last().status {
            200 => same_body(&seen.last().body, &seen.file(name)?),
            _ => Ok(()),
        })
    }

    /// 正文应当是文件 `name`,一字不差。
    pub(super) fn body_of(self, name: &'static str) -> Self {
        self.check(|seen| same_body(&seen.last().body, &seen.file(name)?))
    }

    /// 正文应当是文件 `name` 的一段。
    pub(super) fn slice(self, name: &'static str, from: usize, to: usize) -> Self {
        self.check(move |seen| {
            let whole = seen.file(name)?;
            let slice = whole.get(from..=to).unwrap_or_default();
            same_body(&seen.last().body, slice)
        })
    }

    /// 正文应当是空的。
    pub(super) fn empty(self) -> Self {
        self.check(|seen| same_body(&seen.last().body, b""))
    }

    /// 应当有这个字段,值恰好是 `value`。
    pub(super) fn field(self, name: &'static str, value: &'static str) -> Self {
        self.check(move |seen| match seen.last().field(name) {
            Some(actual) if actual == value => Ok(()),
            Some(actual) => Err(format!("{name} 应当是 {value},却是 {actual}")),
            None => Err(format!("应当有 {name}: {value}")),
        })
    }

    /// 应当有这个字段,值合乎 `wanted`。
    pub(super) fn field_is(
        self,
        name: &'static str,
        what: &'static str,
        wanted: impl Fn(&str) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.check(move |seen| match seen.last().field(name) {
            Some(value) if wanted(value) => Ok(()),
            Some(value) => Err(format!("{name} 应当{what},却是 {value}")),
            None => Err(format!("应当有 {name}({what})")),
        })
    }

    /// 应当有这个字段。
    pub(super) fn has(self, name: &'static str) -> Self {
        self.field_is(name, "在", |_| true)
    }

    /// 不应当有这个字段。
    pub(super) fn without(self, name: &'static str) -> Self {
        self.check(move |seen| match seen.last().field(name) {
            Some(value) => Err(format!("不应当有 {name}: {value}")),
            None => Ok(()),
        })
    }

    /// 逗号分开的字段里应当有 `member`。
    pub(super) fn lists(self, name: &'static str, member: &'static str) -> Self {
        self.check(move |seen| match seen.last().has(name, member) {
            true => Ok(()),
            false => Err(format!("{name} 里应当有 {member}")),
        })
    }

    /// 正文里不应当有这段文字。
    pub(super) fn never_says(self, text: &'static str) -> Self {
        self.check(
            move |seen| match super::talk::find(&seen.last().body, text.as_bytes()) {
                Some(_) => Err(format!("正文里不应当有「{text}」")),
                None => Ok(()),
            },
        )
    }

    /// 字段 `name` 应当和这条连接上第一个回答的一样(都没有也算)。
    pub(super) fn same(self, name: &'static str) -> Self {
        self.check(move |seen| {
            let (first, last) = (seen.answers[0].field(name), seen.last().field(name));
            match first == last {
                true => Ok(()),
                false => Err(format!(
                    "{name} 应当和前一个回答一样:{first:?},却是 {last:?}"
                )),
            }
        })
    }

    /// 字段 `name` 应当和第一个回答的不一样。
    pub(super) fn differs(self, name: &'static str) -> Self {
        self.check(move |seen| {
            let (first, last) = (seen.answers[0].field(name), seen.last().field(name));
            match first.is_some() && last.is_some() && first != last {
                true => Ok(()),
                false => Err(format!("{name} 应当和前一个回答不一样:{first:?}、{last:?}")),
            }
        })
    }
}

fn same_body(actual: &[u8], expected: &[u8]) -> Result<(), String> {
    if actual == expected {
        return Ok(());
    }
    let same = actual
        .iter()
        .zip(expected)
        .take_while(|(a, b)| a == b)
        .count();
    Err(format!(
        "正文不对:应当 {} 字节,收到 {},从第 {} 个字节起不同",
        expected.len(),
        actual.len(),
        same + 1
    ))
}
