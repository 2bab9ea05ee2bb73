//! 单播、广播、组播:目标是哪一种,每一种要套接字做什么准备。

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use anyhow::bail;
use common::addr::Address;

use crate::cli;

/// 大家约定在这里碰头:IPv4 的组在「本地范围」里(RFC 2365 §6.1),路由器不会把它送出单位。
const GROUP_V4: (Ipv4Addr, u16) = (Ipv4Addr::new(239, 255, 80, 80), PORT);

/// IPv6 的组,`ff11` 不出本机,`ff12` 不出本链路(RFC 4291 §2.7:第四个数字是范围)。
const GROUP_V6_HERE: (Ipv6Addr, u16) = (Ipv6Addr::new(0xff11, 0, 0, 0, 0, 0, 0, 0x8080), PORT);
const GROUP_V6_LINK: (Ipv6Addr, u16) = (Ipv6Addr::new(0xff12, 0, 0, 0, 0, 0, 0, 0x8080), PORT);

/// 碰头的端口:不在系统自动分配的范围里,别的阶段也不用它。
const PORT: u16 = 8090;

/// 回环网络 127.0.0.0/8 的广播地址:主机部分全是 1。
const LOOPBACK_BROADCAST: Ipv4Addr = Ipv4Addr::new(127, 255, 255, 255);

/// 回环接口的编号,在 Linux、macOS、Windows 上都是 1。
const LOOPBACK_INDEX: u32 = 1;

/// 目标的三种。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cast {
    /// 一对一。
    Unicast,
    /// 一对同一个网里的所有接口。
    Broadcast,
    /// 一对加入了组的接口。
    Multicast,
}

impl Cast {
    /// 发往 `ip` 是哪一种。
    ///
    /// 「主机部分全是 1」的广播地址(例如 192.168.1.255)要知道掩码才认得出来,只看地址当成单播。
    pub fn of(ip: IpAddr) -> Self {
        match ip {
            _ if ip.is_multicast() => Self::Multicast,
            IpAddr::V4(Ipv4Addr::BROADCAST | LOOPBACK_BROADCAST) => Self::Broadcast,
            _ => Self::Unicast,
        }
    }
}

impl fmt::Display for Cast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unicast => "单播",
            Self::Broadcast => "广播",
            Self::Multicast => "组播",
        })
    }
}

/// 在哪里碰头:本机的哪块网卡,哪个组。
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// 本机地址,也就定了网卡。
    local: SocketAddr,
    group: SocketAddr,
    lan: bool,
}

impl Place {
    /// 没有 `lan` 时,`local` 只能是回环地址:没有人会在无意中对整个网络说话。
    pub fn new(local: SocketAddr, group: Option<&Address>, lan: bool) -> anyhow::Result<Self> {
        if local.ip().is_loopback() == lan {
            return Err(wrong_network(local, lan).into());
        }
        let group = match group {
            Some(group) => group.resolve()?[0],
            None if local.is_ipv4() => GROUP_V4.into(),
            None if lan => GROUP_V6_LINK.into(),
            None => GROUP_V6_HERE.into(),
        };
        if !group.ip().is_multicast() || group.port() == 0 {
            bail!(
                "{group} 不是组播的地址和端口:IPv4 是 224.0.0.0 到 239.255.255.255,IPv6 以 ff 开头"
            );
        }
        if group.is_ipv4() != local.is_ipv4() {
            bail!("本机地址 {local} 和组 {group} 一个是 IPv4,一个是 IPv6");
        }
        if lan {
            cli::note(
                "警告:加了 --lan,同一个网里的每台机器都会收到这些数据报;在学校或公司,先问过管理员",
            );
        }
        Ok(Self { local, group, lan })
    }

    /// 碰头的地址:IPv4 是广播地址和组;IPv6 没有广播,只有组。
    pub fn meeting_points(&self) -> Vec<SocketAddr> {
        let broadcast = match self.lan {
            true => Ipv4Addr::BROADCAST,
            false => LOOPBACK_BROADCAST,
        };
        let broadcast = SocketAddr::from((broadcast, self.group.port()));
        match self.group {
            SocketAddr::V4(_) => vec![broadcast, self.group],
            SocketAddr::V6(_) => vec![self.group],
        }
    }

    /// 要问的那一个地址;没有 `lan` 时只能在本机。
    pub fn choose(&self, target: &Address) -> anyhow::Result<SocketAddr> {
        let found = target.resolve()?;
        let Some(chosen) = found
            .into_iter()
            .find(|one| one.is_ipv4() == self.local.is_ipv4())
        else {
            bail!(
                "本机地址 {} 和目标 {target} 一个是 IPv4,一个是 IPv6",
                self.local
            );
        };
        if chosen.port() == 0 {
            bail!("{chosen} 的端口是 0,它只表示「请系统挑一个」,不能当目标");
        }
        // 组播从哪块网卡出去由套接字定,不看目标。
        match self.lan || chosen.ip().is_loopback() || chosen.ip().is_multicast() {
            true => Ok(chosen),
            false => Err(wrong_network(chosen, false).into()),
        }
    }

    /// 本机地址。
    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// 是不是上真的网络。
    pub fn lan(&self) -> bool {
        self.lan
    }

    /// `peer` 在不在说好的范围里:没有 `lan` 时只和本机的程序说话。
    pub fn covers(&self, peer: SocketAddr) -> bool {
        self.lan || peer.ip().is_loopback()
    }

    /// IPv4 用网卡的地址指明网卡。
    pub fn interface_v4(&self) -> Ipv4Addr {
        match self.local.ip() {
            IpAddr::V4(ip) => ip,
            IpAddr::V6(_) => Ipv4Addr::UNSPECIFIED,
        }
    }

    /// IPv6 用网卡的编号:`fe80::1%eth0` 里的 `%eth0`;0 是请系统挑。
    pub fn interface_v6(&self) -> u32 {
        match self.local {
            SocketAddr::V6(local) if local.ip().is_loopback() => LOOPBACK_INDEX,
            SocketAddr::V6(local) => local.scope_id(),
            SocketAddr::V4(_) => 0,
        }
    }
}

/// 与 `other` 同一种的回环地址,端口由系统挑;不知道要哪一种就是 IPv4。
pub fn loopback(other: Option<&Address>) -> anyhow::Result<SocketAddr> {
    Ok(match other.map(Address::resolve).transpose()? {
        Some(found) if found[0].is_ipv6() => (Ipv6Addr::LOCALHOST, 0).into(),
        _ => (Ipv4Addr::LOCALHOST, 0).into(),
    })
}

/// 没有说要上真的网络,却要上;或者说了,地址却是回环的。
fn wrong_network(local: SocketAddr, lan: bool) -> cli::Hinted {
    let (text, hint) = match lan {
        false => (
            format!("{local} 不是回环地址,会让同一个网里的机器都看到"),
            "只在本机试,用 127.0.0.1;真的要上这个网络,加上 --lan",
        ),
        true => (
            format!("写了 --lan,本机地址却是 {local},它出不了本机"),
            "写出这台机器在那个网络里的地址:server 192.168.1.7:8080,find --bind 192.168.1.7:0",
        ),
    };
    let hint = hint.to_owned();
    cli::Hinted { text, hint }
}
