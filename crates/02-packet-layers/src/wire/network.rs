//! 以太网里面装的:VLAN、ARP、IPv4、IPv6,和 IP 的分片。

use super::arp::Arp;
use super::checksum::{Sum, verify};
use super::dissect::{Ends, Next, Walk};
use super::ethernet::EtherType;
use super::extension::{self, Extension, Fragment};
use super::ipv4::Ipv4;
use super::ipv6::Ipv6;
use super::layer::{Piece, Whole};
use super::vlan::Vlan;
use super::{Header, protocol};

impl Walk<'_> {
    /// 拆以太网的类型说的那一层。
    pub(super) fn ethertype(&mut self, ethertype: EtherType) -> Next {
        match ethertype {
            EtherType::VLAN | EtherType::OUTER_VLAN => self
                .take::<Vlan>()
                .map_or(Next::Data, |tag| Next::Type(tag.ethertype)),
            EtherType::ARP => {
                let (start, end) = (self.at, self.end);
                if let Some(arp) = self.take::<Arp>() {
                    self.limit(start, arp.size());
                    self.pad(end);
                }
                Next::Data
            }
            EtherType::IPV4 => self.ipv4(),
            EtherType::IPV6 => self.ipv6(),
            _ => Next::Data,
        }
    }

    fn ipv4(&mut self) -> Next {
        let (start, end) = (self.at, self.end);
        let Some(header) = self.take::<Ipv4>() else {
            return Next::Data;
        };
        let bytes = &self.packet[start..self.at];
        let verdict = verify(Sum::default(), bytes, header.checksum);
        self.judge("首部校验和", verdict);
        match usize::from(header.total_length) {
            0 => self.note("总长度是 0:网卡要替系统分段,抓到的是分段之前的"),
            total if total < header.size() => {
                self.note("总长度比头还短");
                return Next::Data;
            }
            total => self.limit(start, total),
        }
        self.pad(end);
        let (source, destination) = (header.source.into(), header.destination.into());
        self.ends = Ends::Known(source, destination);
        if !header.is_fragment() {
            return Next::Protocol(header.protocol);
        }
        let of = Whole {
            source,
            destination,
            protocol: header.protocol,
            identification: header.identification.into(),
        };
        let first = header.fragment_start();
        self.fragment(of, first, header.more_fragments)
    }

    fn ipv6(&mut self) -> Next {
        let (start, end) = (self.at, self.end);
        let Some(header) = self.take::<Ipv6>() else {
            return Next::Data;
        };
        match usize::from(header.payload_length) {
            0 => self.note("载荷长度是 0:没有载荷,或者抓到的是网卡分段之前的"),
            length => self.limit(start, header.size() + length),
        }
        self.pad(end);
        let (source, destination) = (header.source.into(), header.destination.into());
        self.ends = Ends::Known(source, destination);
        let mut next = header.next_header;
        while extension::is_generic(next) && !self.is_full() {
            let Some(extension) = self.take::<Extension>() else {
                return Next::Data;
            };
            next = extension.next_header;
        }
        if next != protocol::FRAGMENT {
            return Next::Protocol(next);
        }
        let Some(fragment) = self.take::<Fragment>() else {
            return Next::Data;
        };
        let of = Whole {
            source,
            destination,
            protocol: fragment.next_header,
            identification: fragment.identification,
        };
        self.fragment(of, fragment.start(), fragment.more)
    }

    /// 一个分片:只有第一片里有上层的头。
    fn fragment(&mut self, of: Whole, start: usize, more: bool) -> Next {
        self.ends = Ends::Unknown("这是分片,数据不全");
        let upper = of.protocol;
        if self.quoted {
            return match start {
                0 => Next::Protocol(upper),
                _ => Next::Data,
            };
        }
        let whole = self.end <= self.packet.len();
        self.found.piece = Some(Piece {
            of,
            start,
            more,
            data: whole.then_some(self.at..self.end),
        });
        if start > 0 {
            self.note("不是第一片:这里没有上层的头,接着上一片的数据");
            return Next::Data;
        }
        Next::Protocol(upper)
    }
}
