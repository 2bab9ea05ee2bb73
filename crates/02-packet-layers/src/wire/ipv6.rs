//! IPv6 头:固定 40 字节,没有校验和,也不在路上分片(RFC 8200 §3)。

use std::net::Ipv6Addr;

use byteorder::{ByteOrder, NetworkEndian};

use super::{Field, Header, Malformed, need, protocol};

mod field {
    use std::ops::Range;

    // 版本 4 位、流量类别 8 位、流标签 20 位。
    pub const VERSION: Range<usize> = 0..1;
    pub const TRAFFIC: Range<usize> = 0..2;
    pub const FLOW: Range<usize> = 1..4;
    pub const PAYLOAD_LENGTH: Range<usize> = 4..6;
    pub const NEXT_HEADER: Range<usize> = 6..7;
    pub const HOP_LIMIT: Range<usize> = 7..8;
    pub const SOURCE: Range<usize> = 8..24;
    pub const DESTINATION: Range<usize> = 24..40;
}

/// 头的字节数。
pub const SIZE: usize = 40;

/// IPv6 头。
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "字段的名字就是意思")]
pub struct Ipv6 {
    pub traffic_class: u8,
    /// 20 位。
    pub flow_label: u32,
    /// 头后面有多少字节。
    pub payload_length: u16,
    pub next_header: u8,
    pub hop_limit: u8,
    pub source: Ipv6Addr,
    pub destination: Ipv6Addr,
}

impl Default for Ipv6 {
    fn default() -> Self {
        Self {
            traffic_class: 0,
            flow_label: 0,
            payload_length: 0,
            next_header: 0,
            hop_limit: 64,
            source: Ipv6Addr::UNSPECIFIED,
            destination: Ipv6Addr::UNSPECIFIED,
        }
    }
}

impl Header for Ipv6 {
    const NAME: &'static str = "IPv6";

    fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let version = need(bytes, 1)?[0] >> 4;
        if version != 6 {
            return Err(Malformed::Invalid(format!("版本是 {version},不是 6")));
        }
        let bytes = need(bytes, SIZE)?;
        let first = NetworkEndian::read_u32(bytes);
        Ok(Self {
            traffic_class: bytes[0] << 4 | bytes[1] >> 4,
            flow_label: first & 0x000f_ffff,
            payload_length: NetworkEndian::read_u16(&bytes[field::PAYLOAD_LENGTH]),
            next_header: bytes[6],
            hop_limit: bytes[7],
            source: NetworkEndian::read_u128(&bytes[field::SOURCE]).into(),
            destination: NetworkEndian::read_u128(&bytes[field::DESTINATION]).into(),
        })
    }

    fn size(&self) -> usize {
        SIZE
    }

    fn write(&self, packet: &mut Vec<u8>) {
        let mut header = [0; SIZE];
        let first = 6 << 28 | u32::from(self.traffic_class) << 20 | self.flow_label & 0x000f_ffff;
        NetworkEndian::write_u32(&mut header, first);
        NetworkEndian::write_u16(&mut header[field::PAYLOAD_LENGTH], self.payload_length);
        header[6] = self.next_header;
        header[7] = self.hop_limit;
        header[field::SOURCE].copy_from_slice(&self.source.octets());
        header[field::DESTINATION].copy_from_slice(&self.destination.octets());
        packet.extend(header);
    }

    fn fields(&self) -> Vec<Field> {
        let next = protocol::named(self.next_header);
        let flow = format!("{:#07x}", self.flow_label);
        vec![
            Field::bits(field::VERSION, 4, "版本", 6),
            Field::bits(field::TRAFFIC, 8, "流量类别", self.traffic_class),
            Field::bits(field::FLOW, 20, "流标签", flow),
            Field::new(field::PAYLOAD_LENGTH, "载荷长度", self.payload_length),
            Field::new(field::NEXT_HEADER, "下一个首部", next),
            Field::new(field::HOP_LIMIT, "跳数限制", self.hop_limit),
            Field::new(field::SOURCE, "源地址", self.source),
            Field::new(field::DESTINATION, "目的地址", self.destination),
        ]
    }
}
