//! UDP 回声的负载:始终有 W 个数据报在路上,量一量每秒往返多少次、一次多久。
//!
//! 用法:`udp_load 服务器地址 [--window W] [--size 字节] [--seconds 秒]`。由 `scripts/bench udp` 运行。
//!
//! 标准输出只有一行,给脚本读:
//! `round_trips=412345 seconds=2.000 per_second=206172 p50_us=150.2 p99_us=200.1 lost=0`
//!
//! W 个位置各有一个数据报在路上。它回来了,这个位置马上发下一个;太久没有回来,就算丢了,也发下一个。
//! 每个数据报写着自己的编号,编号除以 W 的余数就是它的位置:迟到的和重复的,一看编号就知道。

use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

const USAGE: &str = "用法:udp_load 服务器地址 [--window W] [--size 字节] [--seconds 秒]";

/// 编号占的字节:16 位十六进制数字。用文字,服务器打印收到的内容时才和平常一样。
const NUMBER: usize = 16;

/// 这么久没有回来就算丢了:比忙的时候排队的时间长得多,又不会让丢失毁掉一轮。
const LOST_AFTER: Duration = Duration::from_millis(200);

/// 服务器刚启动时,最多等它回答这么久。
const PATIENCE: Duration = Duration::from_secs(5);

/// 往返次数的上限:每次往返记一个延迟(4 字节),内存不超过 80 MB。
const MOST_ROUND_TRIPS: usize = 20_000_000;

/// 一共放多少负载。
struct Load {
    server: SocketAddr,
    /// 同时在路上的数据报,个。
    window: usize,
    /// 每个数据报的内容,字节。
    size: usize,
    /// 持续多久。
    duration: Duration,
}

/// 一个位置:在路上的那个数据报的编号,和它出发的时刻。
struct Slot {
    number: u64,
    sent: Instant,
}

/// 量到的。
#[derive(Default)]
struct Measured {
    /// 每次往返多久,纳秒。
    latencies: Vec<u32>,
    lost: u64,
    elapsed: Duration,
}

fn main() -> anyhow::Result<()> {
    let load = parse(std::env::args().skip(1))?;
    // 认定一个对方:别人的数据报不会混进来,发送时也不必每次查路由。
    let socket = UdpSocket::bind((load.server.ip(), 0)).context("建不了套接字")?;
    socket.connect(load.server).context("认定不了对方")?;
    wait_until_ready(&socket, &load)?;
    let mut measured = measure(&socket, &load)?;
    report(&mut measured)
}

/// 读命令行。
fn parse(mut words: impl Iterator<Item = String>) -> anyhow::Result<Load> {
    let server = words.next().context(USAGE)?;
    let mut load = Load {
        server: server
            .parse()
            .with_context(|| format!("看不懂地址 {server}"))?,
        window: 32,
        size: 64,
        duration: Duration::from_secs(2),
    };
    while let Some(option) = words.next() {
        let value = words.next().context(USAGE)?;
        let number = value
            .parse::<u16>()
            .with_context(|| format!("{option} 要一个整数,不是 {value}"))?;
        match option.as_str() {
            "--window" => load.window = number.into(),
            "--size" => load.size = number.into(),
            "--seconds" => load.duration = Duration::from_secs(number.into()),
            _ => bail!("没有 {option} 这个参数\n{USAGE}"),
        }
    }
    // 窗口的数据报要全部放得进接收缓冲区(默认约 200 KB),不然是自己丢的。
    ensure!(
        (1..=64).contains(&load.window),
        "--window 只能从 1 到 64,不是 {}",
        load.window
    );
    ensure!(
        (NUMBER..=2048).contains(&load.size),
        "--size 只能从 {NUMBER} 到 2048,不是 {}",
        load.size
    );
    ensure!(
        (1..=60).contains(&load.duration.as_secs()),
        "--seconds 只能从 1 到 60,不是 {}",
        load.duration.as_secs()
    );
    Ok(load)
}

/// 反复试探,直到服务器回答一次:它可能还没有开始接收。
fn wait_until_ready(socket: &UdpSocket, load: &Load) -> anyhow::Result<()> {
    socket.set_read_timeout(Some(Duration::from_millis(50)))?;
    let mut probe = payload(load);
    write_number(&mut probe, u64::MAX);
    let mut answer = vec![0; load.size + 1];
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        match socket.send(&probe).and_then(|_| socket.recv(&mut answer)) {
            Ok(length) if answer[..length] == probe => return Ok(()),
            Ok(length) => bail!("发了 {} 字节,回来的 {length} 字节不一样", load.size),
            Err(error) if nothing_yet(&error) => {}
            // 端口上还没有程序(ICMP):歇一会儿再试。
            Err(_) => std::thread::sleep(Duration::from_millis(10)),
        }
    }
    bail!("等了 {} 秒,{} 没有回答", PATIENCE.as_secs(), load.server)
}

