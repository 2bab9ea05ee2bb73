//! 任意的一行:读不懂就是错误,读得懂就算得出来,都不崩溃;算出的网络包含这个地址。
//!
//! 在 crates/01-ip-calc 里:`cargo +nightly fuzz run question`。

#![no_main]
#![allow(dead_code)]

use libfuzzer_sys::fuzz_target;

#[path = "../../src/address.rs"]
mod address;
#[path = "../../src/blocks.rs"]
mod blocks;
#[path = "../../src/cli.rs"]
mod cli;
#[path = "../../src/kind.rs"]
mod kind;
#[path = "../../src/mask.rs"]
mod mask;
#[path = "../../src/network.rs"]
mod network;
#[path = "../../src/question.rs"]
mod question;
#[path = "../../src/report.rs"]
mod report;

use network::to_bits;
use question::Question;

fuzz_target!(|line: &[u8]| {
    let line = String::from_utf8_lossy(line);
    let words: Vec<&str> = line.split_whitespace().collect();
    let Ok(question) = Question::parse(&words) else {
        return;
    };
    assert!(!report::answer(&question).is_empty());
    if let Question::Describe(network) = question {
        let address = to_bits(network.address());
        assert!(to_bits(network.network()) <= address);
        assert!(address <= to_bits(network.last_address()));
        assert_eq!(network.apply(network.address()), network.network());
    }
});
