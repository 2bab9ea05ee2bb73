//! 第 1 章 · UDP 发送:一行文字,一个数据报
//!
//! 本阶段新增:建一个 UDP 套接字,把输入的每一行装进一个数据报发出去。
//! 为什么:    不用先建立连接,写上对方的地址就能发,像寄明信片。
//! 怎么运行:  cargo run -p udp-send -- 127.0.0.1:8080
//! 已知缺陷:  只发不收,有没有人收到、收到什么都不知道(由 12-udp-recv、13-udp-echo 修复)。

mod cli;
mod client;
mod encoding;

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use common::addr::Address;
use encoding::Encoding;

/// UDP 发送:每行输入发送一个数据报,输入 exit 结束
#[derive(Parser)]
struct Cli {
    /// 发到哪里;不写就会问
    #[arg(value_name = "目标地址")]
    server: Option<Address>,

    /// 从本机的哪个地址发出;不写就由操作系统挑一个端口
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
    let Some(server) = cli::address_or_ask(cli.server, "请输入服务器地址:")? else {
        return Ok(());
    };
    client::run(&server, cli.bind.as_ref(), cli.encoding)
}
