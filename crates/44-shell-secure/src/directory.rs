//! 一条连接的当前目录:`cd` 以后的命令都在那里运行。
//!
//! 每个命令是一个新的 shell,它改的是自己的当前目录,结束了就没有了(chdir(2))。所以单独一行的 `cd`
//! 由我们记住:还是让 shell 去做,`~`、引号、变量都照它的规矩,做成了再问它到了哪里。

use std::mem;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::group;

/// 目录最多这么多字节:Linux 的路径最多 4096(path_resolution(7)),别的系统也没有更长的。
pub const MAX_DIRECTORY: usize = 64 << 10;

/// 有这些字就不是单独的 `cd`,而是一串命令:照平常那样运行,改的目录只在那一行里有效。
const OPERATORS: &[char] = &[';', '&', '|', '<', '>', '(', ')', '`', '\n', '\r'];

/// 当前目录,和上一个目录(`cd -` 要用)。
#[derive(Debug, Clone)]
pub struct Directory {
    now: PathBuf,
    /// `None`:没有换过,还在服务器的目录里。
    before: Option<PathBuf>,
}

impl Directory {
    /// 从服务器的目录 `start` 开始。
    pub fn new(start: PathBuf) -> Self {
        let before = None;
        Self { now: start, before }
    }

    /// 现在的目录。
    pub fn path(&self) -> &Path {
        &self.now
    }

    /// 到了 `next`。
    pub fn enter(&mut self, next: PathBuf) {
        self.before = Some(mem::replace(&mut self.now, next));
    }

    /// 在这个目录里运行 `line` 的 shell。
    pub fn shell(&self, line: &str) -> Command {
        let mut command = match is_change(line) {
            true => group::change_directory(line),
            false => group::shell(line),
        };
        // 没有换过就都不用说:命令继承服务器的,启动也快一点。
        if let Some(before) = &self.before {
            command.current_dir(&self.now);
            // shell 从这里知道自己是顺着哪条路来的(pwd(1) 的 -L),和 `cd -` 回到哪里。
            command.env("PWD", &self.now).env("OLDPWD", before);
        }
        command
    }
}

/// 这一行是不是单独的 `cd`。
pub fn is_change(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let change = match (words.next(), words.next()) {
        // cmd 的 `cd` 没有参数时,只打印现在的目录。
        (Some("cd"), where_to) => cfg!(not(windows)) || where_to.is_some(),
        (Some(word), _) => cfg!(windows) && word.len() == 2 && word.ends_with(':'),
        (None, _) => false,
    };
    change && !line.contains(OPERATORS)
}

#[cfg(test)]
mod tests {
    use super::is_change;

    #[test]
    fn only_a_change_alone() {
        for line in ["cd /tmp", "  cd  'a b'", "cd ~", "cd -", "cd \"$HOME\""] {
            assert!(is_change(line), "{line}");
        }
        for line in [
            "",
            " ",
            "cdr",
            "cd /tmp && ls",
            "cd x; ls",
            "(cd x)",
            "cd `x`",
            "echo cd",
            "cd x\nls",
        ] {
            assert!(!is_change(line), "{line}");
        }
    }
}
