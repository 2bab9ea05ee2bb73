//! 标记下面应当是什么:从源码、程序和检查里生成,与讲义里的比较。

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Component, Path};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};
use check::Terminal;

use super::document::{Block, Comment, Document};
use super::excerpt;
use super::marker::{Marker, Table};
use super::report::Problem;
use crate::diff::{self, FileDiff};
use crate::error::with_hint;
use crate::ladder::Ladder;
use crate::names;
use crate::programs::Programs;
use crate::workspace::{Workspace, read_text};

/// 程序打印帮助最多等多久。
const HELP_DEADLINE: Duration = Duration::from_secs(10);

/// 从哪里生成。
pub struct Sources<'a, 'w> {
    /// 工作区。
    pub workspace: &'a Workspace,
    /// 阶梯。
    pub ladder: &'a Ladder,
    /// 程序。
    pub programs: &'a mut Programs<'w>,
    /// 问过的帮助。
    helps: HashMap<Vec<String>, String>,
}

/// 讲义里的一段,应当换成什么。
pub struct Drift {
    /// 换掉哪几行([`Document::lines`] 的下标)。
    pub range: Range<usize>,
    /// 换成这些行。
    pub lines: Vec<String>,
}

/// 核对一篇讲义的全部标记:问题,以及可以重写的几段。`checked` 加上核对了几处。
pub fn check(
    document: &Document,
    sources: &mut Sources<'_, '_>,
    checked: &mut usize,
) -> (Vec<Problem>, Vec<Drift>) {
    let mut problems = unmarked(document);
    let mut drifts = Vec::new();
    for comment in &document.comments {
        let found = match check_one(document, comment, sources) {
            Ok(found) => found,
            Err(error) => {
                problems.push(Problem::new(document, comment.line, with_hint(&error)));
                continue;
            }
        };
        *checked += 1;
        if let Some((problem, drift)) = found {
            problems.push(problem);
            drifts.push(drift);
        }
    }
    (problems, drifts)
}

/// 没有标记的 rust 块和 diff 块:没有人保证它们是对的。
fn unmarked(document: &Document) -> Vec<Problem> {
    let needs_marker = |block: &&Block| matches!(block.language.as_str(), "rust" | "diff");
    let marks = |comment: &Comment, block: &Block| {
        let marker = Marker::parse(&comment.text);
        comment.line + 1 == block.line && !matches!(marker, Ok(Marker::Table(_) | Marker::EndTable))
    };
    let is_marked = |block: &Block| document.comments.iter().any(|c| marks(c, block));
    let blocks = document.blocks.iter().filter(needs_marker);
    let unmarked = blocks.filter(|block| !is_marked(block));
    unmarked
        .map(|block| {
            let language = &block.language;
            let text = format!(
                "{language} 块没有标记:上一行写明它从哪里来(代码、差异、文件),只是说明意思就写 <!-- 示意 -->"
            );
            Problem::new(document, block.line, text)
        })
        .collect()
}

fn check_one(
    document: &Document,
    comment: &Comment,
    sources: &mut Sources<'_, '_>,
) -> anyhow::Result<Option<(Problem, Drift)>> {
    let own_line = document.lines[comment.line - 1].trim();
    if !(own_line.starts_with("<!--") && own_line.ends_with("-->")) {
        bail!("标记要独占一行");
    }
    match Marker::parse(&comment.text).map_err(|reason| anyhow!(reason))? {
        Marker::EndTable => closes_a_table(document, comment).map(|()| None),
        Marker::Table(table) => {
            let range = table_region(document, comment)?;
            let table = sources.table(document, &table)?;
            let table = format!("\n{}\n\n", table.trim());
            Ok(compare(document, comment, range, &table, ""))
        }
        marker => check_block(document, comment, &marker, sources),
    }
}

