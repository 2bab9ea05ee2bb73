//! 第 2 章 · TCP 多线程:每位客户一个线程
//!
//! 本阶段新增:每位客户一个线程,人数、沉默和发送都有限度;Ctrl-C 按次序收场。
//! 为什么:    上一阶段里,一位客户占着线不说话,后面的人就只能等。
//! 怎么运行:  cargo run -p tcp-threads -- server,另开几个终端:cargo run -p tcp-threads -- client
//! 已知缺陷:  一次接收不等于一条消息,长的回答只显示前面一段,其余的冒充下一句的回答(由 26-tcp-chat 用帧修复);
//!            客户之间说不上话(由 26-tcp-chat 修复)。

mod cli;
mod client;
mod closing;
mod customers;
mod encoding;
mod server;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use common::addr::Address;
use encoding::Encoding;

/// TCP 一问一答:服务器把收到的英文字母变成大写发回
#[derive(Parser)]
enum Cli {
    /// 服务器:收到什么,把其中的英文字母变成大写发回
    Server {
        /// 在哪里等客户
        #[arg(value_name = "监听地址", default_value = "127.0.0.1:8080")]
        listen: Address,

        /// 监听队列:握手已经完成、还没有被 accept 的客户最多排多少位
        #[arg(long, value_name = "N", default_value = "128", value_parser = clap::value_parser!(i32).range(0..))]
        backlog: i32,

        /// 最多同时服务几位客户
        #[arg(long, value_name = "N", default_value = "100", value_parser = clap::value_parser!(u16).range(1..))]
        customers: u16,

        /// 客户这么多秒不说话,就请他走
        #[arg(long, value_name = "秒", default_value = "300", value_parser = clap::value_parser!(u64).range(1..=86_400))]
        idle: u64,

        /// 收场时,等正在服务的客户这么多秒
        #[arg(long, value_name = "秒", default_value = "5", value_parser = clap::value_parser!(u64).range(0..=3600))]
        grace: u64,

        /// 文字在网线上的编码
        #[arg(long, value_enum, value_name = "编码", default_value = "utf-8")]
        encoding: Encoding,
    },
    /// 客户端:每行输入发送一次,打印回答,输入 exit 结束
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
    match cli {
        Cli::Server {
            listen,
            backlog,
            customers,
            idle,
            grace,
            encoding,
        } => {
            let limits = server::Limits {
                backlog,
                customers: usize::from(customers),
                idle: Duration::from_secs(idle),
                grace: Duration::from_secs(grace),
            };
            server::run(&listen, limits, encoding)
        }
        Cli::Client {
            server,
            timeout,
            encoding,
        } => {
            // Ctrl-C 是结束程序的正常办法:安静地退出,退出码 0。
            ctrlc::set_handler(|| std::process::exit(0)).context("设置 Ctrl-C 失败")?;
            let Some(server) = cli::address_or_ask(server, "请输入服务器地址:")? else {
                return Ok(());
            };
            client::run(&server, Duration::from_secs(timeout), encoding)
        }
    }
}
