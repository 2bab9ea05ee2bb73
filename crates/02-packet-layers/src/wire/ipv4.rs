//! IPv4 头:20 字节,加上选项最多 60 字节(RFC 791 §3.1)。

use std::net::Ipv4Addr;

use byteorder::{ByteOrder, NetworkEndian};

use super::protocol;
use super::{Field, Header, Malformed, hex, named, need};

pub(super) mod field {
    use std::ops::Range;

    // 版本 4 位、首部长度 4 位。
    pub const VERSION_LENGTH: Range<usize> = 0..1;
    // DSCP 6 位、ECN 2 位(RFC 2474、RFC 3168)。
    pub const TRAFFIC: Range<usize> = 1..2;
    pub const TOTAL_LENGTH: Range<usize> = 2..4;
    pub const IDENTIFICATION: Range<usize> = 4..6;
    // 保留 1 位、DF、MF、片偏移 13 位。
    pub const FRAGMENT: Range<usize> = 6..8;
    pub const TTL: Range<usize> = 8..9;
    pub const PROTOCOL: Range<usize> = 9..10;
    pub const CHECKSUM: Range<usize> = 10..12;
    pub const SOURCE: Range<usize> = 12..16;
    pub const DESTINATION: Range<usize> = 16..20;
}

/// 没有选项的头的字节数。
pub const SIZE: usize = 20;

/// 片偏移的单位:13 位要表示 0..65,535,所以每 8 字节数一个。
pub const FRAGMENT_UNIT: usize = 8;

/// IPv4 头。
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "字段的名字就是意思")]
pub struct Ipv4 {
    pub dscp: u8,
    pub ecn: u8,
    /// 头和数据一共多少字节。
    pub total_length: u16,
    pub identification: u16,
    pub reserved: bool,
    /// DF:不许分片。
    pub dont_fragment: bool,
    /// MF:后面还有分片。
    pub more_fragments: bool,
    /// 以 8 字节为单位。
    pub fragment_offset: u16,
    pub ttl: u8,
    pub protocol: u8,
    pub checksum: u16,
    pub source: Ipv4Addr,
    pub destination: Ipv4Addr,
    /// 选项的字节数是 4 的倍数。
    pub options: Vec<u8>,
}

impl Default for Ipv4 {
    fn default() -> Self {
        Self {
            dscp: 0,
            ecn: 0,
            total_length: 0,
            identification: 0,
            reserved: false,
            dont_fragment: false,
            more_fragments: false,
            fragment_offset: 0,
            // Linux 的默认值:够穿过互联网,又不会让绕圈的报文永远走下去。
            ttl: 64,
            protocol: 0,
            checksum: 0,
            source: Ipv4Addr::UNSPECIFIED,
            destination: Ipv4Addr::UNSPECIFIED,
            options: Vec::new(),
        }
    }
}

impl Ipv4 {
    /// 数据从原来的报文的第几个字节起。
    pub fn fragment_start(&self) -> usize {
        usize::from(self.fragment_offset) * FRAGMENT_UNIT
    }

    /// 是不是一个分片。
    pub fn is_fragment(&self) -> bool {
        self.more_fragments || self.fragment_offset > 0
    }

    fn fragment_fields(&self) -> [Field; 4] {
        let offset = match self.fragment_start() {
            0 => "0".to_owned(),
            start => format!("{}(第 {start} 字节起)", self.fragment_offset),
        };
        let flag = |name, set| Field::bits(field::FRAGMENT, 1, name, u8::from(set));
        [
            flag("保留位", self.reserved),
            flag("不许分片 DF", self.dont_fragment),
            flag("还有分片 MF", self.more_fragments),
            Field::bits(field::FRAGMENT, 13, "片偏移", offset),
        ]
    }
}

impl Header for Ipv4 {
    const NAME: &'static str = "IPv4";

    fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let first = need(bytes, 1)?[0];
        if first >> 4 != 4 {
            return Err(Malformed::Invalid(format!("版本是 {},不是 4", first >> 4)));
        }
        let size = usize::from(first & 0x0f) * 4;
        if size < SIZE {
            let text = format!("首部长度是 {size} 字节,不到 {SIZE}");
            return Err(Malformed::Invalid(text));
        }
        let bytes = need(bytes, size)?;
        let fragment = NetworkEndian::read_u16(&bytes[field::FRAGMENT]);
        Ok(Self {
            dscp: bytes[1] >> 2,
            ecn: bytes[1] & 0b11,
            total_length: NetworkEndian::read_u16(&bytes[field::TOTAL_LENGTH]),
            identification: NetworkEndian::read_u16(&bytes[field::IDENTIFICATION]),
            reserved: fragment & 0x8000 != 0,
            dont_fragment: fragment & 0x4000 != 0,
            more_fragments: fragment & 0x2000 != 0,
            fragment_offset: fragment & 0x1fff,
            ttl: bytes[8],
            protocol: bytes[9],
            checksum: NetworkEndian::read_u16(&bytes[field::CHECKSUM]),
            source: NetworkEndian::read_u32(&bytes[field::SOURCE]).into(),
            destination: NetworkEndian::read_u32(&bytes[field::DESTINATION]).into(),
            options: bytes[SIZE..].to_vec(),
        })
    }

    fn size(&self) -> usize {
        SIZE + self.options.len()
    }

    fn write(&self, packet: &mut Vec<u8>) {
        let mut header = [0; SIZE];
        // 4 位,单位是 4 字节;选项最多 40 字节,一定放得下。
        header[0] = 0x40 | u8::try_from(self.size() / 4).unwrap_or(0x0f) & 0x0f;
        header[1] = self.dscp << 2 | self.ecn & 0b11;
        let fragment = u16::from(self.reserved) << 15
            | u16::from(self.dont_fragment) << 14
            | u16::from(self.more_fragments) << 13
            | self.fragment_offset & 0x1fff;
        NetworkEndian::write_u16(&mut header[field::TOTAL_LENGTH], self.total_length);
        NetworkEndian::write_u16(&mut header[field::IDENTIFICATION], self.identification);
        NetworkEndian::write_u16(&mut header[field::FRAGMENT], fragment);
        header[8] = self.ttl;
        header[9] = self.protocol;
        NetworkEndian::write_u16(&mut header[field::CHECKSUM], self.checksum);
        header[field::SOURCE].copy_from_slice(&self.source.octets());
        header[field::DESTINATION].copy_from_slice(&self.destination.octets());
        packet.extend(header);
        packet.extend(&self.options);
    }

    fn fields(&self) -> Vec<Field> {
        let length = named(self.size() / 4, &format!("{} 字节", self.size()));
        let identification = format!("{:#06x}", self.identification);
        let checksum = format!("{:#06x}", self.checksum);
        let mut fields = vec![
            Field::bits(field::VERSION_LENGTH, 4, "版本", 4),
            Field::bits(field::VERSION_LENGTH, 4, "首部长度", length),
            Field::bits(field::TRAFFIC, 6, "DSCP", self.dscp),
            Field::bits(field::TRAFFIC, 2, "ECN", self.ecn),
            Field::new(field::TOTAL_LENGTH, "总长度", self.total_length),
            Field::new(field::IDENTIFICATION, "标识", identification),
        ];
        fields.extend(self.fragment_fields());
        fields.extend([
            Field::new(field::TTL, "生存时间", self.ttl),
            Field::new(field::PROTOCOL, "协议", protocol::named(self.protocol)),
            Field::new(field::CHECKSUM, "首部校验和", checksum),
            Field::new(field::SOURCE, "源地址", self.source),
            Field::new(field::DESTINATION, "目的地址", self.destination),
        ]);
        if !self.options.is_empty() {
            fields.push(Field::new(SIZE..self.size(), "选项", hex(&self.options)));
        }
        fields
    }
}
