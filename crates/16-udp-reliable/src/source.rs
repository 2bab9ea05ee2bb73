//! 客户端要传的文件:一段一段地读,不整个放进内存。

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};

use crate::cli;
use crate::packet::MAX_CONTENT;
use crate::sender::Sender;
use crate::store::MAX_SIZE;

/// 命令行里给了文件就用它;没有给就问。输入结束了是 `None`。
pub fn path_or_ask(given: Option<PathBuf>) -> anyhow::Result<Option<PathBuf>> {
    if given.is_some() {
        return Ok(given);
    }
    cli::print_line("请输入文件名:")?;
    let line = cli::read_line()?;
    Ok(line.map(|line| PathBuf::from(String::from_utf8_lossy(&line).trim())))
}

/// 要传的文件。
#[derive(Debug)]
pub struct Source {
    file: File,
    name: String,
    size: u64,
    checksum: crc32fast::Hasher,
}

impl Source {
    /// 打开 `path`。
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let file = File::open(path).map_err(|error| cannot_open(path, error))?;
        let metadata = file
            .metadata()
            .with_context(|| format!("打开 {shown} 失败"))?;
        if !metadata.is_file() {
            bail!("{shown} 不是普通的文件");
        }
        let size = metadata.len();
        if size > MAX_SIZE {
            bail!("{shown} 有 {size} 字节,一个文件最多 {MAX_SIZE} 字节");
        }
        // 只说名字,不说目录:那边的目录是那边的事。
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.with_context(|| format!("{shown} 的名字不是 UTF-8"))?;
        Ok(Self {
            file,
            name: name.to_owned(),
            size,
            checksum: crc32fast::Hasher::new(),
        })
    }

    /// 文件名,不含目录。
    pub fn name(&self) -> &str {
        &self.name
    }

    /// 文件的长度,字节。
    pub fn size(&self) -> u64 {
        self.size
    }

    /// 窗口里有空位就读一段,边读边算校验和。
    pub fn fill(&mut self, sender: &mut Sender, now: Duration) -> anyhow::Result<()> {
        while sender.wants() {
            let mut content = Vec::with_capacity(MAX_CONTENT);
            let mut next = (&mut self.file).take(MAX_CONTENT as u64);
            let read = next.read_to_end(&mut content);
            read.with_context(|| format!("读 {} 失败", self.name))?;
            self.checksum.update(&content);
            match content.is_empty() {
                true => sender.finish(now, self.checksum.clone().finalize()),
                false => sender.push(now, &content),
            }
        }
        Ok(())
    }
}

fn cannot_open(path: &Path, error: io::Error) -> anyhow::Error {
    let shown = path.display();
    if error.kind() != ErrorKind::NotFound {
        return anyhow::Error::new(error).context(format!("打开 {shown} 失败"));
    }
    let text = format!("没有 {shown} 这个文件");
    let hint = "核对文件名;相对的路径从运行程序的目录算起".to_owned();
    cli::Hinted { text, hint }.into()
}
