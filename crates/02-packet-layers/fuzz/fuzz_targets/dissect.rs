//! 任何字节当作一个包:拆得完,各层和字段都在包里面;读得出来的头,写出来是原来的字节。

#![no_main]
#![allow(dead_code)]

use libfuzzer_sys::fuzz_target;

#[path = "../../src/wire/mod.rs"]
mod wire;

use wire::dissect::{dissect, dissect_reassembled};
use wire::link::Link;
use wire::reassembly::Reassembly;
use wire::{Header, ipv4::Ipv4, ipv6::Ipv6, tcp::Tcp, udp::Udp};

fn rewrites<H: Header>(bytes: &[u8]) {
    if let Ok(header) = H::parse(bytes) {
        let mut written = Vec::new();
        header.write(&mut written);
        assert_eq!(written, bytes[..header.size()]);
    }
}

// 开头:链路类型 2 字节,截断的字节数 1 字节;其余是包。
fuzz_target!(|data: (u16, u8, &[u8])| {
    let (link, missing, packet) = data;
    // 多数时候是以太网:拆得最深。
    let link = match link {
        0..=999 => Link::from(u32::from(link)),
        _ => Link::Ethernet,
    };
    let original = packet.len() + usize::from(missing);
    let found = dissect(link, packet, original);
    let mut at = 0;
    for layer in &found.layers {
        assert_eq!(layer.start, at);
        at += layer.size;
        assert!(at <= packet.len() && layer.end <= original);
        for field in &layer.fields {
            assert!(layer.start <= field.range.start && field.range.end <= at);
        }
    }
    assert!(found.data.start <= found.data.end && found.data.end <= packet.len());
    assert!(found.padding.end <= packet.len());
    let mut reassembly = Reassembly::default();
    if let Some(complete) = found.piece.and_then(|piece| reassembly.add(&piece, packet)) {
        let _ = dissect_reassembled(&complete.of, &complete.payload);
    }
    rewrites::<Ipv4>(packet);
    rewrites::<Ipv6>(packet);
    rewrites::<Tcp>(packet);
    rewrites::<Udp>(packet);
});
