//! 报文各层的检查要用的字节:一层一层地写,和抓包文件的读写。与课程的程序无关,各写各的才查得出错。

/// 客户端和服务器的 MAC 和 IP(文档专用的网段,RFC 5737)。
const CLIENT_MAC: [u8; 6] = [2, 0, 0, 0, 0, 0x0a];
const SERVER_MAC: [u8; 6] = [2, 0, 0, 0, 0, 0x14];
const CLIENT_IP: [u8; 4] = [192, 0, 2, 10];
const SERVER_IP: [u8; 4] = [192, 0, 2, 20];

/// 端口 43627 和 8080。
const PORTS: [u8; 4] = [0xaa, 0x6b, 0x1f, 0x90];

/// 抓包文件的字节序和时间单位:开头的四个字节。
#[derive(Debug, Clone, Copy)]
pub enum Order {
    /// 小端,微秒。
    LittleMicro,
    /// 小端,纳秒。
    LittleNano,
    /// 大端,微秒。
    BigMicro,
    /// 大端,纳秒。
    BigNano,
}

impl Order {
    /// 四种都有。
    pub const ALL: [Self; 4] = [
        Self::LittleMicro,
        Self::LittleNano,
        Self::BigMicro,
        Self::BigNano,
    ];

    fn is_little(self) -> bool {
        matches!(self, Self::LittleMicro | Self::LittleNano)
    }

    fn magic(self) -> u32 {
        match self {
            Self::LittleMicro | Self::BigMicro => 0xa1b2_c3d4,
            Self::LittleNano | Self::BigNano => 0xa1b2_3c4d,
        }
    }

    fn u32(self, value: u32) -> [u8; 4] {
        match self.is_little() {
            true => value.to_le_bytes(),
            false => value.to_be_bytes(),
        }
    }
}

/// 以太网的抓包文件;每个包是抓到的字节和网线上的字节数。
pub fn captured(packets: &[(&[u8], usize)], order: Order) -> Vec<u8> {
    let mut file = order.u32(order.magic()).to_vec();
    // 版本 2.4 是两个 16 位的数。
    let version = match order.is_little() {
        true => [2, 0, 4, 0],
        false => [0, 2, 0, 4],
    };
    file.extend(version);
    for value in [0, 0, 65_535, 1] {
        file.extend(order.u32(value));
    }
    for (bytes, original) in packets {
        let length = |size: usize| u32::try_from(size).unwrap_or(u32::MAX);
        for value in [0, 0, length(bytes.len()), length(*original)] {
            file.extend(order.u32(value));
        }
        file.extend(*bytes);
    }
    file
}

/// 抓包文件里的每一帧;不是完整的以太网 .pcap 就是 `None`。
pub fn frames(file: &[u8]) -> Option<Vec<Vec<u8>>> {
    let magic: [u8; 4] = file.get(..4)?.try_into().ok()?;
    let order = Order::ALL
        .into_iter()
        .find(|order| order.u32(order.magic()) == magic)?;
    let number = |at: usize| -> Option<u32> {
        let bytes: [u8; 4] = file.get(at..at + 4)?.try_into().ok()?;
        Some(match order.is_little() {
            true => u32::from_le_bytes(bytes),
            false => u32::from_be_bytes(bytes),
        })
    };
    if number(20)? & 0xffff != 1 {
        return None;
    }
    let mut found = Vec::new();
    let mut at = 24;
    while at < file.len() {
        let size = usize::try_from(number(at + 8)?).ok()?;
        found.push(file.get(at + 16..)?.get(..size)?.to_vec());
        at += 16 + size;
    }
    Some(found)
}

/// 以太网帧。
pub fn ethernet(kind: u16, packet: &[u8]) -> Vec<u8> {
    [&SERVER_MAC[..], &CLIENT_MAC, &kind.to_be_bytes(), packet].concat()
}

/// 带 VLAN 标签的以太网帧。
pub fn vlan(id: u16, kind: u16, packet: &[u8]) -> Vec<u8> {
    let tag = [&id.to_be_bytes()[..], &kind.to_be_bytes(), packet].concat();
    ethernet(0x8100, &tag)
}

/// ARP 请求:客户端问服务器的 MAC。
pub fn arp() -> Vec<u8> {
    let fixed = [0, 1, 8, 0, 6, 4, 0, 1];
    [&fixed[..], &CLIENT_MAC, &CLIENT_IP, &[0; 6], &SERVER_IP].concat()
}

/// IPv4 报文;`offset` 是片偏移(以 8 字节为单位)。
pub fn ipv4(protocol: u8, offset: u16, payload: &[u8]) -> Vec<u8> {
    let total = u16::try_from(20 + payload.len()).unwrap_or(u16::MAX);
    let mut header = vec![0x45, 0];
    header.extend(total.to_be_bytes());
    header.extend([0x12, 0x34]);
    header.extend(offset.to_be_bytes());
    header.extend([64, protocol, 0, 0]);
    header.extend(CLIENT_IP);
    header.extend(SERVER_IP);
    let sum = checksum_of(0, &header);
    header[10..12].copy_from_slice(&sum.to_be_bytes());
    [&header, payload].concat()
}

/// UDP 数据报。
pub fn udp(payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(8 + payload.len()).unwrap_or(u16::MAX);
    let mut datagram = [&PORTS[..], &length.to_be_bytes(), &[0, 0], payload].concat();
    let sum = checksum_of(pseudo(17, datagram.len()), &datagram);
    datagram[6..8].copy_from_slice(&sum.to_be_bytes());
    datagram
}

/// TCP 的 SYN,带 MSS 选项。
pub fn tcp(payload: &[u8]) -> Vec<u8> {
    let numbers = [0, 0, 0x03, 0xe8, 0, 0, 0, 0];
    let rest = [0x60, 0x02, 0xff, 0xff, 0, 0, 0, 0];
    let options = [2, 4, 0x05, 0xb4];
    let mut segment = [&PORTS[..], &numbers, &rest, &options, payload].concat();
    let sum = checksum_of(pseudo(6, segment.len()), &segment);
    segment[16..18].copy_from_slice(&sum.to_be_bytes());
    segment
}

/// 一帧里从第 34 字节到 `end` 的 UDP 或 TCP,连同校验和一起算:对的得 0。
pub fn transport_sum(frame: &[u8], end: usize) -> u16 {
    let addresses = words(&frame[26..34]);
    let length = u64::try_from(end - 34).unwrap_or_default();
    checksum_of(addresses + u64::from(frame[23]) + length, &frame[34..end])
}

fn pseudo(protocol: u64, length: usize) -> u64 {
    let length = u64::try_from(length).unwrap_or_default();
    words(&CLIENT_IP) + words(&SERVER_IP) + protocol + length
}

fn words(bytes: &[u8]) -> u64 {
    let pairs = bytes.chunks(2);
    pairs
        .map(|pair| u64::from(pair[0]) << 8 | u64::from(pair.get(1).copied().unwrap_or(0)))
        .sum()
}

/// 校验和(RFC 1071);`before` 是伪首部的和。
pub fn checksum_of(before: u64, bytes: &[u8]) -> u16 {
    let mut sum = before + words(bytes);
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap_or(u16::MAX)
}
