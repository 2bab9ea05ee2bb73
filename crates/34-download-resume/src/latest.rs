//! 已经是最新的:最后的名字下面的文件和服务器的一样,不必再下。

use std::io::ErrorKind;

use anyhow::{Context, anyhow};

use crate::digest::digest;
use crate::directory::{Directory, Kind};
use crate::failure::Failure;
use crate::protocol::Digest;

/// `directory` 里的 `name` 是不是和服务器的一样:`size` 字节,摘要是 `theirs` 问来的。
pub fn is_latest(
    directory: &Directory,
    name: &str,
    size: u64,
    theirs: impl FnOnce() -> Result<Digest, Failure>,
) -> Result<bool, Failure> {
    let present = match directory.metadata(name) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        present => present.with_context(|| format!("看不了 {name}"))?,
    };
    if present.kind != Kind::File {
        return Err(Failure::Fatal(anyhow!("已经有 {name},它不是普通文件")));
    }
    // 自己的文件读不了,就当它不一样。
    let (true, Ok(Some(file))) = (present.size == size, directory.read(name)) else {
        return Ok(false);
    };
    let ours = digest(&file, 0, size, |_| anyhow::Ok(()))?;
    Ok(ours == Some(theirs()?))
}
