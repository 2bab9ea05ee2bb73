//! 一个地址是什么:今天的特殊用途,和历史上的类别。

use std::net::{IpAddr, Ipv4Addr};

use crate::blocks::BLOCKS;
use crate::question::Question;

/// 这个地址是什么,例如 `私有:只在自己的网里用(RFC 1918)`;冒号之前是哪一种。
pub fn meaning(address: IpAddr) -> &'static str {
    let contains = |block: &str| match Question::parse(&[block]) {
        Ok(Question::Describe(network)) => network.contains(address),
        _ => false,
    };
    let found = BLOCKS.iter().find(|(block, _)| contains(block));
    match found {
        Some((_, meaning)) => meaning,
        None if address.is_ipv4() => "全球:公网单播",
        None => "保留:还没有分配(RFC 4291 §2.4)",
    }
}

/// 历史上的类别(RFC 791):看开头几位。今天的网络用 CIDR 划分(RFC 4632),类别只剩名字。
pub fn class(address: Ipv4Addr) -> &'static str {
    match address.to_bits().leading_ones() {
        0 => "A(0 开头,网络部分 8 位)",
        1 => "B(10 开头,网络部分 16 位)",
        2 => "C(110 开头,网络部分 24 位)",
        3 => "D(1110 开头,组播,不分网络)",
        _ => "E(1111 开头,保留)",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_is_a_network_and_before_the_larger_ones() {
        let networks: Vec<_> = BLOCKS
            .iter()
            .map(|(block, _)| match Question::parse(&[block]) {
                Ok(Question::Describe(network)) => network,
                _ => panic!("{block} 不是地址块"),
            })
            .collect();
        for (index, network) in networks.iter().enumerate() {
            assert_eq!(network.address(), network.network(), "主机部分应当是 0");
            let hidden = networks[..index].iter().find(|earlier| {
                earlier.contains(network.address()) && earlier.length() <= network.length()
            });
            assert_eq!(hidden, None, "{network:?} 被前面的挡住了");
        }
        for (block, meaning) in BLOCKS {
            assert!(meaning.contains(':'), "{block} 没有说是哪一种");
        }
    }
}
