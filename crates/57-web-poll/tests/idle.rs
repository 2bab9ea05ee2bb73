//! 一万条空闲的连接:都还开着,都还有人答;整个程序的内存不到 5 MB。
//!
//! 单独一个测试程序:它自己就要一万多个描述符。
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use support::{PATIENCE, Server};

/// 多少条。描述符的上限更小的话,就少一些:服务器把四分之一留给文件。
const IDLE: u64 = 10_000;

/// 每条空闲的连接最多占这么多字节的内存。
const EACH: u64 = 256;

/// 整个程序最多占这么多 KiB:issue 里说的 5 MB。没有优化的程序本身大得多,不算。
const WHOLE: u64 = 5 * 1000 * 1000 / 1024;

const REQUEST: &[u8] = b"GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n";

/// 两边各要这么多个描述符,尽量提高自己的上限;返回能有几条连接。
fn prepare() -> usize {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let hard = maximum.unwrap_or(u64::MAX);
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    setrlimit(Resource::Nofile, raised).unwrap();
    usize::try_from(IDLE.min(hard / 4 * 3 - 100)).unwrap()
}

/// `/proc/PID/status` 里的一项,KiB(proc(5))。
fn memory(server: &Server, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.terminal.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.unwrap().trim_start_matches(':').trim();
    number.trim_end_matches(" kB").parse().unwrap()
}

/// 问一句,读完回答;返回回答有多长。
fn ask(stream: &mut TcpStream, buffer: &mut [u8]) -> usize {
    stream.write_all(REQUEST).unwrap();
    let mut length = 0;
    while !buffer[..length].ends_with(b"\r\n\r\nhello\n") {
        let more = stream.read(&mut buffer[length..]).unwrap();
        assert!(more > 0, "连接关闭了");
        length += more;
    }
    length
}

#[test]
fn ten_thousand_idle_connections_fit_into_five_megabytes() {
    let count = prepare();
    let server = Server::start(&[("a.txt", b"hello\n")], &["--quiet", "--idle", "600"]);
    let mut buffer = vec![0; 4096];
    let first = &mut server.visit().0.into_inner();
    ask(first, &mut buffer);
    let before = memory(&server, "RssAnon");
    let mut idle: Vec<TcpStream> = (0..count)
        .map(|_| {
            let stream = TcpStream::connect(server.address).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            stream
        })
        .collect();
    // 每条都问过一句,再空闲:收发用过的内存都还了。
    for stream in &mut idle {
        ask(stream, &mut buffer);
    }
    let after = memory(&server, "RssAnon");
    let each = (after - before) * 1024 / count as u64;
    assert!(each <= EACH, "每条空闲的连接占 {each} 字节");
    let whole = memory(&server, "VmRSS");
    assert!(
        cfg!(debug_assertions) || whole <= WHOLE,
        "整个程序占 {whole} KiB"
    );
    // 一条也没有被关闭。
    for stream in &mut idle {
        ask(stream, &mut buffer);
    }
    drop(idle);
    ask(first, &mut buffer);
    server.stop();
}