/// 放负载,直到时间到了或者次数满了。
fn measure(socket: &UdpSocket, load: &Load) -> anyhow::Result<Measured> {
    let mut sent = payload(load);
    // 多留一个字节:回来的比发去的长,就看得出来。
    let mut answer = vec![0; load.size + 1];
    let mut measured = Measured::default();
    let start = Instant::now();
    let mut now = start;
    let mut slots = Vec::with_capacity(load.window);
    for number in 0..load.window as u64 {
        slots.push(send(socket, &mut sent, number)?);
    }
    // 全丢了的时候,接收也要醒来补发。
    socket.set_read_timeout(Some(LOST_AFTER))?;
    let mut next_check = start + LOST_AFTER;
    while now < start + load.duration && measured.latencies.len() < MOST_ROUND_TRIPS {
        let received = receive(socket, &mut answer, &sent)?;
        now = Instant::now();
        if let Some(number) = received {
            let slot = &mut slots[(number % load.window as u64) as usize];
            // 不是这个位置正在等的,就是迟到的或重复的:已经算作丢失,不再计入。
            if slot.number == number {
                let latency = now.duration_since(slot.sent).as_nanos();
                measured
                    .latencies
                    .push(u32::try_from(latency).unwrap_or(u32::MAX));
                *slot = send(socket, &mut sent, number + load.window as u64)?;
            }
        }
        if now >= next_check {
            measured.lost += refill(socket, &mut slots, &mut sent)?;
            next_check = now + LOST_AFTER;
        }
    }
    measured.elapsed = now.duration_since(start);
    // 收完还在路上的才关:不然它们撞上没有程序的端口,服务器会收到 ICMP,socat 就此退出。
    for _ in 0..load.window {
        if receive(socket, &mut answer, &sent)?.is_none() {
            break;
        }
    }
    Ok(measured)
}

/// 收一个回来的数据报,核对每一个字节,给出它的编号;等了 [`LOST_AFTER`] 也没有就是 `None`。
fn receive(socket: &UdpSocket, answer: &mut [u8], sent: &[u8]) -> anyhow::Result<Option<u64>> {
    let length = match socket.recv(answer) {
        Ok(length) => length,
        Err(error) if nothing_yet(&error) => return Ok(None),
        Err(error) => return Err(error).context("接收失败"),
    };
    let answer = &answer[..length];
    // 编号后面的填充每个数据报都一样。
    let number = match answer.get(NUMBER..) {
        Some(filling) if filling == &sent[NUMBER..] => read_number(&answer[..NUMBER]),
        _ => None,
    };
    number
        .map(Some)
        .with_context(|| format!("回来的不是发去的:{}", answer.escape_ascii()))
}

/// 发出编号为 `number` 的数据报。
fn send(socket: &UdpSocket, payload: &mut [u8], number: u64) -> anyhow::Result<Slot> {
    write_number(payload, number);
    let sent = Instant::now();
    socket.send(payload).context("发送失败")?;
    Ok(Slot { number, sent })
}

/// 太久没有回来的算丢了,各补一个新的;返回丢了几个。
fn refill(socket: &UdpSocket, slots: &mut [Slot], payload: &mut [u8]) -> anyhow::Result<u64> {
    let window = slots.len() as u64;
    let mut lost = 0;
    for slot in slots {
        if slot.sent.elapsed() >= LOST_AFTER {
            *slot = send(socket, payload, slot.number + window)?;
            lost += 1;
        }
    }
    Ok(lost)
}

/// 打印那一行。
fn report(measured: &mut Measured) -> anyhow::Result<()> {
    let latencies = &mut measured.latencies;
    latencies.sort_unstable();
    ensure!(!latencies.is_empty(), "一次往返也没有完成");
    let percentile = |percent: usize| {
        let nanoseconds = latencies[(latencies.len() - 1) * percent / 100];
        f64::from(nanoseconds) / 1000.0
    };
    let seconds = measured.elapsed.as_secs_f64();
    println!(
        "round_trips={} seconds={seconds:.3} per_second={:.0} p50_us={:.1} p99_us={:.1} lost={}",
        latencies.len(),
        latencies.len() as f64 / seconds,
        percentile(50),
        percentile(99),
        measured.lost
    );
    Ok(())
}

/// 要发的内容:编号的位置空着,后面是字母。
fn payload(load: &Load) -> Vec<u8> {
    let letters = (b'a'..=b'z').cycle();
    [b'0'; NUMBER]
        .into_iter()
        .chain(letters)
        .take(load.size)
        .collect()
}

/// 编号写成 16 位十六进制数字,高位在前。
fn write_number(payload: &mut [u8], number: u64) {
    for (index, digit) in payload[..NUMBER].iter_mut().enumerate() {
        let value = (number >> (60 - 4 * index)) as usize & 0xf;
        *digit = b"0123456789abcdef"[value];
    }
}

/// 读回编号;有一位不是十六进制数字就是 `None`。
fn read_number(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0, |number, digit| {
        let value = char::from(*digit).to_digit(16)?;
        Some(number << 4 | u64::from(value))
    })
}

/// 到了期限(Unix 报 WouldBlock,Windows 报 TimedOut),或者被信号打断:不是错误,只是还没有。
fn nothing_yet(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}