/// 标记的下一行开始的代码块。
fn check_block(
    document: &Document,
    comment: &Comment,
    marker: &Marker,
    sources: &mut Sources<'_, '_>,
) -> anyhow::Result<Option<(Problem, Drift)>> {
    let mut below = document.blocks.iter();
    let below = below.find(|block| block.line == comment.line + 1);
    let block = below.context("标记的下一行应当是一个代码块")?;
    if let Some(language) = marker.language().filter(|name| *name != block.language) {
        bail!("这个标记下面应当是 ```{language} 块");
    }
    let Some(expected) = sources.expected(marker)? else {
        return Ok(None);
    };
    let fence = document.lines[block.line - 1].trim();
    let fence = &fence[..fence
        .find(|next| next != '`' && next != '~')
        .unwrap_or(fence.len())];
    if expected
        .lines()
        .any(|line| line.trim_start().starts_with(fence))
    {
        bail!("内容里有 {fence},请把这一块的围栏加长");
    }
    Ok(compare(
        document,
        comment,
        block.body.clone(),
        &expected,
        &block.indent,
    ))
}

/// 讲义里的 `range` 与 `expected` 不同就给出问题和改法。
fn compare(
    document: &Document,
    comment: &Comment,
    range: Range<usize>,
    expected: &str,
    indent: &str,
) -> Option<(Problem, Drift)> {
    let indented = |line: &str| {
        if line.is_empty() {
            String::new()
        } else {
            format!("{indent}{line}")
        }
    };
    let lines: Vec<String> = expected.lines().map(indented).collect();
    let noted = &document.lines[range.clone()];
    if noted == lines {
        return None;
    }
    let same = noted
        .iter()
        .zip(&lines)
        .take_while(|(noted, actual)| noted == actual)
        .count();
    let show = |line: Option<&String>| {
        line.map_or("(没有这一行)", |line| line.trim_end())
            .to_owned()
    };
    let text = format!(
        "与「{}」不同(cargo course notes --fix 可以重写)\n    讲义:{}\n    实际:{}",
        comment.text,
        show(noted.get(same)),
        show(lines.get(same)),
    );
    let line = range.start + same + 1;
    Some((Problem::new(document, line, text), Drift { range, lines }))
}

/// `表` 与 `/表` 之间的行。
fn table_region(document: &Document, comment: &Comment) -> anyhow::Result<Range<usize>> {
    let next = document
        .comments
        .iter()
        .find(|next| next.line > comment.line);
    let end = next.filter(|next| Marker::parse(&next.text) == Ok(Marker::EndTable));
    let end = end.context("表没有结束:在表后面写 <!-- /表 -->")?;
    Ok(comment.line..end.line - 1)
}

fn closes_a_table(document: &Document, comment: &Comment) -> anyhow::Result<()> {
    let before = document
        .comments
        .iter()
        .rev()
        .find(|before| before.line < comment.line);
    let opened =
        before.is_some_and(|before| matches!(Marker::parse(&before.text), Ok(Marker::Table(_))));
    opened.then_some(()).context("前面没有对应的 <!-- 表 … -->")
}

impl<'a, 'w> Sources<'a, 'w> {
    /// 从这些地方生成。
    pub fn new(
        workspace: &'a Workspace,
        ladder: &'a Ladder,
        programs: &'a mut Programs<'w>,
    ) -> Self {
        Self {
            workspace,
            ladder,
            programs,
            helps: HashMap::new(),
        }
    }

    /// 标记下面的代码块应当是什么;`示意` 什么都可以,是 `None`。
    fn expected(&mut self, marker: &Marker) -> anyhow::Result<Option<String>> {
        match marker {
            Marker::Code { stage, file, items } => self.code(stage, file, items).map(Some),
            Marker::File(path) => self.file(path).map(Some),
            Marker::Diff { from, to, files } => self.diff(from, to, files).map(Some),
            Marker::Help(words) => self.help(words).map(Some),
            Marker::Table(_) | Marker::EndTable | Marker::Illustration => Ok(None),
        }
    }

    fn code(&self, stage: &str, file: &str, items: &[String]) -> anyhow::Result<String> {
        let is_tool = self.ladder.tools.iter().any(|tool| tool == stage);
        let package = if is_tool {
            stage
        } else {
            &names::find(self.ladder, stage)?.directory
        };
        stays_inside(file)?;
        let source = read_text(
            &self
                .workspace
                .root()
                .join("crates")
                .join(package)
                .join(file),
        )?;
        if items.is_empty() {
            return Ok(source);
        }
        excerpt::take(&source, items).map_err(|reason| anyhow!("{package}/{file} {reason}"))
    }

