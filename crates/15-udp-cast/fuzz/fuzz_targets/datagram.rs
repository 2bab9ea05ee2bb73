//! 任意的数据报:认作询问或回答的,再写一遍就是它自己;不认的也不崩溃。
//!
//! 在 crates/15-udp-cast 里:`cargo +nightly fuzz run datagram`。

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../src/protocol.rs"]
mod protocol;

fuzz_target!(|datagram: &[u8]| {
    if let Some(id) = protocol::read_question(datagram) {
        assert_eq!(protocol::question(id), datagram);
        assert_eq!(protocol::read_answer(datagram), None);
    }
    if let Some((id, name)) = protocol::read_answer(datagram) {
        assert!(name.len() <= protocol::MAX_NAME);
        let again = [protocol::answer(id, "").as_slice(), name].concat();
        assert_eq!(again, datagram);
    }
});
