//! 一个地址和它的前缀:掩码、网络、广播、主机范围,都是整数上的位运算。

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// 一个地址和它的前缀长度。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    /// 网络部分的位数:IPv4 是 0–32,IPv6 是 0–128。
    length: u8,
}

impl Network {
    /// `length` 超过地址的位数时,按地址的位数算。
    pub fn new(address: IpAddr, length: u8) -> Self {
        let bits = if address.is_ipv4() { 32 } else { 128 };
        Self {
            address,
            length: length.min(bits),
        }
    }

    /// 地址本身。
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// 前缀长度,位。
    pub fn length(&self) -> u8 {
        self.length
    }

    /// 地址一共多少位。
    pub fn bits(&self) -> u8 {
        if self.address.is_ipv4() { 32 } else { 128 }
    }

    /// 主机部分的位数。
    pub fn host_bits(&self) -> u8 {
        self.bits() - self.length
    }

    /// 掩码:网络部分全是 1,主机部分全是 0(RFC 950)。
    pub fn mask(&self) -> IpAddr {
        self.to_address(self.mask_bits())
    }

    /// 网络地址:地址和掩码按位与。
    pub fn network(&self) -> IpAddr {
        self.apply(self.address)
    }

    /// 把这个网络的掩码用在别的地址上;`other` 要是同一个版本。
    pub fn apply(&self, other: IpAddr) -> IpAddr {
        self.to_address(to_bits(other) & self.mask_bits())
    }

    /// `other` 在不在这个网络里;版本不同就不在。
    pub fn contains(&self, other: IpAddr) -> bool {
        self.address.is_ipv4() == other.is_ipv4() && self.apply(other) == self.network()
    }

    /// 这个网络里最后一个地址:主机部分全是 1。
    pub fn last_address(&self) -> IpAddr {
        let host = to_bits(self.mask()) ^ self.all_ones();
        self.to_address(to_bits(self.network()) | host)
    }

    /// 广播地址(RFC 919);IPv6 没有广播,/31 和 /32 也没有。
    pub fn broadcast(&self) -> Option<IpAddr> {
        (self.address.is_ipv4() && self.host_bits() >= 2).then(|| self.last_address())
    }

    /// 能分给主机的第一个和最后一个地址。
    ///
    /// IPv4 去掉网络地址和广播地址,/31 的两个都能用(RFC 3021);IPv6 的第一个地址留给路由器
    /// (子网路由器任播,RFC 4291 §2.6.1),/127 的两个都能用(RFC 6164)。
    pub fn hosts(&self) -> (IpAddr, IpAddr) {
        let (first, last) = (to_bits(self.network()), to_bits(self.last_address()));
        match (self.host_bits(), self.address) {
            (0 | 1, _) => (self.to_address(first), self.to_address(last)),
            (_, IpAddr::V4(_)) => (self.to_address(first + 1), self.to_address(last - 1)),
            (_, IpAddr::V6(_)) => (self.to_address(first + 1), self.to_address(last)),
        }
    }

    /// 能分给主机的地址有多少个;IPv6 的 /0 有 2 的 128 次方减 1 个,也放得下。
    pub fn host_count(&self) -> u128 {
        let (first, last) = self.hosts();
        to_bits(last) - to_bits(first) + 1
    }

    /// 掩码:全 1 减去主机部分的 1。IPv6 的 /128 右移 128 位会溢出,那时主机部分是 0 位。
    fn mask_bits(&self) -> u128 {
        let host = self
            .all_ones()
            .checked_shr(u32::from(self.length))
            .unwrap_or(0);
        self.all_ones() ^ host
    }

    /// 这个版本的地址有多少位,就有多少个 1。
    fn all_ones(&self) -> u128 {
        u128::MAX >> (128 - self.bits())
    }

    fn to_address(self, bits: u128) -> IpAddr {
        match self.address {
            // 只有低 32 位不是 0,不会丢什么。
            IpAddr::V4(_) => Ipv4Addr::from_bits(bits as u32).into(),
            IpAddr::V6(_) => Ipv6Addr::from_bits(bits).into(),
        }
    }
}

/// 地址当成整数;IPv4 在低 32 位。
pub fn to_bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits().into(),
        IpAddr::V6(address) => address.to_bits(),
    }
}
