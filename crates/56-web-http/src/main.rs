//! 第 5 章 · 完整的 HTTP/1.1
//!
//! 本阶段新增:HTTP/1.1 该有的都有:解析是增量的、有界的;条件请求、范围、类型;每一样等待都有期限。
//! 为什么:    上一阶段只懂最简单的请求;故意的一方一个字节一个字节地发,就能把它占满。
//! 怎么运行:  cargo run -p web-http -- --root 目录,然后用浏览器打开 http://127.0.0.1:8080
//! 已知缺陷:  每条在说话的连接占一个线程:几千个人同时慢慢地说,后来的就要等(由 57-web-poll 修复)。

mod arguments;
mod body;
mod cli;
mod clock;
mod closing;
mod coding;
mod conditions;
mod connection;
mod descriptors;
mod desk;
mod dialogue;
mod failure;
mod inbox;
mod limits;
mod listing;
mod log;
mod lookup;
mod multipart;
mod pages;
mod path;
mod pool;
mod range;
mod refusal;
mod representation;
mod request;
mod response;
mod root;
mod roster;
mod seat;
mod send;
mod server;
mod site;
mod status;
mod types;
mod validators;
mod worker;

use std::process::ExitCode;

use arguments::Arguments;

fn main() -> ExitCode {
    let arguments: Arguments = cli::parse();
    cli::finish(server::run(&arguments))
}
