//! 第 3 章 · 下载:收到末尾
//!
//! 本阶段新增:接收放进循环,直到流的末尾;收一块,写一块。
//! 为什么:    一次 `read` 得到几个字节,和文件有多长没有关系。
//! 怎么运行:  cargo run -p download-stream -- server,另开一个终端:cargo run -p download-stream -- client
//! 已知缺陷:  空文件、没有这个文件、传到一半断了,分不清;断了的半个文件也用着最后的名字(由 33-download-framed 修复);
//!            一位客户传得慢,后面的人只能排队(由 34-download-resume 修复)。

mod cli;
mod client;
mod encoding;
mod server;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use common::addr::Address;
use encoding::Encoding;

/// 下载文件:客户说出文件名,服务器发来文件的字节
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

        /// 文件名在网线上的编码
        #[arg(long, value_enum, value_name = "编码", default_value = "utf-8")]
        encoding: Encoding,
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

        /// 文件名在网线上的编码
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
            root,
            encoding,
        } => server::run(&listen, &root, encoding),
        Cli::Client {
            server,
            name,
            output,
            timeout,
            encoding,
        } => {
            let Some(server) = cli::address_or_ask(server, "请输入服务器地址:")? else {
                return Ok(());
            };
            let Some(name) = client::name_or_ask(name)? else {
                return Ok(());
            };
            let timeout = Duration::from_secs(timeout);
            client::run(&server, &name, output, timeout, encoding)
        }
    }
}
