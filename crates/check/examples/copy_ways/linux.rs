//! 各种搬法,和量它们的办法。

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::str::FromStr;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Instant;

use anyhow::{Context, anyhow, bail, ensure};
use rustix::fs::{FallocateFlags, fallocate, sendfile};
use rustix::net::{RecvFlags, recv};
use rustix::pipe::{SpliceFlags, fcntl_setpipe_size, pipe, splice};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use rustix::time::{ClockId, clock_gettime};

const USAGE: &str = "用法:copy_ways 发法 收法 文件 [输出]
发法:read-write:KiB io-copy sendfile splice
收法:recv:KiB trunc recv-write:KiB io-copy splice two-threads:KiB;后面加 +reserve 就先占好位置";

/// 一次交给 `sendfile`、`splice`、`recv(MSG_TRUNC)` 多少字节:够大,调用本身就不花时间。
const CHUNK: usize = 1 << 20;

/// 管道的容量:普通用户最多能要这么大(/proc/sys/fs/pipe-max-size 的默认值)。
const PIPE: usize = 1 << 20;

/// 两个线程之间来回的缓冲区,块。
const BLOCKS: usize = 4;

/// 一 GiB,字节。
const GIB: f64 = (1_u64 << 30) as f64;

/// 怎样把文件送进套接字。
#[derive(Clone, Copy)]
enum Send {
    ReadWrite(usize),
    IoCopy,
    Sendfile,
    Splice,
}

/// 怎样把套接字里的字节取出来。
#[derive(Clone, Copy)]
enum Receive {
    /// 读进缓冲区,丢掉。
    Recv(usize),
    /// 不读,让内核丢掉。
    Trunc,
    RecvWrite(usize),
    IoCopy,
    Splice,
    /// 一个线程读,一个线程写。
    TwoThreads(usize),
}

/// 量一次,打印一行。
pub fn run() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [send, receive, input, rest @ ..] = arguments.as_slice() else {
        bail!(USAGE);
    };
    let (receive, reserve) = match receive.strip_suffix("+reserve") {
        Some(receive) => (receive, true),
        None => (receive.as_str(), false),
    };
    let (send, receive): (Send, Receive) = (send.parse()?, receive.parse()?);
    let output = rest.first().map_or("/dev/null", String::as_str);
    let mut input = File::open(input).with_context(|| format!("打不开 {input}"))?;
    let mut output = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(output)
        .with_context(|| format!("写不了 {output}"))?;
    let size = input.metadata()?.len();
    let cores = two_cores()?;

    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut incoming = TcpStream::connect(listener.local_addr()?)?;
    let (mut outgoing, _) = listener.accept()?;
    let begun = Instant::now();
    let before = cpu_seconds(ClockId::ProcessCPUTime);
    let sender = thread::spawn(move || {
        pin(cores.0)?;
        send.run(&mut input, &mut outgoing, size)?;
        anyhow::Ok(cpu_seconds(ClockId::ThreadCPUTime))
    });
    pin(cores.1)?;
    if reserve {
        fallocate(&output, FallocateFlags::KEEP_SIZE, 0, size)?;
    }
    let received = receive.run(&mut incoming, &mut output)?;
    let send_cpu = sender.join().map_err(|_| anyhow!("发的线程崩溃了"))??;
    // 收的一方可能有两个线程:整个程序用掉的,减去发的。
    let receive_cpu = cpu_seconds(ClockId::ProcessCPUTime) - before - send_cpu;
    let seconds = begun.elapsed().as_secs_f64();
    ensure!(received == size, "文件有 {size} 字节,收到 {received}");

    let gib = received as f64 / GIB;
    println!(
        "seconds={seconds:.3} mib_per_second={:.0} send_cpu={:.3} receive_cpu={:.3}",
        gib * 1024.0 / seconds,
        send_cpu / gib,
        receive_cpu / gib
    );
    Ok(())
}

impl Send {
    fn run(self, input: &mut File, socket: &mut TcpStream, size: u64) -> io::Result<()> {
        match self {
            Self::ReadWrite(buffer) => read_write(input, socket, buffer).map(drop),
            Self::IoCopy => io::copy(input, socket).map(drop),
            Self::Sendfile => {
                let mut left = size;
                while left > 0 {
                    match sendfile(&*socket, &*input, None, CHUNK)? {
                        0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                        sent => left -= sent as u64,
                    }
                }
                Ok(())
            }
            Self::Splice => through_pipe(input, socket).map(drop),
        }
    }
}

impl Receive {
    /// 一直收到流的末尾,返回收到的字节数。
    fn run(self, socket: &mut TcpStream, output: &mut File) -> io::Result<u64> {
        match self {
            Self::Recv(buffer) => read_write(socket, &mut io::sink(), buffer),
            Self::Trunc => {
                // 内核不往里写:这一大块从来没有真正占过内存。
                let mut nothing = vec![0; CHUNK];
                let mut total = 0;
                loop {
                    match recv(&*socket, nothing.as_mut_slice(), RecvFlags::TRUNC)?.1 {
                        0 => return Ok(total),
                        received => total += received as u64,
                    }
                }
            }
            Self::RecvWrite(buffer) => read_write(socket, output, buffer),
            Self::IoCopy => io::copy(socket, output),
            Self::Splice => through_pipe(socket, output),
            Self::TwoThreads(buffer) => two_threads(socket, output, buffer),
        }
    }
}

