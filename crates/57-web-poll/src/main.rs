//! 第 5 章 · 每个核一个事件循环:一万条连接,几个线程
//!
//! 本阶段新增:事件循环(mio)每个核一个;小文件放进缓存,大文件零拷贝(sendfile)。
//! 为什么:    上一阶段每条连接占一个线程:几千个人慢慢地说,后来的就要等。
//! 怎么运行:  cargo run --release -p web-poll -- --root 目录,然后用浏览器打开 http://127.0.0.1:8080
//! 已知缺陷:  读文件时工作线程要等磁盘;不加密(44-shell-secure 讲过 TLS)。

mod accept;
mod answer;
mod arguments;
mod body;
mod cache;
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
mod limits;
mod listen;
mod listing;
mod log;
mod lookup;
mod multipart;
mod outbox;
mod pages;
mod path;
mod payload;
mod places;
mod positioned;
mod range;
mod reactor;
mod representation;
mod request;
mod response;
mod root;
mod send;
mod server;
mod site;
mod status;
mod timers;
mod types;
mod validators;
mod welcome;

use std::process::ExitCode;

use arguments::Arguments;

fn main() -> ExitCode {
    let arguments: Arguments = cli::parse();
    cli::finish(server::run(&arguments))
}
