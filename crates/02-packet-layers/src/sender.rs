//! 两台主机的发送:给数据加上 IP 头和以太网头,装不下就分片。

use std::net::{Ipv4Addr, SocketAddrV4};

use anyhow::Context;

use crate::wire::ethernet::{EtherType, Ethernet, Mac};
use crate::wire::ipv4::Ipv4;
use crate::wire::vlan::Vlan;
use crate::wire::{Header, protocol};

/// 文档专用的网段(RFC 5737):写进书里、文件里,不会是谁真的地址。
pub const CLIENT_IP: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 10);
pub const SERVER_IP: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 20);

/// 本地管理的 MAC:第一个字节的倒数第二位是 1,不属于任何厂商。
pub const CLIENT_MAC: Mac = Mac([2, 0, 0, 0, 0, 0x0a]);
pub const SERVER_MAC: Mac = Mac([2, 0, 0, 0, 0, 0x14]);

/// 客户端的端口由系统临时挑,服务器的是约定好的。
const CLIENT_PORT: u16 = 43_627;
const SERVER_PORT: u16 = 8080;

/// 写出来的一帧。
pub struct Frame {
    /// 它是什么,例如 `ARP 请求`。
    pub title: String,
    /// 字节。
    pub bytes: Vec<u8>,
}

/// 网络是什么样的。
#[derive(Debug, Clone, Copy)]
pub struct Network {
    /// 一个 IP 报文最多这么多字节。
    pub mtu: u16,
    /// 有 VLAN 标签,就是这个编号。
    pub vlan: Option<u16>,
}

/// 谁发给谁。
#[derive(Clone, Copy)]
pub enum Way {
    /// 客户端发给服务器。
    ToServer,
    /// 服务器发给客户端。
    ToClient,
}

impl Way {
    /// 源和目的:IP 和端口。
    pub fn ends(self) -> (SocketAddrV4, SocketAddrV4) {
        let client = SocketAddrV4::new(CLIENT_IP, CLIENT_PORT);
        let server = SocketAddrV4::new(SERVER_IP, SERVER_PORT);
        match self {
            Self::ToServer => (client, server),
            Self::ToClient => (server, client),
        }
    }

    /// 源和目的的 MAC。
    pub fn macs(self) -> (Mac, Mac) {
        match self {
            Self::ToServer => (CLIENT_MAC, SERVER_MAC),
            Self::ToClient => (SERVER_MAC, CLIENT_MAC),
        }
    }
}

/// 发出的每一帧都记下来。
pub struct Sender {
    /// 网络是什么样的。
    pub network: Network,
    /// 上一个 IP 报文的标识。
    identification: u16,
    /// 发出的帧。
    pub frames: Vec<Frame>,
}

impl Sender {
    /// 还没有发过。
    pub fn new(network: Network) -> Self {
        Self {
            network,
            identification: 0,
            frames: Vec::new(),
        }
    }

    /// 最外面一层:加上以太网头,要的话再加 VLAN 标签。
    pub fn send(&mut self, title: String, macs: (Mac, Mac), ethertype: EtherType, packet: &[u8]) {
        let mut bytes = Vec::new();
        let (source, destination) = macs;
        let mut ethernet = Ethernet {
            destination,
            source,
            ethertype,
        };
        match self.network.vlan {
            None => ethernet.write(&mut bytes),
            Some(id) => {
                ethernet.ethertype = EtherType::VLAN;
                ethernet.write(&mut bytes);
                let tag = Vlan {
                    id,
                    ethertype,
                    ..Vlan::default()
                };
                tag.write(&mut bytes);
            }
        }
        bytes.extend(packet);
        self.frames.push(Frame { title, bytes });
    }

    /// 中间一层:加上 IP 头,超过 MTU 就分片。
    pub fn send_ip(
        &mut self,
        title: &str,
        way: Way,
        protocol: u8,
        payload: &[u8],
    ) -> anyhow::Result<()> {
        self.identification += 1;
        let header = Ipv4 {
            identification: self.identification,
            protocol,
            // TCP 自己按 MSS 切,不要 IP 分片;路上走不通就会收到 ICMP,再切小些(RFC 1191)。
            dont_fragment: protocol == protocol::TCP,
            source: *way.ends().0.ip(),
            destination: *way.ends().1.ip(),
            ..Ipv4::default()
        };
        let packets = header.fragment(payload, usize::from(self.network.mtu));
        let packets = packets.context("IP 报文最多 65,535 字节,装不下")?;
        let count = packets.len();
        for (index, packet) in packets.iter().enumerate() {
            let title = match count {
                1 => title.to_owned(),
                _ => format!("{title},第 {}/{count} 个 IP 分片", index + 1),
            };
            self.send(title, way.macs(), EtherType::IPV4, packet);
        }
        Ok(())
    }
}
