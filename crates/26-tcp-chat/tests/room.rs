//! 许多人同时:抢同一个昵称、互相改名、一个人说个不停、各种各样的离开。

#![allow(clippy::unwrap_used)]

mod party;

use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use party::{Member, PROGRAM, Server};

#[test]
fn one_of_many_gets_the_name() {
    let server = Server::start(PROGRAM, &[]);
    let mut witness = Member::connect(server.address, "证人", false).welcomed();
    let mut rivals: Vec<Member> = (0..20)
        .map(|index| Member::connect(server.address, ["王", "Wang", "wang"][index % 3], false))
        .collect();
    let mut winners = 0;
    let mut losers = Vec::new();
    for mut rival in rivals.drain(..) {
        let answer = rival.read_line().unwrap().unwrap().to_owned();
        if answer.starts_with("* 欢迎,") {
            winners += 1;
            losers.push(rival);
        } else {
            assert!(answer.ends_with("已经有人用了"), "{answer}");
            rival.name = format!("落选{}", losers.len());
            rival.say(&rival.name.clone());
            losers.push(rival.welcomed());
        }
    }
    assert_eq!(winners, 2, "「王」一位,Wang 和 wang 是同一个名字");

    // 大家同时改成同一个名字,再一起走。
    for rival in &mut losers {
        rival.say("/nick 冠军");
    }
    for rival in &mut losers {
        let won = format!("* {} 改名为 冠军", rival.name);
        rival.wait_for("改名", |line| {
            line == won || line.starts_with("! 昵称「冠军」")
        });
    }
    for rival in &mut losers {
        rival.say("/quit");
    }
    for mut rival in losers {
        rival.read_to_end().unwrap();
    }
    let mut left = 0;
    while left < 20 {
        witness.wait_for("大家走", |line| line.ends_with(" 走了"));
        left += 1;
    }
    let count = |end: &str| {
        witness
            .seen
            .iter()
            .filter(|line| line.ends_with(end))
            .count()
    };
    assert_eq!(count(" 来了"), 20);
    assert_eq!(count(" 改名为 冠军"), 1);
    assert_eq!(count("* 冠军 走了"), 1);
    witness.say("/who");
    witness.wait_for("名单", |line| line == "* 在场 1 人:证人");
}

#[test]
fn a_flood_makes_nobody_leave_and_nobody_wait() {
    let server = Server::start(PROGRAM, &["--quiet"]);
    let mut readers: Vec<Member> = (0..8u32)
        .map(|index| {
            Member::connect(
                server.address,
                &format!("听{index}"),
                index.is_multiple_of(2),
            )
        })
        .map(Member::welcomed)
        .collect();
    let mut speaker = Member::connect(server.address, "说", true).welcomed();
    let flood = Member::connect(server.address, "刷屏", false).welcomed();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        // 一个人不停地说,自己也听(没有人对他说话)。
        let (mut stream, done) = (flood.stream(), &done);
        scope.spawn(move || {
            let lines = format!("{}\n", "刷".repeat(300)).repeat(100);
            while !done.load(Ordering::Relaxed) && stream.write_all(lines.as_bytes()).is_ok() {}
        });
        let mut listening = flood.stream();
        scope.spawn(move || {
            while listening
                .read(&mut [0; 4096])
                .is_ok_and(|length| length > 0)
            {}
        });
        let readers: Vec<_> = readers
            .iter_mut()
            .map(|reader| {
                scope.spawn(|| {
                    for number in 0..20 {
                        let line = format!("说:第 {number} 句");
                        reader.wait_for("刷屏时的一句", |seen| seen == line);
                        reader.seen.clear();
                    }
                })
            })
            .collect();
        let begin = Instant::now();
        for number in 0..20 {
            // 两句之间,刷屏的人总有几百句。
            for _ in 0..300 {
                speaker.wait_for("刷屏", |line| line.starts_with("刷屏:"));
            }
            speaker.seen.clear();
            speaker.say(&format!("第 {number} 句"));
        }
        let heard = readers.into_iter().map(|reader| reader.join().is_ok());
        let heard = heard.filter(|heard| *heard).count();
        done.store(true, Ordering::Relaxed);
        let waited = begin.elapsed();
        let _ = flood.stream().shutdown(std::net::Shutdown::Both);
        let _ = speaker.stream().shutdown(std::net::Shutdown::Both);
        assert_eq!(heard, 8, "有人没有听到,或者被请走了");
        assert!(waited < Duration::from_secs(15), "等了 {waited:?}");
    });
}

