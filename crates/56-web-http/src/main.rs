//! 第 5 章 · 完整的 HTTP/1.1
//!
//! 本阶段新增:(骨架)
//! 为什么:    (骨架)
//! 怎么运行:  cargo run -p web-http
//! 已知缺陷:  (骨架)

#![allow(dead_code)]

mod body;
mod clock;
mod dialogue;
mod limits;
mod request;
mod response;
mod site;
mod status;

fn main() {}
