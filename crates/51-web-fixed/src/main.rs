//! 第 5 章 · 网站:固定的一页
//!
//! 本阶段新增:读浏览器的请求,读到空行为止;不管它要什么,都回答同一页。
//! 为什么:    HTTP 是 TCP 上的文字:说好了怎样开头、怎样结束,浏览器就听得懂。
//! 怎么运行:  cargo run -p web-fixed,然后用浏览器打开 http://127.0.0.1:8080/
//! 已知缺陷:  路径、方法都不看,要什么都是同一页,不是请求也回答(由 52-web-static 修复);
//!            一位客户占着线不说话,后面的人只能排队;一条连接只答一次(由 53-web-threads 修复)。

mod cli;
mod inbox;
mod request;
mod response;
mod server;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use common::addr::Address;

/// 网站:不管要什么,总是回答同一页
#[derive(Parser)]
struct Cli {
    /// 在哪里等浏览器
    #[arg(value_name = "监听地址", default_value = "127.0.0.1:8080")]
    listen: Address,

    /// 回答这一页(HTML,UTF-8);不写就是自带的一页
    #[arg(long, value_name = "文件")]
    page: Option<PathBuf>,
}

fn main() -> ExitCode {
    cli::finish(run(cli::parse()))
}

fn run(cli: Cli) -> anyhow::Result<()> {
    // Ctrl-C 是结束程序的正常办法:安静地退出,退出码 0。
    ctrlc::set_handler(|| std::process::exit(0)).context("设置 Ctrl-C 失败")?;
    let page = match &cli.page {
        Some(path) => fs::read(path).with_context(|| format!("读不了 {}", path.display()))?,
        None => include_bytes!("page.html").to_vec(),
    };
    server::run(&cli.listen, &page)
}
