//! 字段:一行一个 `名字: 值`,空行结束(RFC 9112 §5)。请求的头用它,分块正文的尾部也用它。

use super::Reject;
use super::bytes::{is_token, is_value, line_end, run, trim};
use crate::limits::{FIELD_COUNT, FIELDS};

/// 服务器会问到的字段:看的时候记下在哪里,问的时候不用再找。
const KNOWN: [&str; 12] = [
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "expect",
    "accept-encoding",
    "range",
    "if-range",
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
];

/// 服务器会问到的字段在哪里。
#[derive(Debug, Clone, Copy, Default)]
pub struct Index {
    /// 第一次出现时,值从这里开始;0 是没有出现:值之前至少有一个字母的名字和冒号。
    values: [u16; KNOWN.len()],
    /// 出现了不止一次的,每个一位。
    repeated: u16,
}

impl Index {
    /// 记下:名字是 `name` 的字段,值从 `value` 开始。
    fn record(&mut self, name: &[u8], value: u16) {
        let Some(known) = position(name) else {
            return;
        };
        match &mut self.values[known] {
            first @ 0 => *first = value,
            _ => self.repeated |= 1 << known,
        }
    }

    /// `section` 里叫 `name` 的字段的值,先后为序。
    pub fn values<'a>(
        &self,
        section: &'a [u8],
        name: &'static str,
    ) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let (start, times) = match position(name.as_bytes()) {
            // 没有记的名字,从头找起。
            None => (0, usize::MAX),
            Some(known) => {
                let start = usize::from(self.values[known]).saturating_sub(name.len() + 1);
                match (self.values[known], self.repeated >> known & 1) {
                    (0, _) => (0, 0),
                    (_, 0) => (start, 1),
                    _ => (start, usize::MAX),
                }
            }
        };
        let mut rest = section.get(start..).unwrap_or_default();
        std::iter::from_fn(move || next(&mut rest))
            .filter(move |(found, _)| found.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| value)
            .take(times)
    }

    /// 有没有叫 `name` 的字段;`name` 要是记了的。
    #[allow(dead_code, reason = "网站前面有缓存的阶段才用")]
    pub fn has(&self, name: &'static str) -> bool {
        position(name.as_bytes()).is_some_and(|known| self.values[known] != 0)
    }
}

/// 名字不分大小写。
fn position(name: &[u8]) -> Option<usize> {
    KNOWN
        .iter()
        .position(|known| known.as_bytes().eq_ignore_ascii_case(name))
}

/// 已经看过的字段里的下一个:名字和去掉两头空白的值。
fn next<'a>(rest: &mut &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
    let colon = rest.iter().position(|&byte| byte == b':')?;
    let (name, value) = (rest.get(..colon)?, rest.get(colon + 1..)?);
    let end = run(value, is_value);
    *rest = value.get(end + 2..)?;
    Some((name, trim(value.get(..end)?)))
}

/// 正在看哪一样。
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Name,
    Value,
    Done,
}

/// 看到哪里了。位置都从第一个字段的开头算。
#[derive(Debug, Default)]
pub struct Section {
    phase: Phase,
    count: u8,
    scanned: u16,
    /// 这一行从哪里开始。
    line: u16,
    /// 服务器会问到的字段在哪里。
    pub index: Index,
}

impl Section {
    /// 接着看,直到空行(`true`)或者看完了 `input`(`false`)。
    pub fn scan(&mut self, input: &[u8]) -> Result<bool, Reject> {
        let window = input.get(..FIELDS).unwrap_or(input);
        while self.phase != Phase::Done {
            let whole = match self.phase {
                Phase::Name => self.name(window)?,
                Phase::Value | Phase::Done => self.value(window)?,
            };
            if !whole && window.len() == FIELDS {
                return Err(Reject::new(431, "字段加起来太长"));
            }
            if !whole {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// 名字和冒号;空行就是完了。
    fn name(&mut self, window: &[u8]) -> Result<bool, Reject> {
        if self.scanned == self.line {
            match window.get(usize::from(self.line)..).unwrap_or_default() {
                [] => return Ok(false),
                rest @ [b'\r' | b'\n', ..] => return self.blank(rest),
                // 折行(obs-fold):有人把它接到上一行,有人当成新的一行,所以拒绝(RFC 9112 §5.2)。
                [b' ' | b'\t', ..] => return Err(Reject::bad("字段不能折行")),
                _ if usize::from(self.count) == FIELD_COUNT => {
                    return Err(Reject::new(431, "字段太多"));
                }
                _ => {}
            }
        }
        match self.skip(window, is_token).first() {
            None => Ok(false),
            Some(b':') if self.scanned > self.line => {
                let name = usize::from(self.line)..usize::from(self.scanned);
                self.scanned += 1;
                let name = window.get(name).unwrap_or_default();
                self.index.record(name, self.scanned);
                self.phase = Phase::Value;
                Ok(true)
            }
            Some(b':') => Err(Reject::bad("字段没有名字")),
            // 有人把「Content-Length 」当成 Content-Length,有人当成别的,所以拒绝(RFC 9112 §5.1)。
            Some(b' ' | b'\t') => Err(Reject::bad("字段的名字和冒号之间不能有空白")),
            Some(_) => Err(Reject::bad("字段应当是:名字,冒号,值")),
        }
    }

    /// 空行。
    fn blank(&mut self, rest: &[u8]) -> Result<bool, Reject> {
        let whole = line_end(rest, "")?;
        if whole {
            self.scanned += 2;
            self.phase = Phase::Done;
        }
        Ok(whole)
    }

    /// 值,直到行尾。
    fn value(&mut self, window: &[u8]) -> Result<bool, Reject> {
        let rest = self.skip(window, is_value);
        let whole = line_end(rest, "字段的值里有控制字符")?;
        if whole {
            self.scanned += 2;
            self.line = self.scanned;
            self.count += 1;
            self.phase = Phase::Name;
        }
        Ok(whole)
    }

    /// 跳过 `allowed` 允许的字节,给出其余的。
    fn skip<'w>(&mut self, window: &'w [u8], allowed: impl Fn(u8) -> bool) -> &'w [u8] {
        let rest = window.get(usize::from(self.scanned)..).unwrap_or_default();
        let word = run(rest, allowed);
        self.scanned += word as u16;
        rest.get(word..).unwrap_or_default()
    }

    /// 占多少字节,包括结尾的空行。
    pub fn length(&self) -> usize {
        usize::from(self.scanned)
    }
}
