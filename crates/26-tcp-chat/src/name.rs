//! 昵称的规矩,和显示别人的话之前要做的事。
//!
//! 名字和话都来自陌生人,会原样出现在别人的屏幕上:不能冒充别人,也不能指挥别人的终端。

use std::borrow::Cow;
use std::fmt;

use unicode_width::UnicodeWidthChar;

/// 昵称最多占终端的这么多列:八个汉字,或者十六个字母。
pub const MAX_COLUMNS: usize = 16;

/// 昵称里不能有的标点:服务器用它们分开昵称和别的字。全角的几个看起来差不多,也不行。
const PUNCTUATION: &str = ":*!/[]、,\u{ff1a}\u{ff0a}\u{ff01}\u{ff0f}\u{ff3b}\u{ff3d}\u{ff0c}";

/// 看不见、宽度却不是 0 的字符:软连字符、盲文空格、韩文填充符、行间注释的记号。
const BLANK: &[char] = &[
    '\u{ad}', '\u{2800}', '\u{115f}', '\u{3164}', '\u{ffa0}', '\u{fff9}', '\u{fffa}', '\u{fffb}',
];

/// 合规矩的昵称。
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nickname(Box<str>);

/// 昵称哪里不合规矩。
#[derive(Debug, PartialEq, Eq)]
pub enum NameError {
    /// 一个字也没有。
    Empty,
    /// 占这么多列。
    TooWide(usize),
    /// 有一个不能用的字符。
    Forbidden(char),
}

impl Nickname {
    /// 两头的空白不算。
    pub fn new(text: &str) -> Result<Self, NameError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        let mut columns = 0;
        for character in text.chars() {
            columns += visible_columns(character).ok_or(NameError::Forbidden(character))?;
        }
        if columns > MAX_COLUMNS {
            return Err(NameError::TooWide(columns));
        }
        Ok(Self(text.into()))
    }

    /// 比较用的写法:不分大小写,`Tom` 和 `tom` 是同一个名字。
    pub fn key(&self) -> String {
        key(&self.0)
    }
}

/// 任意一段文字按昵称比较时的写法。
pub fn key(text: &str) -> String {
    text.to_lowercase()
}

/// 一个字符占几列;昵称里不能用的是 `None`。
///
/// 宽度表给控制字符 `None`,给零宽字符、组合符号、改变书写方向的符号 0:
/// 两个名字不能只差一个看不见的字符。
fn visible_columns(character: char) -> Option<usize> {
    let forbidden =
        character.is_whitespace() || PUNCTUATION.contains(character) || BLANK.contains(&character);
    let columns = character.width().filter(|columns| *columns > 0);
    columns.filter(|_| !forbidden)
}

impl fmt::Display for Nickname {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "昵称不能是空的"),
            Self::TooWide(columns) => write!(
                f,
                "昵称最多 {MAX_COLUMNS} 列(汉字占 2 列),这个有 {columns} 列"
            ),
            Self::Forbidden(' ') => write!(f, "昵称里不能有空格"),
            Self::Forbidden(character) if PUNCTUATION.contains(*character) => {
                write!(f, "昵称里不能有「{character}」")
            }
            Self::Forbidden(character) => {
                write!(f, "昵称里不能有 {}", character.escape_unicode())
            }
        }
    }
}

/// 一句话里会动别人屏幕的字符,换成看得见的写法:`\u{1b}`、`\n`。
///
/// 控制字符能移动光标、清屏、改标题;U+2028、U+2029 会换行;改变书写方向的符号会把整行倒过来。
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(is_active) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_active(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// 不只是显示自己的字符。书写方向的那些见 Unicode 标准附录 9(UAX #9)§2。
fn is_active(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}
