//! 核对讲义:代码、差异、会话、链接和用词都要与工作区里的实际一致。

pub mod commands;
pub mod document;
pub mod excerpt;
pub mod generated;
pub mod links;
pub mod marker;
pub mod report;
pub mod sessions;
pub mod terms;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::Context;

use self::document::Document;
use self::generated::{Drift, Sources};
use self::links::Links;
use self::report::Report;
use self::terms::{GLOSSARY, Terms};
use crate::ladder::Ladder;
use crate::names;
use crate::programs::Programs;
use crate::workspace::Workspace;

/// 怎么核对。
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// 先把变了的代码、差异、帮助和表重写一遍。
    pub fix: bool,
    /// 核对会话以外的一切。
    pub excerpts: bool,
    /// 核对会话。
    pub sessions: bool,
    /// 缺少会话要用的程序时算不符,而不是跳过。
    pub strict: bool,
    /// 会话的每一步最多等多久。
    pub deadline: Duration,
    /// 变成 `true` 就停下。
    pub cancelled: &'a AtomicBool,
}

/// 核对这几篇讲义(文件或阶段的名字);没有指定就是全部讲义和 README。
///
/// # Errors
/// 讲义读不了、没有这一篇,或者程序编译不了。不符不是错误,在结果里。
pub fn run(
    workspace: &Workspace,
    ladder: &Ladder,
    programs: &mut Programs<'_>,
    options: &Options<'_>,
    wanted: &[String],
) -> anyhow::Result<Report> {
    let mut documents = read(workspace, ladder, wanted)?;
    let mut report = Report {
        notes: documents.len(),
        ..Report::default()
    };
    let mut sources = Sources::new(workspace, ladder, programs);
    if options.fix {
        for document in &mut documents {
            fix(document, &mut sources, &mut report)?;
        }
    }
    if options.excerpts {
        check_text(&documents, &mut sources, &mut report)?;
        if wanted.is_empty() {
            report
                .problems
                .extend(links::missing_in_summary(&documents));
        }
    }
    if options.sessions {
        sessions::check(&documents, workspace, programs, options, &mut report)?;
    }
    report.problems.sort();
    Ok(report)
}

/// 重写变了的几段。
fn fix(
    document: &mut Document,
    sources: &mut Sources<'_, '_>,
    report: &mut Report,
) -> anyhow::Result<()> {
    let (_, drifts) = generated::check(document, sources, &mut 0);
    if drifts.is_empty() {
        return Ok(());
    }
    report
        .notices
        .push(format!("{}:重写了 {} 处", document.name, drifts.len()));
    let changes = drifts
        .into_iter()
        .map(|Drift { range, lines }| (range, lines));
    document.rewrite(changes.collect())
}

/// 会话以外的一切:标记、命令行、链接、用词。
fn check_text(
    documents: &[Document],
    sources: &mut Sources<'_, '_>,
    report: &mut Report,
) -> anyhow::Result<()> {
    let workspace = sources.workspace;
    let glossary = workspace.notes().join(GLOSSARY);
    let terms = if fs::exists(&glossary)? {
        Terms::read(&Document::read(&glossary, &workspace.relative(&glossary))?)
    } else {
        Terms::default()
    };
    let mut links = Links::new(workspace);
    for document in documents {
        let (problems, _) = generated::check(document, sources, &mut report.excerpts);
        report.problems.extend(problems);
        report.problems.extend(commands::check(document, sources));
        report.problems.extend(links.check(document));
        if document.path != glossary {
            report.problems.extend(terms.check(document));
        }
    }
    Ok(())
}

fn read(
    workspace: &Workspace,
    ladder: &Ladder,
    wanted: &[String],
) -> anyhow::Result<Vec<Document>> {
    let paths = if wanted.is_empty() {
        all(workspace)?
    } else {
        let found = wanted.iter().map(|name| find(workspace, ladder, name));
        found.collect::<anyhow::Result<Vec<PathBuf>>>()?
    };
    paths
        .iter()
        .map(|path| Document::read(path, &workspace.relative(path)))
        .collect()
}

/// README 和全部讲义,按名字排好。
fn all(workspace: &Workspace) -> anyhow::Result<Vec<PathBuf>> {
    let readme = workspace.root().join("README.md");
    let mut paths: Vec<PathBuf> = Some(readme)
        .into_iter()
        .filter(|path| path.is_file())
        .collect();
    let directory = workspace.notes();
    if !directory.is_dir() {
        return Ok(paths);
    }
    let entries =
        fs::read_dir(&directory).with_context(|| format!("读不到 {}", directory.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// 一篇讲义:现有的文件、讲义目录里的文件名,或者阶段的名字。
fn find(workspace: &Workspace, ladder: &Ladder, name: &str) -> anyhow::Result<PathBuf> {
    let here = env::current_dir()?.join(name);
    let beside = workspace.notes().join(name);
    let candidates = [here, beside.clone(), beside.with_extension("md")];
    if let Some(found) = candidates.into_iter().find(|path| path.is_file()) {
        return normal(workspace, &found);
    }
    let stage = names::find(ladder, name.trim_end_matches(".md"))?;
    Ok(workspace.notes().join(stage.note()))
}

/// 换成从工作区根目录写起的样子:报告和链接都靠它。
fn normal(workspace: &Workspace, path: &Path) -> anyhow::Result<PathBuf> {
    let root = workspace.root().canonicalize()?;
    let path = path.canonicalize()?;
    Ok(path
        .strip_prefix(&root)
        .map(|inside| workspace.root().join(inside))
        .unwrap_or(path))
}
