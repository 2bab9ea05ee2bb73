//! 第 1 章 · UDP 接收:绑定一个端口,看看谁发来了什么
//!
//! 本阶段新增:`bind` 占住一个端口,`recv_from` 收数据报,同时得到发送方的地址。
//! 为什么:    别人要能找到你,先要有一个固定的地址,像信箱上的门牌号。
//! 怎么运行:  cargo run -p udp-recv -- 127.0.0.1:8080
//! 已知缺陷:  知道是谁发来的,却不回答(由 13-udp-echo 修复)。

mod cli;
mod encoding;
mod server;

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use common::addr::Address;
use encoding::Encoding;

/// UDP 接收:打印收到的每个数据报和它的发送方
#[derive(Parser)]
struct Cli {
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
}

fn main() -> ExitCode {
    cli::finish(run(cli::parse()))
}

fn run(cli: Cli) -> anyhow::Result<()> {
    // Ctrl-C 是结束程序的正常办法:安静地退出,退出码 0。
    ctrlc::set_handler(|| std::process::exit(0)).context("设置 Ctrl-C 失败")?;
    let limits = server::Limits {
        count: cli.count.unwrap_or(u64::MAX),
        buffer: usize::from(cli.buffer),
    };
    server::run(&cli.listen, &limits, cli.encoding)
}
