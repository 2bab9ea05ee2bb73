//! 阶梯:从每个阶段的 Cargo.toml 读出来,不另外维护一份。

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use toml::de::{DeTable, DeValue};

use crate::text;
use crate::workspace::{Workspace, read_text};

/// 各章的名字,下标是章号。
const CHAPTERS: [&str; 6] = ["地址与分层", "UDP", "TCP", "文件下载", "远程命令", "网站"];

/// 一个阶段。
#[derive(Debug, Clone)]
pub struct Stage {
    /// 目录名,例如 `13-udp-echo`。
    pub directory: String,
    /// 目录名里的编号,例如 13。
    pub number: u32,
    /// 包名,也是程序名,例如 `udp-echo`。
    pub package: String,
    /// 标题。
    pub title: String,
    /// 新的一点,一句话。
    pub idea: String,
    /// 上一阶段的包名;一条线的第一个阶段没有。
    pub previous: Option<String>,
    /// 讲完要几分钟。
    pub minutes: u32,
    /// 不写名字的演示,这一章演它。
    pub showcase: bool,
}

impl Stage {
    /// 章号:编号的十位。
    #[must_use]
    pub fn chapter(&self) -> u32 {
        self.number / 10
    }

    /// 讲义的文件名。
    #[must_use]
    pub fn note(&self) -> String {
        format!("{}.md", self.directory)
    }

    /// 阶段的源码目录。
    #[must_use]
    pub fn source(&self, workspace: &Workspace) -> PathBuf {
        workspace
            .root()
            .join("crates")
            .join(&self.directory)
            .join("src")
    }
}

/// 全部阶段,按编号排好。
#[derive(Debug, Clone, Default)]
pub struct Ladder {
    /// 各个阶段。
    pub stages: Vec<Stage>,
    /// 工作区里不是阶段的包(`common`、`check`、`course`)。
    pub tools: Vec<String>,
}

impl Ladder {
    /// 读 `crates/NN-*/Cargo.toml`。
    ///
    /// # Errors
    /// 有一个阶段的 Cargo.toml 读不了,或者缺少课程信息。
    pub fn read(workspace: &Workspace) -> anyhow::Result<Self> {
        let mut ladder = Self::default();
        for directory in workspace.crates()? {
            let manifest = workspace
                .root()
                .join("crates")
                .join(&directory)
                .join("Cargo.toml");
            match number(&directory) {
                Some(number) => ladder.stages.push(
                    read_stage(&manifest, &directory, number)
                        .with_context(|| format!("crates/{directory}/Cargo.toml"))?,
                ),
                None => ladder.tools.push(directory),
            }
        }
        ladder.stages.sort_by_key(|stage| stage.number);
        Ok(ladder)
    }

    /// 包名是 `package` 的阶段。
    #[must_use]
    pub fn package(&self, package: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.package == package)
    }

    /// 有没有这个包(阶段或工具)。
    #[must_use]
    pub fn has_package(&self, package: &str) -> bool {
        self.package(package).is_some() || self.tools.iter().any(|tool| tool == package)
    }

    /// 终端里看的表。
    #[must_use]
    pub fn table(&self) -> String {
        let header = ["章", "阶段", "包", "新的一点", "分钟"];
        let mut rows = vec![header.map(str::to_owned).to_vec()];
        let mut previous = None;
        for stage in &self.stages {
            let chapter = Some(stage.chapter());
            let name = if previous == chapter {
                String::new()
            } else {
                chapter_name(stage)
            };
            previous = chapter;
            rows.push(vec![
                name,
                format!("{} {}", stage.number(), stage.title),
                stage.package.clone(),
                stage.idea.clone(),
                stage.minutes.to_string(),
            ]);
        }
        let minutes: u32 = self.stages.iter().map(|stage| stage.minutes).sum();
        let count = self.stages.len();
        format!("{}\n{count} 个阶段,共 {minutes} 分钟\n", text::table(&rows))
    }

    /// 讲义里用的 Markdown 表:有讲义的阶段链接过去。
    ///
    /// `notes` 是从放表的文件到讲义目录的相对路径(空,或者以 `/` 结尾)。
    #[must_use]
    pub fn markdown(&self, workspace: &Workspace, notes: &str) -> String {
        let mut table =
            String::from("| 章 | 阶段 | 包 | 新的一点 | 分钟 |\n|---|---|---|---|---|\n");
        for stage in &self.stages {
            let note = stage.note();
            let mut name = format!("{} {}", stage.number(), stage.title);
            if workspace.notes().join(&note).is_file() {
                name = format!("[{name}]({notes}{note})");
            }
            table.push_str(&format!(
                "| {} | {name} | `{}` | {} | {} |\n",
                chapter_name(stage),
                stage.package,
                stage.idea.replace('|', "\\|"),
                stage.minutes,
            ));
        }
        table
    }
}

impl Stage {
    /// 两位数的编号:目录名里怎么写就怎么写(`01`)。
    fn number(&self) -> &str {
        self.directory.split('-').next().unwrap_or_default()
    }
}

fn chapter_name(stage: &Stage) -> String {
    let number = stage.chapter();
    let name = usize::try_from(number)
        .ok()
        .and_then(|index| CHAPTERS.get(index));
    format!("{number} {}", name.unwrap_or(&""))
        .trim_end()
        .to_owned()
}

/// `13-udp-echo` 的 13;不是阶段就是 `None`。
fn number(directory: &str) -> Option<u32> {
    let (number, _) = directory.split_once('-')?;
    (number.len() == 2).then(|| number.parse().ok()).flatten()
}

fn read_stage(manifest: &Path, directory: &str, number: u32) -> anyhow::Result<Stage> {
    let text = read_text(manifest)?;
    let document = DeTable::parse(&text)?;
    let package = table(document.get_ref(), "package")?;
    let lesson = table(table(package, "metadata")?, "lesson")?;
    let name = string(package, "name")?;
    if directory
        .split_once('-')
        .is_none_or(|(_, rest)| rest != name)
    {
        bail!("包名 {name} 应当是目录名去掉编号");
    }
    let minutes = value(lesson, "minutes")?.as_integer();
    Ok(Stage {
        directory: directory.to_owned(),
        number,
        package: name,
        title: string(lesson, "title")?,
        idea: string(lesson, "idea")?,
        previous: lesson
            .get("previous")
            .map(|_| string(lesson, "previous"))
            .transpose()?,
        minutes: minutes
            .and_then(|n| n.as_str().parse().ok())
            .context("minutes 应当是整数")?,
        showcase: lesson
            .get("showcase")
            .is_some_and(|value| value.get_ref().as_bool() == Some(true)),
    })
}

fn value<'a, 'i>(table: &'a DeTable<'i>, key: &str) -> anyhow::Result<&'a DeValue<'i>> {
    let value = table.get(key).with_context(|| format!("缺少 {key}"))?;
    Ok(value.get_ref())
}

fn table<'a, 'i>(parent: &'a DeTable<'i>, key: &str) -> anyhow::Result<&'a DeTable<'i>> {
    let value = value(parent, key)?.as_table();
    value.with_context(|| format!("{key} 应当是一个表"))
}

fn string(table: &DeTable<'_>, key: &str) -> anyhow::Result<String> {
    let value = value(table, key)?.as_str();
    Ok(value
        .with_context(|| format!("{key} 应当是字符串"))?
        .to_owned())
}
