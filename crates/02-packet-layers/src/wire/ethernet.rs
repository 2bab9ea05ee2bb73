//! 以太网头:14 字节(IEEE 802.3、RFC 894)。帧尾的 4 字节校验(FCS)由网卡加上和去掉,抓包看不到。

use std::fmt;

use byteorder::{ByteOrder, NetworkEndian};

use super::{Field, Header, Malformed, named, need};

mod field {
    use std::ops::Range;

    pub const DESTINATION: Range<usize> = 0..6;
    pub const SOURCE: Range<usize> = 6..12;
    pub const ETHERTYPE: Range<usize> = 12..14;
}

/// 头的字节数。
pub const SIZE: usize = 14;

/// 小于它的「类型」其实是长度(IEEE 802.3 §3.2.6)。
pub const SMALLEST_TYPE: u16 = 1536;

/// MAC 地址:6 字节。
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mac(pub [u8; 6]);

impl Mac {
    /// 广播:发给同一个网里的所有接口。
    pub const BROADCAST: Self = Self([0xff; 6]);

    /// 读 6 个字节。
    pub fn from_bytes(bytes: &[u8]) -> Self {
        // 调用者按字段的范围取,一定是 6 个。
        Self(bytes.try_into().unwrap_or_default())
    }

    /// 第一个字节最低的两位:是不是一组,是不是自己定的。
    fn kind(self) -> &'static str {
        match self.0[0] & 0b11 {
            _ if self == Self::BROADCAST => "广播",
            0b00 => "",
            0b10 => "本地管理",
            _ => "组播",
        }
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0.map(|byte| format!("{byte:02x}"));
        f.write_str(&named(bytes.join(":"), self.kind()))
    }
}

/// 以太网的类型:里面装的是什么。
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EtherType(pub u16);

impl EtherType {
    /// IPv4。
    pub const IPV4: Self = Self(0x0800);
    /// ARP。
    pub const ARP: Self = Self(0x0806);
    /// VLAN 标签(802.1Q)。
    pub const VLAN: Self = Self(0x8100);
    /// IPv6。
    pub const IPV6: Self = Self(0x86dd);
    /// 外层的 VLAN 标签(802.1ad)。
    pub const OUTER_VLAN: Self = Self(0x88a8);
}

impl fmt::Display for EtherType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match *self {
            Self::IPV4 => "IPv4",
            Self::ARP => "ARP",
            Self::VLAN => "VLAN",
            Self::IPV6 => "IPv6",
            Self::OUTER_VLAN => "外层 VLAN",
            _ => "",
        };
        f.write_str(&named(format_args!("{:#06x}", self.0), name))
    }
}

/// 以太网头。
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "字段的名字就是意思")]
pub struct Ethernet {
    pub destination: Mac,
    pub source: Mac,
    pub ethertype: EtherType,
}

impl Header for Ethernet {
    const NAME: &'static str = "以太网";

    fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let bytes = need(bytes, SIZE)?;
        Ok(Self {
            destination: Mac::from_bytes(&bytes[field::DESTINATION]),
            source: Mac::from_bytes(&bytes[field::SOURCE]),
            ethertype: EtherType(NetworkEndian::read_u16(&bytes[field::ETHERTYPE])),
        })
    }

    fn size(&self) -> usize {
        SIZE
    }

    fn write(&self, packet: &mut Vec<u8>) {
        let mut header = [0; SIZE];
        header[field::DESTINATION].copy_from_slice(&self.destination.0);
        header[field::SOURCE].copy_from_slice(&self.source.0);
        NetworkEndian::write_u16(&mut header[field::ETHERTYPE], self.ethertype.0);
        packet.extend(header);
    }

    fn fields(&self) -> Vec<Field> {
        let last = match self.ethertype.0 {
            length if length < SMALLEST_TYPE => Field::new(field::ETHERTYPE, "长度", length),
            _ => Field::new(field::ETHERTYPE, "类型", self.ethertype),
        };
        vec![
            Field::new(field::DESTINATION, "目的 MAC", self.destination),
            Field::new(field::SOURCE, "源 MAC", self.source),
            last,
        ]
    }
}
