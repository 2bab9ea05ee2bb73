//! UDP 可靠传输一线的检查:检查扮演另一方,说讲义里写明的那种报文。

pub mod client;
pub mod server;

mod packet;

use crate::ladder::Case;

const NOTE: &str = "16-udp-reliable.md";

/// 什么选项也不要的检查,其余各项由每条检查自己写。
const BASE: Case = Case {
    id: "",
    title: "",
    why: "",
    hint: "",
    note: NOTE,
    since: "udp-reliable",
    until: None,
    options: &[],
    run: client::open,
};
