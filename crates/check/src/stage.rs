//! 一个阶段的表现与阶梯一致:该通过的通过,该由以后的阶段修复的还不通过。

use std::fmt::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::conventions;
use crate::exam::{Exam, PATIENCE, Stop, Target, Verdict};
use crate::ladder::{self, Case, Expectation, Line};

/// 应当还不通过的检查,每一步只等这么久:等得再久也还是不通过。
const IMPATIENCE: Duration = Duration::from_millis(1500);

/// 同时做这么多条:多数时间都在等,不占 CPU。
const WORKERS: usize = 8;

/// 阶段 `package`(程序在 `binary`)的表现与阶梯和约定一致;不一致就恐慌,说明每一处。
///
/// # Panics
/// 有一条检查的结果与阶梯不同,有一条约定没有遵守,或者阶梯里没有这个阶段。
pub fn stage(package: &str, binary: &str) {
    let lines: Vec<&Line> = ladder::lines_of(package).collect();
    assert!(!lines.is_empty(), "阶梯里没有 {package} 这个阶段");
    let mut problems = Vec::new();
    for line in lines {
        problems.extend(disagreements(line, package, binary));
    }
    problems.extend(conventions::broken(package, binary));
    assert!(
        problems.is_empty(),
        "{package} 有 {} 处与阶梯不同:\n\n{}",
        problems.len(),
        problems.join("\n")
    );
}

/// 一条线上,程序的表现与阶梯不同的地方,每处一段说明。
#[must_use]
pub fn disagreements(line: &Line, stage: &str, binary: &str) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let problems = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some(case) = line.cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Some(problem) = disagreement(line, case, stage, binary) {
                        let mut problems = problems
                            .lock()
                            .unwrap_or_else(std::sync::PoisonError::into_inner);
                        problems.push(problem);
                    }
                }
            });
        }
    });
    problems
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn disagreement(line: &Line, case: &Case, stage: &str, binary: &str) -> Option<String> {
    let args = line.stages[line.position(stage)?].args;
    let mut argv = vec![binary.to_owned()];
    argv.extend(args.iter().map(|argument| (*argument).to_owned()));
    argv.push("{options}".to_owned());
    let target = Target::Command(argv);
    let expectation = line.expectation(case, stage);
    let patience = match expectation {
        Expectation::Pass => PATIENCE,
        Expectation::Fail => IMPATIENCE,
        Expectation::NotApplicable => return None,
    };
    let mut text = format!("{} · {}({})\n", line.name, case.title, case.id);
    match (expectation, run(case, target, patience)) {
        (Expectation::Fail, Err(Stop::Failed(_))) | (Expectation::Pass, Ok(())) => return None,
        (Expectation::Fail, Ok(())) => {
            let _ = writeln!(text, "  阶梯说从 {} 起才通过,它却通过了", case.since);
        }
        (_, Err(Stop::Failed(failure))) => {
            let _ = write!(text, "{failure}");
        }
        (_, Err(Stop::Skipped(reason))) => {
            let _ = writeln!(text, "  没有做:{reason}");
        }
        (_, Err(Stop::Broken(error))) => {
            let _ = writeln!(text, "  做不成:{error:#}");
        }
        (Expectation::NotApplicable, Ok(())) => return None,
    }
    Some(text)
}

/// 做一条检查。
///
/// # Errors
/// 程序的表现不对,或者检查做不成。
pub fn run(case: &Case, target: Target, patience: Duration) -> Verdict {
    let mut exam = Exam::new(target, case.options, patience)?;
    (case.run)(&mut exam)
}
