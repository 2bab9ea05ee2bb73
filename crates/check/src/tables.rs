//! 讲义里的两张表,从阶梯生成:哪一阶段通过什么;一个阶段还有哪些缺陷。

use std::fmt::Write;

use anyhow::bail;

use crate::ladder::{self, Case, Expectation, LATER, Line};

/// 这个阶段做得到一部分的每条线,一张 Markdown 表:每条检查,各阶段通过没有。
///
/// # Errors
/// 阶梯里没有这个阶段。
pub fn cases(stage: &str) -> anyhow::Result<String> {
    let mut text = String::new();
    for line in known(stage)?.into_iter().filter(|line| begun(line, stage)) {
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

/// 这个阶段通过了这条线的某一条检查。
fn begun(line: &Line, stage: &str) -> bool {
    let passes = |case: &Case| line.expectation(case, stage) == Expectation::Pass;
    line.cases.iter().any(passes)
}

/// 一个阶段还通不过的检查,和修复它的阶段:一张 Markdown 表;没有就是一句话。
///
/// 一条也没有做到的线是以后才学的,合成一行。
///
/// # Errors
/// 阶梯里没有这个阶段。
pub fn defects(stage: &str) -> anyhow::Result<String> {
    let mut rows = String::new();
    for line in known(stage)? {
        let ahead = |case: &&Case| line.expectation(case, stage) == Expectation::Fail;
        let ahead: Vec<&Case> = line.cases.iter().filter(ahead).collect();
        if begun(line, stage) {
            rows.extend(ahead.iter().map(|case| row(line, case, "")));
        } else if let Some(first) = ahead.first() {
            rows.push_str(&row(line, first, &format!(",等 {} 条", ahead.len())));
        }
    }
    if rows.is_empty() {
        return Ok("没有检查是这一阶段通不过的。\n".to_owned());
    }
    Ok(format!(
        "| 还做不到 | 检查 | 由谁修复 |\n|---|---|---|\n{rows}"
    ))
}

fn row(line: &Line, case: &Case, more: &str) -> String {
    let (role, title) = (line.role.title(), case.title);
    format!(
        "| {role} · {title}{more} | `{}` | {} |\n",
        case.id,
        mended(case)
    )
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
