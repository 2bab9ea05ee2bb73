//! 线程和描述符:人走了就还;描述符用完了也不垮。
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod party;

use std::io::{self, ErrorKind};

use party::{Member, PROGRAM, Server, THREADS};

/// 一位成员也没有时的线程:办事的、打印日志的、等 Ctrl-C 的。
const LONELY: usize = 3;

#[test]
fn nothing_is_left_behind() {
    let server = Server::start(PROGRAM, &["--quiet"]);
    let before = (LONELY, server.resources().1);
    // 进来过一位以后还是一样,才算数。
    let mut first = Member::connect(server.address, "先", false).welcomed();
    first.say("/quit");
    first.read_to_end().unwrap();
    drop(first);
    server.wait_until("第一位走完", |server| server.resources() == before);
    let mut members: Vec<Member> = (0..200u32)
        .map(|index| {
            Member::connect(
                server.address,
                &format!("第{index}位"),
                index.is_multiple_of(2),
            )
        })
        .collect();
    members = members.into_iter().map(Member::welcomed).collect();
    let during = server.resources();
    assert_eq!(
        during,
        (before.0 + 200 * THREADS, before.1 + 200),
        "每人 {THREADS} 个线程、一个描述符"
    );
    // 五种离开的办法,还有一种是没有进来过。
    for (index, mut member) in members.into_iter().enumerate() {
        match index % 5 {
            0 => member.say("/quit"),
            1 => member.shut(),
            2 => member.send(b"\0\0\xff\xff\n/quit\n"),
            3 => {
                member.reset();
                continue;
            }
            _ => {
                drop(Member::silent(server.address, "", false));
                continue;
            }
        }
        // 不读完剩下的就关闭,也不要紧。
        if index.is_multiple_of(2) {
            let _ = member.read_to_end();
        }
    }
    server.wait_until("线程和描述符都还了", |server| {
        server.resources() == before
    });
    server.stop();
}

#[test]
fn one_who_never_reads_is_cut() {
    let server = Server::start(
        PROGRAM,
        &["--quiet", "--queue", "131072", "--heartbeat", "600"],
    );
    let mut speaker = Member::connect(server.address, "说", true).welcomed();
    server.wait_until("第一位坐好", |server| {
        server.resources().0 == LONELY + THREADS
    });
    let before = server.resources();
    let sleeper = Member::narrow(server.address, "睡").welcomed();
    let text = format!("/msg 睡 {}", "悄".repeat(1300));
    let answers = ["[私聊] 发给 睡:", "! 没有叫「睡」的人"];
    let is_answer = |line: &str| answers.iter().any(|answer| line.starts_with(answer));
    speaker.say(&text);
    while speaker.wait_for("回答", is_answer) != answers[1] {
        speaker.say(&text);
    }
    // 他还连着,一直不收:也不占服务器的线程和描述符。
    server.wait_until("线程和描述符都还了", |server| {
        server.resources() == before
    });
    // 系统也不替他留着:已经到了他那里的以后,是复位,不是正常的结束。
    let end = io::copy(&mut sleeper.stream(), &mut io::sink()).unwrap_err();
    assert_eq!(end.kind(), ErrorKind::ConnectionReset);
}

/// 道过别的和请走的,自己一直不关闭:服务器等几秒就不等了。
#[test]
fn those_who_never_close_are_let_go() {
    let server = Server::start(PROGRAM, &["--quiet", "--max-members", "1"]);
    let before = (LONELY, server.resources().1);
    let mut first = Member::connect(server.address, "甲", false).welcomed();
    let mut second = Member::connect(server.address, "乙", false);
    second.read_to_end().unwrap();
    first.say("/quit");
    first.read_to_end().unwrap();
    server.wait_until("线程和描述符都还了", |server| {
        server.resources() == before
    });
    drop((first, second));
}

#[test]
fn out_of_descriptors() {
    // 名字和路径里没有空格和引号。
    let script = format!("ulimit -n 30 && exec {PROGRAM} server 127.0.0.1:0 --quiet");
    let server = Server::start_as(&["sh", "-c", &script]);
    let mut crowd: Vec<Member> = (0..40)
        .map(|index| Member::connect(server.address, &format!("第{index}位"), true))
        .collect();
    // 前面的都进来了,后面的在监听队列里等着。
    crowd = crowd
        .into_iter()
        .enumerate()
        .map(|(index, member)| {
            if index < 20 {
                member.welcomed()
            } else {
                member
            }
        })
        .collect();
    let error = server.terminal.errors().read_line(party::soon()).unwrap();
    let error = String::from_utf8(error).unwrap();
    assert!(error.starts_with("错误:等待客户时出错:"), "{error}");
    crowd[0].say("还能说话");
    crowd[1].wait_for("描述符用完时的话", |line| line == "第0位:还能说话");
    // 走了二十位,等着的就都进来。
    let waiting = crowd.split_off(20);
    drop(crowd);
    let mut inside: Vec<Member> = waiting.into_iter().map(Member::welcomed).collect();
    inside[0].say("/who");
    inside[0].wait_for("名单", |line| line.starts_with("* 在场 20 人:"));
    // 又满了;这时收场。
    let extra: Vec<Member> = (0..20)
        .map(|index| Member::connect(server.address, &format!("又{index}"), true))
        .collect();
    inside[0].wait_for("又来了一位", |line| line.ends_with(" 来了"));
    let closing = std::thread::spawn(move || {
        for member in &mut inside {
            member.wait_for("关门", |line| line == "* 服务器要关闭了");
        }
        drop(extra);
    });
    let errors = server.stop();
    closing.join().unwrap();
    assert!(errors.lines().count() <= 4, "说一次就够了:{errors}");
}
