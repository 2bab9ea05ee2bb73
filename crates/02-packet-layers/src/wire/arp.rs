//! ARP:以太网上,从 IPv4 地址问出 MAC 地址,28 字节(RFC 826)。它不是 IP 报文,直接装在以太网帧里。

use std::net::Ipv4Addr;

use byteorder::{ByteOrder, NetworkEndian};

use super::ethernet::{EtherType, Mac};
use super::{Field, Header, Malformed, named, need};

mod field {
    use std::ops::Range;

    pub const HARDWARE: Range<usize> = 0..2;
    pub const PROTOCOL: Range<usize> = 2..4;
    pub const HARDWARE_LENGTH: Range<usize> = 4..5;
    pub const PROTOCOL_LENGTH: Range<usize> = 5..6;
    pub const OPERATION: Range<usize> = 6..8;
    pub const SENDER_MAC: Range<usize> = 8..14;
    pub const SENDER_IP: Range<usize> = 14..18;
    pub const TARGET_MAC: Range<usize> = 18..24;
    pub const TARGET_IP: Range<usize> = 24..28;
}

/// 以太网和 IPv4 的 ARP 的字节数。
pub const SIZE: usize = 28;

/// 硬件类型:以太网。
const ETHERNET: u16 = 1;

/// 请求:谁有这个 IP?
pub const REQUEST: u16 = 1;

/// 应答:是我,我的 MAC 是这个。
pub const REPLY: u16 = 2;

/// 以太网和 IPv4 的 ARP。
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "字段的名字就是意思")]
pub struct Arp {
    pub operation: u16,
    pub sender_mac: Mac,
    pub sender_ip: Ipv4Addr,
    pub target_mac: Mac,
    pub target_ip: Ipv4Addr,
}

impl Default for Arp {
    fn default() -> Self {
        Self {
            operation: REQUEST,
            sender_mac: Mac::default(),
            sender_ip: Ipv4Addr::UNSPECIFIED,
            target_mac: Mac::default(),
            target_ip: Ipv4Addr::UNSPECIFIED,
        }
    }
}

impl Header for Arp {
    const NAME: &'static str = "ARP";

    fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let bytes = need(bytes, SIZE)?;
        let kind = (
            NetworkEndian::read_u16(&bytes[field::HARDWARE]),
            EtherType(NetworkEndian::read_u16(&bytes[field::PROTOCOL])),
            &bytes[field::HARDWARE_LENGTH],
            &bytes[field::PROTOCOL_LENGTH],
        );
        if kind != (ETHERNET, EtherType::IPV4, &[6], &[4]) {
            let text = "硬件不是以太网,或者地址不是 IPv4".to_owned();
            return Err(Malformed::Invalid(text));
        }
        Ok(Self {
            operation: NetworkEndian::read_u16(&bytes[field::OPERATION]),
            sender_mac: Mac::from_bytes(&bytes[field::SENDER_MAC]),
            sender_ip: NetworkEndian::read_u32(&bytes[field::SENDER_IP]).into(),
            target_mac: Mac::from_bytes(&bytes[field::TARGET_MAC]),
            target_ip: NetworkEndian::read_u32(&bytes[field::TARGET_IP]).into(),
        })
    }

    fn size(&self) -> usize {
        SIZE
    }

    fn write(&self, packet: &mut Vec<u8>) {
        let mut header = [0; SIZE];
        NetworkEndian::write_u16(&mut header[field::HARDWARE], ETHERNET);
        NetworkEndian::write_u16(&mut header[field::PROTOCOL], EtherType::IPV4.0);
        header[field::HARDWARE_LENGTH].fill(6);
        header[field::PROTOCOL_LENGTH].fill(4);
        NetworkEndian::write_u16(&mut header[field::OPERATION], self.operation);
        header[field::SENDER_MAC].copy_from_slice(&self.sender_mac.0);
        header[field::SENDER_IP].copy_from_slice(&self.sender_ip.octets());
        header[field::TARGET_MAC].copy_from_slice(&self.target_mac.0);
        header[field::TARGET_IP].copy_from_slice(&self.target_ip.octets());
        packet.extend(header);
    }

    fn fields(&self) -> Vec<Field> {
        let operation = match self.operation {
            REQUEST => "请求",
            REPLY => "应答",
            _ => "",
        };
        vec![
            Field::new(field::HARDWARE, "硬件类型", named(ETHERNET, "以太网")),
            Field::new(field::PROTOCOL, "协议类型", EtherType::IPV4),
            Field::new(field::HARDWARE_LENGTH, "硬件地址长度", 6),
            Field::new(field::PROTOCOL_LENGTH, "协议地址长度", 4),
            Field::new(field::OPERATION, "操作", named(self.operation, operation)),
            Field::new(field::SENDER_MAC, "发送方 MAC", self.sender_mac),
            Field::new(field::SENDER_IP, "发送方 IP", self.sender_ip),
            Field::new(field::TARGET_MAC, "目标 MAC", self.target_mac),
            Field::new(field::TARGET_IP, "目标 IP", self.target_ip),
        ]
    }
}
