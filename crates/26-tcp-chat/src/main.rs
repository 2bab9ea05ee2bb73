//! 第 2 章 · TCP 聊天室(只有客户端的临时版本)
mod cli;
mod client;
mod gate;
mod join;
mod link;
mod listen;
#[allow(dead_code)]
mod name;
#[allow(dead_code)]
mod protocol;
mod reconnect;
mod talk;
mod terminal;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use common::addr::Address;

/// TCP 聊天室
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    role: Role,
}

#[derive(Subcommand)]
enum Role {
    /// 加入聊天室
    Client {
        /// 连接哪个服务器;不写就会问
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
    let Role::Client {
        server,
        name,
        no_reconnect,
    } = cli::parse::<Cli>().role;
    cli::finish(client::run(server, name, !no_reconnect))
}
