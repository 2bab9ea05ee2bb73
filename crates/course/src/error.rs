//! 错误与提示:说清哪里不对,再说可以试什么。

use std::error::Error;
use std::fmt;
use std::io;

/// 带提示的错误。
#[derive(Debug)]
pub struct Hinted {
    message: String,
    hint: String,
    usage: bool,
}

impl Hinted {
    /// 可以试什么。
    #[must_use]
    pub fn hint(&self) -> &str {
        &self.hint
    }

    /// 命令写错了(退出码 2),而不是事情没有做成(退出码 1)。
    #[must_use]
    pub fn is_usage(&self) -> bool {
        self.usage
    }
}

impl fmt::Display for Hinted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Hinted {}

/// 事情没有做成:错误和提示。
pub fn failed(message: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
    Hinted {
        message: message.into(),
        hint: hint.into(),
        usage: false,
    }
    .into()
}

/// 命令写错了:错误和提示。
pub fn usage(message: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
    Hinted {
        message: message.into(),
        hint: hint.into(),
        usage: true,
    }
    .into()
}

/// 错误连同提示,写成一行。
#[must_use]
pub fn with_hint(error: &anyhow::Error) -> String {
    match hint(error) {
        Some(hinted) => format!("{error:#}({})", hinted.hint()),
        None => format!("{error:#}"),
    }
}

/// 错误里带着的提示。
#[must_use]
pub fn hint(error: &anyhow::Error) -> Option<&Hinted> {
    error.chain().find_map(|cause| cause.downcast_ref())
}

/// 读我们输出的那一头关了(例如 `| head`):不算错误,安静地结束。
#[must_use]
pub fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}
