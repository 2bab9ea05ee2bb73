//! 课程工作区:从哪里读阶段和讲义。

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use toml::de::DeTable;

/// 课程工作区。
#[derive(Debug, Clone)]
pub struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// 根目录是 `root` 的工作区。
    #[must_use]
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// 从当前目录往上找;找不到就用编译这个工具时的那个(程序可能被移到了别处)。
    ///
    /// # Errors
    /// 当前目录读不到。
    pub fn find() -> anyhow::Result<Self> {
        let current = env::current_dir().context("读不到当前目录")?;
        let compiled = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let root = current.ancestors().find(|directory| is_root(directory));
        Ok(Self::at(root.map_or(compiled, Path::to_path_buf)))
    }

    /// 根目录。
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// 讲义所在的目录。
    #[must_use]
    pub fn notes(&self) -> PathBuf {
        self.root.join("docs/notes")
    }

    /// 讲义附带的小程序所在的目录;没有就是 `None`。
    #[must_use]
    pub fn experiments(&self) -> Option<PathBuf> {
        Some(self.notes().join("experiments")).filter(|path| path.is_dir())
    }

    /// `crates/` 下每个包的目录名,排好序。
    ///
    /// # Errors
    /// `crates/` 读不到。
    pub fn crates(&self) -> anyhow::Result<Vec<String>> {
        let directory = self.root.join("crates");
        let entries =
            fs::read_dir(&directory).with_context(|| format!("读不到 {}", directory.display()))?;
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry?;
            if entry.path().join("Cargo.toml").is_file() {
                names.extend(entry.file_name().into_string());
            }
        }
        names.sort();
        Ok(names)
    }

    /// 工作区里的路径,写成相对根目录、以 `/` 分隔的样子。
    #[must_use]
    pub fn relative(&self, path: &Path) -> String {
        let path = path.strip_prefix(&self.root).unwrap_or(path);
        path.to_string_lossy().replace('\\', "/")
    }
}

/// 读文本文件,换行统一成 `\n`(Windows 上的 git 会签出 `\r\n`)。
///
/// # Errors
/// 读不到,或者不是 UTF-8。
pub fn read_text(path: &Path) -> anyhow::Result<String> {
    let text =
        fs::read_to_string(path).with_context(|| format!("读不了文件 {}", path.display()))?;
    Ok(text.replace("\r\n", "\n"))
}

fn is_root(directory: &Path) -> bool {
    let Ok(manifest) = fs::read_to_string(directory.join("Cargo.toml")) else {
        return false;
    };
    let has_workspace =
        DeTable::parse(&manifest).is_ok_and(|table| table.get_ref().contains_key("workspace"));
    has_workspace && directory.join("crates").is_dir()
}
