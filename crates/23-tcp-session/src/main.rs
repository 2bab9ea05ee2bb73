//! 第 2 章 · TCP 会话:一位客户说很多句
//!
//! 本阶段新增:同一条连接上一问一答,直到一方说完;读到 0 个字节就是流的末尾。
//! 为什么:    上一阶段说一句就挂断;而不认得「末尾」的循环会停不下来。
//! 怎么运行:  cargo run -p tcp-session -- server,另开一个终端:cargo run -p tcp-session -- client
//! 已知缺陷:  一位客户占着线不说话,后面的人只能排队(由 25-tcp-threads 修复);
//!            一次接收不等于一条消息,长的回答只显示前面一段,其余的冒充下一句的回答(由 26-tcp-chat 用帧修复)。

mod cli;
mod client;
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
    // Ctrl-C 是结束程序的正常办法:安静地退出,退出码 0。
    ctrlc::set_handler(|| std::process::exit(0)).context("设置 Ctrl-C 失败")?;
    match cli {
        Cli::Server {
            listen,
            backlog,
            encoding,
        } => server::run(&listen, backlog, encoding),
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
