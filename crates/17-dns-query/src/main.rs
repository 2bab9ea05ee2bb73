//! 第 1 章 · DNS 查询:把域名换成地址
//!
//! 本阶段新增:按 RFC 1035 编码问题、解码回答;用编号和问题认出回答,没有回答再问,装不下改用 TCP。
//! 为什么:    回声的回答里没有编号,迟到的分不清是谁的;真正的协议把这些都写在报文里。
//! 怎么运行:  cargo run -p dns-query -- www.example.com,
//!            或者指定类型和服务器:cargo run -p dns-query -- example.com --type MX --server 223.5.5.5
//! 已知缺陷:  回答没有签名,也没有加密:路上的人能看、能改(DNSSEC、DoT、DoH,课程不做)。

mod cli;
mod client;
mod input;
mod message;
mod name;
mod question;
mod record;
mod show;
mod system;
mod tcp;
mod udp;
mod wire;

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use input::{Kind, Server};

/// DNS 查询:问一个域名的记录
#[derive(Parser)]
struct Cli {
    /// 问哪个域名;写 IP 地址就反过来问它的域名;不写就会问
    #[arg(value_name = "域名")]
    name: Option<String>,

    /// 问哪一类记录;不写就是 A(写的是 IP 地址时是 PTR)
    #[arg(long = "type", value_enum, value_name = "类型", ignore_case = true)]
    kind: Option<Kind>,

    /// 问哪个服务器,端口不写就是 53;不写就用系统的
    #[arg(long, value_name = "ADDR")]
    server: Option<Server>,
}

fn main() -> ExitCode {
    cli::finish(run(&cli::parse()))
}

fn run(cli: &Cli) -> anyhow::Result<()> {
    // Ctrl-C 是结束程序的正常办法:安静地退出,退出码 0。
    ctrlc::set_handler(|| std::process::exit(0)).context("设置 Ctrl-C 失败")?;
    let question = match &cli.name {
        Some(name) => input::question(name, cli.kind).unwrap_or_else(|mistake| {
            // 与别的用法错误一样,退出码是 2。
            cli::report(&mistake.into());
            std::process::exit(2);
        }),
        None => match input::ask(cli.kind)? {
            Some(question) => question,
            None => return Ok(()),
        },
    };
    let servers = match &cli.server {
        Some(Server(address)) => address.resolve()?,
        None => system::servers()?,
    };
    client::run(&servers, &question)
}
