//! 第 5 章 · 完整的 HTTP/1.1
//!
//! 本阶段新增:(骨架)
//! 为什么:    (骨架)
//! 怎么运行:  cargo run -p web-http
//! 已知缺陷:  (骨架)

#![allow(dead_code)]

mod body;
mod clock;
mod coding;
mod conditions;
mod dialogue;
mod failure;
mod limits;
mod listing;
mod lookup;
mod multipart;
mod pages;
mod path;
mod range;
mod representation;
mod request;
mod response;
mod root;
mod site;
mod status;
mod types;
mod validators;

fn main() {}
