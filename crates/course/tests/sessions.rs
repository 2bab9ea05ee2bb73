//! 会话引擎:对的会话演得完,错的说得清错在哪里。

#![allow(clippy::unwrap_used)] // 测试里,出错就是失败。

mod common;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use common::{Fixture, NEVER, PATIENT, bin_dir};
use course::ladder::Ladder;
use course::play::{Event, Seen, Settings, Stopped, play};
use course::programs::Programs;
use course::session;

/// 测试「等不到」时的期限。
const SHORT: Duration = Duration::from_millis(300);

fn play_within(text: &str, deadline: Duration) -> Result<(Seen, Vec<String>), Stopped> {
    let fixture = Fixture::new();
    fixture.write("docs/notes/experiments/x.py", "");
    let ladder = Ladder::read(&fixture.workspace).unwrap();
    let mut programs = Programs::new(&fixture.workspace, &ladder, bin_dir(), None);
    let experiments = fixture.workspace.experiments();
    let settings = Settings {
        deadline,
        cancelled: &NEVER,
        experiments: experiments.as_deref(),
    };
    let session = session::parse(text, 1).unwrap();
    let mut said = Vec::new();
    let seen = play(&session, &mut programs, &settings, |event| {
        if let Event::Said(terminal, line) = event {
            said.push(format!("{terminal}|{line}"));
        }
        Ok(())
    })?;
    Ok((seen, said))
}

/// 演不完的会话:停在哪一行,为什么。
fn stops(text: &str, deadline: Duration) -> (usize, String) {
    match play_within(text, deadline) {
        Err(Stopped::Mismatch(line, message)) => (line, message),
        other => panic!("应当与会话不符:{other:?}"),
    }
}

#[test]
fn a_right_session_plays_to_its_end() {
    let text = "甲$ probe echo\n乙$ probe say 一 '二 三'\n甲> 你好\n甲| 回声:你好\n\
                乙| 一\n乙| 二[..]三\n甲>\n甲| 回声:\n甲^D\n甲= 0\n乙= 0\n";
    let (seen, said) = play_within(text, PATIENT).unwrap();
    let expected = Seen {
        terminals: 2,
        typed: 2,
        printed: 4,
    };
    assert_eq!(seen, expected);
    assert_eq!(said, ["甲|回声:你好", "乙|一", "乙|二 三", "甲|回声:"]);
}

#[test]
fn a_wrong_expected_line_stops_it() {
    let (line, message) = stops("甲$ probe echo\n甲> 你好\n甲| 回声:您好\n", PATIENT);
    assert_eq!(line, 3);
    assert!(message.contains("「甲」"), "{message}");
    assert!(
        message.contains("期望:回声:您好") && message.contains("实到:回声:你好"),
        "{message}"
    );
}

#[test]
fn a_line_too_many_stops_it() {
    let of_an_ended_program = stops("甲$ probe say 一 二\n甲| 一\n甲= 0\n", PATIENT);
    assert!(
        of_an_ended_program.1.contains("多出一行") && of_an_ended_program.1.contains("实到:二")
    );
    let of_a_running_one = stops("甲$ probe hang 一 二\n甲| 一\n", PATIENT);
    assert!(
        of_a_running_one.1.contains("实到:二"),
        "{}",
        of_a_running_one.1
    );
    let before_the_next_program = stops("甲$ probe say 一\n甲$ probe say 二\n甲| 二\n", PATIENT);
    assert_eq!(before_the_next_program.0, 2);
    assert!(before_the_next_program.1.contains("实到:一"));
}

#[test]
fn a_program_that_says_nothing_runs_into_the_deadline() {
    let begun = Instant::now();
    let (line, message) = stops("甲$ probe hang\n甲| 一\n", SHORT);
    assert!(begun.elapsed() >= SHORT);
    assert_eq!(line, 2);
    assert!(message.contains("等了 0.3 秒,什么也没有来"), "{message}");
    let (_, message) = stops("甲$ probe hang\n甲= 0\n", SHORT);
    assert!(message.contains("还在运行"), "{message}");
    let (_, message) = stops("甲$ probe hang\n甲$ probe say\n", SHORT);
    assert!(message.contains("还没有结束"), "{message}");
}

#[test]
fn a_program_that_ends_too_early_stops_it() {
    let (_, message) = stops("甲$ probe complain\n甲| 错误:不好\n甲| 提示\n", PATIENT);
    assert!(message.contains("退出码 2"), "{message}");
    let (line, message) = stops("甲$ probe say 一\n甲| 一\n甲= 0\n甲> 二\n", PATIENT);
    assert_eq!(line, 4);
    assert!(message.contains("已经结束"), "{message}");
}

