//! 请求里要写的 ETag:发出之前,先问服务器现在是什么。

use std::net::SocketAddr;
use std::time::Instant;

use super::talk::{find, replace};
use super::visit::wrong;
use crate::exam::Stop;
use crate::web::{HttpPeer, get, with};

/// `bytes` 里的 `{etag /x}` 换成 `/x` 现在的 ETag,`{etag gzip /x}` 换成它的 gzip 版本的。
///
/// # Errors
/// 到了 `deadline` 没有回答,或者回答里没有 ETag。
pub(super) fn fill(server: SocketAddr, bytes: &[u8], deadline: Instant) -> Result<Vec<u8>, Stop> {
    let mut bytes = bytes.to_vec();
    while let Some(from) = find(&bytes, b"{etag ") {
        let length = bytes[from..].iter().position(|&byte| byte == b'}');
        let template = bytes[from..=from + length.unwrap_or(0)].to_vec();
        let text = String::from_utf8_lossy(&template).into_owned();
        let name = text.trim_start_matches("{etag ").trim_end_matches('}');
        bytes = replace(&bytes, &template, tag(server, name, deadline)?.as_bytes());
    }
    Ok(bytes)
}

fn tag(server: SocketAddr, name: &str, deadline: Instant) -> Result<String, Stop> {
    let request = match name.split_once(' ') {
        Some((coding, target)) => with("GET", target, &format!("Accept-Encoding: {coding}\r\n")),
        None => get(name),
    };
    let mut peer = HttpPeer::connect_to(server, deadline)?;
    peer.offer(&request, deadline);
    let response = peer.any_response(false, deadline)?;
    let tag = response.field("ETag").map(str::to_owned);
    tag.ok_or_else(|| wrong(format!("{name} 没有 ETag")))
}
