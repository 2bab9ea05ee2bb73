//! 占的内存和输出多大没有关系;许多客户同时来。
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::io::Read;
use std::thread;

use support::{Peer, Quiet, STDOUT, command, usage, wait_until};

/// 服务器最多占这么多,KiB。
const MOST: u64 = 16 * 1024;

/// 进程占过的最多的内存,KiB(proc(5) `VmHWM`)。
fn peak(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.unwrap().parse().unwrap()
}

#[test]
fn a_gibibyte_of_output() {
    let server = Quiet::start(&[]);
    let mut client = server
        .client("head -c 1073741824 /dev/zero")
        .spawn()
        .unwrap();
    let mut output = client.stdout.take().unwrap();
    let length = std::io::copy(&mut output, &mut std::io::sink()).unwrap();
    assert_eq!(length, 1 << 30);
    assert!(client.wait().unwrap().success());
    let most = peak(server.child.id());
    assert!(most < MOST, "服务器占了 {most} KiB");
}

/// 客户收得慢:命令堵在写上,服务器不替它攒着。
#[test]
fn a_slow_reader() {
    let server = Quiet::start(&[]);
    let mut peer = server.connect();
    peer.send(&command("yes & yes >&2", false));
    // 先只收几帧,再停住,看它是不是停下不涨:别的客户来回这么多次,它早该写了许多 MiB。
    for _ in 0..10 {
        peer.receive().unwrap();
    }
    let mut other = server.connect();
    for _ in 0..100 {
        assert_eq!(other.run("echo hi").output, b"hi\n");
    }
    let most = peak(server.child.id());
    assert!(most < MOST, "服务器占了 {most} KiB");
}

/// 命令不读的标准输入,服务器只存一个窗口。
#[test]
fn unread_input() {
    let server = Quiet::start(&[]);
    let mut client = server
        .client("echo ready; sleep 100")
        .stdin(fs::File::open("/dev/zero").unwrap())
        .spawn()
        .unwrap();
    let mut ready = [0; 6];
    let output = client.stdout.as_mut().unwrap();
    output.read_exact(&mut ready).unwrap();
    let mut other = server.connect();
    for _ in 0..100 {
        assert_eq!(other.run("echo hi").output, b"hi\n");
    }
    let most = [peak(server.child.id()), peak(client.id())];
    assert!(most.iter().all(|most| *most < MOST), "占了 {most:?} KiB");
    client.kill().unwrap();
    client.wait().unwrap();
}

/// 两百位客户,每位同时运行命令。
#[test]
fn two_hundred_clients() {
    let server = Quiet::start(&["--customers", "200"]);
    let before = usage(server.child.id());
    let mut peers: Vec<Peer> = (0..200).map(|_| server.connect()).collect();
    // 先都开始,谁也没有结束。
    for (number, peer) in peers.iter_mut().enumerate() {
        let line = format!(
            "echo {number}; read line; echo $line; exit {}",
            number % 250
        );
        peer.send(&command(&line, true));
    }
    for (number, peer) in peers.iter_mut().enumerate() {
        let expected = format!("{number}\n").into_bytes();
        assert_eq!(peer.receive().unwrap(), (STDOUT, expected));
    }
    thread::scope(|scope| {
        for (number, peer) in peers.iter_mut().enumerate() {
            scope.spawn(move || {
                let line = format!("go {number}\n");
                peer.send(&support::frame(support::STDIN, line.as_bytes()));
                let ran = peer.finish();
                assert_eq!(ran.output, line.as_bytes());
                assert_eq!(ran.exit, (0, u32::try_from(number % 250).unwrap()));
            });
        }
    });
    drop(peers);
    wait_until("线程和描述符都还了", || {
        usage(server.child.id()) == before
    });
}
