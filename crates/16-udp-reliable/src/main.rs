//! 第 1 章 · UDP 可靠传输:在会丢的链路上传一个完整的文件
//!
//! 本阶段新增:编号、确认、超时重传、校验和、窗口,和一条会丢失、重复、打乱、损坏、延迟的链路。
//! 为什么:    UDP 只管送一次;要完整、按次序、不重复,得自己动手。做完就知道 TCP 替我们做了什么。
//! 怎么运行:  cargo run -p udp-reliable -- compare,看三种方式的比较;
//!            或者三个终端:server、link 127.0.0.1:8081 127.0.0.1:8080 --loss 30、
//!            client 127.0.0.1:8081 文件
//! 已知缺陷:  一次只收一个人的一个文件(由 25-tcp-threads 修复);不看路堵不堵,没有拥塞控制
//!            (TCP 自带,从 21-tcp-once 起);谁都可以来传,内容也没有加密(由 44-shell-secure 修复)。

mod chart;
mod cli;
mod client;
mod compare;
mod content;
mod flights;
mod link;
mod packet;
mod proxy;
mod receiver;
mod rto;
mod sender;
mod server;
mod simulation;
mod socket;
mod source;
mod store;
mod upload;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use clap::Parser;

/// UDP 可靠传输:编号、确认、重传、窗口,在会丢的链路上传一个完整的文件
#[derive(Parser)]
enum Cli {
    /// 服务器:收文件,完整了才保存
    Server(server::Options),
    /// 客户端:传一个文件
    Client(client::Options),
    /// 坏链路:在客户端和服务器中间转发,按种子丢失、重复、打乱、损坏、延迟
    Link(proxy::Options),
    /// 比较三种方式:各种丢失率下的有效速率、重传和重复(虚拟的时间,几秒就完)
    Compare(compare::Options),
}

fn main() -> ExitCode {
    cli::finish(run(cli::parse()))
}

fn run(cli: Cli) -> anyhow::Result<()> {
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    // Ctrl-C 是结束程序的正常办法:安静地退出,退出码 0。服务器要先删掉没有收完的临时文件。
    let is_server = matches!(cli, Cli::Server(_));
    ctrlc::set_handler(move || match is_server {
        true => stopped.store(true, Ordering::Relaxed),
        false => std::process::exit(0),
    })
    .context("设置 Ctrl-C 失败")?;
    match cli {
        Cli::Server(options) => server::run(&options, &stop),
        Cli::Client(options) => client::run(options),
        Cli::Link(options) => proxy::run(&options),
        Cli::Compare(options) => compare::run(&options),
    }
}