#[test]
fn a_pasted_file_waits_for_a_slow_line() {
    const SIZE: usize = 1_200_000;
    let server = Server::start(PROGRAM, &["--quiet"]);
    let slow = Member::buffered(server.address, "慢", 32 * 1024).welcomed();
    let mut paste = Member::connect(server.address, "贴", false).welcomed();
    let mut asleep = Member::narrow(server.address, "睡").welcomed();
    thread::scope(|scope| {
        let reading = scope.spawn(|| {
            // 每秒最多收 400 KB 左右,但是一直在收。
            let (mut stream, mut received) = (slow.stream(), 0);
            while received < SIZE {
                let length = stream.read(&mut [0; 8192]).unwrap();
                assert!(length > 0, "只收了 {received} 字节就被请走了");
                received += length;
                thread::park_timeout(Duration::from_millis(20));
            }
        });
        let line = format!("{}\n", "贴".repeat(1000));
        paste.send(line.repeat(SIZE / line.len() + 1).as_bytes());
        // 从来不收的人这时已经走了,没有拖住谁。
        paste.wait_for("睡的离开", |line| line == "* 睡 掉线了:收得太慢");
        reading.join().unwrap();
    });
    let _ = asleep.read_to_end();
}

/// 几个字节的一行,到了别人那里是几十个字节:一口气说几万句,也不该把收得及时的人挤走。
#[test]
fn tiny_lines_crowd_nobody_out() {
    const LINES: usize = 40_000;
    let server = Server::start(PROGRAM, &["--quiet", "--queue", "131072", "--history", "0"]);
    let readers: Vec<Member> = (0..4u32)
        .map(|index| {
            Member::connect(
                server.address,
                &format!("听{index}"),
                index.is_multiple_of(2),
            )
        })
        .map(Member::welcomed)
        .collect();
    let name = "名字长也要紧的人";
    let mut paste = Member::connect(server.address, name, false).welcomed();
    thread::scope(|scope| {
        for mut reader in readers {
            scope.spawn(move || {
                let line = format!("{name}:a");
                let mut heard = 0;
                while heard < LINES {
                    reader.wait_for("很多句", |seen| seen == line);
                    reader.seen.clear();
                    heard += 1;
                }
            });
        }
        paste.send("a\n".repeat(LINES).as_bytes());
    });
}

#[test]
fn every_way_to_leave() {
    let server = Server::start(PROGRAM, &["--queue", "131072"]);
    let mut witness = Member::connect(server.address, "证人", true).welcomed();
    let enter = |witness: &mut Member, name: &str, frames| {
        let member = Member::connect(server.address, name, frames).welcomed();
        witness.wait_for("来了", |line| line == format!("* {name} 来了"));
        member
    };
    // 说完就关闭写的一头:最后一行没有换行,也算;之前的回答都收得到。
    let mut pipe = enter(&mut witness, "管道", false);
    pipe.send(b"/who\n\xe5\x86\x8d\xe8\xa7\x81");
    pipe.shut();
    let begin = Instant::now();
    pipe.read_to_end().unwrap();
    let waited = begin.elapsed();
    assert!(waited < Duration::from_millis(2500), "道别用了 {waited:?}");
    assert_eq!(pipe.seen.last().unwrap(), "* 在场 2 人:证人、管道");
    // 半帧不算一句话。
    let mut half = enter(&mut witness, "半帧", true);
    half.send(b"\0\0\0\x09\xe5\x86\x8d");
    half.shut();
    half.read_to_end().unwrap();
    enter(&mut witness, "复位", false).reset();
    // 复位什么时候到,和下一位什么时候走,没有先后:等大家知道了再继续。
    let gone = |line: &str| line.starts_with("* 复位 ") && !line.ends_with("来了");
    witness.wait_for("复位的人离开", gone);
    let mut quit = enter(&mut witness, "告辞", true);
    quit.say("/quit");
    quit.say("这一句没有人听");
    quit.read_to_end().unwrap();
    let mut huge = enter(&mut witness, "大帧", true);
    huge.send(b"\0\0\x10\x01");
    huge.read_to_end().unwrap();
    assert_eq!(huge.seen.last().unwrap(), "! 一帧最多 4096 字节");
    // 没有说昵称就走的,没有人知道。
    drop(Member::silent(server.address, "", false));
    let mut wrong = Member::silent(server.address, "", false);
    wrong.send("a b\nc:d\n*\n\u{200b}\n证人\n太晚了\n".as_bytes());
    wrong.read_to_end().unwrap();
    assert_eq!(wrong.seen.len(), 5);
    enter(&mut witness, "最后", false);
    let seen: Vec<&String> = witness
        .seen
        .iter()
        .filter(|line| !line.ends_with(" 来了"))
        .collect();
    let reset = witness
        .seen
        .iter()
        .find(|line| line.starts_with("* 复位 ") && !line.ends_with("来了"));
    let expected = [
        "* 欢迎,证人。在场 1 人:证人",
        "管道:再见",
        "* 管道 走了",
        "* 半帧 走了",
        reset.unwrap(),
        "* 告辞 走了",
        "* 大帧 掉线了:连接断了",
    ];
    assert_eq!(seen, expected);
}

/// 对 `to` 说悄悄话,一共约 `size` 字节;他一个字节也不收。
fn whisper(speaker: &mut Member, to: &str, size: usize) -> usize {
    let text = format!("/msg {to} {}", "悄".repeat(1300));
    let count = size / text.len();
    for _ in 0..count {
        speaker.say(&text);
        speaker.wait_for("回答", |line| line.starts_with("[私聊] 发给 "));
    }
    count
}

