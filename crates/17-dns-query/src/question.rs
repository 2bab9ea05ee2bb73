//! 问题:哪个域名,哪一类记录(RFC 1035 §4.1.2)。

use std::fmt;
use std::io;

use crate::name::Name;
use crate::show::kind_name;
use crate::wire::{Malformed, Reader, Writer};

/// 一个问题。
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// 问哪个域名。
    pub name: Name,
    /// 记录类型的编号,见 [`kind`](crate::record::kind)。
    pub kind: u16,
    /// 类,总是 [`CLASS_IN`](crate::record::CLASS_IN)。
    pub class: u16,
}

impl Question {
    /// 是不是同一个问题。
    pub fn same_as(&self, other: &Self) -> bool {
        self.name.same_as(&other.name) && (self.kind, self.class) == (other.kind, other.class)
    }

    /// 从报文里读一个。
    pub fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            name: Name::decode(reader)?,
            kind: reader.u16("问题的类型")?,
            class: reader.u16("问题的类")?,
        })
    }

    /// 写进报文。
    pub fn encode(&self, writer: &mut Writer) -> io::Result<()> {
        self.name.encode(writer)?;
        writer.u16(self.kind)?;
        writer.u16(self.class)
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} 的 {} 记录", self.name, kind_name(self.kind))
    }
}
