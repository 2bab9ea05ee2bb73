//! 没有人说话的时候,服务器几乎不用处理器:不管大家停在哪一步。
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

#[path = "../../26-tcp-chat/tests/party/mod.rs"]
mod party;

use std::fs;
use std::io::{ErrorKind, Read};
use std::time::Duration;

use party::{Member, PROGRAM, Server};

/// 服务器用过的处理器时间和被叫醒的次数。
fn usage(server: &Server) -> (f64, u64) {
    let read = |file| fs::read_to_string(format!("/proc/{}/{file}", server.terminal.id())).unwrap();
    let stat = read("stat");
    // 第 14、15 项是用户态和内核态的时间,单位是 1/100 秒(proc(5))。
    let times = stat.rsplit(')').next().unwrap().split_whitespace();
    let ticks: f64 = times
        .skip(11)
        .take(2)
        .map(|it| it.parse::<f64>().unwrap())
        .sum();
    let status = read("status");
    let line = status
        .lines()
        .find_map(|it| it.strip_prefix("voluntary_ctxt_switches:"));
    (ticks / 100.0, line.unwrap().trim().parse().unwrap())
}

#[test]
fn waits_without_work() {
    let server = Server::start(PROGRAM, &["--quiet", "--heartbeat", "600", "--idle", "600"]);
    let address = server.address;
    let mut listener = Member::connect(address, "听", true).welcomed();
    let mut talker = Member::connect(address, "说", false).welcomed();
    // 各种停在半路的人:没有说昵称,昵称说了一半,一帧说了一半,一次说了很多,半关闭。
    let silent = Member::silent(address, "", false);
    let mut half_name = Member::silent(address, "", false);
    half_name.send("半".as_bytes());
    let mut half_frame = Member::connect(address, "半帧", true).welcomed();
    half_frame.send(&[0, 0, 0, 9, b'a']);
    let mut pipe = Member::connect(address, "管道", false).welcomed();
    pipe.shut();
    pipe.read_to_end().unwrap();
    // 从不收的人,写给他的停在一半:还没有多到要请他走。
    let narrow = Member::narrow(address, "睡").welcomed();
    for number in 0..60 {
        talker.say(&format!("/msg 睡 {}", "悄".repeat(1300)));
        let answer = talker.wait_for("回答", |line| line.starts_with("[私聊] 发给 睡:"));
        assert!(!answer.is_empty(), "第 {number} 次");
    }
    talker.send("刷\n".repeat(3000).as_bytes());
    talker.say("完");
    listener.wait_for("最后一句", |line| line == "说:完");
    let stream = listener.stream();
    stream
        .set_read_timeout(Some(Duration::from_secs(1)))
        .unwrap();
    // 这一秒里没有人收到什么。
    let (busy, woken) = usage(&server);
    let heard = (&stream).read(&mut [0; 16]).unwrap_err();
    assert!(
        matches!(heard.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        "{heard}"
    );
    let after = usage(&server);
    let (busy, woken) = (after.0 - busy, after.1 - woken);
    assert!(
        busy < 0.1 && woken < 10,
        "没有人说话,却用了 {busy:.2} 秒,醒了 {woken} 次"
    );
    drop((silent, half_name, narrow));
}
