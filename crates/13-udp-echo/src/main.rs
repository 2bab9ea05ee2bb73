//! 第 1 章 · UDP 回声:同一个套接字又收又发
//!
//! 本阶段新增:服务器把收到的原样发回给发送方;客户端发一行,等一个回答。
//! 为什么:    数据报上写着回信的地址,有来有往才是对话。
//! 怎么运行:  cargo run -p udp-echo -- server,另开一个终端:cargo run -p udp-echo -- client
//! 已知缺陷:  一问一答,对方不能主动说话(由 14-udp-duplex 修复);
//!            丢了的不会重发,迟到的回答可能被当成下一条的(由 16-udp-reliable 修复)。

mod cli;
mod client;
mod encoding;
mod server;

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use common::addr::Address;
use encoding::Encoding;

/// UDP 回声:服务器把收到的每个数据报原样发回
#[derive(Parser)]
enum Cli {
    /// 服务器:收到什么,发回什么
    Server {
        /// 在哪里接收
        #[arg(value_name = "监听地址", default_value = "127.0.0.1:8080")]
        listen: Address,

        /// 收到这么多个数据报就结束;不写就一直收
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
        count: Option<u64>,

        /// 接收缓冲区的字节数;比它大的数据报会被截断
        #[arg(long, value_name = "字节数", default_value = "65535",
              value_parser = clap::value_parser!(u16).range(1..))]
        buffer: u16,

        /// 文字在网线上的编码
        #[arg(long, value_enum, value_name = "编码", default_value = "utf-8")]
        encoding: Encoding,

        /// 不打印收到的数据报,只回答
        #[arg(long)]
        quiet: bool,
    },
    /// 客户端:每行输入发送一个数据报,打印回答,输入 exit 结束
    Client {
        /// 发到哪里;不写就会问
        #[arg(value_name = "服务器地址")]
        server: Option<Address>,

        /// 从本机的哪个地址发出;不写就由操作系统挑一个端口
        #[arg(long, value_name = "ADDR")]
        bind: Option<Address>,

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
            count,
            buffer,
            encoding,
            quiet,
        } => {
            let limits = server::Limits {
                count: count.unwrap_or(u64::MAX),
                buffer: usize::from(buffer),
            };
            server::run(&listen, &limits, (!quiet).then_some(encoding))
        }
        Cli::Client {
            server,
            bind,
            encoding,
        } => {
            let Some(server) = cli::address_or_ask(server, "请输入服务器地址:")? else {
                return Ok(());
            };
            client::run(&server, bind.as_ref(), encoding)
        }
    }
}
