//! IP 里面装的是什么:协议号(IANA Protocol Numbers);IPv6 叫它「下一个首部」。

/// 上层协议:ICMP。
pub const ICMP: u8 = 1;
/// 上层协议:TCP。
pub const TCP: u8 = 6;
/// 上层协议:UDP。
pub const UDP: u8 = 17;

/// 上层协议:ICMPv6。
pub const ICMPV6: u8 = 58;

/// IPv6 的分片首部。
pub const FRAGMENT: u8 = 44;

/// 协议号,认得的带上名字(IANA Protocol Numbers)。
pub fn named(protocol: u8) -> String {
    let name = match protocol {
        0 => "逐跳选项",
        ICMP => "ICMP",
        2 => "IGMP",
        TCP => "TCP",
        UDP => "UDP",
        43 => "路由",
        FRAGMENT => "分片",
        51 => "认证",
        ICMPV6 => "ICMPv6",
        59 => "没有下一个",
        60 => "目的选项",
        _ => "",
    };
    super::named(protocol, name)
}
