//! 第 2 章 · 两个人对话:轮流说,直到 quit
//!
//! 本阶段新增:回答由人来打;一方说 quit,两边都结束这场对话。
//! 为什么:    连接的两头是一样的:谁都能说,谁都能先挂断。
//! 怎么运行:  cargo run -p tcp-talk -- server,另开一个终端:cargo run -p tcp-talk -- client
//! 已知缺陷:  一人一句,不能连说两句,也不能插话;轮到自己说时,看不到对方已经挂断(由 26-tcp-chat 修复);
//!            一次接收不等于一条消息,quit 和别的话连在一起就认不出来(由 26-tcp-chat 用帧修复)。

mod cli;
mod client;
mod encoding;
mod server;
mod session;

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use common::addr::Address;
use encoding::Encoding;

/// 两个人通过 TCP 对话:轮流说一句,quit 结束
#[derive(Parser)]
enum Cli {
    /// 服务器:等人来,听一句,回一句;送走一位,等下一位
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
    /// 客户端:连上以后先说,再听
    Client {
        /// 连到哪里;不写就会问
        #[arg(value_name = "服务器地址")]
        server: Option<Address>,

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
        Cli::Client { server, encoding } => {
            let Some(server) = cli::address_or_ask(server, "请输入服务器地址:")? else {
                return Ok(());
            };
            client::run(&server, encoding)
        }
    }
}
