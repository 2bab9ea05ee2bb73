//! 会话里的程序名 → 真正要启动的命令。

use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use crate::error::failed;
use crate::ladder::Ladder;
use crate::workspace::Workspace;

/// 编译好的程序从哪里来。
#[derive(Debug, Clone)]
pub enum Source {
    /// 用到时现编译。
    Build,
    /// 这个目录里已经有了。
    Directory(PathBuf),
}

/// 找程序。
#[derive(Debug)]
pub struct Programs<'a> {
    workspace: &'a Workspace,
    ladder: &'a Ladder,
    source: Source,
    /// 加在课程程序前面的命令,例如 `wine64`。
    runner: Option<String>,
    built: BTreeSet<String>,
}

impl<'a> Programs<'a> {
    /// 课程程序从 `source` 来,由 `runner`(如果有)来运行。
    #[must_use]
    pub fn new(
        workspace: &'a Workspace,
        ladder: &'a Ladder,
        source: Source,
        runner: Option<String>,
    ) -> Self {
        Self {
            workspace,
            ladder,
            source,
            runner,
            built: BTreeSet::new(),
        }
    }

    /// 程序由别的程序代为运行(`--runner`)时,中断信号到不了它手里。
    #[must_use]
    pub fn have_runner(&self) -> bool {
        self.runner.is_some()
    }

    /// 是不是课程自己的程序:某个阶段,或者这个工具。
    #[must_use]
    pub fn is_ours(&self, program: &str) -> bool {
        self.ladder.package(program).is_some() || program == env!("CARGO_PKG_NAME")
    }

    /// 一次编译好这些课程程序;不是课程程序的名字略过。
    ///
    /// # Errors
    /// 编译失败。
    pub fn prepare<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) -> anyhow::Result<()> {
        let wanted: Vec<String> = names
            .into_iter()
            .filter(|name| self.is_ours(name) && !self.built.contains(*name))
            .map(str::to_owned)
            .collect();
        if wanted.is_empty() || matches!(self.source, Source::Directory(_)) {
            return Ok(());
        }
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(self.workspace.root());
        cargo
            .args(["build", "--quiet", "--target-dir"])
            .arg(self.target());
        cargo.args(wanted.iter().flat_map(|name| ["--package", name]));
        let status = cargo
            .stdin(Stdio::null())
            .status()
            .context("启动不了 cargo")?;
        if !status.success() {
            let packages: String = wanted.iter().map(|name| format!(" -p {name}")).collect();
            let hint = format!("先让 cargo build{packages} 通过");
            return Err(failed(format!("编译失败:{}", wanted.join("、")), hint));
        }
        self.built.extend(wanted);
        Ok(())
    }

    /// 启动 `words` 要用的完整命令;不是课程的程序在 PATH 里也没有,就是 `None`。
    ///
    /// # Errors
    /// 编译失败,或者 `--bin-dir` 里没有这个课程程序。
    pub fn command(&mut self, words: &[String]) -> anyhow::Result<Option<Vec<String>>> {
        let Some((program, arguments)) = words.split_first() else {
            bail!("没有给出要运行的命令");
        };
        let mut command = Vec::new();
        if self.is_ours(program) {
            self.prepare([program.as_str()])?;
            command.extend(self.runner.clone());
            command.push(self.executable(program)?);
        } else {
            let Some(path) = self.in_path(program) else {
                return Ok(None);
            };
            command.push(path);
            command.extend(steady_python(program));
        }
        command.extend_from_slice(arguments);
        Ok(Some(command))
    }

    /// 运行 `words` 用到的程序有没有。
    #[must_use]
    pub fn have(&self, program: &str) -> bool {
        self.is_ours(program) || self.in_path(program).is_some()
    }

    fn executable(&self, program: &str) -> anyhow::Result<String> {
        let directory = match &self.source {
            Source::Build => self.target().join("debug"),
            Source::Directory(directory) => directory.clone(),
        };
        let candidates = [
            directory.join(program),
            directory.join(format!("{program}.exe")),
        ];
        let found = candidates.iter().find(|path| path.is_file());
        let found = found.ok_or_else(|| {
            let directory = directory.display();
            failed(
                format!("{directory} 里没有程序 {program}"),
                format!("先编译:cargo build -p {program}"),
            )
        })?;
        Ok(found.to_string_lossy().into_owned())
    }

    /// 编译到哪里:这个工具自己所在的 target 目录(依赖都编译过了),找不到就用工作区的。
    fn target(&self) -> PathBuf {
        let own = env::current_exe().ok();
        let own = own.as_deref().and_then(target_of);
        own.unwrap_or_else(|| self.workspace.root().join("target"))
    }

    fn in_path(&self, program: &str) -> Option<String> {
        let path = env::var_os("PATH").unwrap_or_default();
        let names = [program.to_owned(), format!("{program}.exe")];
        env::split_paths(&path)
            .flat_map(|directory| names.each_ref().map(|name| directory.join(name)))
            .find(|candidate| candidate.is_file())
            .map(|found| found.to_string_lossy().into_owned())
    }
}

/// 编译出 `executable` 的 target 目录:往上第一个带 CACHEDIR.TAG 的(cargo 会放一个)。
#[must_use]
pub fn target_of(executable: &Path) -> Option<PathBuf> {
    let mut ancestors = executable.ancestors().skip(1);
    let target = ancestors.find(|directory| directory.join("CACHEDIR.TAG").is_file());
    target.map(Path::to_path_buf)
}

/// Python 接着管道时会攒够一大块才输出,Windows 上还不用 UTF-8;让它和在终端里一样。
fn steady_python(program: &str) -> impl Iterator<Item = String> {
    let arguments: &[&str] = match program {
        "python" | "python3" => &["-u", "-X", "utf8"],
        _ => &[],
    };
    arguments.iter().map(|argument| (*argument).to_owned())
}
