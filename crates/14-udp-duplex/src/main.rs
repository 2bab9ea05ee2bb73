//! 第 1 章 · UDP 全双工:随时说,随时听
//!
//! 本阶段新增:两个线程共用一个套接字,一个发,一个收;没有服务器和客户端之分。
//! 为什么:    上一阶段一问一答,像对讲机;套接字本来就能同时收发,像打电话。
//! 怎么运行:  cargo run -p udp-duplex -- 127.0.0.1:8082 --bind 127.0.0.1:8081,
//!            另开一个终端:cargo run -p udp-duplex -- 127.0.0.1:8081 --bind 127.0.0.1:8082
//! 已知缺陷:  丢了的不会重发,重复和乱序也看不出来(由 16-udp-reliable 修复)。

mod cli;
mod client;
mod encoding;
mod gate;
mod terminal;

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use common::addr::Address;
use encoding::Encoding;

/// UDP 全双工:每行输入发给对方,对方说的随到随显示,输入 exit 结束
#[derive(Parser)]
struct Cli {
    /// 和谁说话;不写就会问
    #[arg(value_name = "对方地址")]
    server: Option<Address>,

    /// 本机用哪个地址,对方要写它;不写就由操作系统挑一个端口
    #[arg(long, value_name = "ADDR")]
    bind: Option<Address>,

    /// 文字在网线上的编码
    #[arg(long, value_enum, value_name = "编码", default_value = "utf-8")]
    encoding: Encoding,
}

fn main() -> ExitCode {
    cli::finish(run(cli::parse()))
}

fn run(cli: Cli) -> anyhow::Result<()> {
    // Ctrl-C 是结束程序的正常办法:安静地退出,退出码 0。
    ctrlc::set_handler(|| std::process::exit(0)).context("设置 Ctrl-C 失败")?;
    let Some(server) = cli::address_or_ask(cli.server, "请输入对方地址:")? else {
        return Ok(());
    };
    client::run(&server, cli.bind.as_ref(), cli.encoding)
}
