//! 客户端:下载几个文件、整个目录,或者只看看目录里有什么。

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};

use crate::cli;
use crate::connection::Pool;
use crate::directory::Directory;
use crate::failure::Failure;
use crate::list::entries;
use crate::names::{Name, shown};
use crate::protocol::Kind;
use crate::transfer::{Options, Outcome, Transfer};

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

/// 下载 `order` 里的全部;有的没有成,别的照样下载,最后说有几个。
pub fn run(pool: &Pool, order: Order, options: &Options) -> anyhow::Result<()> {
    let mut client = Client {
        pool,
        options,
        recursive: order.recursive,
        failures: 0,
    };
    let names: Vec<Name> = order
        .names
        .iter()
        .map(|name| check_name(name))
        .collect::<Result<_, _>>()?;
    if order.discard {
        for name in &names {
            let size = Transfer::discard(pool, options, name)?;
            cli::print_line(format_args!("收到 {size} 字节,都丢掉了"))?;
        }
        return Ok(());
    }
    let places = places(&names, order.output.as_deref())?;
    let single = names.len() == 1;
    for (name, place) in names.iter().zip(&places) {
        let done = client.fetch(name, place);
        match done {
            Err(error)
                if single || error.is::<Unreachable>() || error.is::<cli::OutputClosed>() =>
            {
                return Err(error);
            }
            Err(error) => client.fail(name, &error),
            Ok(()) => {}
        }
    }
    match client.failures {
        0 => Ok(()),
        failures => bail!("有 {failures} 个没有下载"),
    }
}

/// 各个名字存到哪里;两个存到一处就是错误。
fn places(names: &[Name], output: Option<&Path>) -> anyhow::Result<Vec<PathBuf>> {
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

/// 到不了服务器了:别的文件也不必再试。
#[derive(Debug)]
struct Unreachable;

impl std::fmt::Display for Unreachable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("没有下完")
    }
}

impl std::error::Error for Unreachable {}

struct Client<'a> {
    pool: &'a Pool,
    options: &'a Options,
    recursive: bool,
    /// 没有下载的,个。
    failures: usize,
}

impl Client<'_> {
    fn fail(&mut self, name: &Name, error: &anyhow::Error) {
        self.failures += 1;
        cli::note(format_args!("{}:", shown(name.as_str().as_bytes())));
        cli::report(error);
    }

    /// 下载 `remote`,存成 `place`。
    fn fetch(&mut self, remote: &Name, place: &Path) -> anyhow::Result<()> {
        if self.recursive {
            let mut connection = self.pool.connection()?;
            let stat = connection.stat(remote)?;
            self.pool.put_back(connection);
            if stat.kind == Kind::Directory {
                fs::create_dir_all(place)
                    .with_context(|| format!("建不了目录 {}", place.display()))?;
                return self.tree(remote, &open(place)?, place);
            }
        }
        let local = place.file_name().and_then(|name| name.to_str());
        let local = local.with_context(|| format!("{} 不是一个文件名", place.display()))?;
        let parent = match place.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        fs::create_dir_all(parent).with_context(|| format!("建不了目录 {}", parent.display()))?;
        self.file(remote, &open(parent)?, local, place)
    }

    /// 下载一个文件,存成 `directory` 里的 `local`;`place` 是给人看的。
    fn file(
        &self,
        remote: &Name,
        directory: &Directory,
        local: &str,
        place: &Path,
    ) -> anyhow::Result<()> {
        if remote.is_partial() {
            bail!("这样结尾的名字留给没有收齐的文件,不能下载");
        }
        let transfer = Transfer::new(self.pool, self.options, remote, directory, local);
        let outcome = transfer.run().map_err(|failure| match failure {
            Failure::Interrupted(error) => {
                cli::note("收到的都留着;同样的命令再运行一次,就接着下");
                error.context(Unreachable)
            }
            failure => anyhow::Error::from(failure),
        })?;
        let place = place.display();
        match outcome {
            Outcome::Latest => cli::print_line(format_args!("已经是最新的:{place}")),
            Outcome::Saved { size, received } if received < size => cli::print_line(format_args!(
                "收到 {received} 字节,共 {size} 字节,存成 {place}"
            )),
            Outcome::Saved { size, .. } => {
                cli::print_line(format_args!("收到 {size} 字节,存成 {place}"))
            }
        }
    }

    /// 下载一个目录里的全部文件。名字是服务器说的:不普通的一个也不要。
    fn tree(&mut self, remote: &Name, directory: &Directory, place: &Path) -> anyhow::Result<()> {
        for entry in entries(self.pool, remote)? {
            let Some(name) = remote.join(&entry.name) else {
                self.failures += 1;
                cli::note(format_args!(
                    "错误:跳过「{}」:不是一个普通的文件名",
                    shown(&entry.name)
                ));
                continue;
            };
            let (_, base) = name.split();
            let place = place.join(base);
            let done = match entry.kind {
                Kind::File => self.file(&name, directory, base, &place),
                Kind::Directory => match directory.make_child(base) {
                    Ok(child) => self.tree(&name, &child, &place),
                    Err(error) => Err(anyhow::Error::new(error)
                        .context(format!("建不了目录 {}", place.display()))),
                },
            };
            match done {
                Err(error) if error.is::<Unreachable>() || error.is::<cli::OutputClosed>() => {
                    return Err(error);
                }
                Err(error) => self.fail(&name, &error),
                Ok(()) => {}
            }
        }
        Ok(())
    }
}

fn open(path: &Path) -> anyhow::Result<Directory> {
    Directory::open(path).with_context(|| format!("打不开目录 {}", path.display()))
}