/// 读进自己的缓冲区,再写出去。
fn read_write(from: &mut impl Read, to: &mut impl Write, buffer: usize) -> io::Result<u64> {
    let mut buffer = vec![0; buffer];
    let mut total = 0;
    loop {
        match from.read(&mut buffer)? {
            0 => return Ok(total),
            read => {
                to.write_all(&buffer[..read])?;
                total += read as u64;
            }
        }
    }
}

/// 一个线程读下一块的时候,另一个线程写上一块;几块缓冲区在两个线程之间来回。
fn two_threads(from: &mut TcpStream, to: &mut File, buffer: usize) -> io::Result<u64> {
    let (hand_over, full) = sync_channel::<(Vec<u8>, usize)>(BLOCKS);
    let (give_back, free) = sync_channel(BLOCKS);
    for _ in 0..BLOCKS {
        // 放得下,另一头还在,不会失败。
        let _ = give_back.send(vec![0; buffer]);
    }
    thread::scope(|scope| {
        let writer = scope.spawn(move || {
            unpin()?;
            for (block, length) in full {
                to.write_all(&block[..length])?;
                // 读的一方结束了,就没有人再要这一块。
                let _ = give_back.send(block);
            }
            Ok(())
        });
        let mut total = 0;
        // 写的一方出了错就不再还缓冲区,这里也就结束了。
        while let Ok(mut block) = free.recv() {
            let read = from.read(&mut block)?;
            if read == 0 || hand_over.send((block, read)).is_err() {
                break;
            }
            total += read as u64;
        }
        drop(hand_over);
        let crashed = |_| Err(io::Error::other("写的线程崩溃了"));
        writer.join().unwrap_or_else(crashed).map(|()| total)
    })
}

/// `splice` 的两端必须有一端是管道:先接进管道,再接出去,字节不到用户空间来。
fn through_pipe(from: &mut impl AsFd, to: &mut impl AsFd) -> io::Result<u64> {
    let (reader, writer) = pipe()?;
    fcntl_setpipe_size(&writer, PIPE)?;
    let mut total = 0;
    loop {
        let mut inside = splice(&*from, None, &writer, None, CHUNK, SpliceFlags::MOVE)?;
        if inside == 0 {
            return Ok(total);
        }
        total += inside as u64;
        while inside > 0 {
            inside -= splice(&reader, None, &*to, None, inside, SpliceFlags::MOVE)?;
        }
    }
}

/// 这个线程或者整个程序至今用了多少 CPU,秒。
fn cpu_seconds(clock: ClockId) -> f64 {
    let now = clock_gettime(clock);
    now.tv_sec as f64 + now.tv_nsec as f64 / 1e9
}

/// 允许用的第一个核和最后一个核。
fn two_cores() -> io::Result<(usize, usize)> {
    let allowed = sched_getaffinity(None)?;
    let mut cores = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core));
    let first = cores.next().unwrap_or(0);
    Ok((first, cores.next_back().unwrap_or(first)))
}

/// 这个线程只在一个核上运行:发和收不抢同一个。
fn pin(core: usize) -> io::Result<()> {
    let mut one = CpuSet::new();
    one.set(core);
    sched_setaffinity(None, &one)?;
    Ok(())
}

/// 这个线程哪个核都可以用。
fn unpin() -> io::Result<()> {
    let mut all = CpuSet::new();
    (0..CpuSet::MAX_CPU).for_each(|core| all.set(core));
    Ok(sched_setaffinity(None, &all)?)
}

/// `名称:KiB` 里的缓冲区大小,字节。
fn buffer(text: &str) -> anyhow::Result<usize> {
    let kib: usize = text.parse().context("缓冲区要写多少 KiB,例如 recv:64")?;
    ensure!((1..=65536).contains(&kib), "缓冲区是 1 到 65536 KiB");
    Ok(kib * 1024)
}

impl FromStr for Send {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        Ok(match text.split_once(':').unwrap_or((text, "")) {
            ("read-write", kib) => Self::ReadWrite(buffer(kib)?),
            ("io-copy", "") => Self::IoCopy,
            ("sendfile", "") => Self::Sendfile,
            ("splice", "") => Self::Splice,
            _ => bail!("没有发法 {text}\n{USAGE}"),
        })
    }
}

impl FromStr for Receive {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        Ok(match text.split_once(':').unwrap_or((text, "")) {
            ("recv", kib) => Self::Recv(buffer(kib)?),
            ("trunc", "") => Self::Trunc,
            ("recv-write", kib) => Self::RecvWrite(buffer(kib)?),
            ("io-copy", "") => Self::IoCopy,
            ("splice", "") => Self::Splice,
            ("two-threads", kib) => Self::TwoThreads(buffer(kib)?),
            _ => bail!("没有收法 {text}\n{USAGE}"),
        })
    }
}
