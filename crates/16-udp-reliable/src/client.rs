//! 客户端:把一个文件完整地传给服务器。

use std::io::ErrorKind;
use std::net::UdpSocket;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use common::addr::Address;

use crate::cli;
use crate::content::Reason;
use crate::packet::{HEADER, MAX_CONTENT, Packet};
use crate::sender::{Mode, Outcome, Sender, Settings};
use crate::socket;
use crate::source::{self, Source};

/// 客户端的命令行。
#[derive(Debug, Args)]
pub struct Options {
    /// 发到哪里;不写就会问
    #[arg(value_name = "服务器地址")]
    server: Option<Address>,

    /// 传哪个文件;不写就会问
    #[arg(value_name = "文件")]
    file: Option<PathBuf>,

    /// 停等、回退 N 还是选择重传
    #[arg(
        long,
        value_enum,
        value_name = "方式",
        default_value = "selective-repeat"
    )]
    mode: Mode,

    /// 最多几个报文同时在路上,1 到 1024(停等总是 1)
    #[arg(long, value_name = "N", default_value_t = 32,
          value_parser = clap::value_parser!(u32).range(1..=1024))]
    window: u32,

    /// 对方这么多秒没有音讯就放弃,1 到 3600
    #[arg(long, value_name = "秒", default_value_t = 30,
          value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
}

/// 传一个文件,等到对方说保存好了。
pub fn run(options: Options) -> anyhow::Result<()> {
    let Some(server) = cli::address_or_ask(options.server, "请输入服务器地址:")? else {
        return Ok(());
    };
    let Some(path) = source::path_or_ask(options.file)? else {
        return Ok(());
    };
    let settings = Settings {
        mode: options.mode,
        window: options.window,
        patience: Duration::from_secs(options.timeout),
    };
    let mut source = Source::open(&path)?;
    let socket = socket::towards(server.resolve()?[0])?;
    let server = socket.peer_addr()?;
    cli::note(format_args!("从 {} 发往 {server}", socket.local_addr()?));
    let started = Instant::now();
    let sender = transfer(&socket, &mut source, settings, started)?;
    finish(&source, &sender, settings, started.elapsed())
}

/// 传到有了结局为止。
fn transfer(
    socket: &UdpSocket,
    source: &mut Source,
    settings: Settings,
    started: Instant,
) -> anyhow::Result<Sender> {
    // 随机的:猜不中它,就冒充不了这次传输的另一方。
    let session = getrandom::u32().context("要一个随机数失败")?;
    let now = started.elapsed();
    let mut sender = Sender::new(now, session, settings, source.size(), source.name());
    // 多留一个字节:连它也被填上,就比我们的报文大,不是我们的。
    let mut buffer = [0; HEADER + MAX_CONTENT + 1];
    while sender.outcome().is_none() {
        source.fill(&mut sender, started.elapsed())?;
        while let Some(datagram) = sender.transmit() {
            send(socket, &datagram)?;
        }
        let wait = sender.deadline().saturating_sub(started.elapsed());
        let received = socket::receive(socket, wait, &mut buffer).context("没有得到回答")?;
        let now = started.elapsed();
        let packet = received.and_then(|(length, _)| Packet::decode(&buffer[..length]));
        if let Some(packet) = packet {
            sender.receive(now, &packet);
        }
        sender.tick(now);
    }
    Ok(sender)
}

/// 结局换成一句话。
fn finish(
    source: &Source,
    sender: &Sender,
    settings: Settings,
    took: Duration,
) -> anyhow::Result<()> {
    let counts = sender.counts();
    let (text, hint) = match sender.outcome() {
        Some(Outcome::Done) => {
            let (seconds, size) = (took.as_secs_f64(), source.size());
            let rate = size as f64 / 1000.0 / seconds.max(0.001);
            cli::print_line(format_args!(
                "{} 已完整送达:{size} 字节,{seconds:.2} 秒,{rate:.1} KB/s",
                source.name(),
            ))?;
            let (round_trip, timeout) = sender.timing();
            return cli::print_line(format_args!(
                "发出 {} 个报文,重传 {} 个,询问 {} 次;往返 {:.1} 毫秒,超时 {:.1} 毫秒",
                counts.sent,
                counts.resent,
                counts.probes,
                milliseconds(round_trip.unwrap_or_default()),
                milliseconds(timeout)
            ));
        }
        Some(Outcome::Refused(reason)) => (format!("对方不收:{}", reason.text()), advice(reason)),
        Some(Outcome::Gone) | None => (
            format!("对方 {} 秒没有音讯,放弃", settings.patience.as_secs()),
            "看看对方的程序还在不在,中间的链路通不通",
        ),
    };
    let hint = hint.to_owned();
    Err(cli::Hinted { text, hint }.into())
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn advice(reason: Reason) -> &'static str {
    match reason {
        Reason::Busy => "它一次只收一个,等一会儿再试",
        Reason::Name => "文件名不要以点开头,不要有 / \\ : * ? \" < > |,也不要太长",
        Reason::Exists => "换一个名字,或者先把那边的移走",
        Reason::TooLarge => "一个文件最多 1 GiB",
        Reason::Mismatch => "传的时候文件是不是正被别的程序改着?再传一次",
        Reason::Storage => "看看服务器的终端上说了什么",
        Reason::Unknown => "再传一次",
    }
}

fn send(socket: &UdpSocket, datagram: &[u8]) -> anyhow::Result<()> {
    match socket.send(datagram) {
        Ok(_) => Ok(()),
        // 本机的发送缓冲满了:当它丢在路上,会重传的。
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::OutOfMemory) => {
            Ok(())
        }
        Err(error) => Err(error).context("发送失败"),
    }
}
