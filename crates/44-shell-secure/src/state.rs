//! 存东西的目录:证书和私钥、口令、认得的服务器、审计日志。只有自己读得到。

use std::env;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use tempfile::NamedTempFile;

use crate::cli::Hinted;

/// 没有写 `--state` 时,目录叫这个名字。
const NAME: &str = "shell-secure";

/// 一个文件最多读这么多字节:我们自己写的都远小于它。
const MAX_FILE: u64 = 1 << 20;

/// 存东西的目录。
#[derive(Debug, Clone)]
pub struct State(PathBuf);

impl State {
    /// 用目录 `given`;没有给就用系统说的放这类东西的地方。没有的话,造一个只有自己进得去的。
    ///
    /// # Errors
    /// 不知道放在哪里,或者造不了。
    pub fn open(given: Option<PathBuf>) -> anyhow::Result<Self> {
        let Some(path) = given.or_else(default) else {
            let text = "不知道把证书和口令放在哪里:没有 HOME".to_owned();
            let hint = "用 --state 目录 说明".to_owned();
            return Err(Hinted { text, hint }.into());
        };
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        let made = builder.create(&path);
        made.with_context(|| format!("建立目录 {} 失败", path.display()))?;
        check_owned(&path)?;
        Ok(Self(path))
    }

    /// 里面名叫 `name` 的文件。
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// 读 `name`;还没有的话,用 `make` 造的内容写一个,再读。
    ///
    /// # Errors
    /// 读写不了,或者别人也读得到它。
    pub fn read_or_make(
        &self,
        name: &str,
        make: impl FnOnce() -> anyhow::Result<String>,
    ) -> anyhow::Result<String> {
        let path = self.path(name);
        if let Some(text) = read_secret(&path)? {
            return Ok(text);
        }
        // 两个服务器同时第一次启动:先写成的算数,另一个用它的。
        let written = self.write(make()?.as_bytes())?.persist_noclobber(&path);
        match written.map_err(|error| error.error) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                return Err(error).with_context(|| format!("写 {} 失败", path.display()));
            }
            _ => {}
        }
        read_secret(&path)?.with_context(|| format!("{} 刚写好就不见了", path.display()))
    }

    /// 把 `name` 换成 `text`:要么是旧的,要么是新的,没有写了一半的时候。
    ///
    /// # Errors
    /// 写不了。
    pub fn replace(&self, name: &str, text: &str) -> anyhow::Result<()> {
        let path = self.path(name);
        let renamed = self.write(text.as_bytes())?.persist(&path);
        renamed.with_context(|| format!("写 {} 失败", path.display()))?;
        Ok(())
    }

    /// 写一个只有自己读得到的临时文件(0600,mkstemp(3)),和要写的在同一个目录,改名才是一步。
    fn write(&self, bytes: &[u8]) -> anyhow::Result<NamedTempFile> {
        let made = NamedTempFile::new_in(&self.0);
        let mut file = made.with_context(|| format!("不能在 {} 里写文件", self.0.display()))?;
        let written = file
            .write_all(bytes)
            .and_then(|()| file.as_file().sync_all());
        written.with_context(|| format!("不能在 {} 里写文件", self.0.display()))?;
        Ok(file)
    }
}

/// 读一个只有自己该读到的文件;没有是 `None`。
///
/// # Errors
/// 读不了,太大,不是文字,或者别人也读得到它。
pub fn read_secret(path: &Path) -> anyhow::Result<Option<String>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("读 {} 失败", path.display())),
    };
    check_private(path, &file)?;
    let mut text = String::new();
    let read = file.take(MAX_FILE).read_to_string(&mut text);
    let length = read.with_context(|| format!("读 {} 失败", path.display()))?;
    if length as u64 == MAX_FILE {
        bail!("{} 超过 {MAX_FILE} 字节,不像是我们的文件", path.display());
    }
    Ok(Some(text))
}

/// 别人也能往里面写的目录,里面的文件可能是别人放的。
#[cfg(unix)]
fn check_owned(path: &Path) -> anyhow::Result<()> {
    let metadata = path.metadata();
    let metadata = metadata.with_context(|| format!("读 {} 失败", path.display()))?;
    if std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o022 != 0 {
        let shown = path.display();
        let text = format!("目录 {shown} 别人也能往里面写");
        let hint = format!("用 --state 换一个;确定里面没有别人放的东西,就 chmod 700 {shown}");
        return Err(Hinted { text, hint }.into());
    }
    Ok(())
}

/// Windows 上家目录里的东西,别人本来就写不了。
#[cfg(windows)]
fn check_owned(_path: &Path) -> anyhow::Result<()> {
    Ok(())
}

/// 别人也读得到,就不是秘密了:不用它,和 ssh 一样。
#[cfg(unix)]
fn check_private(path: &Path, file: &File) -> anyhow::Result<()> {
    let metadata = file.metadata();
    let metadata = metadata.with_context(|| format!("读 {} 失败", path.display()))?;
    if std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0 {
        let shown = path.display();
        let text = format!("{shown} 别人也读得到,可能已经泄露");
        let hint = format!("删掉它,重新造一个;确定没有人读过,就 chmod 600 {shown}");
        return Err(Hinted { text, hint }.into());
    }
    Ok(())
}

/// Windows 上家目录里的文件,别人本来就读不到;没有模式可看。
#[cfg(windows)]
fn check_private(_path: &Path, _file: &File) -> anyhow::Result<()> {
    Ok(())
}

/// 打开一个只往后面添的文件,没有就建一个只有自己读得到的。
///
/// # Errors
/// 打不开。
pub fn append(path: &Path) -> anyhow::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let opened = options.open(path);
    opened.with_context(|| format!("打不开 {}", path.display()))
}

/// Unix 上是 `$XDG_STATE_HOME` 或者 `~/.local/state`(XDG Base Directory),Windows 上是 `%LOCALAPPDATA%`。
fn default() -> Option<PathBuf> {
    let absolute = |name: &str| {
        let path = env::var_os(name).map(PathBuf::from);
        path.filter(|path| path.is_absolute())
    };
    let base = match cfg!(windows) {
        true => absolute("LOCALAPPDATA")?,
        false => absolute("XDG_STATE_HOME")
            .or_else(|| absolute("HOME").map(|home| home.join(".local/state")))?,
    };
    Some(base.join(NAME))
}
