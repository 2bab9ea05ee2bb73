//! UDP 头:8 字节(RFC 768)。

use std::net::SocketAddr;

use byteorder::{ByteOrder, NetworkEndian};

use super::checksum::pseudo_header;
use super::{Field, Header, Malformed, need, protocol};

mod field {
    use std::ops::Range;

    pub const SOURCE: Range<usize> = 0..2;
    pub const DESTINATION: Range<usize> = 2..4;
    pub const LENGTH: Range<usize> = 4..6;
    pub const CHECKSUM: Range<usize> = 6..8;
}

/// 头的字节数。
pub const SIZE: usize = 8;

/// UDP 头。
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Udp {
    /// 源端口。
    pub source: u16,
    /// 目的端口。
    pub destination: u16,
    /// 头和数据一共多少字节。
    pub length: u16,
    /// 校验和;0 是没有用。
    pub checksum: u16,
}

impl Header for Udp {
    const NAME: &'static str = "UDP";

    fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let bytes = need(bytes, SIZE)?;
        Ok(Self {
            source: NetworkEndian::read_u16(&bytes[field::SOURCE]),
            destination: NetworkEndian::read_u16(&bytes[field::DESTINATION]),
            length: NetworkEndian::read_u16(&bytes[field::LENGTH]),
            checksum: NetworkEndian::read_u16(&bytes[field::CHECKSUM]),
        })
    }

    fn size(&self) -> usize {
        SIZE
    }

    fn write(&self, packet: &mut Vec<u8>) {
        let mut header = [0; SIZE];
        NetworkEndian::write_u16(&mut header[field::SOURCE], self.source);
        NetworkEndian::write_u16(&mut header[field::DESTINATION], self.destination);
        NetworkEndian::write_u16(&mut header[field::LENGTH], self.length);
        NetworkEndian::write_u16(&mut header[field::CHECKSUM], self.checksum);
        packet.extend(header);
    }

    fn fields(&self) -> Vec<Field> {
        let checksum = format!("{:#06x}", self.checksum);
        vec![
            Field::new(field::SOURCE, "源端口", self.source),
            Field::new(field::DESTINATION, "目的端口", self.destination),
            Field::new(field::LENGTH, "长度", self.length),
            Field::new(field::CHECKSUM, "校验和", checksum),
        ]
    }
}

/// 给 `payload` 加上 UDP 头;太长,16 位的长度装不下,就是 `None`。
#[must_use]
pub fn wrap(source: SocketAddr, destination: SocketAddr, payload: &[u8]) -> Option<Vec<u8>> {
    let mut header = Udp {
        source: source.port(),
        destination: destination.port(),
        length: u16::try_from(SIZE + payload.len()).ok()?,
        checksum: 0,
    };
    let mut datagram = Vec::new();
    header.write(&mut datagram);
    datagram.extend(payload);
    let pseudo = pseudo_header(
        source.ip(),
        destination.ip(),
        protocol::UDP,
        u32::from(header.length),
    );
    // 算出来正好是 0 时写全 1:0 已经表示「没有用校验和」(RFC 768)。
    header.checksum = match pseudo.add(&datagram).checksum() {
        0 => 0xffff,
        checksum => checksum,
    };
    NetworkEndian::write_u16(&mut datagram[field::CHECKSUM], header.checksum);
    Some(datagram)
}
