//! 第 2 章 · TCP 聊天室(事件循环):一个线程照看一万个人
//!
//! 本阶段新增:一个线程,一个事件循环(mio);一批事件办完,要写的每人一次写出。
//! 为什么:    上一阶段每位成员占两个线程,人越多,切换线程越费时间和内存。
//! 怎么运行:  cargo run -p tcp-chat-poll -- server,另开几个终端:cargo run -p tcp-chat-poll -- client
//! 已知缺陷:  只用一个核;谁都能进来,说的话不加密(由 44-shell-secure 讲 TLS 和口令)。

mod batch;
mod cli;
mod client;
mod closing;
mod command;
mod connection;
mod door;
mod event;
mod gate;
mod history;
mod join;
mod journal;
mod link;
mod listen;
mod members;
mod name;
mod outbox;
mod protocol;
mod reactor;
mod reconnect;
mod room;
mod server;
mod talk;
mod terminal;
mod writing;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use common::addr::Address;
use protocol::HEARTBEAT;
use server::Limits;

/// TCP 聊天室:一个人说,大家听
#[derive(Parser)]
enum Cli {
    /// 服务器:把每个人的话转给大家
    Server {
        /// 在哪里等待客户
        #[arg(value_name = "监听地址", default_value = "127.0.0.1:8080")]
        listen: Address,

        /// 最多这么多位成员;再来的请他稍后
        #[arg(long, value_name = "N", default_value = "20000",
              value_parser = clap::value_parser!(u32).range(1..))]
        max_members: u32,

        /// 等着写给一位成员的最多这么多字节,超过就请他离开;至少 131072
        #[arg(long, value_name = "字节", default_value = "262144",
              value_parser = clap::value_parser!(u32).range(131_072..))]
        queue: u32,

        /// 分行的成员(nc)最多这么多秒不说话
        #[arg(long, value_name = "秒", default_value = "600",
              value_parser = clap::value_parser!(u64).range(1..=86_400))]
        idle: u64,

        /// 分帧的成员这么多秒没有声音,就问一声;三倍还没有,就请他离开
        #[arg(long, value_name = "秒", default_value_t = HEARTBEAT.as_secs(),
              value_parser = clap::value_parser!(u64).range(1..=86_400))]
        heartbeat: u64,

        /// 给晚来的人看最后这么多条消息
        #[arg(long, value_name = "行数", default_value = "20")]
        history: u16,

        /// 不打印谁来谁走
        #[arg(long)]
        quiet: bool,
    },
    /// 客户端:每行输入发给大家,大家说的随到随显示,输入 /help 看有哪些命令
    Client {
        /// 连到哪里;不写就会问
        #[arg(value_name = "服务器地址")]
        server: Option<Address>,

        /// 用什么昵称;不写就会问
        #[arg(long, value_name = "昵称")]
        name: Option<String>,

        /// 连接断了就结束,不再连
        #[arg(long)]
        no_reconnect: bool,
    },
}

fn main() -> ExitCode {
    cli::finish(run(cli::parse()))
}

fn run(cli: Cli) -> anyhow::Result<()> {
    match cli {
        Cli::Server {
            listen,
            max_members,
            queue,
            idle,
            heartbeat,
            history,
            quiet,
        } => {
            let limits = Limits {
                max_members: max_members as usize,
                queue: queue as usize,
                idle: Duration::from_secs(idle),
                heartbeat: Duration::from_secs(heartbeat),
                history: history.into(),
            };
            server::run(&listen, limits, quiet)
        }
        Cli::Client {
            server,
            name,
            no_reconnect,
        } => client::run(server, name, !no_reconnect),
    }
}
