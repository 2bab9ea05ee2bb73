//! 第 4 章 · 远程命令:粘包
//!
//! 本阶段新增:服务器把收到的字节当成命令来运行,把它的输出发回去;两边都只收一次。
//! 为什么:    回答第一次比一次接收的上限长:看得到上一个回答的尾巴粘在下一个回答的前面。
//! 怎么运行:  cargo run -p shell-sticky -- server,另开一个终端:cargo run -p shell-sticky -- client
//! 已知缺陷:  长的回答只显示前面一段,其余的冒充下一个命令的回答,从此都错位;
//!            没有输出的命令,客户端分不清「没有」和「还没有」,只能等到期限(都由 42-shell-framed 修复);
//!            命令这个方向也没有边界,长的切成两个,连着发的粘成一个;一位客户占着,后面的人只能排队;
//!            退出码丢了,`cd` 不保留(都由 43-shell-stream 修复);谁都能运行任何命令(由 44-shell-secure 修复)。

mod cli;
mod client;
mod command;
mod console;
mod encoding;
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
