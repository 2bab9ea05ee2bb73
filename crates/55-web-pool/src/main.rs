//! 第 5 章 · 网站:线程池
//!
//! 本阶段新增:工作线程和队列都有上限,满了回答 503;留着不用的连接让给排队的;Ctrl-C 按次序收场。
//! 为什么:    上一阶段里,一万条连接就是一万个线程;Ctrl-C 打断正在发的文件。
//! 怎么运行:  cargo run -p web-pool -- 8080 --root 目录 --workers 2 --queue 2,然后用浏览器打开 http://127.0.0.1:8080/
//! 已知缺陷:  没有缓存、范围、目录的转向等(由 56-web-http 修复);
//!            同时服务的不会比线程多(由 57-web-poll 修复)。

mod cli;
mod closing;
mod directory;
mod files;
mod inbox;
mod kinds;
mod pool;
mod refusal;
mod request;
mod response;
mod server;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use closing::Closing;
use common::addr::Address;
use server::{Limits, WebServer};

/// 网站:给一个目录里的文件
#[derive(Parser)]
struct Cli {
    /// 在哪里等浏览器;可以只写端口,例如 8453
    #[arg(value_name = "监听地址", default_value = "127.0.0.1:8080")]
    listen: Address,

    /// 网站的目录:只给这里面的文件
    #[arg(long, value_name = "目录", default_value = ".")]
    root: PathBuf,

    /// 不打印每个请求
    #[arg(long)]
    quiet: bool,

    /// 工作线程:最多同时服务几位客户
    #[arg(long, value_name = "N", default_value = "256", value_parser = clap::value_parser!(u16).range(1..))]
    workers: u16,

    /// 队列:工作线程都忙的时候,最多几位客户等着
    #[arg(long, value_name = "N", default_value = "256", value_parser = clap::value_parser!(u16).range(1..))]
    queue: u16,

    /// 客户这么多秒不说话,就关闭他的连接
    #[arg(long, value_name = "秒", default_value = "10", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    idle: u64,

    /// 收场时,等正在服务的客户这么多秒
    #[arg(long, value_name = "秒", default_value = "5", value_parser = clap::value_parser!(u64).range(0..=3600))]
    grace: u64,
}

fn main() -> ExitCode {
    cli::finish(run(cli::parse()))
}

fn run(cli: Cli) -> anyhow::Result<()> {
    let limits = Limits {
        workers: usize::from(cli.workers),
        queue: usize::from(cli.queue),
        idle: Duration::from_secs(cli.idle),
        grace: Duration::from_secs(cli.grace),
    };
    let server = WebServer::new(&cli.listen, &cli.root, limits, cli.quiet)?;
    let closing = Closing::on_ctrl_c(server.address()?)?;
    cli::print_line(format_args!("监听 {}", server.address()?))?;
    server.start(&closing)
}
