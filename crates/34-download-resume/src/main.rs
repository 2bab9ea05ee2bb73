//! 第 3 章 · 下载:断点续传
//!
//! 本阶段新增:断了接着下,改名之前核对摘要;许多客户同时下,分段、限速、整个目录;Linux 上零拷贝。
//! 为什么:    上一阶段断了就要从头再来,字节在路上错了也看不出来。
//! 怎么运行:  cargo run -p download-resume -- server,另开一个终端:cargo run -p download-resume -- client
//! 已知缺陷:  谁都能下载,内容在路上谁都看得见(由 44-shell-secure 的 TLS 修复)。

mod action;
mod arguments;
mod cli;
mod client;
mod closing;
mod congestion;
mod connection;
mod customers;
mod digest;
mod digests;
mod directory;
mod discard;
mod failure;
mod fetch;
mod fill;
mod follow;
mod jobs;
mod journal;
mod latest;
mod limit;
mod list;
mod names;
mod order;
mod part;
mod pool;
mod positioned;
mod progress;
mod protocol;
mod receive;
mod refusal;
mod relay;
mod reply;
mod reserve;
mod segments;
mod send;
mod server;
mod session;
mod state;
mod status;
mod transfer;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use arguments::ClientArgs;
use clap::Parser;
use common::addr::Address;
use pool::Pool;

/// 下载文件:断了接着下,核对过才算数
#[derive(Parser)]
enum Cli {
    /// 服务器:让客户下载一个目录里的文件
    Server {
        /// 在哪里等客户
        #[arg(value_name = "监听地址", default_value = "127.0.0.1:7788")]
        listen: Address,

        /// 只给这个目录里的文件
        #[arg(long, value_name = "目录", default_value = ".")]
        root: PathBuf,

        /// 最多同时服务几条连接
        #[arg(long, value_name = "N", default_value = "100", value_parser = clap::value_parser!(u16).range(1..))]
        customers: u16,

        /// 客户这么多秒不说话,或者不收,就请他走
        #[arg(long, value_name = "秒", default_value = "300", value_parser = clap::value_parser!(u64).range(1..=86_400))]
        idle: u64,

        /// 收场时,等正在服务的客户这么多秒
        #[arg(long, value_name = "秒", default_value = "5", value_parser = clap::value_parser!(u64).range(0..=3600))]
        grace: u64,

        /// 拥塞控制的算法,例如 cubic;只有 Linux 能选。本机对本机,bbr 只有 cubic 的一半快
        #[arg(long, value_name = "算法")]
        congestion: Option<String>,

        /// 不记访问日志
        #[arg(long)]
        quiet: bool,
    },
    /// 客户端:下载文件;同样的命令再运行一次,就从断的地方接着下
    Client(ClientArgs),
    /// 看看服务器的目录里有什么
    Ls {
        /// 连到哪里;不写就会问
        #[arg(value_name = "服务器地址")]
        server: Option<Address>,

        /// 哪个目录;不写就是根目录
        #[arg(value_name = "目录", default_value = ".")]
        directory: String,

        /// 等服务器最多这么多秒
        #[arg(long, value_name = "秒", default_value = "10", value_parser = clap::value_parser!(u64).range(1..=3600))]
        timeout: u64,
    },
}

fn main() -> ExitCode {
    cli::finish(run(cli::parse()))
}

fn run(cli: Cli) -> anyhow::Result<()> {
    match cli {
        Cli::Server {
            listen,
            root,
            customers,
            idle,
            grace,
            congestion,
            quiet,
        } => {
            let limits = server::Limits {
                customers: usize::from(customers),
                idle: Duration::from_secs(idle),
                grace: Duration::from_secs(grace),
            };
            server::run(&listen, &root, limits, congestion.as_deref(), quiet)
        }
        Cli::Client(arguments) => arguments::download(arguments),
        Cli::Ls {
            server,
            directory,
            timeout,
        } => {
            arguments::end_on_ctrl_c()?;
            let Some(server) = cli::address_or_ask(server, "请输入服务器地址:")? else {
                return Ok(());
            };
            let pool = Pool::new(server, Duration::from_secs(timeout), None);
            list::print(&pool, &order::check_name(&directory)?)
        }
    }
}
