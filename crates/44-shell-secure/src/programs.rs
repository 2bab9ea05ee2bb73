//! 名字变成程序:启动时找一次,以后就是那一个。运行时再找的话,谁能往 PATH 的目录里放文件,谁就能换掉它。

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};

use crate::cli::{self, Hinted};

/// 会运行别的程序的程序:名单上有它,就等于什么都能运行。
const RUNNERS: &[&str] = &[
    "ash",
    "awk",
    "bash",
    "busybox",
    "cmd",
    "dash",
    "docker",
    "ed",
    "emacs",
    "env",
    "find",
    "gawk",
    "gdb",
    "git",
    "less",
    "lua",
    "make",
    "man",
    "mawk",
    "more",
    "nice",
    "node",
    "nohup",
    "perl",
    "php",
    "pip",
    "powershell",
    "python",
    "python3",
    "ruby",
    "sed",
    "setsid",
    "sh",
    "ssh",
    "sudo",
    "su",
    "tar",
    "tclsh",
    "time",
    "timeout",
    "vi",
    "vim",
    "watch",
    "xargs",
    "zsh",
];

/// 名单:`names` 各是哪个程序。写成路径的,名字是它的最后一段。
///
/// # Errors
/// 有一个找不到。
pub fn listed(names: &[String]) -> anyhow::Result<BTreeMap<String, PathBuf>> {
    let mut programs = BTreeMap::new();
    for given in names {
        let missing = || Hinted {
            text: format!("--allow:找不到程序 {given}"),
            hint: "写 PATH 里的名字,或者完整的路径".to_owned(),
        };
        let (name, path) = resolve(given).ok_or_else(missing)?;
        if RUNNERS.contains(&&*name) {
            cli::note(format_args!(
                "警告:{name} 能运行别的程序:名单上有它,就等于什么都能运行"
            ));
        }
        programs.insert(name, path);
    }
    Ok(programs)
}

/// `names` 里有的程序;这台机器上没有的就算了。
pub fn present(names: impl Iterator<Item = &'static str>) -> BTreeMap<String, PathBuf> {
    names.filter_map(resolve).collect()
}

fn resolve(given: &str) -> Option<(String, PathBuf)> {
    if is_bare(given) {
        return find(given).map(|path| (given.to_owned(), path));
    }
    let path = Path::new(given);
    let name = path.file_name()?.to_str()?;
    let usable = path.is_absolute() && is_program(path);
    usable.then(|| (name.to_owned(), path.to_owned()))
}

/// 是不是光一个名字,没有路径的任何部分。
pub fn is_bare(name: &str) -> bool {
    let parts = Path::new(name).components().count();
    parts == 1 && !name.contains(['/', '\\', ':']) && !matches!(name, "." | "..")
}

/// 在 PATH 的目录里依次找。相对的目录不算:当前目录会变。
fn find(name: &str) -> Option<PathBuf> {
    let file = match cfg!(windows) && !name.contains('.') {
        true => format!("{name}.exe"),
        false => name.to_owned(),
    };
    env::split_paths(&env::var_os("PATH")?)
        .filter(|directory| directory.is_absolute())
        .map(|directory| directory.join(&file))
        .find(|path| is_program(path))
}

fn is_program(path: &Path) -> bool {
    let Ok(metadata) = path.metadata() else {
        return false;
    };
    #[cfg(unix)]
    let executable = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o111 != 0;
    #[cfg(windows)]
    let executable = true;
    metadata.is_file() && executable
}

#[cfg(test)]
mod tests {
    use super::is_bare;

    #[test]
    fn names_and_paths() {
        for name in ["ls", "a.b", "..a", "ls -l", "你好"] {
            assert!(is_bare(name), "{name}");
        }
        for name in [
            "", ".", "..", "/ls", "./ls", "ls/", "a/b", "a\\b", "C:ls", "ls/.",
        ] {
            assert!(!is_bare(name), "{name}");
        }
    }
}
