//! IPv6 的扩展首部:夹在 IPv6 头和上层之间(RFC 8200 §4)。

use byteorder::{ByteOrder, NetworkEndian};

use super::ipv4::FRAGMENT_UNIT;
use super::{Field, Header, Malformed, hex, need, protocol};

mod field {
    use std::ops::Range;

    pub const NEXT_HEADER: Range<usize> = 0..1;
    pub const LENGTH: Range<usize> = 1..2;
    // 片偏移 13 位、保留 2 位、还有分片 1 位。
    pub const FRAGMENT: Range<usize> = 2..4;
    pub const IDENTIFICATION: Range<usize> = 4..8;
}

/// 扩展首部的长度以 8 字节为单位,第一个 8 字节不算。
const UNIT: usize = 8;

/// 逐跳选项、路由、目的选项:格式相同的几种。
pub fn is_generic(protocol: u8) -> bool {
    matches!(protocol, 0 | 43 | 60)
}

/// 逐跳选项、路由、目的选项。
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// 下一个首部。
    pub next_header: u8,
    /// 前两个字节以后的内容:6、14、22……字节。
    pub content: Vec<u8>,
}

impl Default for Extension {
    fn default() -> Self {
        Self {
            next_header: 0,
            content: vec![0; UNIT - 2],
        }
    }
}

impl Header for Extension {
    const NAME: &'static str = "IPv6 扩展首部";

    fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let size = (usize::from(need(bytes, 2)?[1]) + 1) * UNIT;
        let bytes = need(bytes, size)?;
        Ok(Self {
            next_header: bytes[0],
            content: bytes[2..].to_vec(),
        })
    }

    fn size(&self) -> usize {
        2 + self.content.len()
    }

    fn write(&self, packet: &mut Vec<u8>) {
        let units = self.size() / UNIT - 1;
        packet.push(self.next_header);
        packet.push(u8::try_from(units).unwrap_or(u8::MAX));
        packet.extend(&self.content);
    }

    fn fields(&self) -> Vec<Field> {
        let length = format!("{}({} 字节)", self.size() / UNIT - 1, self.size());
        let next = protocol::named(self.next_header);
        vec![
            Field::new(field::NEXT_HEADER, "下一个首部", next),
            Field::new(field::LENGTH, "首部长度", length),
            Field::new(2..self.size(), "内容", hex(&self.content)),
        ]
    }
}

/// IPv6 的分片首部:8 字节。只有发送方能加(RFC 8200 §4.5)。
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fragment {
    /// 下一个首部。
    pub next_header: u8,
    /// 片偏移,以 8 字节为单位。
    pub offset: u16,
    /// 后面还有分片。
    pub more: bool,
    /// 同一个报文的各片相同。
    pub identification: u32,
}

impl Fragment {
    /// 数据从原来的报文的第几个字节起。
    pub fn start(&self) -> usize {
        usize::from(self.offset) * FRAGMENT_UNIT
    }
}

impl Header for Fragment {
    const NAME: &'static str = "IPv6 分片首部";

    fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let bytes = need(bytes, UNIT)?;
        let fragment = NetworkEndian::read_u16(&bytes[field::FRAGMENT]);
        Ok(Self {
            next_header: bytes[0],
            offset: fragment >> 3,
            more: fragment & 1 != 0,
            identification: NetworkEndian::read_u32(&bytes[field::IDENTIFICATION]),
        })
    }

    fn size(&self) -> usize {
        UNIT
    }

    fn write(&self, packet: &mut Vec<u8>) {
        let mut header = [0; UNIT];
        header[0] = self.next_header;
        let fragment = self.offset << 3 | u16::from(self.more);
        NetworkEndian::write_u16(&mut header[field::FRAGMENT], fragment);
        NetworkEndian::write_u32(&mut header[field::IDENTIFICATION], self.identification);
        packet.extend(header);
    }

    fn fields(&self) -> Vec<Field> {
        let offset = match self.start() {
            0 => "0".to_owned(),
            start => format!("{}(第 {start} 字节起)", self.offset),
        };
        let next = protocol::named(self.next_header);
        let identification = format!("{:#010x}", self.identification);
        vec![
            Field::new(field::NEXT_HEADER, "下一个首部", next),
            Field::bits(field::FRAGMENT, 13, "片偏移", offset),
            Field::bits(field::FRAGMENT, 1, "还有分片", u8::from(self.more)),
            Field::new(field::IDENTIFICATION, "标识", identification),
        ]
    }
}
