//! 报文:22 字节的头,和它后面的内容。整数都是网络字节序。
//!
//! ```text
//!  0      2      3      4      8      12     16       20     22
//! +------+------+------+------+------+------+--------+------+---------
//! | "RU" | 版本 | 种类 | 会话 | 编号 | 时刻 | 校验和 | 窗口 | 内容……
//! +------+------+------+------+------+------+--------+------+---------
//! ```

use std::ops::Range;

use byteorder::{ByteOrder, NetworkEndian};

/// 开头两个字节:别的程序发来的数据报多半不是这样开头。
const MAGIC: [u8; 2] = *b"RU";
/// 头的格式以后要是变了,老程序看版本就知道自己读不懂。
const VERSION: u8 = 1;

const MAGIC_FIELD: Range<usize> = 0..2;
const VERSION_FIELD: usize = 2;
const KIND_FIELD: usize = 3;
const SESSION_FIELD: Range<usize> = 4..8;
const NUMBER_FIELD: Range<usize> = 8..12;
const TIME_FIELD: Range<usize> = 12..16;
const CHECKSUM_FIELD: Range<usize> = 16..20;
const WINDOW_FIELD: Range<usize> = 20..22;

/// 头的长度,字节。
pub const HEADER: usize = 22;

/// 一个报文最多装这么多字节的内容。
///
/// IPv6 保证每条链路一次能传 1280 字节(RFC 8200 §5),减去 IPv6 头 40、UDP 头 8 和我们的头 22,
/// 还剩 1210:取整数 1200,到哪里都不必分片。
pub const MAX_CONTENT: usize = 1200;

/// 窗口最多这么多个报文:选择确认的位图至多 128 字节,一个报文放得下。
pub const MAX_WINDOW: u32 = 1024;

/// 报文的种类。前三种占一个编号,要确认;后四种不占。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 开始:编号 0,内容是 [`Open`](crate::content::Open)。
    Open,
    /// 文件的一段:编号 1、2、3……
    Data,
    /// 文件到此为止:编号接着 `Data`,内容是整个文件的 CRC-32。
    Fin,
    /// 「你还在吗,窗口开了吗」:不占编号,接收方回一个 `Ack`(或者结局)。
    Probe,
    /// 确认:编号是「下一个要的」,窗口是从它起还能收几个,时刻是引来它的那个报文的,内容是先到的报文的位图。
    Ack,
    /// 文件已经完整地保存好。
    Done,
    /// 不收,内容是一个字节的原因([`Reason`](crate::content::Reason))。
    Refused,
}

/// 种类和它在网线上的编码,一一对应。
const KINDS: [Kind; 7] = [
    Kind::Open,
    Kind::Data,
    Kind::Fin,
    Kind::Probe,
    Kind::Ack,
    Kind::Done,
    Kind::Refused,
];

/// 一个报文。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// 种类。
    pub kind: Kind,
    /// 会话:发送方随机挑的,认人不只看地址,也看它。
    pub session: u32,
    /// 编号,见 [`Kind`]。
    pub number: u32,
    /// 发出的时刻,微秒,71 分钟一圈;接收方在 `Ack` 里原样带回,往返时间由此测得(RFC 7323 §3)。
    pub time: u32,
    /// 接收方的窗口,报文个数;发送方的报文里是 0。
    pub window: u16,
    /// 内容,至多 [`MAX_CONTENT`] 字节。
    pub content: &'a [u8],
}

impl<'a> Packet<'a> {
    /// 变成一个数据报。
    pub fn encode(&self) -> Vec<u8> {
        let mut datagram = vec![0; HEADER];
        datagram[MAGIC_FIELD].copy_from_slice(&MAGIC);
        datagram[VERSION_FIELD] = VERSION;
        datagram[KIND_FIELD] = self.kind as u8;
        NetworkEndian::write_u32(&mut datagram[SESSION_FIELD], self.session);
        NetworkEndian::write_u32(&mut datagram[NUMBER_FIELD], self.number);
        NetworkEndian::write_u32(&mut datagram[TIME_FIELD], self.time);
        NetworkEndian::write_u16(&mut datagram[WINDOW_FIELD], self.window);
        datagram.extend_from_slice(self.content);
        let checksum = checksum(&datagram);
        NetworkEndian::write_u32(&mut datagram[CHECKSUM_FIELD], checksum);
        datagram
    }

