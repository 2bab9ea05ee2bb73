//! 用户要什么,存到哪里。

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};

use crate::cli;
use crate::names::{Name, shown};

/// 存在当前目录时,加在名字前面。
const PREFIX: &str = "[接收]";

/// 要下载什么,存到哪里。
pub struct Order {
    /// 文件(或目录)在服务器上的名字。
    pub names: Vec<String>,
    /// 存成什么,或者存到哪个目录。
    pub output: Option<PathBuf>,
    /// 目录就下载里面的全部文件。
    pub recursive: bool,
    /// 收到就丢掉。
    pub discard: bool,
}

/// 命令行里给了文件名就用它;没有给就问。输入结束了是空的。
pub fn names_or_ask(given: Vec<String>) -> anyhow::Result<Vec<String>> {
    if !given.is_empty() {
        return Ok(given);
    }
    cli::print("请输入要下载的文件名:")?;
    let line = cli::read_line()?;
    let name = line.map(|line| String::from_utf8_lossy(&line).into_owned());
    Ok(name.into_iter().collect())
}

/// 检查用户说的名字;`.` 和 `/` 是服务器的根目录。
pub fn check_name(text: &str) -> anyhow::Result<Name> {
    let path = match text {
        "." | "/" => "",
        text => text.trim_end_matches('/'),
    };
    Name::new(path.as_bytes())
        .ok_or_else(|| anyhow!("「{}」不是一个普通的文件名", shown(text.as_bytes())))
}

/// 各个名字存到哪里;两个存到一处就是错误。
pub fn places(names: &[Name], output: Option<&Path>) -> anyhow::Result<Vec<PathBuf>> {
    let many = names.len() > 1;
    let place = |name: &Name| {
        let base = match name.split().1 {
            "" => "全部",
            base => base,
        };
        match output {
            None => PathBuf::from(format!("{PREFIX}{base}")),
            Some(output) if many || output.is_dir() || ends_with_separator(output) => {
                output.join(base)
            }
            Some(output) => output.to_owned(),
        }
    };
    let places: Vec<PathBuf> = names.iter().map(place).collect();
    let mut seen = HashSet::new();
    match places.iter().find(|place| !seen.insert(place.as_path())) {
        Some(twice) => bail!("有两个都要存成 {}", twice.display()),
        None => Ok(places),
    }
}

fn ends_with_separator(path: &Path) -> bool {
    path.as_os_str()
        .to_string_lossy()
        .ends_with(std::path::is_separator)
}
