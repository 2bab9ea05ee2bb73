//! Linux 以外的连接表:运行系统自带的 `netstat`,读它打印的文字。

// Linux 有 /proc/net/tcp,不用它;测试在哪里都编译它。
#![cfg_attr(target_os = "linux", allow(dead_code))]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};

use crate::state::State;
use crate::table::Row;

/// 表里现在的每一行。
///
/// # Errors
/// 没有 `netstat` 这个命令,或者它失败了。
pub fn rows() -> anyhow::Result<Vec<Row>> {
    // Windows 的 `-p tcp` 只列 IPv4,IPv6 要另说 tcpv6;不写就都列,UDP 的行在下面跳过。
    let output = Command::new("netstat")
        .arg("-an")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .context("运行 netstat 失败,看不到连接的状态")?;
    ensure!(
        output.status.success(),
        "netstat 以 {} 结束,看不到连接的状态",
        output.status
    );
    // Windows 的表头是系统的语言和编码;我们只认其中的地址和状态。
    Ok(parse(&String::from_utf8_lossy(&output.stdout)))
}

/// 读 `netstat -an` 的输出;不是 TCP 连接的行跳过。
///
/// Windows:`TCP 本端 对端 状态`;macOS:`tcp4 收队列 发队列 本端 对端 状态`,端口前是点。
pub fn parse(text: &str) -> Vec<Row> {
    text.lines().filter_map(parse_line).collect()
}

fn parse_line(line: &str) -> Option<Row> {
    let words: Vec<&str> = line.split_whitespace().collect();
    if !words.first()?.to_ascii_lowercase().starts_with("tcp") {
        return None;
    }
    let at = words
        .iter()
        .position(|word| State::from_netstat(word).is_some())?;
    let state = State::from_netstat(words[at])?;
    let [local, remote] = words.get(at.checked_sub(2)?..at)? else {
        return None;
    };
    // macOS 用 `tcp6` 和 `*` 表示「IPv6 的所有地址」,只看 `*` 分不出来。
    let wildcard = match words[0].ends_with('6') {
        true => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        false => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    };
    let (local, remote) = (address(local, wildcard)?, address(remote, wildcard)?);
    Some(Row::new(local, remote, state))
}

/// `127.0.0.1:80`、`[::1]:80`、`127.0.0.1.80`、`fe80::1%lo0.80`、`*.80`、`*.*`。
fn address(word: &str, wildcard: IpAddr) -> Option<SocketAddr> {
    let mark = word.rfind(['.', ':'])?;
    let (ip, port) = (&word[..mark], &word[mark + 1..]);
    let port = match port {
        "*" => 0,
        port => port.parse().ok()?,
    };
    let ip = ip.trim_matches(['[', ']']);
    let ip = ip.split('%').next()?;
    let ip = match ip {
        "*" => wildcard,
        ip => ip.parse().ok()?,
    };
    Some(SocketAddr::new(ip, port))
}
