//! 分块的扩展:`;名字` 或者 `;名字=值`,值是 token 或者引号里的文字(RFC 9112 §7.1.1)。
//!
//! 没有人用它,但是文法要看完:引号里的 CRLF 有人当成文字,有人当成行尾,又是一个走私的缝。

use super::bytes::{is_token, is_value};

/// 看到哪里了。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extension {
    /// 分号之前的空白(BWS):后面只能是分号。
    Blank,
    /// 分号之后。
    Semicolon,
    /// 名字。
    Name,
    /// 名字之后的空白。
    Named,
    /// 等号之后。
    Equals,
    /// 值。
    Value,
    /// 引号里面。
    Quoted,
    /// 引号里面,反斜杠之后。
    Escaped,
    /// 引号之后。
    Closed,
}

impl Extension {
    /// 又看到 `byte`;不合文法是 `None`。
    pub fn after(self, byte: u8) -> Option<Self> {
        let blank = matches!(byte, b' ' | b'\t');
        let next = match (self, byte) {
            (Self::Quoted, b'"') => Self::Closed,
            (Self::Quoted, b'\\') => Self::Escaped,
            (Self::Quoted | Self::Escaped, _) if is_value(byte) => Self::Quoted,
            (Self::Semicolon | Self::Name, _) if is_token(byte) => Self::Name,
            (Self::Equals | Self::Value, _) if is_token(byte) => Self::Value,
            (Self::Equals, b'"') => Self::Quoted,
            (Self::Name | Self::Named, b'=') => Self::Equals,
            (Self::Semicolon | Self::Equals, _) if blank => self,
            (Self::Name | Self::Named, _) if blank => Self::Named,
            (Self::Blank | Self::Value | Self::Closed, _) if blank => Self::Blank,
            (Self::Semicolon | Self::Equals | Self::Quoted | Self::Escaped, _) => return None,
            (_, b';') => Self::Semicolon,
            _ => return None,
        };
        Some(next)
    }

    /// 可以到此为止。
    pub fn is_whole(self) -> bool {
        matches!(self, Self::Name | Self::Value | Self::Closed)
    }
}
