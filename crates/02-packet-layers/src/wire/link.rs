//! 抓包文件的链路类型:第一层是什么(tcpdump 的 LINKTYPE 登记表)。
//!
//! Linux 的回环接口 `lo` 抓到的是以太网;`-i any` 抓到的是 SLL(「cooked」);macOS 的回环是 NULL;隧道接口没有链路层。

use byteorder::{BigEndian, ByteOrder, LittleEndian, NetworkEndian};

use super::ethernet::EtherType;
use super::{Field, Header, Malformed, hex, named, need};

/// 链路类型。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// 以太网。
    Ethernet,
    /// BSD 回环:4 字节的协议族,抓包机器的字节序。
    Null,
    /// OpenBSD 回环:4 字节的协议族,网络字节序。
    Loop,
    /// 没有链路层,直接是 IP。
    Raw,
    /// Linux 的 `any` 接口,第 1 版。
    Sll,
    /// Linux 的 `any` 接口,第 2 版。
    Sll2,
    /// 不认识的。
    Unknown(u16),
}

impl From<u32> for Link {
    /// 高 16 位是 FCS 的长度,不管它。
    fn from(value: u32) -> Self {
        match value & 0xffff {
            0 => Self::Null,
            1 => Self::Ethernet,
            12 | 14 | 101 | 228 | 229 => Self::Raw,
            108 => Self::Loop,
            113 => Self::Sll,
            276 => Self::Sll2,
            other => Self::Unknown(u16::try_from(other).unwrap_or(u16::MAX)),
        }
    }
}

/// 协议族变成以太网的类型;各个系统的 IPv6 编号不同。
fn family(value: u32) -> EtherType {
    match value {
        2 => EtherType::IPV4,
        10 | 24 | 28 | 30 => EtherType::IPV6,
        _ => EtherType::default(),
    }
}

/// 回环的 4 字节。
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loopback {
    bytes: [u8; 4],
}

impl Loopback {
    /// 协议族。不知道抓包机器的字节序:协议族都是小数目,哪一种读出来小就是哪一种。
    fn family(&self) -> u32 {
        let little = LittleEndian::read_u32(&self.bytes);
        little.min(BigEndian::read_u32(&self.bytes))
    }

    /// 里面是什么。
    pub fn ethertype(&self) -> EtherType {
        family(self.family())
    }
}

impl Header for Loopback {
    const NAME: &'static str = "回环";

    fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let bytes = need(bytes, 4)?.try_into().unwrap_or_default();
        Ok(Self { bytes })
    }

    fn size(&self) -> usize {
        4
    }

    fn write(&self, packet: &mut Vec<u8>) {
        packet.extend(self.bytes);
    }

    fn fields(&self) -> Vec<Field> {
        let name = match self.ethertype() {
            EtherType::IPV4 => "IPv4",
            EtherType::IPV6 => "IPv6",
            _ => "",
        };
        vec![Field::new(0..4, "协议族", named(self.family(), name))]
    }
}

/// SLL 里谁发给谁。
fn packet_type(value: u16) -> String {
    let name = match value {
        0 => "发给本机",
        1 => "广播",
        2 => "组播",
        3 => "发给别人",
        4 => "本机发出",
        _ => "",
    };
    named(value, name)
}

/// SLL 头:16 字节(LINKTYPE_LINUX_SLL)。
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sll {
    bytes: [u8; 16],
}

impl Sll {
    /// 里面是什么。
    pub fn ethertype(&self) -> EtherType {
        EtherType(NetworkEndian::read_u16(&self.bytes[14..16]))
    }
}

impl Header for Sll {
    const NAME: &'static str = "Linux SLL";

    fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let bytes = need(bytes, 16)?.try_into().unwrap_or_default();
        Ok(Self { bytes })
    }

    fn size(&self) -> usize {
        16
    }

    fn write(&self, packet: &mut Vec<u8>) {
        packet.extend(self.bytes);
    }

    fn fields(&self) -> Vec<Field> {
        let number = |range| NetworkEndian::read_u16(&self.bytes[range]);
        vec![
            Field::new(0..2, "方向", packet_type(number(0..2))),
            Field::new(2..4, "接口类型", number(2..4)),
            Field::new(4..6, "地址长度", number(4..6)),
            Field::new(6..14, "链路地址", hex(&self.bytes[6..14])),
            Field::new(14..16, "类型", self.ethertype()),
        ]
    }
}

/// SLL2 头:20 字节(LINKTYPE_LINUX_SLL2)。
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sll2 {
    bytes: [u8; 20],
}

impl Sll2 {
    /// 里面是什么。
    pub fn ethertype(&self) -> EtherType {
        EtherType(NetworkEndian::read_u16(&self.bytes[..2]))
    }
}

impl Header for Sll2 {
    const NAME: &'static str = "Linux SLL2";

    fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let bytes = need(bytes, 20)?.try_into().unwrap_or_default();
        Ok(Self { bytes })
    }

    fn size(&self) -> usize {
        20
    }

    fn write(&self, packet: &mut Vec<u8>) {
        packet.extend(self.bytes);
    }

    fn fields(&self) -> Vec<Field> {
        let bytes = &self.bytes;
        vec![
            Field::new(0..2, "类型", self.ethertype()),
            Field::new(2..4, "保留", hex(&bytes[2..4])),
            Field::new(4..8, "接口编号", NetworkEndian::read_u32(&bytes[4..8])),
            Field::new(8..10, "接口类型", NetworkEndian::read_u16(&bytes[8..10])),
            Field::new(10..11, "方向", packet_type(u16::from(bytes[10]))),
            Field::new(11..12, "地址长度", bytes[11]),
            Field::new(12..20, "链路地址", hex(&bytes[12..20])),
        ]
    }
}
