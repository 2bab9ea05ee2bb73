//! 讲义里的两张表,从阶梯生成:哪一阶段通过什么;一个阶段还有哪些缺陷。

use std::fmt::Write;

use anyhow::bail;

use crate::ladder::{self, Case, Expectation, LATER, Line};

/// 有这个阶段的每条线一张 Markdown 表:每条检查,各阶段通过没有。
///
/// # Errors
/// 阶梯里没有这个阶段。
pub fn cases(stage: &str) -> anyhow::Result<String> {
    let mut text = String::new();
    for line in known(stage)? {
        if !text.is_empty() {
            text.push('\n');
        }
        let names: Vec<String> = line
            .stages
            .iter()
            .map(|one| format!("`{}`", one.name))
            .collect();
        let _ = writeln!(
            text,
            "| {}的检查 | 要求 | {} |",
            line.role.title(),
            names.join(" | ")
        );
        let _ = writeln!(text, "|---|---|{}", ":-:|".repeat(names.len()));
        for case in line.cases {
            let marks: Vec<&str> = line
                .stages
                .iter()
                .map(|one| mark(line.expectation(case, one.name)))
                .collect();
            let _ = writeln!(
                text,
                "| `{}` | {} | {} |",
                case.id,
                case.title,
                marks.join(" | ")
            );
        }
    }
    Ok(text)
}

fn mark(expectation: Expectation) -> &'static str {
    match expectation {
        Expectation::Pass => "✓",
        Expectation::Fail => "✗",
        Expectation::NotApplicable => "–",
    }
}

/// 一个阶段还通不过的检查,和修复它的阶段:一张 Markdown 表;没有就是一句话。
///
/// # Errors
/// 阶梯里没有这个阶段。
pub fn defects(stage: &str) -> anyhow::Result<String> {
    let mut rows = String::new();
    for line in known(stage)? {
        for case in line.cases {
            if line.expectation(case, stage) == Expectation::Fail {
                let _ = writeln!(
                    rows,
                    "| {} · {} | `{}` | {} |",
                    line.role.title(),
                    case.title,
                    case.id,
                    mended(case)
                );
            }
        }
    }
    if rows.is_empty() {
        return Ok("没有检查是这一阶段通不过的。\n".to_owned());
    }
    Ok(format!(
        "| 还做不到 | 检查 | 由谁修复 |\n|---|---|---|\n{rows}"
    ))
}

fn mended(case: &Case) -> String {
    match case.since {
        LATER => "以后的阶段".to_owned(),
        since => format!("`{since}`"),
    }
}

fn known(stage: &str) -> anyhow::Result<Vec<&'static Line>> {
    let lines: Vec<&Line> = ladder::lines_of(stage).collect();
    if lines.is_empty() {
        bail!("阶梯里没有 {stage} 这个阶段");
    }
    Ok(lines)
}
