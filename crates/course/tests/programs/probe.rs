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
        ["hang", lines @ ..] => hang(lines)?,
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
        // 占住一个 UDP 端口,不说话,只建一个文件。
        ["hold", address, file] => hold(address, file)?,
        // 占住一个 UDP 端口,说出来。
        ["bind", address] => {
            let socket = UdpSocket::bind(address)?;
            say(&format!("监听 {}", socket.local_addr()?))?;
            io::stdin().lines().try_for_each(|line| line.map(drop))?;
        }
        // 打的字和参数一样不一样。
        ["same", argument] => io::stdin().lines().try_for_each(|line| {
            let same = line? == *argument;
            say(if same { "一样" } else { "不一样" })
        })?,
        // 向标准错误抱怨,以 2 结束。
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

fn hang(lines: &[&str]) -> io::Result<()> {
    lines.iter().try_for_each(|line| say(line))?;
    loop {
        thread::park();
    }
}

fn hold(address: &str, file: &str) -> io::Result<()> {
    let port = address.trim_start_matches(':').parse().unwrap_or_default();
    let _socket = UdpSocket::bind(("127.0.0.1", port))?;
    std::fs::write(file, "")?;
    io::stdin().lines().try_for_each(|line| line.map(drop))
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
