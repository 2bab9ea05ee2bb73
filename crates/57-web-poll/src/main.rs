//! 第 5 章 · 每个核一个事件循环

mod accept;
mod cache;
mod cli;
mod clock;
mod connection;
mod dialogue;
mod limits;
mod listen;
mod places;
mod positioned;
mod reactor;
mod request;
mod response;
mod send;
mod server;
mod site;
mod status;
mod timers;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use common::addr::Address;
use limits::Limits;
use site::{Options, Site};

/// 静态网站
#[derive(Parser)]
struct Cli {
    #[arg(value_name = "监听地址", default_value = "127.0.0.1:8080")]
    listen: Address,
    #[arg(long, default_value = ".")]
    root: PathBuf,
    #[arg(long, default_value_t = 60)]
    idle: u64,
    #[arg(long, default_value_t = 20000)]
    connections: usize,
    #[arg(long, default_value_t = 1000000000)]
    requests: u32,
    #[arg(long)]
    workers: Option<usize>,
    #[arg(long)]
    quiet: bool,
}

fn main() -> ExitCode {
    cli::finish(run(cli::parse()))
}

fn run(cli: Cli) -> anyhow::Result<()> {
    let s = Duration::from_secs;
    let limits = Limits {
        header: s(10),
        body: s(30),
        idle: s(cli.idle),
        write: s(30),
        grace: s(5),
        connections: cli.connections,
        requests: cli.requests,
        body_size: 1 << 20,
        workers: cli
            .workers
            .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, |n| n.get())),
    };
    server::run(
        &cli.listen,
        Site::open(&cli.root, Options::default())?,
        limits,
    )
}
