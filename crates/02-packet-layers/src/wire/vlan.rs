//! VLAN 标签:夹在以太网的类型前后,多出 4 字节(IEEE 802.1Q)。

use byteorder::{ByteOrder, NetworkEndian};

use super::ethernet::EtherType;
use super::{Field, Header, Malformed, need};

mod field {
    use std::ops::Range;

    // 优先级 3 位、丢弃标志 1 位、VLAN 编号 12 位。
    pub const CONTROL: Range<usize> = 0..2;
    pub const ETHERTYPE: Range<usize> = 2..4;
}

/// 标签的字节数。
pub const SIZE: usize = 4;

/// VLAN 标签。
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vlan {
    /// 优先级,3 位。
    pub priority: u8,
    /// 拥挤时可以先丢。
    pub drop_eligible: bool,
    /// VLAN 编号,12 位。
    pub id: u16,
    /// 标签后面是什么。
    pub ethertype: EtherType,
}

impl Header for Vlan {
    const NAME: &'static str = "VLAN";

    fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let bytes = need(bytes, SIZE)?;
        let control = NetworkEndian::read_u16(&bytes[field::CONTROL]);
        Ok(Self {
            priority: bytes[0] >> 5,
            drop_eligible: control & 0x1000 != 0,
            id: control & 0x0fff,
            ethertype: EtherType(NetworkEndian::read_u16(&bytes[field::ETHERTYPE])),
        })
    }

    fn size(&self) -> usize {
        SIZE
    }

    fn write(&self, packet: &mut Vec<u8>) {
        let mut header = [0; SIZE];
        let control = u16::from(self.priority & 0b111) << 13
            | u16::from(self.drop_eligible) << 12
            | self.id & 0x0fff;
        NetworkEndian::write_u16(&mut header[field::CONTROL], control);
        NetworkEndian::write_u16(&mut header[field::ETHERTYPE], self.ethertype.0);
        packet.extend(header);
    }

    fn fields(&self) -> Vec<Field> {
        vec![
            Field::bits(field::CONTROL, 3, "优先级", self.priority),
            Field::bits(field::CONTROL, 1, "可先丢", u8::from(self.drop_eligible)),
            Field::bits(field::CONTROL, 12, "VLAN 编号", self.id),
            Field::new(field::ETHERTYPE, "类型", self.ethertype),
        ]
    }
}
