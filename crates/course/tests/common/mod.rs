//! 测试用的小工作区:两个阶段,程序是 probe。

#![allow(dead_code)] // 每个测试文件只用到其中几样。

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use course::ladder::Ladder;
use course::notes::{self, Options, report::Report};
use course::programs::{Programs, Source};
use course::workspace::Workspace;
use tempfile::TempDir;

/// 永远不叫停。
pub static NEVER: AtomicBool = AtomicBool::new(false);

/// 足够久:只有真的等不到时才会用完。
pub const PATIENT: Duration = Duration::from_secs(60);

/// 一个临时的工作区。
pub struct Fixture {
    pub workspace: Workspace,
    _directory: TempDir,
}

/// 上一阶段的服务器。
pub const OLD_SERVER: &str = "\
//! 服务器。

/// 服务。
fn serve() {
    receive();
}

fn receive() {}
";

/// 这一阶段的服务器:多答一句。
pub const NEW_SERVER: &str = "\
//! 服务器。

/// 服务。
fn serve() {
    receive();
    answer();
}

fn receive() {}

fn answer() {}
";

impl Fixture {
    /// 11-listen 和 12-probe 两个阶段,没有讲义。
    pub fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let root = directory.path().canonicalize().unwrap();
        let fixture = Self {
            workspace: Workspace::at(root),
            _directory: directory,
        };
        fixture.write("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n");
        fixture.stage("11-listen", "听", "");
        fixture.stage("12-probe", "探", "previous = \"listen\"\n");
        fixture.write("crates/11-listen/src/server.rs", OLD_SERVER);
        fixture.write("crates/12-probe/src/server.rs", NEW_SERVER);
        fixture.write("crates/11-listen/src/main.rs", "fn main() {}\n");
        fixture.write("crates/12-probe/src/main.rs", "fn main() {}\n");
        fixture
    }

    fn stage(&self, directory: &str, title: &str, previous: &str) {
        let name = &directory[3..];
        let manifest = format!(
            "[package]\nname = \"{name}\"\n\n[package.metadata.lesson]\ntitle = \"{title}\"\n\
             idea = \"新的一点\"\n{previous}minutes = 20\n"
        );
        self.write(&format!("crates/{directory}/Cargo.toml"), &manifest);
    }

    /// 写一个文件。
    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// 读一个文件。
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// 工作区里的路径。
    pub fn path(&self, path: &str) -> PathBuf {
        self.workspace.root().join(path)
    }

    /// 写 12-probe 的讲义,和只有它的目录。
    pub fn note(&self, text: &str) {
        self.write("docs/notes/12-probe.md", text);
        self.write("docs/notes/SUMMARY.md", "# 目录\n\n- [探](12-probe.md)\n");
    }

    /// 核对(或重写)讲义。
    pub fn check(&self, fix: bool) -> Report {
        self.check_strictly(fix, false)
    }

    /// 核对(或重写)讲义;`strict` 时缺少程序也算不符。
    pub fn check_strictly(&self, fix: bool, strict: bool) -> Report {
        let ladder = Ladder::read(&self.workspace).unwrap();
        let mut programs = Programs::new(&self.workspace, &ladder, bin_dir(), None);
        let options = Options {
            fix,
            excerpts: true,
            sessions: true,
            strict,
            deadline: PATIENT,
            cancelled: &NEVER,
        };
        notes::run(&self.workspace, &ladder, &mut programs, &options, &[]).unwrap()
    }

    /// 只有这一篇讲义时,核对出来的各处不符。
    pub fn problems(&self, note: &str) -> Vec<String> {
        self.note(note);
        self.check(false)
            .problems
            .iter()
            .map(ToString::to_string)
            .collect()
    }
}

/// probe 所在的目录。
pub fn directory_of_probe() -> PathBuf {
    let probe = Path::new(env!("CARGO_BIN_EXE_probe"));
    probe.parent().unwrap().to_path_buf()
}

/// 用编译好的 probe。
pub fn bin_dir() -> Source {
    Source::Directory(directory_of_probe())
}