    /// 先找讲义目录,再找工作区。
    fn file(&self, path: &str) -> anyhow::Result<String> {
        stays_inside(path)?;
        let beside = self.workspace.notes().join(path);
        let file = if beside.is_file() {
            beside
        } else {
            self.workspace.root().join(path)
        };
        read_text(&file)
    }

    fn diff(&self, from: &str, to: &str, files: &[String]) -> anyhow::Result<String> {
        let from = names::find(self.ladder, from)?;
        let to = names::find(self.ladder, to)?;
        let diffs = diff::between(self.workspace, self.ladder, from, to)?;
        for file in files {
            if !diffs.iter().any(|diff| diff.concerns(file)) {
                bail!(
                    "{} 与 {} 的 {file} 没有差异,或者没有这个文件",
                    from.package,
                    to.package
                );
            }
        }
        let wanted =
            |diff: &&FileDiff| files.is_empty() || files.iter().any(|file| diff.concerns(file));
        let text: String = diffs.iter().filter(wanted).map(FileDiff::unified).collect();
        if text.is_empty() {
            bail!("{} 与 {} 没有差异", from.package, to.package);
        }
        Ok(text)
    }

    fn table(&self, document: &Document, table: &Table) -> anyhow::Result<String> {
        match table {
            Table::Ladder => {
                let in_notes = document.path.parent() == Some(&self.workspace.notes());
                let notes = if in_notes { "" } else { "docs/notes/" };
                Ok(self.ladder.markdown(self.workspace, notes))
            }
            Table::Cases(stage) => check::tables::cases(&names::find(self.ladder, stage)?.package),
            Table::Defects(stage) => {
                check::tables::defects(&names::find(self.ladder, stage)?.package)
            }
        }
    }

    /// `words --help` 打印的内容,行尾不留空白。
    ///
    /// # Errors
    /// 没有这个程序,或者它没有好好地打印帮助。
    pub fn help(&mut self, words: &[String]) -> anyhow::Result<String> {
        if let Some(help) = self.helps.get(words) {
            return Ok(help.clone());
        }
        let program = words.first().map_or("", String::as_str);
        if !self.programs.is_ours(program) {
            let stage = names::find(self.ladder, program)?;
            bail!("帮助要写程序名:{}", stage.package);
        }
        let help = self.ask_help(words)?;
        self.helps.insert(words.to_vec(), help.clone());
        Ok(help)
    }

    fn ask_help(&mut self, words: &[String]) -> anyhow::Result<String> {
        let mut asked = words.to_vec();
        asked.push("--help".to_owned());
        let asked_line = asked.join(" ");
        let command = self.programs.command(&asked)?.context("没有这个程序")?;
        let mut terminal = Terminal::start(&command)?;
        terminal.end_input();
        let deadline = Instant::now() + HELP_DEADLINE;
        terminal
            .output()
            .wait_end(deadline)
            .with_context(|| format!("{asked_line} 没有结束"))?;
        let help = String::from_utf8_lossy(&terminal.output().take_unread()).into_owned();
        let status = terminal.wait(deadline)?;
        if !status.is_some_and(|status| status.success()) {
            bail!("{asked_line} 失败了:{}", help.trim());
        }
        // Windows 上程序名带着 .exe。
        let help = help.replace(&format!("{}.exe", words[0]), &words[0]);
        let lines = help.trim_end().lines();
        Ok(lines.map(|line| format!("{}\n", line.trim_end())).collect())
    }
}

/// 路径不能跑出它应当在的目录。
fn stays_inside(path: &str) -> anyhow::Result<()> {
    let inside = |part: Component<'_>| matches!(part, Component::Normal(_));
    if !Path::new(path).components().all(inside) {
        bail!("路径 {path} 应当是相对的,不含 ..");
    }
    Ok(())
}
