//! 第 4 章 · 远程命令:流式
//!
//! 本阶段新增:每一帧先说自己是什么:标准输出、标准错误、退出码……;输出一出来就到,Ctrl-C 中断那边的命令。
//! 为什么:    上一阶段要等命令结束才有回答,停不下来,也不知道它成功没有。
//! 怎么运行:  cargo run -p shell-stream -- server,另开一个终端:cargo run -p shell-stream -- client
//! 已知缺陷:  谁连得上,谁就能运行任何命令,路上谁都看得见(由 44-shell-secure 修复)。

#[cfg_attr(windows, path = "attend_windows.rs")]
mod attend;
mod cli;
mod client;
mod closing;
mod codepage;
mod command;
mod customers;
mod directory;
mod farewell;
#[cfg_attr(windows, path = "group_windows.rs")]
mod group;
mod input;
mod interactive;
mod interrupt;
mod keepalive;
mod link;
mod outlet;
#[cfg(unix)]
mod pipes;
mod protocol;
mod pump;
mod remote;
mod replies;
mod reply;
mod request;
mod runner;
mod screen;
mod server;
mod session;
mod stdin;
mod worker;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use common::addr::Address;

/// 远程命令:在服务器那台机器上运行,输出一出来就看到
#[derive(Parser)]
enum Cli {
    /// 服务器:替客户运行命令
    Server {
        /// 在哪里等客户
        #[arg(value_name = "监听地址", default_value = "127.0.0.1:8080")]
        listen: Address,

        /// 监听队列:握手已经完成、还没有被 accept 的客户最多排多少位
        #[arg(long, value_name = "N", default_value = "128", value_parser = clap::value_parser!(i32).range(0..))]
        backlog: i32,

        /// 最多同时服务几位客户
        #[arg(long, value_name = "N", default_value = "100", value_parser = clap::value_parser!(u16).range(1..))]
        customers: u16,

        /// 客户这么多秒不说话,也没有命令在运行,就请他走;这么多秒不收,也一样
        #[arg(long, value_name = "秒", default_value = "1800", value_parser = clap::value_parser!(u64).range(1..=86_400))]
        idle: u64,

        /// 收场时,等正在服务的客户这么多秒
        #[arg(long, value_name = "秒", default_value = "5", value_parser = clap::value_parser!(u64).range(0..=3600))]
        grace: u64,

        /// 一个命令最多运行这么多秒
        #[arg(long, value_name = "秒", default_value = "3600", value_parser = clap::value_parser!(u32).range(1..=604_800))]
        longest: u32,

        /// 一个命令最多输出这么多 MiB
        #[arg(long, value_name = "MiB", default_value = "10240", value_parser = clap::value_parser!(u32).range(1..))]
        output: u32,

        /// 允许在本机以外也连得到的地址上监听:任何人都能在这台机器上运行任何命令
        #[arg(long)]
        anyone: bool,
    },
    /// 客户端:一行一个命令,输入 bye 结束;或者用 -- 只运行一个
    Client {
        /// 连到哪里;不写就会问
        #[arg(value_name = "服务器地址")]
        server: Option<Address>,

        /// 连上、等服务器打招呼,最多这么多秒
        #[arg(long, value_name = "秒", default_value = "10", value_parser = clap::value_parser!(u64).range(1..=3600))]
        timeout: u64,

        /// 只运行这一个:标准输入给它,它的输出原样打印,退出码是它的
        #[arg(last = true, value_name = "命令", requires = "server")]
        command: Vec<String>,
    },
}

fn main() -> ExitCode {
    match run(cli::parse()) {
        Ok(code) => code,
        Err(error) => cli::finish(Err(error)),
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli {
        Cli::Server {
            listen,
            backlog,
            customers,
            idle,
            grace,
            longest,
            output,
            anyone,
        } => {
            let limits = server::Limits {
                backlog,
                customers: usize::from(customers),
                idle: Duration::from_secs(idle),
                grace: Duration::from_secs(grace),
                command: command::Limits {
                    seconds: longest,
                    output,
                },
                anyone,
            };
            server::run(&listen, limits).map(|()| ExitCode::SUCCESS)
        }
        Cli::Client {
            server,
            timeout,
            command,
        } => client::run(server, Duration::from_secs(timeout), &command),
    }
}
