//! 工具的检查:参数接在哪里,成功和拒绝怎样判,不结束的程序不等到永远。

// 测试里的 unwrap 就是断言。
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use check::exam::{Exam, PATIENCE, Stop, Target, Verdict};
use check::tool;

const FLAWED: &str = env!("CARGO_BIN_EXE_flawed-udp");

fn exam(argv: &[&str], patience: Duration) -> Exam {
    let argv = argv.iter().map(|word| (*word).to_owned()).collect();
    Exam::new(Target::Command(argv), &[], patience).unwrap()
}

fn what(verdict: Verdict) -> String {
    match verdict {
        Err(Stop::Failed(failure)) => failure.what().to_owned(),
        other => panic!("应当没有通过:{other:?}"),
    }
}

#[test]
fn arguments_go_where_the_command_says() {
    let behind = exam(&["calc", "x"], PATIENCE);
    assert_eq!(behind.tool(&["a", "b"]).unwrap(), ["calc", "x", "a", "b"]);
    let within = exam(&["calc", "{args}", "x", "{options}"], PATIENCE);
    assert_eq!(within.tool(&["a", "b"]).unwrap(), ["calc", "a", "b", "x"]);
    let server = Exam::new(Target::Address(([127, 0, 0, 1], 9).into()), &[], PATIENCE);
    let skipped = server.unwrap().tool(&["a"]);
    assert!(matches!(skipped, Err(Stop::Skipped(_))), "{skipped:?}");
}

#[test]
fn a_refusal_is_not_a_success() {
    // 没有参数是用法错误。
    let finished = tool::run(&exam(&[FLAWED], PATIENCE), &[], "").unwrap();
    assert!(finished.output.is_empty(), "{finished:?}");
    assert!(finished.errors.contains("用法"), "{finished:?}");
    assert!(finished.refused("没有参数").is_ok());
    assert!(what(finished.succeeded()).contains("退出码应当是 0"));
}

#[test]
fn a_result_or_a_crash_is_no_refusal() {
    let finished = tool::Finished {
        words: "1 2".to_owned(),
        code: Some(1),
        output: String::new(),
        errors: String::new(),
    };
    assert!(what(finished.refused("x")).contains("没有说明原因"));
    let with = |code, output: &str, errors: &str| tool::Finished {
        words: "1 2".to_owned(),
        code,
        output: output.to_owned(),
        errors: errors.to_owned(),
    };
    assert!(what(with(Some(2), "结果", "错误").refused("x")).contains("标准输出"));
    assert!(what(with(Some(101), "", "panicked at").refused("x")).contains("却是 101"));
    let python = with(Some(1), "", "Traceback (most recent call last)");
    assert!(what(python.refused("x")).contains("崩溃"));
    assert!(what(with(None, "", "错误").refused("x")).contains("信号"));
    assert!(with(Some(0), "结果", "").succeeded().is_ok());
}

#[test]
fn a_program_that_does_not_end_fails_at_the_deadline() {
    let exam = exam(&[FLAWED, "none", "127.0.0.1:0"], Duration::from_millis(200));
    let stopped = tool::run(&exam, &[], "");
    assert!(what(stopped.map(|_| ())).contains("没有结束"));
}
