//! IP 里面装的:UDP、TCP、ICMP。

use super::checksum::{Sum, Verdict, pseudo_header, verify};
use super::dissect::{Ends, Next, Walk};
use super::ethernet::EtherType;
use super::icmp::{Icmp, Icmpv6};
use super::protocol;
use super::tcp::Tcp;
use super::udp::{SIZE, Udp};

impl Walk<'_> {
    /// 拆 IP 里面的一层。
    pub(super) fn protocol(&mut self, protocol: u8) -> Next {
        match protocol {
            protocol::UDP => self.udp(),
            protocol::TCP => self.tcp(),
            protocol::ICMP => self.icmp(),
            protocol::ICMPV6 => self.icmpv6(),
            _ => Next::Data,
        }
    }

    fn udp(&mut self) -> Next {
        let start = self.at;
        let Some(header) = self.take::<Udp>() else {
            return Next::Data;
        };
        let length = usize::from(header.length);
        // 第一个分片里的 UDP 头说的是整个数据报的长度,比这一片长,不是错误。
        let fragment = matches!(self.ends, Ends::Unknown(_));
        if length < SIZE {
            self.note(format!("长度是 {length},连头都不够"));
        } else if !fragment || start + length <= self.end {
            self.limit(start, length);
        }
        // 只有 IPv4 可以不用校验和(RFC 8200 §8.1)。
        let verdict = match self.ends {
            Ends::Known(source, _) if header.checksum == 0 && source.is_ipv4() => Verdict::Absent,
            _ => self.check(start, protocol::UDP, header.checksum),
        };
        self.judge("校验和", verdict);
        Next::Data
    }

    fn tcp(&mut self) -> Next {
        let start = self.at;
        if let Some(header) = self.take::<Tcp>() {
            let verdict = self.check(start, protocol::TCP, header.checksum);
            self.judge("校验和", verdict);
        }
        Next::Data
    }

    fn icmp(&mut self) -> Next {
        let start = self.at;
        let Some(header) = self.take::<Icmp>() else {
            return Next::Data;
        };
        // ICMP 的校验和没有伪首部,只要报文完整就能核对。
        let verdict = match (self.incomplete(), self.ends) {
            (Some(reason), _) | (None, Ends::Unknown(reason)) => Verdict::Unknown(reason),
            _ => verify(
                Sum::default(),
                &self.packet[start..self.end],
                header.0.checksum,
            ),
        };
        self.judge("校验和", verdict);
        self.quote(header.quotes(), EtherType::IPV4)
    }

    fn icmpv6(&mut self) -> Next {
        let start = self.at;
        let Some(header) = self.take::<Icmpv6>() else {
            return Next::Data;
        };
        let verdict = self.check(start, protocol::ICMPV6, header.0.checksum);
        self.judge("校验和", verdict);
        self.quote(header.quotes(), EtherType::IPV6)
    }

    /// ICMP 的出错消息引用着惹出它的报文,只有开头一段。
    fn quote(&mut self, quotes: bool, ethertype: EtherType) -> Next {
        if !quotes || self.rest().is_empty() {
            return Next::Data;
        }
        self.quoted = true;
        Next::Type(ethertype)
    }

    /// 核对从 `start` 起的上层报文。
    fn check(&self, start: usize, protocol: u8, stated: u16) -> Verdict {
        if let Some(reason) = self.incomplete() {
            return Verdict::Unknown(reason);
        }
        match self.ends {
            Ends::Unknown(reason) => Verdict::Unknown(reason),
            Ends::Known(source, destination) => {
                let length = u32::try_from(self.end - start).unwrap_or(u32::MAX);
                let pseudo = pseudo_header(source, destination, protocol, length);
                verify(pseudo, &self.packet[start..self.end], stated)
            }
        }
    }

    /// 手里的上层报文为什么不全。
    fn incomplete(&self) -> Option<&'static str> {
        if self.quoted {
            return Some("引用的只是开头一段");
        }
        (self.end > self.packet.len()).then_some("抓包时截断了")
    }
}
