//! 第 4 章 · 远程命令:长度
//!
//! 本阶段新增:每个回答的前面有 4 个字节的长度,和正文一次写出;标准输出和标准错误分开收,同时收。
//! 为什么:    上一阶段的回答没有边界:长的粘在下一个的前面,空的等于没有回答。
//! 怎么运行:  cargo run -p shell-framed -- server,另开一个终端:cargo run -p shell-framed -- client
//! 已知缺陷:  运行完了才知道有多长,才有回答;全部攒在内存里,所以有上限;两样输出的先后、退出码丢了,`cd` 不保留;
//!            命令这个方向还没有边界,长的切成两个,连着发的粘成一个;一位客户占着,后面的人只能排队
//!            (都由 43-shell-stream 修复);谁都能运行任何命令(由 44-shell-secure 修复)。

mod cli;
mod client;
mod command;
mod console;
mod encoding;
mod protocol;
mod server;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use common::addr::Address;
use encoding::Encoding;

/// 远程命令:服务器运行客户说的命令,把输出发回去
#[derive(Parser)]
enum Cli {
    /// 服务器:运行收到的命令,把输出发回去
    Server {
        /// 在哪里等客户
        #[arg(value_name = "监听地址", default_value = "127.0.0.1:8080")]
        listen: Address,

        /// 监听队列:握手已经完成、还没有被 accept 的客户最多排多少位
        #[arg(long, value_name = "N", default_value = "128", value_parser = clap::value_parser!(i32).range(0..))]
        backlog: i32,

        /// 客户这么多秒不说话,就请他走
        #[arg(long, value_name = "秒", default_value = "300", value_parser = clap::value_parser!(u64).range(1..=86_400))]
        idle: u64,

        /// 一个命令最多运行这么多秒
        #[arg(long, value_name = "秒", default_value = "60", value_parser = clap::value_parser!(u64).range(1..=86_400))]
        longest: u64,

        /// 允许在本机以外也连得到的地址上监听:任何人都能在这台机器上运行任何命令
        #[arg(long)]
        anyone: bool,

        /// 文字在网线上的编码
        #[arg(long, value_enum, value_name = "编码", default_value = "utf-8")]
        encoding: Encoding,
    },
    /// 客户端:每行是一个命令,打印它的输出,输入 bye 结束
    Client {
        /// 连到哪里;不写就会问
        #[arg(value_name = "服务器地址")]
        server: Option<Address>,

        /// 等一个回答最多这么多秒
        #[arg(long, value_name = "秒", default_value = "10", value_parser = clap::value_parser!(u64).range(1..=3600))]
        timeout: u64,

        /// 文字在网线上的编码
        #[arg(long, value_enum, value_name = "编码", default_value = "utf-8")]
        encoding: Encoding,
    },
}

fn main() -> ExitCode {
    cli::finish(run(cli::parse()))
}

fn run(cli: Cli) -> anyhow::Result<()> {
    // Ctrl-C 是结束程序的正常办法:安静地退出,退出码 0。正在运行的命令也一起结束。
    ctrlc::set_handler(|| {
        let _no_more = command::end_running();
        std::process::exit(0)
    })
    .context("设置 Ctrl-C 失败")?;
    match cli {
        Cli::Server {
            listen,
            backlog,
            idle,
            longest,
            anyone,
            encoding,
        } => {
            let limits = server::Limits {
                backlog,
                idle: Duration::from_secs(idle),
                longest: Duration::from_secs(longest),
                anyone,
            };
            server::run(&listen, &limits, encoding)
        }
        Cli::Client {
            server,
            timeout,
            encoding,
        } => {
            let Some(server) = cli::address_or_ask(server, "请输入服务器地址:")? else {
                return Ok(());
            };
            client::run(&server, Duration::from_secs(timeout), encoding)
        }
    }
}
