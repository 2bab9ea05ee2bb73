//! 第 5 章 · 网站:一个目录里的文件
//!
//! 本阶段新增:请求行的路径说的是哪个文件;有就 200,没有就 404,出不了网站的目录。
//! 为什么:    上一阶段不管要什么都是同一页;路径来自陌生人,不检查就能读到整个磁盘。
//! 怎么运行:  cargo run -p web-static -- --root 目录,然后用浏览器打开 http://127.0.0.1:8080/
//! 已知缺陷:  一位客户占着线不说话,后面的人只能排队;一条连接只答一次(由 53-web-threads 修复);
//!            没有缓存、范围、目录的转向等(由 56-web-http 修复)。

mod cli;
mod directory;
mod files;
mod inbox;
mod kinds;
mod request;
mod response;
mod server;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use common::addr::Address;

/// 网站:给一个目录里的文件
#[derive(Parser)]
struct Cli {
    /// 在哪里等浏览器
    #[arg(value_name = "监听地址", default_value = "127.0.0.1:8080")]
    listen: Address,

    /// 网站的目录:只给这里面的文件
    #[arg(long, value_name = "目录", default_value = ".")]
    root: PathBuf,
}

fn main() -> ExitCode {
    cli::finish(run(cli::parse()))
}

fn run(cli: Cli) -> anyhow::Result<()> {
    // Ctrl-C 是结束程序的正常办法:安静地退出,退出码 0。
    ctrlc::set_handler(|| std::process::exit(0)).context("设置 Ctrl-C 失败")?;
    server::run(&cli.listen, &cli.root)
}
