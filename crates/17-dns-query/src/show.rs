//! 记录的文字写法:与区文件相同的次序(RFC 1035 §5.1),`dig` 也这样打印。
//!
//! 字节来自陌生人:看不见的一律换成看得见的写法,不让它们碰到终端。

use std::fmt;

use crate::record::{CLASS_IN, Data, Record, kind};

/// 类型编号的名字;不认识的写成 `TYPE65` 的样子(RFC 3597 §5)。
pub fn kind_name(number: u16) -> String {
    let name = match number {
        kind::A => "A",
        kind::NS => "NS",
        kind::CNAME => "CNAME",
        kind::SOA => "SOA",
        kind::PTR => "PTR",
        kind::MX => "MX",
        kind::TXT => "TXT",
        kind::AAAA => "AAAA",
        kind::OPT => "OPT",
        _ => return format!("TYPE{number}"),
    };
    name.to_owned()
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name, ttl, data, ..
        } = self;
        write!(f, "{name} {ttl} ")?;
        match self.class {
            CLASS_IN => f.write_str("IN")?,
            other => write!(f, "CLASS{other}")?,
        }
        write!(f, " {} {data}", kind_name(data.kind()))
    }
}

impl fmt::Display for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::A(address) => write!(f, "{address}"),
            Self::Aaaa(address) => write!(f, "{address}"),
            Self::Ns(name) | Self::Cname(name) | Self::Ptr(name) => write!(f, "{name}"),
            Self::Mx(preference, name) => write!(f, "{preference} {name}"),
            Self::Txt(texts) => {
                let quoted: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
                f.write_str(&quoted.join(" "))
            }
            Self::Soa(server, mailbox, numbers) => {
                write!(f, "{server} {mailbox}")?;
                numbers.iter().try_for_each(|number| write!(f, " {number}"))
            }
            Self::Other(_, bytes) => {
                write!(f, "\\# {}", bytes.len())?;
                bytes.iter().try_for_each(|byte| write!(f, " {byte:02x}"))
            }
        }
    }
}

/// 一段文字放进引号:UTF-8 的字照样显示,引号和反斜杠前加 `\`,其余字节写成 `\` 和三位十进制。
fn quoted(text: &[u8]) -> String {
    let mut shown = String::from("\"");
    for chunk in text.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '"' | '\\' => shown.extend(['\\', character]),
                // 控制字符、书写方向标记的调试写法比一个字符长。
                _ if character.escape_debug().len() > 1 && character != '\'' => {
                    let bytes = character.encode_utf8(&mut [0; 4]).as_bytes().to_vec();
                    shown.extend(bytes.iter().map(|byte| format!("\\{byte:03}")));
                }
                _ => shown.push(character),
            }
        }
        shown.extend(chunk.invalid().iter().map(|byte| format!("\\{byte:03}")));
    }
    shown.push('"');
    shown
}
