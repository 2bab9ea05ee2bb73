//! 检查自己也要被检查:正确的程序全部通过,每一种错误都被认出来,说的是它的毛病。

// 测试里的 unwrap 就是断言。
#![allow(clippy::unwrap_used)]

use std::time::{Duration, Instant};

use check::judge::{Request, Target, run};
use check::ladder::{Case, LINES, Line, Stage};
use check::{Terminal, Waited, disagreements};

const FLAWED: &str = env!("CARGO_BIN_EXE_flawed-udp");

/// 用 `flaw` 这种毛病的服务器做 udp-echo 的检查:全部通过没有,报告说了什么。
fn judge(flaw: &str, only: Option<&str>) -> (bool, String) {
    let command = [FLAWED, flaw, "{addr}"];
    let request = Request {
        stage: "udp-echo".to_owned(),
        role: None,
        only: only.map(str::to_owned),
        target: Target::Command(command.iter().map(|word| (*word).to_owned()).collect()),
    };
    let mut report = Vec::new();
    let passed = run(&request, &mut report).unwrap();
    (passed, String::from_utf8(report).unwrap())
}

#[test]
fn right_server_passes_everything() {
    let (passed, report) = judge("none", None);
    assert!(passed, "{report}");
    assert!(report.contains("没有通过 0 条,跳过 0 条"), "{report}");
}

/// 有毛病的服务器:这一条检查要失败,报告要说出毛病。
fn names_the_defect(flaw: &str, case: &str, diagnosis: &str) {
    let (passed, report) = judge(flaw, Some(case));
    assert!(!passed, "{flaw} 通过了 {case}:{report}");
    assert!(
        report.contains(diagnosis),
        "{flaw}:没有说「{diagnosis}」:{report}"
    );
    for part in [
        "为什么",
        "试试",
        "读  docs/notes/",
        &format!("--only {case}"),
    ] {
        assert!(
            report.contains(part),
            "{flaw}:报告里没有「{part}」:{report}"
        );
    }
}

#[test]
fn names_one_answer_only() {
    names_the_defect("once", "echo-again", "回答了第一个数据报,以后的就不回答了");
}

#[test]
fn names_cut_at_1024() {
    names_the_defect("cuts-at-1024", "echo-2000", "只回了前 1024 字节");
}

#[test]
fn names_fixed_port() {
    names_the_defect("fixed-port", "echo-clients", "回给了写死的地址");
}

#[test]
fn names_dropped_empty_datagram() {
    names_the_defect("drops-empty", "echo-empty", "没有回答空数据报");
}

#[test]
fn names_added_newline() {
    names_the_defect("adds-newline", "echo", "末尾多了一个换行");
}

#[test]
fn names_death_on_non_utf8() {
    names_the_defect("dies-on-non-utf-8", "echo-bytes", "已经结束(退出码 1)");
}

#[test]
fn marks_the_first_wrong_byte() {
    let (passed, report) = judge("upper-case", Some("echo"));
    assert!(!passed);
    // 「应收」和「实收」下面各有一个尖号,指着第一个字节。
    assert_eq!(
        report.matches("        ^^ 从第 1 个字节起不同").count(),
        2,
        "{report}"
    );
    assert!(report.contains("48 45 4c 4c 4f"), "{report}");
}

#[test]
fn unknown_case_lists_the_known_ones() {
    let request = Request {
        stage: "udp-echo".to_owned(),
        role: None,
        only: Some("ecno".to_owned()),
        target: Target::Addr("127.0.0.1:1".to_owned()),
    };
    let error = run(&request, &mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("echo-again"), "{error}");
}

/// 命令里没有写 `{options}`,这条检查就跳过;但要先在别的线上找到它。
#[test]
fn one_case_is_found_on_another_line() {
    let command = [FLAWED, "none", "{addr}"];
    let request = Request {
        stage: "tcp-threads".to_owned(),
        role: None,
        only: Some("idle".to_owned()),
        target: Target::Command(command.iter().map(|word| (*word).to_owned()).collect()),
    };
    let mut report = Vec::new();
    run(&request, &mut report).unwrap_err();
    let report = String::from_utf8(report).unwrap();
    assert!(report.contains("(idle) 跳过"), "{report}");
}

