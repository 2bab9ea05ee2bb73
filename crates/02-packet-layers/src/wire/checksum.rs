//! 互联网校验和:16 位一组的反码求和(RFC 1071)。IPv4 头、ICMP、UDP、TCP 都用它。

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// 加到一半的和。64 位装得下任何长度的报文,进位最后再加回去。
#[derive(Debug, Clone, Copy, Default)]
pub struct Sum(u64);

impl Sum {
    /// 再加上这些字节;单数个字节时末尾当作补了一个 0。
    #[must_use]
    pub fn add(mut self, bytes: &[u8]) -> Self {
        for pair in bytes.chunks(2) {
            let low = pair.get(1).copied().unwrap_or(0);
            self.0 += u64::from(u16::from_be_bytes([pair[0], low]));
        }
        self
    }

    /// 再加上一个 32 位的数。
    #[must_use]
    pub fn add_u32(self, value: u32) -> Self {
        self.add(&value.to_be_bytes())
    }

    /// 进位加回低 16 位,直到没有进位。
    pub fn fold(self) -> u16 {
        let mut sum = self.0;
        while sum > 0xffff {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        // 循环以后一定放得下。
        u16::try_from(sum).unwrap_or(u16::MAX)
    }

    /// 校验和:和的反码。
    pub fn checksum(self) -> u16 {
        !self.fold()
    }
}

/// UDP、TCP 的校验和多算一个伪首部:两个 IP 地址、协议和长度。
/// 它不在报文里,只为发现送错了地方的报文(RFC 768、RFC 9293 §3.1、RFC 8200 §8.1)。
#[must_use]
pub fn pseudo_header(source: IpAddr, destination: IpAddr, protocol: u8, length: u32) -> Sum {
    let add = |sum: Sum, address| match address {
        IpAddr::V4(address) => sum.add(&Ipv4Addr::octets(&address)),
        IpAddr::V6(address) => sum.add(&Ipv6Addr::octets(&address)),
    };
    let sum = add(add(Sum::default(), source), destination);
    sum.add_u32(u32::from(protocol)).add_u32(length)
}

/// 报文里写的校验和对不对。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// 对。
    Right,
    /// 不对。
    Wrong {
        /// 应当是这个。
        expected: u16,
    },
    /// 没有用(IPv4 上的 UDP 写 0)。
    Absent,
    /// 只算了伪首部,其余留给网卡。
    Partial,
    /// 核对不了,和原因。
    Unknown(&'static str),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Right => f.write_str("正确"),
            Self::Wrong { expected } => write!(f, "错误,应当是 {expected:#06x}"),
            Self::Absent => f.write_str("没有用"),
            Self::Partial => f.write_str("只算了伪首部,其余留给网卡算"),
            Self::Unknown(reason) => write!(f, "无法核对:{reason}"),
        }
    }
}

/// 核对:`before` 是伪首部的和(没有就是 0),`bytes` 是连同校验和的整个报文。
///
/// 连同校验和一起加,对的报文一定得到全 1。
#[must_use]
pub fn verify(before: Sum, bytes: &[u8], stated: u16) -> Verdict {
    let sum = before.add(bytes);
    if sum.fold() == 0xffff {
        return Verdict::Right;
    }
    // 操作系统把校验和交给网卡算时,先填上伪首部的和(没有取反),网卡补上其余的。
    if before.0 != 0 && before.fold() == stated {
        return Verdict::Partial;
    }
    // 反码运算里,减去一个数就是加上它的反码。
    let expected = sum.add(&(!stated).to_be_bytes()).checksum();
    Verdict::Wrong { expected }
}
