//! 服务器:等浏览器来。

use crate::arguments::Arguments;

/// 不写 `--workers` 时,最多这么多个工人。
pub fn default_workers() -> usize {
    1024
}

/// 运行,直到 Ctrl-C。
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let _ = arguments;
    Ok(())
}
