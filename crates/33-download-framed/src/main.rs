//! 第 3 章 · 下载:状态和长度
//!
//! 本阶段新增:请求和回答都是帧;回答先说状态和长度,然后才是文件的字节;收齐了才改成最后的名字。
//! 为什么:    流的末尾只说「没有更多了」,不说「都在这里了」。
//! 怎么运行:  cargo run -p download-framed -- server,另开一个终端:cargo run -p download-framed -- client
//! 已知缺陷:  断了就要从头再来;字节在路上错了看不出来;一位客户传得慢,后面的人只能排队(由 34-download-resume 修复)。

mod cli;
mod client;
mod names;
mod protocol;
mod server;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use common::addr::Address;

/// 下载文件:回答先说状态和长度,收齐了才算数
#[derive(Parser)]
enum Cli {
    /// 服务器:收到一个文件名,发出这个文件
    Server {
        /// 在哪里等客户
        #[arg(value_name = "监听地址", default_value = "127.0.0.1:7788")]
        listen: Address,

        /// 只给这个目录里的文件
        #[arg(long, value_name = "目录", default_value = ".")]
        root: PathBuf,
    },
    /// 客户端:下载一个文件
    Client {
        /// 连到哪里;不写就会问
        #[arg(value_name = "服务器地址")]
        server: Option<Address>,

        /// 要哪个文件;不写就会问
        #[arg(value_name = "文件名")]
        name: Option<String>,

        /// 存成什么;不写就是当前目录里的「[接收]文件名」
        #[arg(long, value_name = "路径")]
        output: Option<PathBuf>,

        /// 等服务器最多这么多秒
        #[arg(long, value_name = "秒", default_value = "10", value_parser = clap::value_parser!(u64).range(1..=3600))]
        timeout: u64,
    },
}

fn main() -> ExitCode {
    cli::finish(run(cli::parse()))
}

fn run(cli: Cli) -> anyhow::Result<()> {
    // Ctrl-C 是结束程序的正常办法:安静地退出,退出码 0。
    ctrlc::set_handler(|| std::process::exit(0)).context("设置 Ctrl-C 失败")?;
    match cli {
        Cli::Server { listen, root } => server::run(&listen, &root),
        Cli::Client {
            server,
            name,
            output,
            timeout,
        } => {
            let Some(server) = cli::address_or_ask(server, "请输入服务器地址:")? else {
                return Ok(());
            };
            let Some(name) = client::name_or_ask(name)? else {
                return Ok(());
            };
            let timeout = Duration::from_secs(timeout);
            client::run(&server, &name, output, timeout)
        }
    }
}
