//! 下载为什么停下:决定是再试、从头来,还是报告。

use std::io::{self, ErrorKind};

use anyhow::anyhow;

use crate::status::Status;

/// 为什么停下。
#[derive(Debug)]
pub enum Failure {
    /// 和服务器的连接断了:再连一次,接着下。
    Interrupted(anyhow::Error),
    /// 服务器没有座位了:少用一条连接,或者过一会儿再来。
    Busy,
    /// 服务器上的文件变了:从头来。
    Changed,
    /// 收齐了,摘要却不同:从头来一次。
    Different,
    /// 再试也没有用。
    Fatal(anyhow::Error),
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Fatal(error)
    }
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        match status {
            Status::Changed => Self::Changed,
            Status::Busy => Self::Busy,
            _ => Self::Fatal(anyhow::anyhow!("服务器说:{status}")),
        }
    }
}

impl From<Failure> for anyhow::Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Interrupted(error) | Failure::Fatal(error) => error,
            Failure::Busy => anyhow::anyhow!("服务器说:{}", Status::Busy),
            Failure::Changed => anyhow::anyhow!("服务器上的文件一直在变"),
            Failure::Different => anyhow::anyhow!("收齐了,但摘要和服务器的不同"),
        }
    }
}

impl Failure {
    /// 连接断了。
    pub fn interrupted(error: io::Error, what: &str) -> Self {
        let cause = match error.kind() {
            // 该有的字节没有来,流就到了末尾。
            ErrorKind::UnexpectedEof => anyhow!(HUNG_UP),
            _ => error.into(),
        };
        Self::Interrupted(cause.context(what.to_owned()))
    }
}

/// 流的末尾和复位,是同一件事。
const HUNG_UP: &str = "服务器挂断了";

/// 断的原因,一行;系统的英文换成中文。
pub fn said(error: &anyhow::Error) -> String {
    let cause = |cause: &(dyn std::error::Error + 'static)| {
        let kind = cause.downcast_ref().map(io::Error::kind);
        match kind {
            Some(ErrorKind::ConnectionReset)
            | Some(ErrorKind::ConnectionAborted)
            | Some(ErrorKind::BrokenPipe) => HUNG_UP.to_owned(),
            Some(ErrorKind::TimedOut | ErrorKind::WouldBlock) => "等了很久,没有回应".to_owned(),
            Some(ErrorKind::ConnectionRefused) => "那个端口上没有程序".to_owned(),
            _ => cause.to_string(),
        }
    };
    let causes: Vec<String> = error.chain().map(cause).collect();
    causes.join(":")
}
