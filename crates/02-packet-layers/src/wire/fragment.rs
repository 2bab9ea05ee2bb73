//! 加上 IPv4 头;装不下就分片(RFC 791 §3.2)。

use byteorder::{ByteOrder, NetworkEndian};

use super::Header;
use super::checksum::Sum;
use super::ipv4::{FRAGMENT_UNIT, Ipv4, field};

/// 总长度是 16 位,一个 IP 报文最多这么多字节。
pub const MAX_SIZE: usize = 65_535;

impl Ipv4 {
    /// 给 `payload` 加上这个头,总长度和校验和现算;装不下就是 `None`。
    #[must_use]
    pub fn wrap(&self, payload: &[u8]) -> Option<Vec<u8>> {
        let header = Self {
            total_length: u16::try_from(self.size() + payload.len()).ok()?,
            checksum: 0,
            ..self.clone()
        };
        let mut packet = Vec::new();
        header.write(&mut packet);
        // 只管头:数据由上层自己的校验和管。
        let checksum = Sum::default().add(&packet).checksum();
        NetworkEndian::write_u16(&mut packet[field::CHECKSUM], checksum);
        packet.extend(payload);
        Some(packet)
    }

    /// 和 [`Self::wrap`] 一样,但每个报文(连同头)不超过 `mtu` 字节,装不下就分成几片。
    #[must_use]
    pub fn fragment(&self, payload: &[u8], mtu: usize) -> Option<Vec<Vec<u8>>> {
        let room = mtu.checked_sub(self.size())?;
        // 分了片也不能超过:对方要把它拼回一个报文。
        if self.size() + payload.len() > MAX_SIZE {
            return None;
        }
        if payload.len() <= room {
            return Some(vec![self.wrap(payload)?]);
        }
        // 除了最后一片,每片都是 8 的倍数,下一片的偏移才写得出来。
        let step = room / FRAGMENT_UNIT * FRAGMENT_UNIT;
        if step == 0 {
            return None;
        }
        let mut packets = Vec::new();
        for (index, piece) in payload.chunks(step).enumerate() {
            let start = index * step;
            let header = Self {
                more_fragments: start + piece.len() < payload.len(),
                fragment_offset: u16::try_from(start / FRAGMENT_UNIT).ok()?,
                ..self.clone()
            };
            packets.push(header.wrap(piece)?);
        }
        Some(packets)
    }
}
