//! 只能看的几个程序,和它们可以用的选项。没有写在这里的,一律不许。
//!
//! 它防的是手滑,和只该看看的人。它不是沙箱:程序自己有漏洞、检查以后目录里的链接被别人换掉,它都挡不住;
//! 看得到的东西本身可能就是秘密。

use std::io::ErrorKind;
use std::path::{Component, Path};

/// 不是选项的词是什么。
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operands {
    /// 不许有。
    None,
    /// 文件和目录。
    Paths,
    /// 第一个是要找的样子,其余是文件和目录。
    Pattern,
    /// `+` 开头的格式。没有 `+` 的是时间,date 会去改钟。
    Format,
}

/// 一个程序可以怎样用。
struct Usage {
    name: &'static str,
    /// 没有值的选项,一个字母一个。
    flags: &'static str,
    /// 值是一个数的选项。
    numbers: &'static str,
    operands: Operands,
}

const fn usage(
    name: &'static str,
    flags: &'static str,
    numbers: &'static str,
    operands: Operands,
) -> Usage {
    Usage {
        name,
        flags,
        numbers,
        operands,
    }
}

/// 可以用的。没有 `tail -f`、`ls -R`、`grep -R` 这些停不下来或者跟着链接走的,也没有 `grep -f` 这些值是文件名的。
const USAGES: &[Usage] = &[
    usage("cat", "bnsv", "", Operands::Paths),
    usage("date", "uR", "", Operands::Format),
    usage("df", "hkPT", "", Operands::None),
    usage("du", "ahks", "", Operands::Paths),
    usage("free", "bhkmw", "", Operands::None),
    usage("grep", "EFchilnovwx", "mABC", Operands::Pattern),
    usage("head", "qv", "cn", Operands::Paths),
    usage("hostname", "", "", Operands::None),
    usage("id", "gGnru", "", Operands::None),
    usage("ls", "1AFSadhilnprst", "", Operands::Paths),
    usage("pwd", "LP", "", Operands::None),
    usage("tail", "qv", "cn", Operands::Paths),
    usage("uname", "amnoprsv", "", Operands::None),
    usage("uptime", "", "", Operands::None),
    usage("wc", "clmw", "", Operands::Paths),
    usage("whoami", "", "", Operands::None),
];

/// 这些程序的名字。
pub fn names() -> impl Iterator<Item = &'static str> {
    USAGES.iter().map(|usage| usage.name)
}

/// `words`(程序名和参数)可以不可以:选项都认得,路径都在 `root` 里。
///
/// # Errors
/// 不可以,为什么。
pub fn check(words: &[String], now: &Path, root: &Path) -> Result<(), String> {
    let name = words.first().map_or("", String::as_str);
    let Some(usage) = USAGES.iter().find(|usage| usage.name == name) else {
        let names: Vec<&str> = names().collect();
        return Err(format!("只能看:可以用的是 cd、{}", names.join("、")));
    };
    let mut operands = Vec::new();
    let mut rest = words.iter().skip(1).map(String::as_str);
    let mut options = true;
    while let Some(word) = rest.next() {
        match word {
            "--" if options => options = false,
            _ if options && word.len() > 1 && word.starts_with('-') => {
                check_option(usage, word, &mut rest)?;
            }
            _ => operands.push(word),
        }
    }
    check_operands(usage, &operands, now, root)
}

/// 一个词里的几个选项;要数的那一个,数接着写,或者是 `rest` 的下一个词。
fn check_option<'a>(
    usage: &Usage,
    word: &str,
    rest: &mut impl Iterator<Item = &'a str>,
) -> Result<(), String> {
    for (place, letter) in word.char_indices().skip(1) {
        if usage.flags.contains(letter) {
            continue;
        }
        if !usage.numbers.contains(letter) {
            return Err(format!("只能看:{} 不许用 {word}", usage.name));
        }
        let number = match &word[place + letter.len_utf8()..] {
            "" => rest.next().unwrap_or_default(),
            attached => attached,
        };
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        return match digits && (1..=9).contains(&number.len()) {
            true => Ok(()),
            false => Err(format!("{} 的 -{letter} 后面要一个数", usage.name)),
        };
    }
    Ok(())
}

fn check_operands(usage: &Usage, operands: &[&str], now: &Path, root: &Path) -> Result<(), String> {
    let paths = match usage.operands {
        Operands::Paths => operands,
        Operands::Pattern => operands.get(1..).unwrap_or_default(),
        Operands::Format if operands.iter().all(|word| word.starts_with('+')) => &[],
        Operands::None if operands.is_empty() => &[],
        Operands::None | Operands::Format => {
            let words = operands.join(" ");
            return Err(format!("只能看:{} 不许用 {words}", usage.name));
        }
    };
    paths
        .iter()
        .try_for_each(|path| check_path(path, now, root))
}

/// 路径往里走,真的在里面:链接也许指着外面。
fn check_path(path: &str, now: &Path, root: &Path) -> Result<(), String> {
    let inward = |part| matches!(part, Component::Normal(_) | Component::CurDir);
    if !Path::new(path).components().all(inward) {
        return Err(format!("{path}:路径不能有 ..,不能从根开始"));
    }
    match now.join(path).canonicalize() {
        Ok(real) => within(root, &real),
        // 没有这个文件:由程序去说。
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(format!("{path}:{error}")),
    }
}

/// `real`(没有链接、没有 `..`)在 `root` 里。
///
/// # Errors
/// 不在。
pub fn within(root: &Path, real: &Path) -> Result<(), String> {
    match real.starts_with(root) {
        true => Ok(()),
        false => Err(format!("{} 在 {} 外面", real.display(), root.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 在临时目录里,这一行可以不可以。
    fn allowed(line: &str) -> bool {
        let root = std::env::temp_dir().canonicalize().unwrap_or_default();
        let words = shlex::split(line).unwrap_or_default();
        check(&words, &root, &root).is_ok()
    }

    #[test]
    fn looking_is_allowed() {
        for line in [
            "ls",
            "ls -la",
            "ls -l -- -x",
            "cat no-such-file",
            "head -n 5 x",
            "head -n5 x",
            "tail -qn 3 x",
            "grep -in ^a.*b$ x",
            "grep -A2 /etc x",
            "date",
            "date -u +%F",
            "wc -l x y",
            "id -u",
            "cat -",
            "ls .",
            "ls ./x",
        ] {
            assert!(allowed(line), "{line}");
        }
    }

    #[test]
    fn anything_else_is_not() {
        for line in [
            "",
            "rm x",
            "ls --color",
            "ls -R",
            "cat /etc/passwd",
            "cat ../x",
            "cat x/../../y",
            "ls -- /",
            "date 01010000",
            "date -s 0",
            "date --set=0",
            "head -n x",
            "head -n",
            "head -n -5 x",
            "head -c",
            "tail -f x",
            "grep -f x y",
            "grep -r a .",
            "grep a ..",
            "id root",
            "hostname x",
            "ls -l/",
            "wc --files0-from=x",
            "ls -é",
            "du -L x",
            "find .",
        ] {
            assert!(!allowed(line), "{line}");
        }
    }
}