/// 写给他的积下许多,他还是说得出话;半关闭以后,积下的都收得到。
#[test]
fn one_with_much_to_read_is_heard() {
    let server = Server::start(PROGRAM, &["--quiet"]);
    let mut speaker = Member::connect(server.address, "说", false).welcomed();
    for (name, size) in [("少", 200_000), ("多", 320_000)] {
        let mut lazy = Member::narrow(server.address, name).welcomed();
        let count = whisper(&mut speaker, name, size);
        lazy.say("听得见吗");
        // 积得不太多,不用等他收。
        if name == "少" {
            speaker.wait_for("懒的人", |line| line == "少:听得见吗");
        }
        lazy.shut();
        lazy.read_to_end().unwrap();
        let whispers = lazy
            .seen
            .iter()
            .filter(|line| line.starts_with("[私聊] 说:"));
        assert_eq!(whispers.count(), count);
        let left = format!("* {name} 走了");
        speaker.wait_for("懒的人走", |line| line == left);
        let said = format!("{name}:听得见吗");
        assert_eq!(speaker.seen.iter().filter(|line| **line == said).count(), 1);
    }
}

/// 两位同时各说一大串,加起来比一个发件箱装得下的多:收得及时的人一句也不少。
#[test]
fn bursts_at_once_crowd_nobody_out() {
    let server = Server::start(PROGRAM, &["--quiet", "--queue", "131072", "--history", "0"]);
    let mut listener = Member::connect(server.address, "听", false).welcomed();
    // 一个字三个字节,一列宽:一句「a」到了别人那里是 49 个字节。
    let enter = |end| {
        let name = format!("{}{end}", "ก".repeat(15));
        Member::connect(server.address, &name, false).welcomed()
    };
    let mut talkers = ["1", "2"].map(enter);
    let bursts = [1200, 1900];
    server.while_stopped(|| {
        for (talker, count) in talkers.iter_mut().zip(bursts) {
            talker.send("a\n".repeat(count).as_bytes());
        }
    });
    for _ in 0..bursts.iter().sum() {
        listener.wait_for("一串里的一句", |line| line.ends_with(":a"));
    }
}

/// 告辞以后又说话:服务器不听,可是写给他的还在路上,不能毁掉。
#[test]
fn words_after_the_farewell_destroy_nothing() {
    let server = Server::start(PROGRAM, &["--quiet"]);
    let mut speaker = Member::connect(server.address, "说", false).welcomed();
    let mut lazy = Member::narrow(server.address, "懒").welcomed();
    let count = whisper(&mut speaker, "懒", 60_000);
    lazy.say("/quit");
    speaker.wait_for("告辞", |line| line == "* 懒 走了");
    lazy.say("这一句没有人听");
    lazy.read_to_end().unwrap();
    let whispers = lazy
        .seen
        .iter()
        .filter(|line| line.starts_with("[私聊] 说:"));
    assert_eq!(whispers.count(), count);
}

#[test]
fn the_crowd_is_told_and_a_seat_is_freed() {
    let server = Server::start(PROGRAM, &["--max-members", "2", "--quiet"]);
    let first = Member::connect(server.address, "甲", true).welcomed();
    let mut second = Member::connect(server.address, "乙", false).welcomed();
    for _ in 0..5 {
        // 他的昵称在服务器说话以前就到了:也该读到那一句,然后是正常的结束。
        let mut third = server.while_stopped(|| Member::connect(server.address, "丙", false));
        assert_eq!(third.read_line().unwrap(), Some("! 人满了,请稍后再来"));
        assert_eq!(third.read_line().unwrap(), None);
    }
    drop(first);
    second.wait_for("甲走", |line| line.starts_with("* 甲 "));
    let mut fourth = Member::connect(server.address, "丁", false);
    while fourth.read_line().unwrap() == Some("! 人满了,请稍后再来") {
        // 甲的座位要等服务器关完他的连接。
        fourth = Member::connect(server.address, "丁", false);
    }
    second.wait_for("丁来", |line| line == "* 丁 来了");
}

/// 一秒没有声音就问一声,答了就重新计时;三秒没有声音就请他离开。
#[test]
fn a_silent_member_is_asked_before_he_is_dropped() {
    let server = Server::start(PROGRAM, &["--quiet", "--heartbeat", "1"]);
    let mut member = Member::connect(server.address, "静", true).welcomed();
    let (mut stream, begin) = (member.stream(), Instant::now());
    let mut asked = 0;
    let mut header = [0xff; 4];
    while stream.read_exact(&mut header).is_ok() {
        assert_eq!(header, [0; 4], "只该有心跳");
        asked += 1;
        if asked == 1 {
            member.send(&[0; 4]);
        }
    }
    let elapsed = begin.elapsed();
    assert_eq!(asked, 3, "答一次以前问一声,以后问两声");
    assert!(elapsed > Duration::from_millis(3900), "{elapsed:?} 就断了");
}
