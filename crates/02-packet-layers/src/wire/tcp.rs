//! TCP 头:20 字节,加上选项最多 60 字节(RFC 9293 §3.1)。

use std::net::SocketAddr;

use byteorder::{ByteOrder, NetworkEndian};

use super::checksum::pseudo_header;
use super::{Field, Header, Malformed, named, need, options, protocol};

mod field {
    use std::ops::Range;

    pub const SOURCE: Range<usize> = 0..2;
    pub const DESTINATION: Range<usize> = 2..4;
    pub const SEQUENCE: Range<usize> = 4..8;
    pub const ACKNOWLEDGMENT: Range<usize> = 8..12;
    // 首部长度 4 位、保留 4 位。
    pub const DATA_OFFSET: Range<usize> = 12..13;
    pub const FLAGS: Range<usize> = 13..14;
    pub const WINDOW: Range<usize> = 14..16;
    pub const CHECKSUM: Range<usize> = 16..18;
    pub const URGENT: Range<usize> = 18..20;
}

/// 没有选项的头的字节数。
pub const SIZE: usize = 20;

/// 标志:没有数据要发了。
#[allow(dead_code, reason = "写出来的对话没有关闭连接")]
pub const FIN: u8 = 0x01;
/// 标志:建立连接,序号从这里开始。
pub const SYN: u8 = 0x02;
/// 标志:收到了不要再等,交给应用。
pub const PSH: u8 = 0x08;
/// 标志:确认号有效。
pub const ACK: u8 = 0x10;

/// 标志的名字,从高位到低位。
const FLAG_NAMES: [&str; 8] = ["CWR", "ECE", "URG", "ACK", "PSH", "RST", "SYN", "FIN"];

/// TCP 头。
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "字段的名字就是意思")]
pub struct Tcp {
    pub source: u16,
    pub destination: u16,
    pub sequence: u32,
    pub acknowledgment: u32,
    /// 4 位。
    pub reserved: u8,
    pub flags: u8,
    pub window: u16,
    pub checksum: u16,
    pub urgent: u16,
    /// 选项的字节数是 4 的倍数。
    pub options: Vec<u8>,
}

impl Tcp {
    /// 给 `payload` 加上这个头,端口照两个端点,校验和现算。
    #[must_use]
    pub fn wrap(&self, source: SocketAddr, destination: SocketAddr, payload: &[u8]) -> Vec<u8> {
        let header = Self {
            source: source.port(),
            destination: destination.port(),
            checksum: 0,
            ..self.clone()
        };
        let mut segment = Vec::new();
        header.write(&mut segment);
        segment.extend(payload);
        // TCP 头里没有长度:数据有多长,由 IP 的总长度减出来。超过 IP 上限的,IP 那一层会拒绝。
        let length = u32::try_from(segment.len()).unwrap_or(u32::MAX);
        let pseudo = pseudo_header(source.ip(), destination.ip(), protocol::TCP, length);
        let checksum = pseudo.add(&segment).checksum();
        NetworkEndian::write_u16(&mut segment[field::CHECKSUM], checksum);
        segment
    }

    /// 置了位的标志的名字,例如 `SYN ACK`。
    fn flag_names(&self) -> String {
        let set = FLAG_NAMES.iter().enumerate();
        let set = set.filter(|(index, _)| self.flags & (0x80 >> index) != 0);
        set.map(|(_, name)| *name).collect::<Vec<_>>().join(" ")
    }
}

impl Header for Tcp {
    const NAME: &'static str = "TCP";

    fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let fixed = need(bytes, SIZE)?;
        let size = usize::from(fixed[12] >> 4) * 4;
        if size < SIZE {
            let text = format!("首部长度是 {size} 字节,不到 {SIZE}");
            return Err(Malformed::Invalid(text));
        }
        let bytes = need(bytes, size)?;
        Ok(Self {
            source: NetworkEndian::read_u16(&bytes[field::SOURCE]),
            destination: NetworkEndian::read_u16(&bytes[field::DESTINATION]),
            sequence: NetworkEndian::read_u32(&bytes[field::SEQUENCE]),
            acknowledgment: NetworkEndian::read_u32(&bytes[field::ACKNOWLEDGMENT]),
            reserved: bytes[12] & 0x0f,
            flags: bytes[13],
            window: NetworkEndian::read_u16(&bytes[field::WINDOW]),
            checksum: NetworkEndian::read_u16(&bytes[field::CHECKSUM]),
            urgent: NetworkEndian::read_u16(&bytes[field::URGENT]),
            options: bytes[SIZE..].to_vec(),
        })
    }

    fn size(&self) -> usize {
        SIZE + self.options.len()
    }

    fn write(&self, packet: &mut Vec<u8>) {
        let mut header = [0; SIZE];
        NetworkEndian::write_u16(&mut header[field::SOURCE], self.source);
        NetworkEndian::write_u16(&mut header[field::DESTINATION], self.destination);
        NetworkEndian::write_u32(&mut header[field::SEQUENCE], self.sequence);
        NetworkEndian::write_u32(&mut header[field::ACKNOWLEDGMENT], self.acknowledgment);
        // 4 位,单位是 4 字节;选项最多 40 字节,一定放得下。
        let words = u8::try_from(self.size() / 4).unwrap_or(0x0f);
        header[12] = words << 4 | self.reserved & 0x0f;
        header[13] = self.flags;
        NetworkEndian::write_u16(&mut header[field::WINDOW], self.window);
        NetworkEndian::write_u16(&mut header[field::CHECKSUM], self.checksum);
        NetworkEndian::write_u16(&mut header[field::URGENT], self.urgent);
        packet.extend(header);
        packet.extend(&self.options);
    }

    fn fields(&self) -> Vec<Field> {
        let length = named(self.size() / 4, &format!("{} 字节", self.size()));
        let flags = named(format_args!("{:#04x}", self.flags), &self.flag_names());
        let checksum = format!("{:#06x}", self.checksum);
        let mut fields = vec![
            Field::new(field::SOURCE, "源端口", self.source),
            Field::new(field::DESTINATION, "目的端口", self.destination),
            Field::new(field::SEQUENCE, "序号", self.sequence),
            Field::new(field::ACKNOWLEDGMENT, "确认号", self.acknowledgment),
            Field::bits(field::DATA_OFFSET, 4, "首部长度", length),
            Field::bits(field::DATA_OFFSET, 4, "保留位", self.reserved),
            Field::new(field::FLAGS, "标志", flags),
            Field::new(field::WINDOW, "窗口", self.window),
            Field::new(field::CHECKSUM, "校验和", checksum),
            Field::new(field::URGENT, "紧急指针", self.urgent),
        ];
        fields.extend(options::fields(&self.options, SIZE));
        fields
    }
}
