//! 故意写错的 UDP 服务器,用来检查「检查」:每一种毛病都要被认出来。
//!
//! 用法:`flawed-udp 毛病 地址`;毛病是 `none` 时是一个正确的回声服务器。

use std::net::{SocketAddr, UdpSocket};
use std::process::ExitCode;

/// 一种毛病:收到 `payload`(来自 `peer`,这是第 `index` 个),回什么、回给谁;`None` 是不回答。
type Reply = fn(index: usize, payload: &[u8], peer: SocketAddr) -> Option<(Vec<u8>, SocketAddr)>;

/// 每种毛病的名字和表现。
const FLAWS: &[(&str, Reply)] = &[
    ("none", |_, payload, peer| Some((payload.to_vec(), peer))),
    ("silent", |_, _, _| None),
    ("once", |index, payload, peer| {
        (index == 0).then(|| (payload.to_vec(), peer))
    }),
    ("cuts-at-1024", |_, payload, peer| {
        Some((payload[..payload.len().min(1024)].to_vec(), peer))
    }),
    ("fixed-port", |_, payload, peer| {
        Some((payload.to_vec(), SocketAddr::new(peer.ip(), 9)))
    }),
    ("drops-empty", |_, payload, peer| {
        (!payload.is_empty()).then(|| (payload.to_vec(), peer))
    }),
    ("adds-newline", |_, payload, peer| {
        Some(([payload, b"\n"].concat(), peer))
    }),
    ("upper-case", |_, payload, peer| {
        Some((payload.to_ascii_uppercase(), peer))
    }),
    ("dies-on-non-utf-8", |_, payload, peer| {
        if std::str::from_utf8(payload).is_err() {
            eprintln!("UnicodeDecodeError");
            std::process::exit(1);
        }
        Some((payload.to_vec(), peer))
    }),
];

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("错误:{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [flaw, address] = arguments.as_slice() else {
        anyhow::bail!("用法:flawed-udp 毛病 地址");
    };
    let found = FLAWS.iter().find(|(name, _)| name == flaw);
    let Some((_, reply)) = found else {
        anyhow::bail!("没有 {flaw} 这种毛病");
    };
    let address: SocketAddr = address.parse()?;
    let socket = UdpSocket::bind(address)?;
    let mut buffer = vec![0; 65_536];
    for index in 0.. {
        let (length, peer) = socket.recv_from(&mut buffer)?;
        if let Some((answer, to)) = reply(index, &buffer[..length], peer) {
            // 「写死的端口」上没有人,发送可以失败。
            let _ = socket.send_to(&answer, to);
        }
    }
    Ok(())
}
