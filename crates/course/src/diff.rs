//! 两个阶段的差异:只看 `src/`,文件先按名字配对,旧阶段没有的到它的前几个阶段里找,改了名、搬了家的再按内容配对。

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use anyhow::Context;
use similar::{ChangeTag, TextDiff};

use crate::ladder::{Ladder, Stage};
use crate::names;
use crate::workspace::{Workspace, read_text};

/// 相同的行占到这个比例,才算是同一个文件改了名。
const SAME_FILE: f32 = 0.5;

/// 每处改动前后各给几行。
const CONTEXT: usize = 3;

/// 一个源文件。
#[derive(Debug, Clone, PartialEq, Eq)]
struct SourceFile {
    /// 阶段的目录名,例如 `12-udp-recv`。
    stage: String,
    /// 相对阶段目录,例如 `src/server.rs`。
    path: String,
    text: String,
}

/// 一对文件的差异;没有改动的不会出现。
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDiff {
    /// 旧文件,例如 `12-udp-recv/src/main.rs`;新增的文件没有。
    pub old: Option<String>,
    /// 新文件;删掉的文件没有。
    pub new: Option<String>,
    /// 添了几行。
    pub added: usize,
    /// 删了几行。
    pub removed: usize,
    /// 各处改动,以 `@@` 开头,每行都有换行。
    pub hunks: String,
    /// 旧文件不在旧阶段里,而在更早的这个阶段里。
    pub earlier: Option<String>,
}

impl FileDiff {
    /// 统一格式(unified)的全文。
    #[must_use]
    pub fn unified(&self) -> String {
        let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "/dev/null".to_owned());
        format!(
            "--- {}\n+++ {}\n{}",
            name(&self.old),
            name(&self.new),
            self.hunks
        )
    }

    /// 这一对里有没有叫 `path` 的文件(相对阶段目录)。
    #[must_use]
    pub fn concerns(&self, path: &str) -> bool {
        let names = [&self.old, &self.new];
        let inside = |name: &String| name.split_once('/').is_some_and(|(_, rest)| rest == path);
        names.into_iter().flatten().any(inside)
    }

    fn title(&self) -> String {
        let inside = |name: &Option<String>| {
            let name = name.as_deref().unwrap_or_default();
            name.split_once('/').map_or("", |(_, rest)| rest).to_owned()
        };
        match (inside(&self.old), inside(&self.new)) {
            (old, new) if old.is_empty() => format!("{new}(新增)"),
            (old, new) if new.is_empty() => format!("{old}(删去)"),
            (old, new) if old == new => match &self.earlier {
                Some(stage) => format!("{new}(来自 {stage})"),
                None => new,
            },
            (old, new) => format!("{old} → {new}"),
        }
    }
}

/// `from` 到 `to` 的差异,按新文件的路径排好。
///
/// 旧阶段没有的文件,和更早阶段里同名的比:`udp-recv` 只收不发,`udp-echo` 的客户端从 `udp-send` 来。
///
/// # Errors
/// 源码读不了。
pub fn between(
    workspace: &Workspace,
    ladder: &Ladder,
    from: &Stage,
    to: &Stage,
) -> anyhow::Result<Vec<FileDiff>> {
    let (old, new) = (read_source(workspace, from)?, read_source(workspace, to)?);
    let earlier = read_earlier(workspace, ladder, from)?;
    let mut diffs: Vec<FileDiff> = pair(old, earlier, new)
        .into_iter()
        .filter(|(old, new)| {
            let (old, new) = (old.as_ref(), new.as_ref());
            old.map(|file| &file.text) != new.map(|file| &file.text)
                || old.map(|file| &file.path) != new.map(|file| &file.path)
        })
        .map(|(old, new)| compare(from, old, new))
        .collect();
    diffs.sort_by_key(FileDiff::title);
    Ok(diffs)
}

/// 选出要比较的两个阶段:只给一个,就和它的上一阶段比。
///
/// # Errors
/// 没有这个阶段,或者它没有上一阶段。
pub fn choose<'a>(
    ladder: &'a Ladder,
    first: &str,
    second: Option<&str>,
) -> anyhow::Result<(&'a Stage, &'a Stage)> {
    if let Some(second) = second {
        return Ok((names::find(ladder, first)?, names::find(ladder, second)?));
    }
    let stage = names::find(ladder, first)?;
    let Some(previous) = &stage.previous else {
        let name = &stage.package;
        let hint = format!("写两个名字:cargo course diff 别的阶段 {name}");
        return Err(crate::error::usage(format!("{name} 没有上一阶段"), hint));
    };
    let previous = names::find(ladder, previous)
        .with_context(|| format!("{} 的 previous 写错了", stage.directory))?;
    Ok((previous, stage))
}

