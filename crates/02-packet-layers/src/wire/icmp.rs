//! ICMP 和 ICMPv6:网络自己的消息,8 字节的头(RFC 792、RFC 4443)。

use byteorder::{ByteOrder, NetworkEndian};

use super::{Field, Header, Malformed, hex, named, need};

mod field {
    use std::ops::Range;

    pub const TYPE: Range<usize> = 0..1;
    pub const CODE: Range<usize> = 1..2;
    pub const CHECKSUM: Range<usize> = 2..4;
    pub const REST: Range<usize> = 4..8;
    // 回显请求和应答的 REST。
    pub const IDENTIFIER: Range<usize> = 4..6;
    pub const SEQUENCE: Range<usize> = 6..8;
}

/// 头的字节数。
pub const SIZE: usize = 8;

/// 头的内容,两个版本相同。
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// 类型。
    pub kind: u8,
    /// 代码:类型的细分。
    pub code: u8,
    /// 校验和。
    pub checksum: u16,
    /// 其余 4 字节,意思随类型。
    pub rest: [u8; 4],
}

impl Message {
    fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let bytes = need(bytes, SIZE)?;
        Ok(Self {
            kind: bytes[0],
            code: bytes[1],
            checksum: NetworkEndian::read_u16(&bytes[field::CHECKSUM]),
            rest: bytes[field::REST].try_into().unwrap_or_default(),
        })
    }

    fn write(&self, packet: &mut Vec<u8>) {
        let mut header = [0; SIZE];
        header[0] = self.kind;
        header[1] = self.code;
        NetworkEndian::write_u16(&mut header[field::CHECKSUM], self.checksum);
        header[field::REST].copy_from_slice(&self.rest);
        packet.extend(header);
    }

    fn fields(&self, kind: &str, code: &str, is_echo: bool) -> Vec<Field> {
        let checksum = format!("{:#06x}", self.checksum);
        let mut fields = vec![
            Field::new(field::TYPE, "类型", named(self.kind, kind)),
            Field::new(field::CODE, "代码", named(self.code, code)),
            Field::new(field::CHECKSUM, "校验和", checksum),
        ];
        if is_echo {
            let read = |range| NetworkEndian::read_u16(&self.rest[range]);
            fields.push(Field::new(field::IDENTIFIER, "标识", read(0..2)));
            fields.push(Field::new(field::SEQUENCE, "序号", read(2..4)));
        } else {
            fields.push(Field::new(field::REST, "其余", hex(&self.rest)));
        }
        fields
    }
}

/// ICMP(随 IPv4)。
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Icmp(pub Message);

impl Icmp {
    /// 出错的消息:后面引用着惹出它的那个报文的开头。
    pub fn quotes(&self) -> bool {
        matches!(self.0.kind, 3 | 4 | 5 | 11 | 12)
    }
}

impl Header for Icmp {
    const NAME: &'static str = "ICMP";

    fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        Message::parse(bytes).map(Self)
    }

    fn size(&self) -> usize {
        SIZE
    }

    fn write(&self, packet: &mut Vec<u8>) {
        self.0.write(packet);
    }

    fn fields(&self) -> Vec<Field> {
        let kind = match self.0.kind {
            0 => "回显应答",
            3 => "目的不可达",
            5 => "重定向",
            8 => "回显请求",
            11 => "超时",
            12 => "参数有误",
            _ => "",
        };
        let code = match (self.0.kind, self.0.code) {
            (3, 0) => "网络不可达",
            (3, 1) => "主机不可达",
            (3, 2) => "没有这个协议",
            (3, 3) => "端口上没有程序",
            (3, 4) => "要分片,却不许分片",
            (11, 0) => "生存时间用完了",
            (11, 1) => "等不齐分片",
            _ => "",
        };
        self.0.fields(kind, code, matches!(self.0.kind, 0 | 8))
    }
}

/// ICMPv6(随 IPv6)。
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Icmpv6(pub Message);

impl Icmpv6 {
    /// 出错的消息:后面引用着惹出它的那个报文的开头。
    pub fn quotes(&self) -> bool {
        matches!(self.0.kind, 1..=4)
    }
}

impl Header for Icmpv6 {
    const NAME: &'static str = "ICMPv6";

    fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        Message::parse(bytes).map(Self)
    }

    fn size(&self) -> usize {
        SIZE
    }

    fn write(&self, packet: &mut Vec<u8>) {
        self.0.write(packet);
    }

    fn fields(&self) -> Vec<Field> {
        let kind = match self.0.kind {
            1 => "目的不可达",
            2 => "报文太大",
            3 => "超时",
            4 => "参数有误",
            128 => "回显请求",
            129 => "回显应答",
            133 => "找路由器",
            134 => "路由器通告",
            135 => "邻居请求:代替 ARP",
            136 => "邻居通告:代替 ARP",
            143 => "组播成员报告",
            _ => "",
        };
        let code = match (self.0.kind, self.0.code) {
            (1, 0) => "没有路由",
            (1, 3) => "地址不可达",
            (1, 4) => "端口上没有程序",
            _ => "",
        };
        self.0.fields(kind, code, matches!(self.0.kind, 128 | 129))
    }
}
