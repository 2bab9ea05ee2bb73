//! 第 2 章 · 连接的一生:每到一个状态,就看它一眼
//!
//! 本阶段新增:一个程序演连接的两端,每做一件事,就到操作系统的连接表里看状态变成了什么。
//! 为什么:    地址被占用、CLOSE-WAIT 越积越多、连不上、多等 40 毫秒,看得见状态才说得清原因。
//! 怎么运行:  cargo run -p tcp-states -- life,
//!            或者监看别的程序的连接:cargo run -p tcp-states -- watch 8080
//! 已知缺陷:  一闪而过的状态,watch 看不到:它只是每隔几毫秒查一次表(抓包才看得到每一步)。

mod backlog;
mod cli;
mod close_wait;
mod end;
mod life;
mod lossy;
mod nagle;
#[cfg(not(target_os = "linux"))]
mod netstat;
mod report;
mod reset;
mod scene;
mod simultaneous;
mod socket;
mod state;
mod table;
mod time_wait;
mod watch;

use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};
use end::End;

/// 连接的一生:做一步,看一眼两端的状态
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    experiment: Experiment,
}

#[derive(Subcommand)]
enum Experiment {
    /// 从握手到 TIME-WAIT:数据、半关闭、关闭
    Life {
        /// 谁先关
        #[arg(long, value_enum, value_name = "哪一端", default_value = "client")]
        close: End,
        /// 让 SYN-SENT、FIN-WAIT-1 这样一闪而过的状态停下来(只有 Linux)
        #[arg(long)]
        hold: bool,
        /// 每一步之后等回车
        #[arg(long)]
        step: bool,
    },
    /// 对方关了,自己不关:停在 CLOSE-WAIT
    CloseWait {
        /// 每一步之后等回车
        #[arg(long)]
        step: bool,
    },
    /// 留下 TIME-WAIT 的端口,能不能马上再绑定
    TimeWait,
    /// 用 RST 断开:怎样会得到它,对方看到什么
    Reset,
    /// 不 accept,能连上几位客户
    Backlog {
        /// listen(n) 的 n,可以写几个
        #[arg(value_name = "N", default_values_t = [0, 1, 5, 128])]
        sizes: Vec<u16>,
    },
    /// 请求分两次写,每次多等多久
    Nagle {
        /// 每种写法问答几次
        #[arg(long, value_name = "次数", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
        rounds: u16,
    },
    /// 两端同时打开、同时关闭:SYN-RECEIVED 和 CLOSING(只有 Linux)
    Simultaneous {
        /// 每一步之后等回车
        #[arg(long)]
        step: bool,
    },
    /// 监看一个端口上的连接,变一次状态打印一行
    Watch {
        /// 哪个端口
        #[arg(value_name = "端口", value_parser = clap::value_parser!(u16).range(1..))]
        port: u16,
        /// 打印几行以后结束
        #[arg(long, value_name = "N")]
        count: Option<u64>,
        /// 几秒以后结束
        #[arg(long, value_name = "秒")]
        seconds: Option<u64>,
    },
}

fn main() -> ExitCode {
    cli::finish(run(cli::parse()))
}

fn run(cli: Cli) -> anyhow::Result<()> {
    // Ctrl-C 是结束程序的正常办法:安静地退出,退出码 0。
    ctrlc::set_handler(|| std::process::exit(0)).context("设置 Ctrl-C 失败")?;
    match cli.experiment {
        Experiment::Life { close, hold, step } => life::run(life::Options {
            first: close,
            hold,
            step,
        }),
        Experiment::CloseWait { step } => close_wait::run(step),
        Experiment::TimeWait => time_wait::run(),
        Experiment::Reset => reset::run(),
        Experiment::Backlog { sizes } => backlog::run(&sizes),
        Experiment::Nagle { rounds } => nagle::run(rounds),
        Experiment::Simultaneous { step } => simultaneous::run(step),
        Experiment::Watch {
            port,
            count,
            seconds,
        } => watch::run(port, watch::Limits { count, seconds }),
    }
}
