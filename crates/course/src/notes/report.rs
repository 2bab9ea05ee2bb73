//! 核对的结果。

use std::fmt;

use super::document::Document;

/// 一处不符。
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// 哪个文件。
    pub note: String,
    /// 第几行,从 1 起。
    pub line: usize,
    /// 哪里不符,怎么改。
    pub message: String,
}

impl Problem {
    /// `document` 的第 `line` 行不符。
    #[must_use]
    pub fn new(document: &Document, line: usize, message: impl Into<String>) -> Self {
        Self {
            note: document.name.clone(),
            line,
            message: message.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.note, self.line, self.message)
    }
}

/// 核对的结果。
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// 各处不符。
    pub problems: Vec<Problem>,
    /// 不算不符,但应当知道的事:重写了哪里、跳过了哪段会话。
    pub notices: Vec<String>,
    /// 核对了几篇。
    pub notes: usize,
    /// 核对了几处代码、差异、帮助和表。
    pub excerpts: usize,
    /// 演了几段会话。
    pub sessions: usize,
    /// 中途被叫停了。
    pub stopped: bool,
}

impl Report {
    /// 全部一致。
    #[must_use]
    pub fn passed(&self) -> bool {
        self.problems.is_empty() && !self.stopped
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for notice in &self.notices {
            writeln!(f, "{notice}")?;
        }
        for problem in &self.problems {
            writeln!(f, "{problem}")?;
        }
        let Self {
            notes,
            excerpts,
            sessions,
            ..
        } = self;
        write!(
            f,
            "核对了 {notes} 篇讲义、{excerpts} 处标记、{sessions} 段会话:"
        )?;
        match (self.problems.len(), self.stopped) {
            (_, true) => writeln!(f, "中途停下了"),
            (0, false) => writeln!(f, "全部一致"),
            (count, false) => writeln!(f, "有 {count} 处不符"),
        }
    }
}
