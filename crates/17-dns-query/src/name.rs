//! 域名:一串标签,从小到大,末尾是根。`www.example.com.` 有三个标签。
//!
//! 报文里每个标签前有一个字节的长度,根是长度 0(RFC 1035 §3.1):
//!
//! ```text
//! 03 'w' 'w' 'w' 07 'e' 'x' 'a' 'm' 'p' 'l' 'e' 03 'c' 'o' 'm' 00
//! ```

use std::fmt;
use std::io;

use crate::wire::{Malformed, Reader, Writer};

/// 一个标签最多这么多字节:长度只有 6 位,高 2 位用来认出指针(RFC 1035 §2.3.4)。
pub const MAX_LABEL: usize = 63;

/// 整个域名最多这么多字节,连同每个长度和末尾的 0(RFC 1035 §2.3.4)。
pub const MAX_NAME: usize = 255;

/// 长度的高 2 位都是 1:后 14 位是指针,域名的其余部分在报文的那个位置(RFC 1035 §4.1.4)。
const POINTER: u16 = 0b1100_0000_0000_0000;

/// 指针最远指到这里:它只有 14 位。
const MAX_OFFSET: u16 = !POINTER;

/// 报文头占前 12 字节,域名不会在那里。
const HEADER: usize = 12;

/// 一个域名:不压缩的写法,以 0 结尾。标签可以是任何字节,不一定是字母(RFC 2181 §11)。
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    wire: Vec<u8>,
}

impl Name {
    /// 根:没有标签的域名。
    pub fn root() -> Self {
        Self { wire: vec![0] }
    }

    /// 在末尾(根之前)添上一个标签。标签为空、太长,或者整个域名太长,就是错误的说法。
    pub fn push(&mut self, label: &[u8]) -> Result<(), String> {
        let length = u8::try_from(label.len()).unwrap_or(u8::MAX);
        if label.is_empty() {
            return Err("两个点之间,或者开头,没有字".to_owned());
        }
        if label.len() > MAX_LABEL {
            let length = label.len();
            return Err(format!("有一个标签 {length} 字节,最多 {MAX_LABEL} 字节"));
        }
        if self.wire.len() + 1 + label.len() > MAX_NAME {
            return Err(format!("域名超过 {MAX_NAME} 字节"));
        }
        self.wire.pop();
        self.wire.push(length);
        self.wire.extend_from_slice(label);
        self.wire.push(0);
        Ok(())
    }

    /// 各个标签,先小后大。
    pub fn labels(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = self.wire.as_slice();
        std::iter::from_fn(move || {
            let (length, after) = rest.split_first()?;
            let (label, after) = after.split_at_checked(usize::from(*length))?;
            rest = after;
            Some(label).filter(|label| !label.is_empty())
        })
    }

    /// 是不是同一个域名:英文字母不分大小写(RFC 4343)。长度都不到 64,不会被当成字母。
    pub fn same_as(&self, other: &Self) -> bool {
        self.wire.eq_ignore_ascii_case(&other.wire)
    }

    /// 从报文里读一个域名,跟着指针走。
    ///
    /// 指针必须指向这一段开始之前:每跳一次都更靠前,所以绕不成圈,也就不用数跳了几次。
    pub fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let mut name = Self::root();
        let mut start = reader.position();
        let mut after_pointer = None;
        loop {
            let at = reader.position();
            let malformed = |what| Malformed { at, what };
            let length = reader.u8("域名的长度")?;
            match length >> 6 {
                0b00 if length == 0 => break,
                0b00 => {
                    let label = reader.take(usize::from(length), "域名的标签")?;
                    name.push(label).map_err(malformed)?;
                }
                0b11 => {
                    let pointer = u16::from_be_bytes([length, reader.u8("域名的指针")?]);
                    let target = usize::from(pointer & MAX_OFFSET);
                    after_pointer.get_or_insert(reader.position());
                    if !(HEADER..start).contains(&target) {
                        let what = format!("域名的指针指向 {target},不在它之前,会绕成圈");
                        return Err(malformed(what));
                    }
                    reader.seek(target);
                    start = target;
                }
                _ => return Err(malformed(format!("域名的长度 {length:#04x} 没有定义"))),
            }
        }
        if let Some(position) = after_pointer {
            reader.seek(position);
        }
        Ok(name)
    }

    /// 写进报文;后面一截写过的,换成指针。
    pub fn encode(&self, writer: &mut Writer) -> io::Result<()> {
        let mut rest = self.wire.as_slice();
        for label in self.labels() {
            if let Some(offset) = writer.names.get(rest) {
                return writer.u16(POINTER | *offset);
            }
            if let Ok(offset @ 0..=MAX_OFFSET) = u16::try_from(writer.message.len()) {
                writer.names.insert(rest.to_vec(), offset);
            }
            let (first, others) = rest.split_at(1 + label.len());
            writer.message.extend_from_slice(first);
            rest = others;
        }
        writer.message.push(0);
        Ok(())
    }
}

/// 人看的写法,末尾有点。标签里的点写成 `\.`,看不见的字节写成 `\` 和三位十进制(RFC 1035 §5.1)。
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.labels().next().is_none() {
            return f.write_str(".");
        }
        for label in self.labels() {
            for byte in label {
                match byte {
                    b'.' | b'\\' | b'"' | b';' | b'(' | b')' | b'@' | b'$' => {
                        write!(f, "\\{}", char::from(*byte))?;
                    }
                    0x21..=0x7e => write!(f, "{}", char::from(*byte))?,
                    _ => write!(f, "\\{byte:03}")?,
                }
            }
            f.write_str(".")?;
        }
        Ok(())
    }
}
