//! 各阶段长得一样:四段开头、同一份公用文件、讲义、阶梯测试。

// 测试里的 unwrap 就是断言。
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use course::ladder::{Ladder, Stage};
use course::workspace::Workspace;

/// 每个阶段都有、都是同一份的文件。
const SHARED: [&str; 2] = ["cli.rs", "encoding.rs"];

/// `main.rs` 开头依次要有的四段。
const PARTS: [&str; 4] = ["本阶段新增:", "为什么:", "怎么运行:", "已知缺陷:"];

/// `crates/common` 的源码不到这么多行:只有地址解析和分帧。
const COMMON_LINES: usize = 400;

fn workspace() -> Workspace {
    Workspace::at(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
}

fn stages() -> Vec<Stage> {
    let stages = Ladder::read(&workspace()).unwrap().stages;
    assert!(!stages.is_empty(), "一个阶段也没有找到");
    stages
}

#[test]
fn every_stage_has_its_note_and_its_ladder_test() {
    for stage in stages() {
        let root = workspace().root().to_owned();
        let note = root.join("docs/notes").join(stage.note());
        assert!(note.is_file(), "没有讲义 {}", note.display());
        let test = root
            .join("crates")
            .join(&stage.directory)
            .join("tests/stage.rs");
        let text = fs::read_to_string(&test).unwrap();
        let call = format!(
            "check::stage(\"{0}\", env!(\"CARGO_BIN_EXE_{0}\"))",
            stage.package
        );
        assert!(text.contains(&call), "{} 没有调用 {call}", test.display());
    }
}

#[test]
fn every_previous_stage_exists_and_comes_earlier() {
    let stages = stages();
    for stage in &stages {
        let Some(previous) = &stage.previous else {
            continue;
        };
        let found = stages.iter().find(|other| other.package == *previous);
        let found = found.unwrap_or_else(|| panic!("{} 的 previous 不存在", stage.package));
        assert!(
            found.number < stage.number,
            "{} 排在 {previous} 前面",
            stage.package
        );
    }
}

#[test]
fn every_main_begins_with_the_four_parts() {
    for stage in stages() {
        let main = stage.source(&workspace()).join("main.rs");
        let text = fs::read_to_string(&main).unwrap();
        let header: String = text
            .lines()
            .take_while(|line| line.starts_with("//!"))
            .collect();
        assert!(
            header.starts_with(&format!("//! 第 {} 章 · ", stage.chapter())),
            "{} 的第一行应当是「第 {} 章 · ……」",
            main.display(),
            stage.chapter()
        );
        let places: Vec<Option<usize>> = PARTS.iter().map(|part| header.find(part)).collect();
        assert!(
            places.iter().all(Option::is_some) && places.is_sorted(),
            "{} 的开头应当依次有 {PARTS:?}",
            main.display()
        );
    }
}

#[test]
fn shared_files_are_the_same_everywhere() {
    for name in SHARED {
        let mut copies: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
        for stage in stages() {
            let path = stage.source(&workspace()).join(name);
            if let Ok(text) = fs::read_to_string(&path) {
                copies.entry(text).or_default().push(path);
            }
        }
        let places: Vec<&Vec<PathBuf>> = copies.values().collect();
        assert_eq!(places.len(), 1, "{name} 应当只有一种内容:{places:#?}");
    }
}

#[test]
fn common_stays_small() {
    let source = workspace().root().join("crates/common/src");
    let lines: usize = fs::read_dir(source)
        .unwrap()
        .map(|entry| {
            fs::read_to_string(entry.unwrap().path())
                .unwrap()
                .lines()
                .count()
        })
        .sum();
    assert!(
        lines < COMMON_LINES,
        "crates/common/src 有 {lines} 行,应当少于 {COMMON_LINES}"
    );
}