/// 打印差异和一行总结;`stat` 时每个文件只有一行。
///
/// # Errors
/// 写不出去。
pub fn print(
    diffs: &[FileDiff],
    stat: bool,
    coloured: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    if stat {
        let row = |diff: &FileDiff| {
            vec![
                diff.title(),
                format!("+{}", diff.added),
                format!("−{}", diff.removed),
            ]
        };
        let rows: Vec<Vec<String>> = diffs.iter().map(row).collect();
        write!(out, "{}", crate::text::table(&rows))?;
    } else {
        for line in diffs
            .iter()
            .map(FileDiff::unified)
            .collect::<String>()
            .lines()
        {
            match colour(line).filter(|_| coloured) {
                Some(colour) => writeln!(out, "\x1b[{colour}m{line}\x1b[0m")?,
                None => writeln!(out, "{line}")?,
            }
        }
    }
    writeln!(out, "{}", summary(diffs))
}

/// 一行总结,例如 `3 个文件,+41 −12 行`。
#[must_use]
pub fn summary(diffs: &[FileDiff]) -> String {
    let added: usize = diffs.iter().map(|diff| diff.added).sum();
    let removed: usize = diffs.iter().map(|diff| diff.removed).sum();
    format!("{} 个文件,+{added} −{removed} 行", diffs.len())
}

fn colour(line: &str) -> Option<&'static str> {
    match line.as_bytes() {
        [b'-', b'-', b'-', b' ', ..] | [b'+', b'+', b'+', b' ', ..] => Some("1"),
        [b'@', ..] => Some("36"),
        [b'+', ..] => Some("32"),
        [b'-', ..] => Some("31"),
        _ => None,
    }
}

fn read_source(workspace: &Workspace, stage: &Stage) -> anyhow::Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    read_directory(stage, &stage.source(workspace), "src", &mut files)?;
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(files)
}

/// `stage` 以前的各个阶段的源文件,近的在前。
fn read_earlier(
    workspace: &Workspace,
    ladder: &Ladder,
    stage: &Stage,
) -> anyhow::Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    let mut current = stage;
    // 编号一路变小,previous 写成了圈也会停下。
    while let Some(previous) = current
        .previous
        .as_deref()
        .and_then(|name| ladder.package(name))
    {
        if previous.number >= current.number {
            break;
        }
        files.extend(read_source(workspace, previous)?);
        current = previous;
    }
    Ok(files)
}

fn read_directory(
    stage: &Stage,
    path: &Path,
    name: &str,
    files: &mut Vec<SourceFile>,
) -> anyhow::Result<()> {
    let entries = fs::read_dir(path).with_context(|| format!("读不到 {}", path.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = format!("{name}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            read_directory(stage, &entry.path(), &name, files)?;
        } else {
            let text = read_text(&entry.path())?;
            files.push(SourceFile {
                stage: stage.directory.clone(),
                path: name,
                text,
            });
        }
    }
    Ok(())
}

type Pair = (Option<SourceFile>, Option<SourceFile>);

fn pair(mut old: Vec<SourceFile>, earlier: Vec<SourceFile>, new: Vec<SourceFile>) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = Vec::new();
    let mut unmatched = Vec::new();
    for file in new {
        let same_path = |candidate: &SourceFile| candidate.path == file.path;
        match (
            old.iter().position(same_path),
            earlier.iter().find(|file| same_path(file)),
        ) {
            (Some(index), _) => pairs.push((Some(old.remove(index)), Some(file))),
            (None, Some(earlier)) => pairs.push((Some(earlier.clone()), Some(file))),
            (None, None) => unmatched.push(file),
        }
    }
    for file in unmatched {
        let likeness = |old: &SourceFile| TextDiff::from_lines(&old.text, &file.text).ratio();
        let best = (0..old.len()).max_by(|&a, &b| likeness(&old[a]).total_cmp(&likeness(&old[b])));
        let best = best.filter(|&index| likeness(&old[index]) >= SAME_FILE);
        pairs.push((best.map(|index| old.remove(index)), Some(file)));
    }
    pairs.extend(old.into_iter().map(|file| (Some(file), None)));
    pairs
}

