//! 任意的字节当作一个数据报:读不崩溃;读得懂的,写出来还是原来的字节。
//!
//! 在 crates/16-udp-reliable 里:`cargo +nightly fuzz run packet`。

#![no_main]
// 只用到一部分。
#![allow(dead_code)]

#[path = "../../src/content.rs"]
mod content;
#[path = "../../src/packet.rs"]
mod packet;

use content::{Open, Reason};
use libfuzzer_sys::fuzz_target;
use packet::Packet;

fuzz_target!(|bytes: &[u8]| {
    if let Some(packet) = Packet::decode(bytes) {
        assert_eq!(packet.encode(), bytes);
    }
    if let Some(open) = Open::decode(bytes) {
        assert_eq!(open.encode()[1..], bytes[1..]);
    }
    if let Some(reason) = Reason::decode(bytes) {
        assert_eq!(reason.encode()[..], bytes[..1]);
        assert!(!reason.text().is_empty());
    }
});
