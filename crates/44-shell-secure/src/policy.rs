//! 什么可以运行:任何命令(交给 shell),名单上的程序,或者只能看的几个。
//!
//! 后两种不经过 shell:一行拆成几个词,第一个是程序,其余原样给它。`;`、`|`、`$()` 没有人解释,
//! 写了只会让人误会,所以有它们就拒绝。

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::directory::{Directory, is_change};
use crate::environment;
use crate::launch::{self, Memory};
use crate::programs;
use crate::read_only;

/// 只有 shell 才懂的字。
const SHELL_ONLY: &[char] = &[';', '&', '|', '<', '>', '(', ')', '$', '`'];

/// 什么可以运行。
pub enum Policy {
    /// 任何命令。
    Anything,
    /// 这些名字,各是哪个程序。
    Allowed(BTreeMap<String, PathBuf>),
    /// 只能看的几个程序,不出这个目录。
    ReadOnly {
        /// 名字,各是哪个程序。
        programs: BTreeMap<String, PathBuf>,
        /// 这个目录。
        root: PathBuf,
    },
}

/// 一行怎样办。
pub enum Order {
    /// 运行它。
    Run(Command),
    /// 运行它,它换到的目录就是新的当前目录。
    Change(Command),
    /// 不用运行什么,换到这个目录。
    Enter(PathBuf),
    /// 不许,为什么。
    Refuse(String),
}

impl Policy {
    /// 在 `directory` 里的一行 `line` 怎样办;`memory` 是它的内存上限。
    pub fn order(&self, line: &str, directory: &Directory, memory: Memory) -> Order {
        let order = match self {
            Self::Anything if is_change(line) => Ok(Order::Change(directory.shell(line))),
            Self::Anything => Ok(Order::Run(directory.shell(&memory.limit(line)))),
            Self::Allowed(programs) => split(line).and_then(|words| match &*words[0] {
                "cd" => enter(&words[1..], directory.path()).map(Order::Enter),
                _ => run(programs, &words, directory, memory),
            }),
            Self::ReadOnly { programs, root } => split(line).and_then(|words| {
                if words[0] == "cd" {
                    let next = enter(&words[1..], directory.path())?;
                    read_only::within(root, &next)?;
                    return Ok(Order::Enter(next));
                }
                read_only::check(&words, directory.path(), root)?;
                run(programs, &words, directory, memory)
            }),
        };
        match order {
            Ok(Order::Run(mut command)) => {
                environment::clean(&mut command);
                Order::Run(command)
            }
            Ok(Order::Change(mut command)) => {
                environment::clean(&mut command);
                Order::Change(command)
            }
            Ok(order) => order,
            Err(reason) => Order::Refuse(reason),
        }
    }
}

/// 拆成几个词,引号照 shell 的规矩(IEEE 1003.1 §2.2)。至少有一个。
fn split(line: &str) -> Result<Vec<String>, String> {
    if let Some(letter) = line.chars().find(|letter| letter.is_control()) {
        return Err(format!("命令里有控制字符 {}", letter.escape_debug()));
    }
    if let Some(letter) = line.chars().find(|letter| SHELL_ONLY.contains(letter)) {
        return Err(format!("这里没有 shell,不认得 {letter}"));
    }
    let words = shlex::split(line).ok_or("引号没有成对,或者最后是 \\")?;
    match words.is_empty() {
        true => Err("这一行没有命令".to_owned()),
        false => Ok(words),
    }
}

/// 名单上的程序,原样给它参数。
fn run(
    programs: &BTreeMap<String, PathBuf>,
    words: &[String],
    directory: &Directory,
    memory: Memory,
) -> Result<Order, String> {
    let (name, arguments) = words.split_first().ok_or("这一行没有命令")?;
    if !programs::is_bare(name) {
        return Err(format!("{name} 是路径:只能写名单上的名字"));
    }
    let Some(program) = programs.get(name) else {
        let names: Vec<&str> = programs.keys().map(String::as_str).collect();
        let names = names.join("、");
        return Err(format!("名单上没有 {name},可以用的是 cd、{names}"));
    };
    let mut command = launch::program(program, arguments, memory);
    command
        .current_dir(directory.path())
        .env("PWD", directory.path());
    Ok(Order::Run(command))
}

/// 没有 shell,`cd` 由我们自己做。
fn enter(arguments: &[String], now: &Path) -> Result<PathBuf, String> {
    let [target] = arguments else {
        return Err("cd 后面写一个目录".to_owned());
    };
    let next = now.join(target).canonicalize();
    let next = next.map_err(|error| format!("cd {target}:{error}"))?;
    match next.is_dir() {
        true => Ok(next),
        false => Err(format!("cd {target}:不是目录")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 按名单 `names`,这一行为什么不许;`None` 是可以。
    fn refusal(names: &[&str], line: &str) -> Option<String> {
        let programs = names.iter().map(|name| {
            let path = PathBuf::from(format!("/bin/{name}"));
            ((*name).to_owned(), path)
        });
        let policy = Policy::Allowed(programs.collect());
        let directory = Directory::new(std::env::temp_dir());
        match policy.order(line, &directory, Memory::new(0)) {
            Order::Refuse(reason) => Some(reason),
            _ => None,
        }
    }

    #[test]
    fn tricks_against_the_list() {
        let tricks = [
            "rm x",
            "ls;id",
            "ls ; id",
            "ls\nid",
            "ls\rid",
            "ls & id",
            "ls && id",
            "ls || id",
            "ls | id",
            "ls $(id)",
            "ls `id`",
            "ls ${IFS}x",
            "ls > x",
            "ls < x",
            "/bin/ls",
            "./ls",
            "../bin/ls",
            "bin/../ls",
            "a/ls",
            "a\\\\ls",
            "",
            " ",
            "#ls",
            "'",
            "\"ls",
            "ls\\",
            "''",
            "'' ls",
            "\"ls \"",
            "' ls'",
            "LS",
            "ls\u{0}",
            "ls\u{7f}",
            "\u{1b}[2Jls",
            "l\\s/",
            "X=1 ls",
            "exec ls",
            "sh -c ls",
            "env ls",
            ".",
            "..",
            "C:ls",
            "ls:",
            "~",
            "-ls",
            "cd",
            "cd a b",
            "cd /no/such/directory",
            "ls\u{85}id",
            "；ls",
            "ls；id",
        ];
        for line in tricks {
            assert!(refusal(&["ls"], line).is_some(), "{line:?}");
        }
    }

    #[test]
    fn what_is_on_the_list_is_allowed() {
        for line in [
            "ls",
            " ls ",
            "ls -l 'a b'",
            "l\\s",
            "'ls' x",
            "ls \"*\"",
            "cat a#b",
            "cd .",
        ] {
            assert_eq!(refusal(&["cat", "ls"], line), None, "{line:?}");
        }
    }
}