/// 两个阶段的一条线:`silent` 只收不答,`none` 会答;检查都从 `none` 起通过。
fn line_of(cases: &'static [Case]) -> Line {
    const STAGES: &[Stage] = &[
        Stage {
            name: "silent",
            args: &["silent", "{addr}"],
        },
        Stage {
            name: "none",
            args: &["none", "{addr}"],
        },
    ];
    let echo = LINES.iter().find(|line| line.name == "udp-echo").unwrap();
    Line {
        stages: STAGES,
        cases,
        ..*echo
    }
}

/// 把 echo 这条检查的 `since` 改成 `since`。
fn moved(since: &'static str) -> &'static [Case] {
    let echo = LINES.iter().find(|line| line.name == "udp-echo").unwrap();
    let case = echo.cases.iter().find(|case| case.id == "echo").unwrap();
    Box::leak(Box::new([Case { since, ..*case }]))
}

#[test]
fn ladder_notices_a_moved_case() {
    let right = line_of(moved("none"));
    assert_eq!(
        disagreements(&right, "silent", FLAWED),
        Vec::<String>::new()
    );
    assert_eq!(disagreements(&right, "none", FLAWED), Vec::<String>::new());

    let too_early = line_of(moved("silent"));
    let problems = disagreements(&too_early, "silent", FLAWED);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].contains("没有回答"), "{problems:?}");

    let too_late = line_of(moved("以后"));
    let problems = disagreements(&too_late, "none", FLAWED);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].contains("它却通过了"), "{problems:?}");
}

#[test]
fn program_that_never_listens_is_no_verdict() {
    // 结束得太早的程序不是「还不通过」,是做不成:否则启动不了的程序会通过「应当失败」的检查。
    let line = line_of(moved("none"));
    let line = Line {
        stages: &[Stage {
            name: "silent",
            args: &["no-such-flaw", "{addr}"],
        }],
        ..line
    };
    let problems = disagreements(&line, "silent", FLAWED);
    assert!(
        problems[0].contains("做不成") && problems[0].contains("没有 no-such-flaw"),
        "{problems:?}"
    );
}

fn start(words: &[&str]) -> Terminal {
    let argv: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    Terminal::start(&argv).unwrap()
}

#[test]
fn terminal_waits_only_until_the_deadline() {
    let terminal = start(&[FLAWED, "none", "127.0.0.1:0"]);
    let deadline = Instant::now() + Duration::from_millis(50);
    assert_eq!(terminal.output().read_line(deadline), Err(Waited::TimedOut));
}

#[test]
fn terminal_reports_the_end() {
    let terminal = start(&[FLAWED]);
    let deadline = Instant::now() + Duration::from_secs(10);
    let line = terminal.output().read_line(deadline).unwrap();
    assert_eq!(
        String::from_utf8(line).unwrap(),
        "错误:用法:flawed-udp 毛病 地址"
    );
    assert_eq!(terminal.output().read_line(deadline), Err(Waited::Ended));
}

#[cfg(unix)]
#[test]
fn terminal_ends_the_whole_process_group() {
    let terminal = start(&["sh", "-c", "sleep 100 & echo $!; wait"]);
    let deadline = Instant::now() + Duration::from_secs(10);
    let line = terminal.output().read_line(deadline).unwrap();
    let child = String::from_utf8(line).unwrap();
    let alive = || {
        let status = std::process::Command::new("kill")
            .args(["-0", &child])
            .stderr(std::process::Stdio::null())
            .status();
        status.unwrap().success()
    };
    assert!(alive());
    drop(terminal);
    // 进程被结束,到它从进程表里消失,还有一瞬间。
    while alive() {
        assert!(Instant::now() < deadline, "子进程 {child} 还在");
        std::thread::yield_now();
    }
}
