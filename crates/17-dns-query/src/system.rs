//! 系统用哪些 DNS 服务器。

use std::net::{IpAddr, SocketAddr};

use common::addr::Address;

use crate::cli::Hinted;

/// DNS 服务器的端口(RFC 1035 §4.2)。
pub const PORT: u16 = 53;

/// 系统的 DNS 服务器,至少一个,先用的在前。
///
/// Linux 和 macOS 写在 /etc/resolv.conf 里(resolv.conf(5))。
#[cfg(not(windows))]
pub fn servers() -> anyhow::Result<Vec<SocketAddr>> {
    let text = std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
    some(nameservers(&text))
}

/// 系统的 DNS 服务器,至少一个,先用的在前。
///
/// Windows 没有这样的文件,要问每块网卡;没有启用的网卡不算。
#[cfg(windows)]
pub fn servers() -> anyhow::Result<Vec<SocketAddr>> {
    use anyhow::Context;
    let adapters = ipconfig::get_adapters().context("问不到系统的网卡")?;
    let up = adapters
        .iter()
        .filter(|adapter| adapter.oper_status() == ipconfig::OperStatus::IfOperStatusUp);
    some(
        up.flat_map(|adapter| adapter.dns_servers())
            .filter(|ip| !is_placeholder(ip))
            .map(|ip| SocketAddr::new(*ip, PORT))
            .collect(),
    )
}

/// Windows 给没有设 DNS 的网卡填的地址 fec0:0:0:ffff::1 到 3:早已废除,那里没有服务器(RFC 3879)。
#[cfg(windows)]
fn is_placeholder(ip: &IpAddr) -> bool {
    matches!(ip, IpAddr::V6(ip) if ip.segments()[0] == 0xfec0)
}

fn some(servers: Vec<SocketAddr>) -> anyhow::Result<Vec<SocketAddr>> {
    if servers.is_empty() {
        let text = "不知道系统用哪个 DNS 服务器".to_owned();
        let hint = "用 --server 指定一个,例如 --server 223.5.5.5".to_owned();
        return Err(Hinted { text, hint }.into());
    }
    Ok(servers)
}

/// resolv.conf 里的 `nameserver` 行;写得不对的行不算。
#[cfg_attr(windows, allow(dead_code, reason = "Windows 没有这个文件"))]
fn nameservers(text: &str) -> Vec<SocketAddr> {
    let mut servers = Vec::new();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        if words.next() != Some("nameserver") {
            continue;
        }
        servers.extend(words.next().and_then(socket_address));
    }
    servers
}

/// IP 地址和端口 53;IPv6 可以带 `%网卡`。
fn socket_address(word: &str) -> Option<SocketAddr> {
    let (ip, _) = word.split_once('%').unwrap_or((word, ""));
    let ip: IpAddr = ip.parse().ok()?;
    let whole = match ip {
        IpAddr::V4(_) => format!("{word}:{PORT}"),
        IpAddr::V6(_) => format!("[{word}]:{PORT}"),
    };
    let address: Address = whole.parse().ok()?;
    address.resolve().ok()?.first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nameserver_lines_in_order() {
        let text = "# nameserver 192.0.2.9\nsearch example\nsortlist 192.0.2.8\nnameserver 192.0.2.1\n\
                    nameserver\t::1 # comment\nnameserver not-an-address\nnameserver\n";
        let servers: Vec<SocketAddr> = vec!["192.0.2.1:53", "[::1]:53"]
            .into_iter()
            .map(|server| server.parse().unwrap())
            .collect();
        assert_eq!(nameservers(text), servers);
        assert_eq!(nameservers(""), []);
    }

    #[test]
    fn no_server_is_an_error_with_a_hint() {
        let error = some(Vec::new()).unwrap_err();
        assert!(
            error
                .downcast_ref::<Hinted>()
                .unwrap()
                .hint
                .contains("--server")
        );
    }
}
