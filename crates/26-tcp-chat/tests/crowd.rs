//! 一千位成员:一位从不收,一位一个字节一个字节地说,一百位同时断线;别人看到的一句也不少,先后都一样。
//!
//! 单独一个测试程序:它自己就要一千多个描述符。

#![allow(clippy::unwrap_used)]

mod party;

use std::collections::BTreeSet;

use party::{Member, PROGRAM, Server};

/// 连同从不收的和断线的。
const MEMBERS: usize = 1000;
const RESET: usize = 100;
const TALKERS: usize = 20;
const ROUNDS: usize = 10;

/// 每人一个描述符,另外几个是测试程序自己的。
#[cfg(target_os = "linux")]
fn check_limit() {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let limit = line
        .and_then(|line| line.split_whitespace().nth(3))
        .unwrap();
    let enough = limit
        .parse()
        .is_ok_and(|limit: usize| limit >= MEMBERS + 20);
    let advice = "先运行 ulimit -n 2048";
    assert!(
        enough || limit == "unlimited",
        "最多只能打开 {limit} 个文件,一千位成员不够用:{advice}"
    );
}

#[cfg(not(target_os = "linux"))]
fn check_limit() {}

fn is_departure(line: &str) -> bool {
    line.ends_with(" 走了") || line.contains(" 掉线了:")
}

#[test]
fn everybody_sees_the_same() {
    check_limit();
    let server = Server::start(
        PROGRAM,
        &[
            "--queue",
            "131072",
            "--history",
            "0",
            "--quiet",
            "--heartbeat",
            "600",
        ],
    );
    let connect = |index: usize| {
        Member::connect(
            server.address,
            &format!("第{index}位"),
            index.is_multiple_of(2),
        )
    };
    // 最先来的人什么也不说,所以什么都看得到:别人看到的都和他比。
    let mut witness = connect(0).welcomed();
    let sleeper = Member::narrow(server.address, "睡").welcomed();
    let mut whisperer = Member::connect(server.address, "悄", false).welcomed();
    let mut members: Vec<Member> = (3..MEMBERS).map(connect).collect();
    members = members.into_iter().map(Member::welcomed).collect();
    let doomed = members.split_off(members.len() - RESET);
    let doomed_names: BTreeSet<String> = doomed.iter().map(|member| member.name.clone()).collect();

    // 一边说话,一边有人一个字节一个字节地说、有人断线、有人的发件箱被装满。
    let slow_line = members[TALKERS].encode("一个字节一个字节地说");
    let mut slow_bytes = slow_line.chunks(1);
    let mut doomed = doomed.into_iter();
    for round in 0..ROUNDS {
        for talker in &mut members[..TALKERS] {
            talker.say(&format!("第 {round} 轮"));
        }
        for byte in slow_bytes.by_ref().take(1 + slow_line.len() / ROUNDS) {
            members[TALKERS].send(byte);
        }
        if round == ROUNDS / 2 {
            doomed.by_ref().for_each(Member::reset);
        }
    }
    let text = format!("/msg 睡 {}", "悄".repeat(1300));
    loop {
        whisperer.say(&text);
        let answer = whisperer.wait_for("私聊的回答", |line| {
            line.starts_with("[私聊]") || line.starts_with('!')
        });
        if answer == "! 没有叫「睡」的人" {
            break;
        }
    }
    let mut departures = 0;
    while departures < RESET + 1 {
        witness.wait_for("大家断线", is_departure);
        departures += 1;
    }
    members[0].say("完");
    let end = format!("{}:完", members[0].name);
    witness.wait_for("最后一句", |line| line == end);

    let gone: Vec<&String> = witness
        .seen
        .iter()
        .filter(|line| is_departure(line))
        .collect();
    let slow: Vec<_> = gone
        .iter()
        .filter(|line| line.contains("收得太慢"))
        .collect();
    assert_eq!(
        slow,
        [&"* 睡 掉线了:收得太慢"],
        "只有从不收的人因为收得慢离开"
    );
    let reset: BTreeSet<String> = gone
        .iter()
        .filter_map(|line| {
            line.strip_suffix(" 掉线了:连接断了")
                .or(line.strip_suffix(" 走了"))
        })
        .map(|line| line.trim_start_matches("* ").to_owned())
        .collect();
    assert_eq!(reset, doomed_names);
    assert_eq!(gone.len(), RESET + 1, "每人只走一次");
    let slow_text = format!("{}:一个字节一个字节地说", members[TALKERS].name);
    assert_eq!(
        witness
            .seen
            .iter()
            .filter(|line| **line == slow_text)
            .count(),
        1
    );
    let said = witness
        .seen
        .iter()
        .filter(|line| line.contains(" 轮"))
        .count();
    assert_eq!(said, TALKERS * ROUNDS);

    members.push(whisperer);
    for member in &mut members {
        if !end.starts_with(&format!("{}:", member.name)) {
            member.wait_for("最后一句", |line| line == end);
        } else {
            // 他看不到自己的最后一句,看得到它之前的最后一件事。
            let last = witness.seen[..witness.seen.len() - 1].iter();
            let own = format!("{}:", member.name);
            let last = last.rev().find(|line| !line.starts_with(&own)).unwrap();
            member.wait_for("最后一句之前", |line| line == last);
        }
        compare(&witness, member);
    }
    drop(sleeper);
    drop(members);
    drop(witness);
    server.stop();
}

/// 一位成员看到的 = 证人在他来了以后看到的,除去他自己说的。
fn compare(witness: &Member, member: &Member) {
    let arrival = format!("* {} 来了", member.name);
    let own = format!("{}:", member.name);
    let since = witness
        .seen
        .iter()
        .position(|line| *line == arrival)
        .unwrap();
    let expected = witness.seen[since + 1..]
        .iter()
        .filter(|line| !line.starts_with(&own));
    let seen = member.seen.iter().filter(|line| {
        !line.starts_with("* 欢迎,") && !line.starts_with("[私聊]") && !line.starts_with('!')
    });
    let (seen, expected): (Vec<_>, Vec<_>) = (seen.collect(), expected.collect());
    let first = seen
        .iter()
        .zip(&expected)
        .position(|(seen, expected)| seen != expected);
    if let Some(first) = first {
        panic!(
            "{} 的第 {first} 行是 {:?},应该是 {:?}",
            member.name, seen[first], expected[first]
        );
    }
    assert_eq!(seen.len(), expected.len(), "{}", member.name);
}
