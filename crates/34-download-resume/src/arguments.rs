//! 客户端的参数,和 Ctrl-C。

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use common::addr::Address;

use crate::cli;
use crate::client;
use crate::limit::{Limit, Rate};
use crate::order::{Order, names_or_ask};
use crate::pool::Pool;
use crate::progress::Style;
use crate::transfer::Options;

/// 客户端的参数。
#[derive(clap::Args)]
pub struct ClientArgs {
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
    limit: Option<String>,

    /// 断了而没有收到新的字节,再连几次
    #[arg(long, value_name = "N", default_value = "5", value_parser = clap::value_parser!(u32).range(0..=1000))]
    retries: u32,

    /// 怎样显示进度:bar、lines、json 或 none;不写的话,终端上是进度条,别处一秒一行
    #[arg(long, value_enum, value_name = "样子", hide_possible_values = true)]
    progress: Option<Style>,

    /// 不核对摘要:快,但字节在路上、在磁盘上错了看不出来
    #[arg(long)]
    no_verify: bool,

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

/// 正在下载:这时的 Ctrl-C 不是正常的结束。
static DOWNLOADING: AtomicBool = AtomicBool::new(false);

/// Ctrl-C 结束程序:正在下载就是没有做完,退出码 1;别的时候是 0。
pub fn end_on_ctrl_c() -> anyhow::Result<()> {
    let handler = || {
        if DOWNLOADING.load(Ordering::SeqCst) {
            cli::note("停下了;同样的命令再运行一次,就接着下");
            std::process::exit(1);
        }
        std::process::exit(0);
    };
    ctrlc::set_handler(handler).context("设置 Ctrl-C 失败")
}

/// 看不懂的限速和别的用法错误一样,退出码是 2;`clap` 会丢掉它为什么看不懂。
fn rate(text: &str) -> Rate {
    text.parse().unwrap_or_else(|reason| {
        let text = format!("--limit 不能是 {text}:{reason}");
        let hint = "写成 10MB/s、500K 这样".to_owned();
        cli::report(&cli::Hinted { text, hint }.into());
        std::process::exit(2)
    })
}

/// 下载:还缺什么就问,问到了就开始。
pub fn download(arguments: ClientArgs) -> anyhow::Result<()> {
    end_on_ctrl_c()?;
    let limit = arguments.limit.map(|text| Limit::new(rate(&text)));
    let Some(server) = cli::address_or_ask(arguments.server, "请输入服务器地址:")? else {
        return Ok(());
    };
    let order = Order {
        names: names_or_ask(arguments.names)?,
        output: arguments.output,
        recursive: arguments.recursive,
        discard: arguments.discard,
    };
    let options = Options {
        jobs: arguments.jobs,
        limit,
        retries: arguments.retries,
        verify: !arguments.no_verify,
        sync: !arguments.no_sync,
        style: arguments.progress.unwrap_or_else(Style::fitting),
    };
    DOWNLOADING.store(true, Ordering::SeqCst);
    let timeout = Duration::from_secs(arguments.timeout);
    let pool = Pool::new(server, timeout, arguments.congestion);
    client::run(&pool, order, &options)
}
