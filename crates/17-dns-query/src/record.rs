//! 资源记录:哪个域名、哪一类、能存多久、内容是什么(RFC 1035 §3.2.1)。

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};

use byteorder::{ByteOrder, NetworkEndian};

use crate::name::Name;
use crate::wire::{Malformed, Reader, Writer};

/// 互联网的类;别的几种早已不用(RFC 1035 §3.2.4)。
pub const CLASS_IN: u16 = 1;

/// 记录类型的编号(RFC 1035 §3.2.2、RFC 3596、RFC 6891)。
pub mod kind {
    /// IPv4 地址。
    pub const A: u16 = 1;
    /// 这个区的服务器。
    pub const NS: u16 = 2;
    /// 别名。
    pub const CNAME: u16 = 5;
    /// 一个区的开头:谁负责,多久同步一次。
    pub const SOA: u16 = 6;
    /// 反过来,从地址到域名。
    pub const PTR: u16 = 12;
    /// 邮件送到哪里。
    pub const MX: u16 = 15;
    /// 任意文字。
    pub const TXT: u16 = 16;
    /// IPv6 地址。
    pub const AAAA: u16 = 28;
    /// EDNS:不是真的记录,借这个格子说明自己收得下多大的回答。
    pub const OPT: u16 = 41;
}

/// 一条记录。
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// 谁的记录。
    pub name: Name,
    /// 类;[`kind::OPT`] 里是收得下的字节数。
    pub class: u16,
    /// 可以缓存多少秒。
    pub ttl: u32,
    /// 内容。
    pub data: Data,
}

/// 记录的内容。
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "变体的名字就是记录类型,见 kind")]
pub enum Data {
    A(Ipv4Addr),
    Aaaa(Ipv6Addr),
    Ns(Name),
    Cname(Name),
    Ptr(Name),
    /// 数字小的先试。
    Mx(u16, Name),
    /// 一条里可以有几段,每段最多 255 字节。
    Txt(Vec<Vec<u8>>),
    /// 主服务器、负责人的信箱(第一个点当作 `@`),和五个数:
    /// 版本、多久查一次、失败了多久再查、多久作废、「没有」可以缓存多久。
    Soa(Name, Name, [u32; 5]),
    /// 别的类型:编号和原样的字节。
    Other(u16, Vec<u8>),
}

impl Data {
    /// 类型的编号。
    pub fn kind(&self) -> u16 {
        match self {
            Self::A(_) => kind::A,
            Self::Aaaa(_) => kind::AAAA,
            Self::Ns(_) => kind::NS,
            Self::Cname(_) => kind::CNAME,
            Self::Ptr(_) => kind::PTR,
            Self::Mx(..) => kind::MX,
            Self::Txt(_) => kind::TXT,
            Self::Soa(..) => kind::SOA,
            Self::Other(kind, _) => *kind,
        }
    }

    /// 读内容;`reader` 恰好是这一条的内容那么长。
    fn decode(kind: u16, reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match kind {
            kind::A => Self::A(Ipv4Addr::from_bits(reader.u32("IPv4 地址")?)),
            kind::AAAA => {
                let bits = reader.take(16, "IPv6 地址")?;
                Self::Aaaa(Ipv6Addr::from_bits(NetworkEndian::read_u128(bits)))
            }
            kind::NS => Self::Ns(Name::decode(reader)?),
            kind::CNAME => Self::Cname(Name::decode(reader)?),
            kind::PTR => Self::Ptr(Name::decode(reader)?),
            kind::MX => Self::Mx(reader.u16("MX 的优先级")?, Name::decode(reader)?),
            kind::TXT => {
                let mut texts = Vec::new();
                while reader.left() > 0 {
                    let length = reader.u8("TXT 的长度")?;
                    texts.push(reader.take(usize::from(length), "TXT 的文字")?.to_vec());
                }
                Self::Txt(texts)
            }
            kind::SOA => {
                let (server, mailbox) = (Name::decode(reader)?, Name::decode(reader)?);
                let mut numbers = [0; 5];
                for number in &mut numbers {
                    *number = reader.u32("SOA 的数")?;
                }
                Self::Soa(server, mailbox, numbers)
            }
            _ => Self::Other(kind, reader.take(reader.left(), "内容")?.to_vec()),
        })
    }

    fn encode(&self, writer: &mut Writer) -> io::Result<()> {
        match self {
            Self::A(address) => writer.message.extend(address.octets()),
            Self::Aaaa(address) => writer.message.extend(address.octets()),
            Self::Ns(name) | Self::Cname(name) | Self::Ptr(name) => name.encode(writer)?,
            Self::Mx(preference, name) => {
                writer.u16(*preference)?;
                name.encode(writer)?;
            }
            Self::Txt(texts) => {
                for text in texts {
                    let length = u8::try_from(text.len()).map_err(io::Error::other)?;
                    writer.message.push(length);
                    writer.message.extend(text);
                }
            }
            Self::Soa(server, mailbox, numbers) => {
                server.encode(writer)?;
                mailbox.encode(writer)?;
                for number in numbers {
                    writer.u32(*number)?;
                }
            }
            Self::Other(_, bytes) => writer.message.extend(bytes),
        }
        Ok(())
    }
}

impl Record {
    /// 从报文里读一条。
    pub fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let name = Name::decode(reader)?;
        let number = reader.u16("记录的类型")?;
        let class = reader.u16("记录的类")?;
        let ttl = reader.u32("记录的存活时间")?;
        let length = reader.u16("内容的长度")?;
        let mut content = reader.part(usize::from(length), "记录的内容")?;
        // 别的类里,同一个编号的内容可以是另一种格式。
        let data = match class {
            CLASS_IN => Data::decode(number, &mut content)?,
            _ => Data::Other(number, content.take(content.left(), "内容")?.to_vec()),
        };
        match content.left() {
            0 => Ok(Self {
                name,
                class,
                ttl,
                data,
            }),
            left => Err(content.malformed(format!("记录的内容多出 {left} 字节"))),
        }
    }

    /// 写进报文。
    pub fn encode(&self, writer: &mut Writer) -> io::Result<()> {
        self.name.encode(writer)?;
        writer.u16(self.data.kind())?;
        writer.u16(self.class)?;
        writer.u32(self.ttl)?;
        writer.with_length(|writer| self.data.encode(writer))
    }
}
