//! 第 0 章 · IP 地址计算:地址与掩码按位与,就是网络
//!
//! 本阶段新增:把地址看成 32 位(IPv6 是 128 位)的整数,用掩码分成网络部分和主机部分。
//! 为什么:    两台主机能不能直接通信,要先算它们是不是在同一个子网。
//! 怎么运行:  cargo run -p ip-calc -- 192.168.9.193/25
//! 已知缺陷:  只算不发,地址怎样写进数据包还看不见(由 02-packet-layers 修复)。

mod address;
mod blocks;
mod cli;
mod kind;
mod mask;
mod network;
mod question;
mod report;

use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Parser;

use crate::question::Question;

/// 问题写错了,是用法错误。
const USAGE: u8 = 2;

/// 帮助的第一行:四种写法。
const FORMS: &str = "ip-calc 地址/前缀
      ip-calc 地址 掩码
      ip-calc same A/前缀 B/前缀
      ip-calc -";

/// IP 地址计算:一个地址的网络、广播、主机范围和用途;两个地址是不是在同一个子网
#[derive(Parser)]
#[command(override_usage = FORMS)]
struct Cli {
    /// 例如 192.168.9.193/25、2001:db8::1/64;写 - 就从标准输入读,一行一个问题
    #[arg(value_name = "问题", required = true)]
    words: Vec<String>,
}

fn main() -> ExitCode {
    let Cli { words } = cli::parse();
    if words == ["-"] {
        return cli::finish(answer_lines());
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match Question::parse(&words) {
        Ok(question) => cli::finish(cli::print_line(report::answer(&question))),
        Err(mistake) => {
            cli::report(&mistake);
            ExitCode::from(USAGE)
        }
    }
}

/// 标准输入的每一行是一个问题,写法与命令行相同;每个回答后面空一行。
///
/// 一行看不懂只影响它自己:报告,然后继续;最后以错误结束。
fn answer_lines() -> anyhow::Result<()> {
    // Ctrl-C 是结束程序的正常办法:安静地退出,退出码 0。
    ctrlc::set_handler(|| std::process::exit(0)).context("设置 Ctrl-C 失败")?;
    let (mut number, mut mistakes) = (0, 0);
    while let Some(line) = cli::read_line()? {
        number += 1;
        let line = String::from_utf8_lossy(&line);
        let words: Vec<&str> = line.split_whitespace().collect();
        if words.is_empty() {
            continue;
        }
        match Question::parse(&words) {
            Ok(question) => cli::print_line(report::answer(&question) + "\n")?,
            Err(mistake) => {
                cli::report(&mistake.context(format!("第 {number} 行")));
                mistakes += 1;
            }
        }
    }
    match mistakes {
        0 => Ok(()),
        _ => bail!("有 {mistakes} 行看不懂"),
    }
}
