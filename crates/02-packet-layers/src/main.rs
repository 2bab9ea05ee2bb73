//! 第 0 章 · 报文的各层:数据一层一层地装进去,再一层一层地拆开
//!
//! 本阶段新增:自己写以太网、ARP、IPv4、UDP、TCP 的头,存成抓包文件;再把抓包文件一个字段一个字段地读出来。
//! 为什么:    套接字只交出数据,头都由操作系统加上;亲手加一次,才知道网线上走的是什么。
//! 怎么运行:  cargo run -p packet-layers -- build --out layers.pcap
//! 已知缺陷:  报文只写进文件,没有真的发出去(由 11-udp-send 修复);只读 .pcap,不读 .pcapng(用 editcap 转换)。

mod boxes;
mod build;
mod capture;
mod cli;
mod conversation;
mod sender;
mod show;
mod text;
mod wire;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};

/// 报文的各层:build 把数据一层一层地装进去,show 把抓到的包一层一层地拆开
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// 把一段数据装进 UDP 和 TCP,一层一层画出来,存成抓包文件
    Build(build::Options),
    /// 读抓包文件,打印每个包的每一层、每个字段
    Show {
        /// 抓包文件(.pcap),tcpdump、Wireshark 抓的也行
        #[arg(value_name = "FILE")]
        file: PathBuf,

        /// 只看第几个包
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
        only: Option<u64>,
    },
}

fn main() -> ExitCode {
    cli::finish(run(cli::parse()))
}

fn run(cli: Cli) -> anyhow::Result<()> {
    // Ctrl-C 是结束程序的正常办法:安静地退出,退出码 0。
    ctrlc::set_handler(|| std::process::exit(0)).context("设置 Ctrl-C 失败")?;
    match cli.command {
        Command::Build(options) => build::run(&options),
        Command::Show { file, only } => show::run(&file, only),
    }
}