#[test]
fn exit_codes_are_compared() {
    play_within("甲$ probe complain\n甲| 错误:[..]\n甲= 2\n", PATIENT).unwrap();
    let (line, message) = stops("甲$ probe complain\n甲| 错误:[..]\n甲= 0\n", PATIENT);
    assert_eq!(line, 3);
    assert!(message.contains("实际是退出码 2"), "{message}");
}

#[test]
fn a_prompt_without_newline_is_a_line_when_input_follows() {
    let (_, said) = play_within(
        "甲$ probe ask\n甲| 名字:\n甲> 小明\n甲| 你好 小明\n",
        PATIENT,
    )
    .unwrap();
    assert_eq!(said, ["甲|名字:", "甲|你好 小明"]);
    let (_, message) = stops("甲$ probe ask\n甲| 姓名:\n甲> 小明\n", SHORT);
    assert!(message.contains("只有半行:名字:"), "{message}");
}

#[test]
fn ports_are_free_ones_and_look_like_those_of_the_note() {
    // 讲义里的端口正被占着:真正用的一定是另一个,输出里却还是讲义里的。
    let taken = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let text = format!("甲$ probe bind 127.0.0.1:{port}\n甲| 监听 127.0.0.1:{port}\n甲^D\n甲= 0\n");
    let (_, said) = play_within(&text, PATIENT).unwrap();
    assert_eq!(said, [format!("甲|监听 127.0.0.1:{port}")]);
    let typed = format!("甲$ probe same :{port}\n甲> :{port}\n甲| 一样\n");
    play_within(&typed, PATIENT).unwrap();
}

#[test]
fn a_missing_program_is_named() {
    match play_within("甲$ probe say\n甲$ no-such-program-here\n", PATIENT) {
        Err(Stopped::Missing(2, program)) => assert_eq!(program, "no-such-program-here"),
        other => panic!("{other:?}"),
    }
    match play_within("甲$ listen server\n", PATIENT) {
        Err(Stopped::Other(error)) => assert!(format!("{error:#}").contains("没有程序 listen")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn it_plays_in_a_directory_of_its_own_with_the_experiments() {
    let (_, said) = play_within("甲$ probe list\n甲| experiments\n甲= 0\n", PATIENT).unwrap();
    assert_eq!(said, ["甲|experiments"]);
}

#[test]
fn interrupting_ends_a_program() {
    play_within("甲$ probe hang 一\n甲| 一\n甲^C\n", PATIENT).unwrap();
}

#[test]
fn it_stops_when_told_to_and_leaves_no_process() {
    let fixture = Fixture::new();
    let ladder = Ladder::read(&fixture.workspace).unwrap();
    let mut programs = Programs::new(&fixture.workspace, &ladder, bin_dir(), None);
    let cancelled = AtomicBool::new(false);
    let settings = Settings {
        deadline: PATIENT,
        cancelled: &cancelled,
        experiments: None,
    };
    let ready = fixture.path("ready");
    let text = format!("甲$ probe hold :8080 '{}'\n甲| 等不到\n", ready.display());
    let session = session::parse(&text, 1).unwrap();
    let mut port = None;
    let stopped = std::thread::scope(|scope| {
        play(&session, &mut programs, &settings, |event| {
            if let Event::Ports(&[(_, real)]) = event {
                port = Some(real);
                // 程序占住了端口,引擎已经在等它的输出:这时叫停。
                scope.spawn(|| {
                    while !ready.exists() {
                        std::thread::yield_now();
                    }
                    cancelled.store(true, Ordering::Relaxed);
                });
            }
            Ok(())
        })
    });
    assert!(matches!(stopped, Err(Stopped::Cancelled)), "{stopped:?}");
    std::net::UdpSocket::bind(("127.0.0.1", port.unwrap())).unwrap();
}

#[cfg(unix)]
#[test]
fn a_runner_runs_our_programs_and_no_others() {
    let fixture = Fixture::new();
    let ladder = Ladder::read(&fixture.workspace).unwrap();
    let runner = Some("no-such-runner".to_owned());
    let mut programs = Programs::new(&fixture.workspace, &ladder, bin_dir(), runner);
    let words = |line: &str| course::words::plain(line).unwrap();
    let ours = programs.command(&words("probe say")).unwrap().unwrap();
    assert_eq!(ours[0], "no-such-runner");
    assert!(ours[1].ends_with("probe") && ours[2] == "say");
    let other = programs.command(&words("cat file")).unwrap().unwrap();
    assert!(other[0].ends_with("/cat"));
}
