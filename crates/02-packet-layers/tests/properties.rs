//! 读和写互为逆运算;任何字节都拆得完,不恐慌;分了片的拼得回去。

#![allow(clippy::unwrap_used)]
#![allow(dead_code, missing_docs)] // 只用到各层的一部分。

#[path = "../src/wire/mod.rs"]
mod wire;

use std::fmt::Debug;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use proptest::collection::vec;
use proptest::prelude::*;

use wire::arp::Arp;
use wire::checksum::{Verdict, verify};
use wire::dissect::{dissect, dissect_reassembled};
use wire::ethernet::{EtherType, Ethernet, Mac};
use wire::extension::{Extension, Fragment};
use wire::icmp::{Icmp, Icmpv6, Message};
use wire::ipv4::Ipv4;
use wire::ipv6::Ipv6;
use wire::link::{Link, Loopback, Sll, Sll2};
use wire::reassembly::Reassembly;
use wire::tcp::Tcp;
use wire::udp::Udp;
use wire::vlan::Vlan;
use wire::{Header, Malformed, protocol};

/// 写出来再读回去是原来的头,后面的字节不影响;每个字段都在头里面,少一个字节都读不出来。
fn survives<H: Header + Debug + PartialEq>(header: &H, tail: &[u8]) {
    let mut bytes = Vec::new();
    header.write(&mut bytes);
    assert_eq!(bytes.len(), header.size());
    let short = H::parse(&bytes[..bytes.len() - 1]);
    assert!(matches!(short, Err(Malformed::Short(_))), "{short:?}");
    for field in header.fields() {
        assert!(field.range.end <= bytes.len(), "{field:?}");
    }
    bytes.extend(tail);
    assert_eq!(&H::parse(&bytes).unwrap(), header);
}

/// 读得出来的头,写出来是原来的字节。
fn rewrites<H: Header>(bytes: &[u8]) {
    if let Ok(header) = H::parse(bytes) {
        let mut written = Vec::new();
        header.write(&mut written);
        assert_eq!(written, bytes[..header.size()]);
    }
}

fn mac() -> impl Strategy<Value = Mac> {
    any::<[u8; 6]>().prop_map(Mac)
}

/// IPv4、TCP 的选项:4 字节的倍数,最多 40 字节。
fn options() -> impl Strategy<Value = Vec<u8>> {
    (0..=10usize).prop_flat_map(|words| vec(any::<u8>(), words * 4))
}

prop_compose! {
    fn ipv4()(
        (dscp, ecn, ttl, protocol) in (0..64u8, 0..4u8, any::<u8>(), any::<u8>()),
        (total_length, identification, checksum) in any::<(u16, u16, u16)>(),
        (reserved, dont_fragment, more_fragments) in any::<(bool, bool, bool)>(),
        fragment_offset in 0..0x2000u16,
        (source, destination) in any::<(Ipv4Addr, Ipv4Addr)>(),
        options in options(),
    ) -> Ipv4 {
        Ipv4 {
            dscp, ecn, total_length, identification, reserved, dont_fragment, more_fragments,
            fragment_offset, ttl, protocol, checksum, source, destination, options,
        }
    }
}

prop_compose! {
    fn tcp()(
        (source, destination, window, checksum, urgent) in any::<(u16, u16, u16, u16, u16)>(),
        (sequence, acknowledgment) in any::<(u32, u32)>(),
        (reserved, flags) in (0..16u8, any::<u8>()),
        options in options(),
    ) -> Tcp {
        Tcp {
            source, destination, sequence, acknowledgment, reserved, flags, window, checksum,
            urgent, options,
        }
    }
}

/// 多数时候是以太网:拆得最深。
fn link() -> impl Strategy<Value = Link> {
    prop_oneof![
        4 => Just(Link::Ethernet),
        1 => Just(Link::Raw),
        1 => (0..300u32).prop_map(Link::from),
        1 => any::<u32>().prop_map(Link::from),
    ]
}

