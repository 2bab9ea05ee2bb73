//! 从第一个字节起,一层一层地拆:每层的头说明下一层是什么、到哪里为止。

use std::net::IpAddr;

use super::checksum::Verdict;
use super::ethernet::{EtherType, Ethernet, SMALLEST_TYPE};
use super::layer::{Dissection, Layer, Whole};
use super::link::{Link, Loopback, Sll, Sll2};
use super::{Header, Malformed};

/// 最多拆这么多层:真的包不超过十层,多出来的是有人故意套的。
const MAX_LAYERS: usize = 16;

/// 下一层是什么。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// 按以太网的类型。
    Type(EtherType),
    /// 按 IP 的协议号。
    Protocol(u8),
    /// 没有了,其余是数据。
    Data,
}

/// 能不能核对上层的校验和:要有完整的报文和它的两个地址。
#[derive(Debug, Clone, Copy)]
pub enum Ends {
    /// 两个地址。
    Known(IpAddr, IpAddr),
    /// 核对不了的原因。
    Unknown(&'static str),
}

/// 拆一个抓到的包;`original` 是它在网线上的字节数,比 `packet` 多就是截断了。
#[must_use]
pub fn dissect(link: Link, packet: &[u8], original: usize) -> Dissection {
    let mut walk = Walk::new(packet, original.max(packet.len()));
    let next = walk.link(link);
    walk.run(next)
}

/// 拆一个重组好的报文,第一层是协议号 `protocol` 说的。
#[must_use]
pub fn dissect_reassembled(whole: &Whole, packet: &[u8]) -> Dissection {
    let mut walk = Walk::new(packet, packet.len());
    walk.ends = Ends::Known(whole.source, whole.destination);
    walk.run(Next::Protocol(whole.protocol))
}

/// 拆到哪里了。
pub struct Walk<'a> {
    pub(super) packet: &'a [u8],
    /// 下一层从这里起。
    pub(super) at: usize,
    /// 下一层到这里为止;比 `packet` 长就是截断了。
    pub(super) end: usize,
    pub(super) ends: Ends,
    /// 在 ICMP 引用的报文里。
    pub(super) quoted: bool,
    pub(super) found: Dissection,
}

impl<'a> Walk<'a> {
    fn new(packet: &'a [u8], end: usize) -> Self {
        Self {
            packet,
            at: 0,
            end,
            ends: Ends::Unknown("没有 IP 头"),
            quoted: false,
            found: Dissection::default(),
        }
    }

    fn run(mut self, mut next: Next) -> Dissection {
        while next != Next::Data && !self.is_full() {
            next = match next {
                Next::Type(ethertype) => self.ethertype(ethertype),
                Next::Protocol(protocol) => self.protocol(protocol),
                Next::Data => Next::Data,
            };
        }
        let captured = self.packet.len();
        self.found.data = self.at.min(captured)..self.end.min(captured);
        self.found.data_end = self.end;
        self.found
    }

    /// 拆得够多了。
    pub(super) fn is_full(&self) -> bool {
        self.found.layers.len() >= MAX_LAYERS
    }

    /// 下一层抓到的字节。
    pub(super) fn rest(&self) -> &'a [u8] {
        let captured = self.packet.len();
        &self.packet[self.at.min(captured)..self.end.min(captured)]
    }

    /// 读下一层的头;读不出来就记下原因。
    pub(super) fn take<H: Header>(&mut self) -> Option<H> {
        let rest = self.rest();
        match H::parse(rest) {
            Ok(header) => {
                let layer = Layer::whole(&header, self.at, self.end);
                self.found.layers.push(layer);
                self.at += header.size();
                Some(header)
            }
            Err(why) => {
                let layer = Layer::broken::<H>(rest, self.at, self.end, &why);
                self.at += layer.size;
                self.found.layers.push(layer);
                if matches!(why, Malformed::Short(_)) && self.end > self.packet.len() {
                    self.note("抓包时截断了");
                }
                None
            }
        }
    }

    /// 给刚读的一层加一条说明。
    pub(super) fn note(&mut self, text: impl Into<String>) {
        if let Some(layer) = self.found.layers.last_mut() {
            layer.notes.push(text.into());
        }
    }

    /// 给刚读的一层的校验和加上结论。
    pub(super) fn judge(&mut self, field: &str, verdict: Verdict) {
        if let Some(layer) = self.found.layers.last_mut() {
            layer.explain(field, verdict);
        }
    }

    /// 刚读的一层说自己从 `start` 起、连头有 `size` 字节:后面的就不是它的了。
    pub(super) fn limit(&mut self, start: usize, size: usize) {
        let end = start + size;
        if end > self.end && !self.quoted {
            let there = self.end - start;
            self.note(format!("说自己有 {size} 字节,外层却只有 {there} 字节"));
        }
        self.end = end.min(self.end).max(self.at);
        if let Some(layer) = self.found.layers.last_mut() {
            layer.end = self.end;
        }
    }

    fn link(&mut self, link: Link) -> Next {
        let ethertype = match link {
            Link::Ethernet => return self.ethernet(),
            Link::Null | Link::Loop => self.take::<Loopback>().map(|header| header.ethertype()),
            Link::Sll => self.take::<Sll>().map(|header| header.ethertype()),
            Link::Sll2 => self.take::<Sll2>().map(|header| header.ethertype()),
            Link::Raw => match self.rest().first().map(|first| first >> 4) {
                Some(6) => Some(EtherType::IPV6),
                _ => Some(EtherType::IPV4),
            },
            Link::Unknown(_) => None,
        };
        ethertype.map_or(Next::Data, Next::Type)
    }

    fn ethernet(&mut self) -> Next {
        let start = self.at;
        let Some(header) = self.take::<Ethernet>() else {
            return Next::Data;
        };
        let end = self.end;
        let next = match header.ethertype.0 {
            // 老的 802.3 帧:后面是 LLC,这里不拆。
            length if length < SMALLEST_TYPE => {
                self.limit(start, header.size() + usize::from(length));
                Next::Data
            }
            _ => Next::Type(header.ethertype),
        };
        self.pad(end);
        next
    }

    /// 到 `end` 为止、这一层不要的字节是填充。
    pub(super) fn pad(&mut self, end: usize) {
        let captured = self.packet.len();
        if !self.quoted && self.found.padding.is_empty() {
            self.found.padding = self.end.min(captured)..end.min(captured);
        }
    }
}
