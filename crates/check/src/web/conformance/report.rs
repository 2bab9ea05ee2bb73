//! 全表的结果:每一节合了多少,哪几行不合,发了什么,收到什么。

use std::collections::BTreeMap;
use std::fmt;

use super::{Level, Rule};

/// 报告里最多显示这么多字节。
pub(super) const SHOWN: usize = 400;

/// 一行的结果。
#[derive(Debug)]
pub enum Outcome {
    /// 合乎要求。
    Passed,
    /// 不合。
    Failed(Box<Problem>),
    /// 没有做:这里没有要用的文件。
    Skipped,
}

/// 不合的地方。
#[derive(Debug)]
pub struct Problem {
    /// 哪里不合。
    pub what: String,
    /// 发出的字节。
    pub sent: Vec<u8>,
    /// 收到的字节:回答的头和正文的开头。
    pub received: Vec<u8>,
}

/// 全部的结果,与 [`rules`] 的次序相同。
#[derive(Debug)]
pub struct Report {
    /// 每一行和它的结果。
    pub outcomes: Vec<(Rule, Outcome)>,
}

/// 一次计数。
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// 合乎要求的。
    pub passed: usize,
    /// 不合的。
    pub failed: usize,
    /// 没有做的。
    pub skipped: usize,
}

impl Report {
    /// 不合的行。
    pub fn failed(&self) -> impl Iterator<Item = (&Rule, &Problem)> {
        self.outcomes
            .iter()
            .filter_map(|(rule, outcome)| match outcome {
                Outcome::Failed(problem) => Some((rule, problem.as_ref())),
                _ => None,
            })
    }

    /// `wanted` 的行里,合的、不合的、没有做的各有多少。
    pub fn count(&self, wanted: impl Fn(&Rule) -> bool) -> Count {
        let mut count = Count::default();
        for (_, outcome) in self.outcomes.iter().filter(|(rule, _)| wanted(rule)) {
            match outcome {
                Outcome::Passed => count.passed += 1,
                Outcome::Failed(_) => count.failed += 1,
                Outcome::Skipped => count.skipped += 1,
            }
        }
        count
    }

    /// 每一节各有多少;课程自己的决定另算一节 `own`。
    #[must_use]
    pub fn sections(&self) -> BTreeMap<&'static str, Count> {
        let mut sections = BTreeMap::new();
        for (rule, _) in &self.outcomes {
            let name = section(rule);
            sections
                .entry(name)
                .or_insert_with(|| self.count(|other| section(other) == name));
        }
        sections
    }
}

fn section(rule: &Rule) -> &'static str {
    match rule.level {
        Level::Own => "own",
        _ => rule.section,
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (rule, problem) in self.failed() {
            writeln!(
                f,
                "{} · {:?} · RFC {} · {}",
                rule.id, rule.level, rule.section, rule.title
            )?;
            writeln!(f, "  不对  {}", problem.what)?;
            writeln!(f, "  发送  {}", shown(&problem.sent))?;
            writeln!(f, "  实收  {}", shown(&problem.received))?;
        }
        Ok(())
    }
}

fn shown(bytes: &[u8]) -> String {
    let text = bytes[..bytes.len().min(SHOWN)].escape_ascii();
    match bytes.len().saturating_sub(SHOWN) {
        0 => text.to_string(),
        more => format!("{text}……(还有 {more} 字节)"),
    }
}
