//! 一段完整的对话:先用 ARP 问出 MAC,再用 UDP 发一次数据,用 TCP 发一次同样的数据。

use anyhow::Context;

use crate::sender::{CLIENT_IP, CLIENT_MAC, Frame, Network, SERVER_IP, SERVER_MAC, Sender, Way};
use crate::wire::arp::{self, Arp};
use crate::wire::ethernet::{EtherType, Mac};
use crate::wire::options::mss;
use crate::wire::tcp::{self, Tcp};
use crate::wire::{Header, protocol, udp};

/// 双方的初始序号:真的要随机(RFC 9293 §3.4.1),这里取整数好认。
const CLIENT_SEQUENCE: u32 = 1000;
const SERVER_SEQUENCE: u32 = 5000;

/// 一次能收这么多字节,不用窗口扩大选项时的最大值。
const WINDOW: u16 = 65_535;

/// IP 头 20 字节,TCP 头 20 字节:MSS 是 MTU 减去它们(RFC 6691 §2)。
const HEADERS: u16 = 40;

/// 整段对话的每一帧。
pub fn frames(payload: &[u8], network: Network) -> anyhow::Result<Vec<Frame>> {
    let mut sender = Sender::new(network);
    resolve(&mut sender);
    send_udp(&mut sender, payload)?;
    send_tcp(&mut sender, payload)?;
    Ok(sender.frames)
}

/// 谁有服务器的 IP?请求是广播,应答是单播。
fn resolve(sender: &mut Sender) {
    let request = Arp {
        operation: arp::REQUEST,
        sender_mac: CLIENT_MAC,
        sender_ip: CLIENT_IP,
        // 正要问的就是它,填 0。
        target_mac: Mac::default(),
        target_ip: SERVER_IP,
    };
    let reply = Arp {
        operation: arp::REPLY,
        sender_mac: SERVER_MAC,
        sender_ip: SERVER_IP,
        target_mac: CLIENT_MAC,
        target_ip: CLIENT_IP,
    };
    let question = format!("ARP 请求:谁有 {SERVER_IP}?");
    let answer = format!("ARP 应答:{SERVER_IP} 在这里");
    let messages = [
        (question, CLIENT_MAC, Mac::BROADCAST, request),
        (answer, SERVER_MAC, CLIENT_MAC, reply),
    ];
    for (title, from, to, arp) in messages {
        let mut packet = Vec::new();
        arp.write(&mut packet);
        sender.send(title, (from, to), EtherType::ARP, &packet);
    }
}

/// 一个数据报,装下全部数据。
fn send_udp(sender: &mut Sender, payload: &[u8]) -> anyhow::Result<()> {
    let (client, server) = Way::ToServer.ends();
    let datagram = udp::wrap(client.into(), server.into(), payload);
    let datagram = datagram.context("UDP 的长度是 16 位,装不下")?;
    sender.send_ip("UDP", Way::ToServer, protocol::UDP, &datagram)
}

/// 三次握手,数据(每段不超过 MSS),确认。
fn send_tcp(sender: &mut Sender, payload: &[u8]) -> anyhow::Result<()> {
    let limit = sender.network.mtu.saturating_sub(HEADERS);
    let mut client = Tcp {
        sequence: CLIENT_SEQUENCE,
        flags: tcp::SYN,
        window: WINDOW,
        options: mss(limit),
        ..Tcp::default()
    };
    let mut server = Tcp {
        sequence: SERVER_SEQUENCE,
        acknowledgment: CLIENT_SEQUENCE + 1,
        flags: tcp::SYN | tcp::ACK,
        ..client.clone()
    };
    send_segment(sender, "TCP SYN", Way::ToServer, &client, &[])?;
    send_segment(sender, "TCP SYN+ACK", Way::ToClient, &server, &[])?;
    // SYN 也占一个序号。
    client.sequence += 1;
    client.acknowledgment = SERVER_SEQUENCE + 1;
    client.flags = tcp::ACK;
    client.options.clear();
    send_segment(sender, "TCP ACK", Way::ToServer, &client, &[])?;
    for piece in payload.chunks(usize::from(limit).max(1)) {
        client.flags = tcp::PSH | tcp::ACK;
        send_segment(sender, "TCP 数据", Way::ToServer, &client, piece)?;
        client.sequence += u32::try_from(piece.len()).context("报文段太长")?;
    }
    server.sequence += 1;
    server.acknowledgment = client.sequence;
    server.flags = tcp::ACK;
    server.options.clear();
    send_segment(sender, "TCP ACK", Way::ToClient, &server, &[])
}

fn send_segment(
    sender: &mut Sender,
    title: &str,
    way: Way,
    header: &Tcp,
    payload: &[u8],
) -> anyhow::Result<()> {
    let (source, destination) = way.ends();
    let segment = header.wrap(source.into(), destination.into(), payload);
    sender.send_ip(title, way, protocol::TCP, &segment)
}
