//! 这个工作区真正的讲义:`cargo test` 时整个核对一遍。

#![allow(clippy::unwrap_used)] // 测试里,出错就是失败。

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::SystemTime;

use course::demo::DEADLINE;
use course::ladder::Ladder;
use course::notes::{self, Options};
use course::programs::{Programs, Source};
use course::workspace::Workspace;

#[test]
fn the_notes_of_this_workspace_are_right() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap();
    let workspace = Workspace::at(root);
    let ladder = Ladder::read(&workspace).unwrap();
    let source = fresh_programs(&workspace, &ladder).map_or(Source::Build, Source::Directory);
    let mut programs = Programs::new(&workspace, &ladder, source, None);
    let options = Options {
        fix: false,
        excerpts: true,
        sessions: true,
        strict: std::env::var_os("COURSE_STRICT").is_some_and(|value| value == "1"),
        deadline: DEADLINE,
        cancelled: &AtomicBool::new(false),
    };
    let report = notes::run(&workspace, &ladder, &mut programs, &options, &[]).unwrap();
    assert!(report.passed(), "\n{report}");
}

/// 这次 `cargo test` 已经编译好的程序在哪里;缺一个、旧一个都不算。
fn fresh_programs(workspace: &Workspace, ladder: &Ladder) -> Option<PathBuf> {
    let executable = std::env::current_exe().ok()?;
    let directory = executable.parent()?.parent()?;
    let shared = changed(&workspace.root().join("crates/common"))?;
    let fresh = ladder.stages.iter().all(|stage| {
        let name = format!("{}{}", stage.package, std::env::consts::EXE_SUFFIX);
        let built = fs::metadata(directory.join(name)).and_then(|file| file.modified());
        let source = changed(&workspace.root().join("crates").join(&stage.directory));
        built.is_ok_and(|built| source.is_some_and(|source| built > source.max(shared)))
    });
    fresh.then(|| directory.to_path_buf())
}

/// 一个包最近一次改动的时间。
fn changed(package: &Path) -> Option<SystemTime> {
    let mut latest = fs::metadata(package.join("Cargo.toml"))
        .ok()?
        .modified()
        .ok()?;
    let mut directories = vec![package.join("src")];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).ok()? {
            let entry = entry.ok()?;
            latest = latest.max(entry.metadata().ok()?.modified().ok()?);
            if entry.file_type().ok()?.is_dir() {
                directories.push(entry.path());
            }
        }
    }
    Some(latest)
}
