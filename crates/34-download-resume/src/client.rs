//! 客户端:下载几个文件、整个目录,或者只看看目录里有什么。

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};

use crate::cli;
use crate::directory::Directory;
use crate::discard::discard;
use crate::failure::Failure;
use crate::list::entries;
use crate::names::{Name, shown};
use crate::order::{Order, Place, check_name, places};
use crate::pool::Pool;
use crate::protocol::Kind;
use crate::transfer::{Options, Outcome, Transfer};

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
            let size = discard(pool, options, name)?;
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
    fn fetch(&mut self, remote: &Name, place: &Place) -> anyhow::Result<()> {
        if self.recursive {
            let mut connection = self.pool.connection()?;
            let stat = connection.stat(remote)?;
            self.pool.put_back(connection);
            if stat.kind == Kind::Directory {
                let place = &place.tree;
                make_directory(place)?;
                return self.tree(remote, &open(place)?, place);
            }
        }
        let place = &place.file;
        let local = place.file_name().and_then(|name| name.to_str());
        let local = local.with_context(|| format!("{} 不是一个文件名", place.display()))?;
        let parent = match place.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        make_directory(parent)?;
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
            failure @ (Failure::Interrupted(_) | Failure::Busy) => {
                cli::note("收到的都留着;同样的命令再运行一次,就接着下");
                anyhow::Error::from(failure).context(Unreachable)
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

fn make_directory(path: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(path).with_context(|| format!("建不了目录 {}", path.display()))
}
