//! 第 1 章 · 广播与组播:一个数据报,问到许多人
//!
//! 本阶段新增:服务器加入一个组,也听广播;`find` 问一声「谁在」,列出网络里的服务器。
//! 为什么:    前几课都要先知道对方的地址;一个网络里有谁,问一声就知道。
//! 怎么运行:  cargo run -p udp-cast -- server --name 甲,另开一个终端:cargo run -p udp-cast -- find
//! 已知缺陷:  询问和回答丢了不会重发(由 16-udp-reliable 修复);
//!            谁都可以冒名回答(由 44-shell-secure 修复)。

mod answers;
mod cast;
mod cli;
mod client;
mod encoding;
mod find;
mod member;
mod protocol;
mod server;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, Parser};
use common::addr::Address;
use encoding::Encoding;

/// 广播与组播:找出网络里的服务器
#[derive(Parser)]
enum Cli {
    /// 服务器:收到什么,发回什么;有人问「谁在」就报上名字
    Server {
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

        /// 不打印收到的数据报,只回答
        #[arg(long)]
        quiet: bool,

        /// 报什么名字,最多 64 字节
        #[arg(long, value_name = "名字", default_value = "课程服务器")]
        name: String,

        #[command(flatten)]
        meeting: Meeting,
    },
    /// 客户端:每行输入发送一个数据报,打印回答,输入 exit 结束
    Client {
        /// 发到哪里;不写就会问
        #[arg(value_name = "服务器地址")]
        server: Option<Address>,

        /// 从本机的哪个地址发出;不写就由操作系统挑一个端口
        #[arg(long, value_name = "ADDR")]
        bind: Option<Address>,

        /// 文字在网线上的编码
        #[arg(long, value_enum, value_name = "编码", default_value = "utf-8")]
        encoding: Encoding,
    },
    /// 寻找:问一声「谁在」,列出回答了的服务器
    Find(Find),
}

#[derive(Args)]
struct Find {
    /// 只问这一个地址;不写就问广播地址和组播组
    #[arg(value_name = "目标地址")]
    target: Option<Address>,

    /// 从本机的哪个地址发出,也就是从哪块网卡;不写就是回环地址
    #[arg(long, value_name = "ADDR")]
    bind: Option<Address>,

    #[command(flatten)]
    meeting: Meeting,

    /// 等多久
    #[arg(long, value_name = "毫秒", default_value = "1000",
          value_parser = clap::value_parser!(u64).range(1..=60_000))]
    wait: u64,

    /// 组播的生存时间:1 不出本网段,每经过一个路由器减 1
    #[arg(long, value_name = "N", default_value = "1")]
    ttl: u8,

    /// 组播不送给本机的成员
    #[arg(long)]
    no_loop: bool,
}

/// 在哪里碰头:服务器和找它的人要一致。
#[derive(Args)]
struct Meeting {
    /// 组播组和碰头的端口;不写就用课程约定的
    #[arg(long, value_name = "组地址")]
    group: Option<Address>,

    /// 上真的网络:同一个网里的每台机器都会收到,先问过管理员
    #[arg(long)]
    lan: bool,
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
            count,
            buffer,
            encoding,
            quiet,
            name,
            meeting: Meeting { group, lan },
        } => {
            let limits = server::Limits {
                count: count.unwrap_or(u64::MAX),
                buffer: usize::from(buffer),
            };
            let identity = member::Identity { name, group, lan };
            server::run(&listen, &limits, (!quiet).then_some(encoding), &identity)
        }
        Cli::Client {
            server,
            bind,
            encoding,
        } => {
            let Some(server) = cli::address_or_ask(server, "请输入服务器地址:")? else {
                return Ok(());
            };
            client::run(&server, bind.as_ref(), encoding)
        }
        Cli::Find(find) => seek(find),
    }
}

fn seek(find: Find) -> anyhow::Result<()> {
    let Meeting { group, lan } = find.meeting;
    let local = match find.bind {
        Some(bind) => bind.resolve()?[0],
        None => cast::loopback(find.target.as_ref().or(group.as_ref()))?,
    };
    let place = cast::Place::new(local, group.as_ref(), lan)?;
    let search = find::Search {
        target: find.target,
        wait: Duration::from_millis(find.wait),
        ttl: find.ttl,
        loop_back: !find.no_loop,
    };
    find::run(&place, &search)
}