fn compare(from: &Stage, old: Option<SourceFile>, new: Option<SourceFile>) -> FileDiff {
    let text = |file: &Option<SourceFile>| file.as_ref().map_or("", |file| &file.text).to_owned();
    let name = |file: SourceFile| format!("{}/{}", file.stage, file.path);
    let (old_text, new_text) = (text(&old), text(&new));
    let diff = TextDiff::from_lines(&old_text, &new_text);
    let count = |tag| {
        diff.iter_all_changes()
            .filter(|change| change.tag() == tag)
            .count()
    };
    let stage = old.as_ref().map(|file| file.stage.clone());
    FileDiff {
        added: count(ChangeTag::Insert),
        removed: count(ChangeTag::Delete),
        hunks: hunks(&diff, &old_text),
        earlier: stage.filter(|stage| *stage != from.directory),
        old: old.map(name),
        new: new.map(name),
    }
}

/// 各处改动;`@@` 行的末尾写上它在哪个函数里,像 git 那样。
fn hunks(diff: &TextDiff<'_, '_, str>, old_text: &str) -> String {
    let lines: Vec<&str> = old_text.lines().collect();
    let mut unified = diff.unified_diff();
    let hunks = unified
        .context_radius(CONTEXT)
        .missing_newline_hint(false)
        .iter_hunks()
        .map(|hunk| {
            let start = hunk.ops().first().map_or(0, |op| op.old_range().start);
            let hunk = hunk.to_string();
            let (header, body) = hunk.split_once('\n').unwrap_or((&hunk, ""));
            match enclosing(&lines[..start.min(lines.len())]) {
                Some(function) => format!("{header} {function}\n{body}"),
                None => format!("{header}\n{body}"),
            }
        });
    hunks.collect()
}

/// 这些行之后的那一处,在哪个函数(或类型)里:往上找最近的一个开头,中间没有收尾的 `}`。
fn enclosing<'a>(before: &[&'a str]) -> Option<&'a str> {
    for line in before.iter().rev() {
        if *line == "}" {
            return None;
        }
        if is_heading(line) {
            return Some(line.trim().trim_end_matches(['{', '(', ' ']));
        }
    }
    None
}

fn is_heading(line: &str) -> bool {
    let mut words = line.split_whitespace().skip_while(|word| {
        word.starts_with("pub") || matches!(*word, "async" | "const" | "unsafe" | "extern")
    });
    let is_item = matches!(
        words.next(),
        Some("fn" | "struct" | "enum" | "trait" | "impl" | "mod")
    );
    is_item && !line.trim_end().ends_with(';')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> SourceFile {
        let (stage, path, text) = ("12-old".to_owned(), path.to_owned(), text.to_owned());
        SourceFile { stage, path, text }
    }

    #[test]
    fn a_renamed_file_is_matched_by_its_content() {
        let old = vec![
            file("src/main.rs", "a\nb\nc\nd\n"),
            file("src/gone.rs", "x\n"),
        ];
        let new = vec![
            file("src/client.rs", "a\nb\nc\ne\n"),
            file("src/new.rs", "y\n"),
        ];
        let names = |pair: &Pair| {
            (
                pair.0.clone().map(|f| f.path),
                pair.1.clone().map(|f| f.path),
            )
        };
        let pairs: Vec<_> = pair(old, Vec::new(), new).iter().map(names).collect();
        let some = |name: &str| Some(name.to_owned());
        assert_eq!(
            pairs,
            [
                (some("src/main.rs"), some("src/client.rs")),
                (None, some("src/new.rs")),
                (some("src/gone.rs"), None),
            ]
        );
    }

    #[test]
    fn a_file_that_the_old_stage_lacks_is_compared_with_an_earlier_one() {
        let old = vec![file("src/server.rs", "a\nb\n")];
        let earlier = vec![file("src/client.rs", "x\n"), file("src/client.rs", "y\n")];
        let new = vec![
            file("src/client.rs", "x\nz\n"),
            file("src/server.rs", "a\n"),
        ];
        let pairs = pair(old, earlier, new);
        let old_texts: Vec<_> = pairs
            .iter()
            .map(|(old, _)| old.clone().map(|f| f.text))
            .collect();
        assert_eq!(
            old_texts,
            [Some("x\n".to_owned()), Some("a\nb\n".to_owned())]
        );
    }

    #[test]
    fn a_hunk_says_in_which_function_it_is() {
        let old = "fn first() {\n}\n\npub fn serve(\n    x: u8,\n) {\n    1;\n    2;\n    3;\n    4;\n    5;\n}\n";
        let new = old.replace("    5;", "    6;");
        let text = hunks(&TextDiff::from_lines(old, new.as_str()), old);
        assert!(text.starts_with("@@ -8,5 +8,5 @@ pub fn serve\n"), "{text}");
    }
}
