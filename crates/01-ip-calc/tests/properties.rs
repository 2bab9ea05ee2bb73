//! 对任意的地址和前缀都成立的事;任意的字,读得懂就回答,读不懂就是错误,从不恐慌。

// 测试里的 unwrap 就是断言。
#![allow(clippy::unwrap_used)]
// 直接编译程序的各个文件;用不到的函数不算浪费。
#![allow(dead_code)]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;

#[path = "../src/address.rs"]
mod address;
#[path = "../src/blocks.rs"]
mod blocks;
#[path = "../src/cli.rs"]
mod cli;
#[path = "../src/kind.rs"]
mod kind;
#[path = "../src/mask.rs"]
mod mask;
#[path = "../src/network.rs"]
mod network;
#[path = "../src/question.rs"]
mod question;
#[path = "../src/report.rs"]
mod report;

use network::{Network, to_bits};
use question::Question;

fn networks() -> impl Strategy<Value = Network> {
    let v4 = (any::<Ipv4Addr>(), 0..=32_u8);
    let v6 = (any::<Ipv6Addr>(), 0..=128_u8);
    prop_oneof![
        v4.prop_map(|(address, length)| Network::new(address.into(), length)),
        v6.prop_map(|(address, length)| Network::new(address.into(), length)),
    ]
}

fn describe(words: &[&str]) -> Network {
    match Question::parse(words).unwrap() {
        Question::Describe(network) => network,
        Question::Same(..) => panic!("{words:?} 只有一个地址"),
    }
}

/// 表里以 `label` 开头的那一行的值。
fn value(text: &str, label: &str) -> String {
    let mut lines = text.lines();
    let value = lines.find_map(|line| line.strip_prefix(label));
    value.unwrap().trim_start().to_owned()
}

proptest! {
    #[test]
    fn the_network_contains_the_address(network in networks()) {
        let (first, last) = (network.network(), network.last_address());
        prop_assert!(first <= network.address() && network.address() <= last);
        let (one, other) = network.hosts();
        prop_assert!(first <= one && one <= other && other <= last);
        prop_assert_eq!(network.broadcast().is_some(), first.is_ipv4() && network.length() < 31);
        prop_assert!(network.broadcast().is_none_or(|broadcast| broadcast == last));
        // 地址的个数是 2 的「主机部分位数」次方;/0 的 IPv6 正好放不下,差 1 就放得下。
        let span = to_bits(last) - to_bits(first);
        let host_bits = u32::from(network.host_bits());
        prop_assert_eq!(span, 1_u128.checked_shl(host_bits).map_or(u128::MAX, |count| count - 1));
        prop_assert!(network.host_count() >= 1 && network.host_count() - 1 <= span);
    }

    #[test]
    fn the_mask_is_ones_then_zeros(network in networks()) {
        let mask = to_bits(network.mask()) << (128 - u32::from(network.bits()));
        prop_assert_eq!(mask.leading_ones(), u32::from(network.length()));
        prop_assert_eq!(mask.count_ones(), u32::from(network.length()));
        let masked = to_bits(network.address()) & to_bits(network.mask());
        prop_assert_eq!(masked, to_bits(network.network()));
    }

    #[test]
    fn contains_means_between_first_and_last(network in networks(), other in networks()) {
        let other = other.address();
        let same_version = other.is_ipv4() == network.address().is_ipv4();
        let between = network.network() <= other && other <= network.last_address();
        prop_assert_eq!(network.contains(other), same_version && between);
    }

    #[test]
    fn every_way_of_writing_means_the_same(address in any::<Ipv4Addr>(), length in 0..=32_u8) {
        let expected = Network::new(address.into(), length);
        let mask = expected.mask().to_string();
        let bits = |address: Ipv4Addr| address.octets().map(|octet| format!("{octet:08b}")).join(".");
        let in_binary = bits(mask.parse().unwrap());
        let in_hex = format!("{:#010x}", to_bits(expected.mask()));
        for words in [
            vec![format!("{address}/{length}")],
            vec![format!("{address}/{mask}")],
            vec![address.to_string(), mask],
            vec![address.to_string(), length.to_string()],
            vec![address.to_string(), format!("/{length}")],
            vec![bits(address), in_binary],
            vec![address.to_string(), in_hex],
            vec![format!("{address}/{length}").replace('.', "。").replace('/', "／")],
        ] {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            prop_assert_eq!(describe(&words), expected, "{:?}", words);
        }
    }

    #[test]
    fn what_is_printed_can_be_read_again(network in networks()) {
        let text = report::answer(&Question::Describe(network));
        prop_assert_eq!(describe(&[text.lines().next().unwrap()]), network);
        let first: IpAddr = value(&text, "第一台").parse().unwrap();
        prop_assert_eq!(first, network.hosts().0);
        prop_assert!(!text.ends_with('\n'));
    }

    #[test]
    fn the_bar_stands_behind_the_network_part(network in networks()) {
        let text = report::answer(&Question::Describe(network));
        let from = text.find("网络  ").unwrap();
        let to = text.find("广播  ").unwrap();
        // 只留下二进制:IPv4 在地址后面,IPv6 每行在十六进制后面。
        let bits: String = text[from..to]
            .lines()
            .filter_map(|line| line.split_whitespace().last())
            .filter(|word| word.len() > 31 && word.chars().all(|next| "01|.:".contains(next)))
            .collect();
        let bits = bits.replace(['.', ':'], "");
        prop_assert_eq!(bits.find('|'), Some(usize::from(network.length())));
        let number = u128::from_str_radix(&bits.replace('|', ""), 2).unwrap();
        prop_assert_eq!(number, to_bits(network.network()));
    }

    #[test]
    fn same_says_the_same_from_both_sides(one in networks(), other in networks()) {
        prop_assume!(one.address().is_ipv4() == other.address().is_ipv4());
        let forth = report::answer(&Question::Same(one, other));
        let back = report::answer(&Question::Same(other, one));
        prop_assert_eq!(value(&forth, "结论"), value(&back, "结论"));
    }

    #[test]
    fn anything_typed_is_an_answer_or_an_error(words in prop::collection::vec(".{0,40}", 0..4)) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        if let Ok(question) = Question::parse(&words) {
            report::answer(&question);
        }
    }

    #[test]
    fn nearly_right_is_an_answer_or_an_error(text in "[0-9a-f.:/%\\[\\]。：]{0,30}", mask in "[/0-9.x]{0,20}") {
        for words in [vec![text.as_str()], vec![&text, &mask], vec!["same", &text, &text]] {
            if let Ok(question) = Question::parse(&words) {
                report::answer(&question);
            }
        }
    }
}
