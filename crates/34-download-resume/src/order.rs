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
    loop {
        cli::print("请输入要下载的文件名:")?;
        let line = cli::read_line()?;
        // 只按了回车:再问一遍。
        if line
            .as_ref()
            .is_some_and(|line| line.trim_ascii().is_empty())
        {
            continue;
        }
        let name = line.map(|line| String::from_utf8_lossy(&line).into_owned());
        return Ok(name.into_iter().collect());
    }
}

/// 检查用户说的名字;`.` 和 `/` 是服务器的根目录。
pub fn check_name(text: &str) -> anyhow::Result<Name> {
    let path = match text {
        "" => {
            let hint = "服务器的根目录写成 /".to_owned();
            let text = "文件名是空的".to_owned();
            return Err(cli::Hinted { text, hint }.into());
        }
        "." | "/" => "",
        text => text.trim_end_matches('/'),
    };
    Name::new(path.as_bytes())
        .ok_or_else(|| anyhow!("「{}」不是一个普通的文件名", shown(text.as_bytes())))
}

/// 一个名字存到哪里;它是文件还是目录,要问了服务器才知道。
pub struct Place {
    /// 是文件的话。
    pub file: PathBuf,
    /// 是目录的话,里面的文件都在这里。
    pub tree: PathBuf,
}

/// 各个名字存到哪里;两个存到一处就是错误。
pub fn places(names: &[Name], output: Option<&Path>) -> anyhow::Result<Vec<Place>> {
    let many = names.len() > 1;
    let place = |name: &Name| {
        let base = match name.split().1 {
            "" => "全部",
            base => base,
        };
        let Some(output) = output else {
            let path = PathBuf::from(format!("{PREFIX}{base}"));
            return Place {
                file: path.clone(),
                tree: path,
            };
        };
        let inside = output.join(base);
        // 同样的命令运行第二次,要存到同样的地方:目录的内容总是直接在 output 里,不看它在不在。
        let tree = if many { &inside } else { output };
        let into = many || output.is_dir() || ends_with_separator(output);
        let file = if into { &inside } else { output };
        Place {
            file: file.to_owned(),
            tree: tree.to_owned(),
        }
    };
    let places: Vec<Place> = names.iter().map(place).collect();
    let mut seen = HashSet::new();
    match places.iter().find(|place| !seen.insert(&place.file)) {
        Some(twice) => bail!("有两个都要存成 {}", twice.file.display()),
        None => Ok(places),
    }
}

fn ends_with_separator(path: &Path) -> bool {
    path.as_os_str()
        .to_string_lossy()
        .ends_with(std::path::is_separator)
}
