//! 把算出来的写成表:地址和二进制并排,网络部分和主机部分之间有一道竖线。

use std::net::IpAddr;

use crate::kind;
use crate::network::{Network, to_bits};
use crate::question::Question;

/// 一行二进制写这么多位:IPv4 地址正好一行。
const ROW: usize = 32;

/// 名字一栏的宽度:最长的名字四个汉字,再空两格。
const LABEL: usize = 10;

/// 回答一个问题;最后没有换行。
pub fn answer(question: &Question) -> String {
    match question {
        Question::Describe(network) => describe(network),
        Question::Same(one, other) => same(one, other),
    }
}

/// 一个地址和它的网络。
fn describe(network: &Network) -> String {
    let mut rows = vec![
        format!("{}/{}", network.address(), network.length()),
        row("地址", &in_binary(network, network.address())),
        row("掩码", &in_binary(network, network.mask())),
        row("网络", &in_binary(network, network.network())),
        row("广播", &broadcast(network)),
    ];
    let (first, last) = network.hosts();
    rows.push(row("第一台", &first.to_string()));
    rows.push(row("最后一台", &last.to_string()));
    rows.push(row("主机数", &count(network)));
    rows.push(row("位置", place(network)));
    if let IpAddr::V4(address) = network.address() {
        let class = format!("{};历史,今天用 CIDR", kind::class(address));
        rows.push(row("类别", &class));
    }
    rows.push(row("用途", kind::meaning(network.address())));
    rows.join("\n")
}

/// 一行;名字补空格到 [`LABEL`] 列,一个汉字占两列。值的下一行也对齐。
fn row(label: &str, value: &str) -> String {
    let columns = label.chars().count() * 2;
    let gap = " ".repeat(LABEL.saturating_sub(columns));
    let below = format!("\n{}", " ".repeat(LABEL));
    format!("{label}{gap}{}", value.replace('\n', &below))
}

fn broadcast(network: &Network) -> String {
    match network.broadcast() {
        Some(broadcast) => in_binary(network, broadcast),
        None if network.address().is_ipv6() => "没有:IPv6 用组播".to_owned(),
        None if network.host_bits() == 1 => "没有:/31 的两个地址都给主机(RFC 3021)".to_owned(),
        None => "没有:/32 只有一个地址".to_owned(),
    }
}

fn count(network: &Network) -> String {
    let exact = network.host_count();
    match (network.host_bits(), network.address()) {
        (0 | 1, _) => exact.to_string(),
        (bits, IpAddr::V4(_)) => format!("{exact}(2 的 {bits} 次方减 2)"),
        (bits, IpAddr::V6(_)) => format!("{exact}(2 的 {bits} 次方减 1)"),
    }
}

/// 这个地址在它的网络里的位置。
fn place(network: &Network) -> &'static str {
    let address = network.address();
    let (first, last) = network.hosts();
    match address {
        _ if first <= address && address <= last => "在第一台和最后一台之间,可以给主机",
        IpAddr::V6(_) => "子网路由器任播地址:主机部分全是 0,不给普通的主机",
        IpAddr::V4(_) if address < first => "网络地址:主机部分全是 0,不给主机",
        IpAddr::V4(_) => "广播地址:主机部分全是 1,不给主机",
    }
}

/// 地址和它的二进制。IPv6 的太长,占四行,每行 32 位,前面是这 32 位的十六进制。
fn in_binary(network: &Network, address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => format!("{:<17}{}", v4.to_string(), marked(network, address, 0)),
        IpAddr::V6(v6) => {
            let words = v6.segments();
            let line = |row: usize| {
                let (high, low) = (words[row * 2], words[row * 2 + 1]);
                let bits = marked(network, address, row * ROW);
                format!("\n{high:04x}:{low:04x}  {bits}")
            };
            format!("{v6}{}", (0..words.len() / 2).map(line).collect::<String>())
        }
    }
}

/// 从 `start` 起的 [`ROW`] 位,IPv4 八位一组,IPv6 十六位一组。
///
/// 竖线紧跟在网络部分的最后一位后面;网络部分在行末结束时,竖线也在行末。
fn marked(network: &Network, address: IpAddr, start: usize) -> String {
    let (total, length) = (usize::from(network.bits()), usize::from(network.length()));
    let (group, separator) = if address.is_ipv4() {
        (8, '.')
    } else {
        (16, ':')
    };
    let mut text = String::new();
    if length == 0 && start == 0 {
        text.push('|');
    }
    for index in start..start + ROW {
        let one = to_bits(address) >> (total - 1 - index) & 1 == 1;
        text.push(if one { '1' } else { '0' });
        let written = index + 1;
        if written == length {
            text.push('|');
        }
        if written % group == 0 && written < start + ROW {
            text.push(separator);
        }
    }
    text
}

/// 两个地址从两边各看一次:是不是在同一个子网。
fn same(one: &Network, other: &Network) -> String {
    let verdict = match (sees(one, other), sees(other, one)) {
        (true, true) if one.length() == other.length() => "在同一个子网".to_owned(),
        (true, true) => "在同一个子网;掩码不同,但是两边的看法一样".to_owned(),
        (false, false) => "不在同一个子网".to_owned(),
        (true, false) => disagreement(one, other),
        (false, true) => disagreement(other, one),
    };
    let views = [view(one, other), view(other, one)].concat();
    format!("{views}{}", row("结论", &verdict))
}

/// `own` 认为 `peer` 在自己的子网里:拿自己的掩码去与对方的地址,得到自己的网络。
fn sees(own: &Network, peer: &Network) -> bool {
    own.contains(peer.address())
}

/// 从 `own` 看 `peer`。
fn view(own: &Network, peer: &Network) -> String {
    let title = format!("从 {}/{} 看", own.address(), own.length());
    let step = |address: IpAddr| {
        let network = own.apply(address);
        row("", &format!("{address} & {} = {network}", own.mask()))
    };
    let verdict = match sees(own, peer) {
        true => "相同:在同一个子网,直接发给它",
        false => "不同:不在同一个子网,交给网关",
    };
    let (mine, theirs) = (step(own.address()), step(peer.address()));
    format!("{title}\n{mine}\n{theirs}\n{}\n", row("", verdict))
}

/// 两边的看法不同:`near` 认为在同一个子网,`far` 不这样看。
fn disagreement(near: &Network, far: &Network) -> String {
    let (near, far) = (near.address(), far.address());
    format!("两边的看法不同:{near} 直接发,{far} 交给网关;多半是有一边的掩码写错了")
}
