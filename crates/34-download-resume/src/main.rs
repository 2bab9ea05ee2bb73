//! 第 3 章 · 下载:断点续传
//!
//! 本阶段新增:断了接着下,改名之前核对摘要;许多客户同时下,分段、限速、整个目录;Linux 上零拷贝。
//! 为什么:    上一阶段断了就要从头再来,字节在路上错了也看不出来。
//! 怎么运行:  cargo run -p download-resume -- server,另开一个终端:cargo run -p download-resume -- client
//! 已知缺陷:  谁都能下载,内容在路上谁都看得见(由 44-shell-secure 的 TLS 修复)。

mod cli;
mod client;
mod closing;
mod congestion;
mod connection;
mod customers;
mod digest;
mod digests;
mod directory;
mod failure;
mod fetch;
mod limit;
mod list;
mod names;
mod part;
mod positioned;
mod progress;
mod protocol;
mod receive;
mod send;
mod server;
mod session;
mod state;
mod status;
mod transfer;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use common::addr::Address;
use connection::Pool;
use limit::{Limit, Rate};
use progress::Style;

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

/// 客户端的参数。
#[derive(clap::Args)]
struct ClientArgs {
    /// 连到哪里;不写就会问
    #[arg(value_name = "服务器地址")]
    server: Option<Address>,

    /// 要哪些文件;不写就会问
    #[arg(value_name = "文件名")]
    names: Vec<String>,

    /// 存成什么;几个文件就是存到哪个目录。不写就是当前目录里的「[接收]文件名」
    #[arg(long, value_name = "路径", conflicts_with = "discard")]
    output: Option<PathBuf>,

    /// 目录就下载里面的全部文件
    #[arg(long, conflicts_with = "discard")]
    recursive: bool,

    /// 一个文件分几段,同时收
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u64).range(1..=64))]
    jobs: u64,

    /// 限速,例如 10MB/s
    #[arg(long, value_name = "速度")]
    limit: Option<Rate>,

    /// 断了而没有收到新的字节,再连几次
    #[arg(long, value_name = "N", default_value = "5", value_parser = clap::value_parser!(u32).range(0..=1000))]
    retries: u32,

    /// 怎样显示进度;不写的话,终端上是进度条,别处一秒一行
    #[arg(long, value_enum, value_name = "样子")]
    progress: Option<Style>,

    /// 改名之前不等内容写进磁盘:快,但突然断电可能留下坏的文件
    #[arg(long)]
    no_sync: bool,

    /// 收到就丢掉,不存也不核对,只测速度
    #[arg(long)]
    discard: bool,

    /// 等服务器最多这么多秒
    #[arg(long, value_name = "秒", default_value = "10", value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,

    /// 拥塞控制的算法,例如 cubic;只有 Linux 能选
    #[arg(long, value_name = "算法")]
    congestion: Option<String>,
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
        } => {
            let limits = server::Limits {
                customers: usize::from(customers),
                idle: Duration::from_secs(idle),
                grace: Duration::from_secs(grace),
            };
            server::run(&listen, &root, limits, congestion.as_deref())
        }
        Cli::Client(arguments) => download(arguments),
        Cli::Ls {
            server,
            directory,
            timeout,
        } => {
            end_on_ctrl_c()?;
            let Some(server) = cli::address_or_ask(server, "请输入服务器地址:")? else {
                return Ok(());
            };
            let pool = Pool::new(server, Duration::from_secs(timeout), None);
            list::print(&pool, &client::check_name(&directory)?)
        }
    }
}

/// 正在下载:这时的 Ctrl-C 不是正常的结束。
static DOWNLOADING: AtomicBool = AtomicBool::new(false);

fn end_on_ctrl_c() -> anyhow::Result<()> {
    let handler = || {
        if DOWNLOADING.load(Ordering::SeqCst) {
            cli::note("停下了;同样的命令再运行一次,就接着下");
            std::process::exit(1);
        }
        std::process::exit(0);
    };
    ctrlc::set_handler(handler).context("设置 Ctrl-C 失败")
}

fn download(arguments: ClientArgs) -> anyhow::Result<()> {
    end_on_ctrl_c()?;
    let Some(server) = cli::address_or_ask(arguments.server, "请输入服务器地址:")? else {
        return Ok(());
    };
    let order = client::Order {
        names: client::names_or_ask(arguments.names)?,
        output: arguments.output,
        recursive: arguments.recursive,
        discard: arguments.discard,
    };
    let options = transfer::Options {
        jobs: arguments.jobs,
        limit: arguments.limit.map(Limit::new),
        retries: arguments.retries,
        sync: !arguments.no_sync,
        style: arguments.progress.unwrap_or_else(Style::fitting),
    };
    DOWNLOADING.store(true, Ordering::SeqCst);
    let timeout = Duration::from_secs(arguments.timeout);
    let pool = Pool::new(server, timeout, arguments.congestion);
    client::run(&pool, order, &options)
}
