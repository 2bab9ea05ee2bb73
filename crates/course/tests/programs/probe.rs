//! 测试用的假程序:每个子命令是一种好的或坏的表现。

use std::env;
use std::io::{self, BufRead, Write};
use std::net::UdpSocket;
use std::process::ExitCode;
use std::thread;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(code) => ExitCode::from(code),
        Err(_) => ExitCode::from(101),
    }
}

fn run(words: &[&str]) -> io::Result<u8> {
    match words {
        ["--help"] => println!(
            "用法: probe <命令>\n\n命令:\n  echo  回声\n  say   说话\n\n选项:\n  --loud  大声"
        ),
        ["echo", "--help"] => println!("用法: probe echo [--loud]"),
        // 每行输入回一行,直到输入结束。
        ["echo"] => io::stdin()
            .lines()
            .try_for_each(|line| say(&format!("回声:{}", line?)))?,
        // 打印各个参数,一行一个。
        ["say", lines @ ..] => lines.iter().try_for_each(|line| say(line))?,
        // 打印之后一直不结束。
        ["hang", lines @ ..] => {
            lines.iter().try_for_each(|line| say(line))?;
            loop {
                thread::park();
            }
        }
        // 不换行地问,再回答。
        ["ask"] => {
            print!("名字:");
            io::stdout().flush()?;
            let name = io::stdin()
                .lock()
                .lines()
                .next()
                .unwrap_or(Ok(String::new()))?;
            say(&format!("你好 {name}"))?;
        }
        // 真的占住一个 UDP 端口。
        ["bind", address] => {
            let socket = UdpSocket::bind(address)?;
            say(&format!("监听 {}", socket.local_addr()?))?;
            io::stdin().lines().try_for_each(|line| line.map(drop))?;
        }
        // 标准错误和标准输出各一行。
        ["complain"] => {
            eprintln!("错误:不好");
            return Ok(2);
        }
        // 工作目录里有什么。
        ["list"] => list()?,
        _ => return Ok(64),
    }
    Ok(0)
}

fn list() -> io::Result<()> {
    for entry in std::fs::read_dir(".")? {
        say(&entry?.file_name().to_string_lossy())?;
    }
    Ok(())
}

fn say(line: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "{line}")?;
    output.flush()
}