    /// 读一个数据报;不是我们的,或者在路上坏了,是 `None`:当它丢了,重传会补上。
    pub fn decode(datagram: &'a [u8]) -> Option<Self> {
        let sound = (HEADER..=HEADER + MAX_CONTENT).contains(&datagram.len())
            && datagram[MAGIC_FIELD] == MAGIC
            && datagram[VERSION_FIELD] == VERSION
            && NetworkEndian::read_u32(&datagram[CHECKSUM_FIELD]) == checksum(datagram);
        let kind = *KINDS.get(usize::from(*datagram.get(KIND_FIELD)?))?;
        sound.then(|| Self {
            kind,
            session: NetworkEndian::read_u32(&datagram[SESSION_FIELD]),
            number: NetworkEndian::read_u32(&datagram[NUMBER_FIELD]),
            time: NetworkEndian::read_u32(&datagram[TIME_FIELD]),
            window: NetworkEndian::read_u16(&datagram[WINDOW_FIELD]),
            content: &datagram[HEADER..],
        })
    }
}

/// 整个数据报的 CRC-32,校验和一栏当作 0。
///
/// UDP 自己的校验和只有 16 位的反码和:两个 16 位的字对调,它看不出来(RFC 1071)。CRC-32 查得出任何
/// 不超过 32 位的连续错误,别的错误漏掉的机会约四十亿分之一;整个文件另有一个,漏了也还有一道。
/// 它防意外,不防故意:改了内容的人也会重算校验和,防他要用带密钥的(第 4 章的 TLS)。
fn checksum(datagram: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&datagram[..CHECKSUM_FIELD.start]);
    hasher.update(&[0; 4]);
    hasher.update(&datagram[CHECKSUM_FIELD.end..]);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EXAMPLE: Packet = Packet {
        kind: Kind::Ack,
        session: 0x0102_0304,
        number: 5,
        time: 0x0a0b_0c0d,
        window: 64,
        content: &[0x81],
    };

    #[test]
    fn the_bytes_are_those_of_the_picture() {
        let bytes = EXAMPLE.encode();
        let expected = [
            b'R', b'U', 1, 4, 1, 2, 3, 4, 0, 0, 0, 5, 0x0a, 0x0b, 0x0c, 0x0d,
        ];
        assert_eq!(bytes[..16], expected);
        assert_eq!(bytes[20..], [0, 64, 0x81]);
        // 校验和是把它自己一栏当作 0 的 CRC-32。
        let mut zeroed = bytes.clone();
        zeroed[16..20].fill(0);
        assert_eq!(bytes[16..20], crc32fast::hash(&zeroed).to_be_bytes());
    }

    #[test]
    fn every_single_damaged_bit_is_noticed() {
        let bytes = EXAMPLE.encode();
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Packet::decode(&damaged), None, "第 {bit} 位");
        }
    }

    #[test]
    fn a_cut_or_oversized_datagram_is_not_ours() {
        let largest = Packet {
            content: &[7; MAX_CONTENT],
            ..EXAMPLE
        };
        let bytes = largest.encode();
        assert_eq!(Packet::decode(&bytes), Some(largest));
        for length in 0..bytes.len() {
            assert_eq!(Packet::decode(&bytes[..length]), None);
        }
        let too_large = Packet {
            content: &[7; MAX_CONTENT + 1],
            ..EXAMPLE
        };
        assert_eq!(Packet::decode(&too_large.encode()), None);
    }

    proptest! {
        #[test]
        fn reading_undoes_writing(
            kind in prop::sample::select(KINDS.to_vec()),
            session: u32, number: u32, time: u32, window: u16,
            content in prop::collection::vec(any::<u8>(), 0..=MAX_CONTENT),
        ) {
            let packet = Packet { kind, session, number, time, window, content: &content };
            let bytes = packet.encode();
            prop_assert_eq!(Packet::decode(&bytes), Some(packet));
        }

        #[test]
        fn no_bytes_are_a_disaster(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
            let _ = Packet::decode(&bytes);
        }
    }
}