/// 像样的帧:随机的字节放在对的头后面,拆的时候才走得深。
fn plausible() -> impl Strategy<Value = Vec<u8>> {
    let ethertype = prop_oneof![
        Just(EtherType::IPV4),
        Just(EtherType::IPV6),
        Just(EtherType::ARP),
        Just(EtherType::VLAN),
        any::<u16>().prop_map(EtherType),
    ];
    let upper = prop_oneof![
        Just(0),
        Just(1u8),
        Just(6),
        Just(17),
        Just(43),
        Just(44),
        Just(58),
        any::<u8>()
    ];
    (ethertype, upper, ipv4(), vec(any::<u8>(), 0..200)).prop_map(|(ethertype, upper, ip, rest)| {
        let mut frame = Vec::new();
        Ethernet {
            ethertype,
            ..Ethernet::default()
        }
        .write(&mut frame);
        match ethertype {
            EtherType::IPV4 => Ipv4 {
                protocol: upper,
                ..ip
            }
            .write(&mut frame),
            EtherType::IPV6 => Ipv6 {
                next_header: upper,
                ..Ipv6::default()
            }
            .write(&mut frame),
            _ => {}
        }
        frame.extend(rest);
        frame
    })
}

proptest! {
    #[test]
    fn ethernet_survives(destination in mac(), source in mac(), kind: u16, tail: Vec<u8>) {
        survives(&Ethernet { destination, source, ethertype: EtherType(kind) }, &tail);
    }

    #[test]
    fn vlan_survives(priority in 0..8u8, drop_eligible: bool, id in 0..4096u16, kind: u16) {
        survives(&Vlan { priority, drop_eligible, id, ethertype: EtherType(kind) }, &[]);
    }

    #[test]
    fn arp_survives(
        operation: u16, sender_mac in mac(), sender_ip: Ipv4Addr,
        target_mac in mac(), target_ip: Ipv4Addr,
    ) {
        survives(&Arp { operation, sender_mac, sender_ip, target_mac, target_ip }, &[0; 18]);
    }

    #[test]
    fn ipv4_survives(header in ipv4(), tail: Vec<u8>) {
        survives(&header, &tail);
    }

    #[test]
    fn ipv6_survives(
        traffic_class: u8, flow_label in 0..0x10_0000u32, payload_length: u16,
        next_header: u8, hop_limit: u8, source: Ipv6Addr, destination: Ipv6Addr,
    ) {
        survives(&Ipv6 {
            traffic_class, flow_label, payload_length, next_header, hop_limit, source, destination,
        }, &[]);
    }

    #[test]
    fn extensions_survive(
        next_header: u8, offset in 0..0x2000u16, more: bool, identification: u32,
        content in (0..256usize).prop_flat_map(|units| vec(any::<u8>(), units * 8 + 6)),
    ) {
        survives(&Extension { next_header, content }, &[]);
        survives(&Fragment { next_header, offset, more, identification }, &[]);
    }

    #[test]
    fn icmp_survives(kind: u8, code: u8, checksum: u16, rest: [u8; 4], tail: Vec<u8>) {
        let message = Message { kind, code, checksum, rest };
        survives(&Icmp(message.clone()), &tail);
        survives(&Icmpv6(message), &tail);
    }

    #[test]
    fn udp_survives(source: u16, destination: u16, length: u16, checksum: u16, tail: Vec<u8>) {
        survives(&Udp { source, destination, length, checksum }, &tail);
    }

    #[test]
    fn tcp_survives(header in tcp(), tail: Vec<u8>) {
        survives(&header, &tail);
    }

    #[test]
    fn what_is_read_is_written_again(bytes in vec(any::<u8>(), 0..128), ip: bool) {
        rewrites::<Ethernet>(&bytes);
        rewrites::<Vlan>(&bytes);
        rewrites::<Arp>(&bytes);
        rewrites::<Extension>(&bytes);
        rewrites::<Icmp>(&bytes);
        rewrites::<Icmpv6>(&bytes);
        rewrites::<Udp>(&bytes);
        rewrites::<Tcp>(&bytes);
        rewrites::<Loopback>(&bytes);
        rewrites::<Sll>(&bytes);
        rewrites::<Sll2>(&bytes);
        let mut bytes = bytes;
        if let Some(first) = bytes.first_mut() {
            *first = if ip { 0x40 | *first & 0x0f } else { 0x60 | *first & 0x0f };
        }
        rewrites::<Ipv4>(&bytes);
        rewrites::<Ipv6>(&bytes);
    }

    /// 任何字节都拆得完;各层、字段和数据都在包里面。
    #[test]
    fn any_bytes_are_dissected(
        link in link(), bytes in prop_oneof![vec(any::<u8>(), 0..300), plausible()],
        missing in 0..2000usize, cut in 0..300usize,
    ) {
        let original = bytes.len() + missing;
        let bytes = &bytes[..bytes.len() - cut.min(bytes.len())];
        let found = dissect(link, bytes, original);
        let mut at = 0;
        for layer in &found.layers {
            assert_eq!(layer.start, at, "各层一个接一个");
            at += layer.size;
            for field in &layer.fields {
                assert!(layer.start <= field.range.start && field.range.end <= at, "{field:?}");
            }
            assert!(at <= bytes.len() && layer.end <= original);
        }
        assert!(found.data.start <= found.data.end && found.data.end <= bytes.len());
        assert!(found.padding.end <= bytes.len());
        let mut reassembly = Reassembly::default();
        if let Some(complete) = found.piece.and_then(|piece| reassembly.add(&piece, bytes)) {
            let _ = dissect_reassembled(&complete.of, &complete.payload);
        }
    }

    /// 分片再重组,次序打乱、有重复也行,得到原来的字节;每片都不超过 MTU。
    #[test]
    fn fragments_come_together_again(
        payload in vec(any::<u8>(), 1..5000), mtu in 68..1501usize, order: Vec<u16>,
        source: Ipv4Addr, destination: Ipv4Addr, identification: u16,
    ) {
        let header = Ipv4 { source, destination, identification, protocol: 17, ..Ipv4::default() };
        let mut packets = header.fragment(&payload, mtu).unwrap();
        let count = packets.len();
        assert_eq!(count, count_of(payload.len(), mtu));
        if count == 1 {
            return Ok(());
        }
        packets.push(packets[0].clone());
        for (index, other) in order.iter().enumerate() {
            packets.swap(index % (count + 1), usize::from(*other) % (count + 1));
        }
        let mut reassembly = Reassembly::default();
        let mut complete = None;
        for packet in &packets {
            assert!(packet.len() <= mtu);
            let found = dissect(Link::Raw, packet, packet.len());
            let done = reassembly.add(&found.piece.unwrap(), packet);
            complete = complete.or(done);
        }
        let complete = complete.unwrap();
        assert_eq!((complete.pieces, complete.payload), (count, payload));
    }

    /// 校验和算出来是 0 时写全 1:0 已经表示没有用。
    #[test]
    fn a_udp_checksum_is_never_zero(source: SocketAddr, destination: SocketAddr) {
        let written = |payload: [u8; 2]| {
            let datagram = wire::udp::wrap(source, destination, &payload).unwrap();
            Udp::parse(&datagram).unwrap().checksum
        };
        // 数据是 0 时的校验和当作数据,和就是全 1。
        assert_eq!(written(written([0, 0]).to_be_bytes()), 0xffff);
    }

    /// 算出来的校验和核对得上;改一个字节就核对不上。
    #[test]
    fn checksums_notice_a_changed_byte(
        source: SocketAddr, destination: SocketAddr, payload in vec(any::<u8>(), 0..300),
        at: prop::sample::Index, change in 1..=255u8,
    ) {
        let datagram = wire::udp::wrap(source, destination, &payload).unwrap();
        let segment = Tcp::default().wrap(source, destination, &payload);
        for (upper, packet) in [(protocol::UDP, datagram), (protocol::TCP, segment)] {
            let length = u32::try_from(packet.len()).unwrap();
            let pseudo = wire::checksum::pseudo_header(
                source.ip(), destination.ip(), upper, length,
            );
            assert_eq!(verify(pseudo, &packet, 1), Verdict::Right);
            let mut changed = packet.clone();
            changed[at.index(packet.len())] ^= change;
            assert_ne!(verify(pseudo, &changed, 1), Verdict::Right);
        }
    }
}

fn count_of(payload: usize, mtu: usize) -> usize {
    let room = mtu - 20;
    match payload <= room {
        true => 1,
        false => payload.div_ceil(room / 8 * 8),
    }
}
