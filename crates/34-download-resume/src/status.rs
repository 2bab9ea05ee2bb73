//! 回答的状态:一个字节。

use std::fmt;

/// 回答的状态。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// 有,内容跟在后面。
    Ok = 0,
    /// 没有这个文件。
    NotFound = 1,
    /// 有,但不是普通文件:管道、设备、链接;或者该是文件的是目录,该是目录的是文件。
    NotAFile = 2,
    /// 有,但不许读。
    Forbidden = 3,
    /// 名字不是一个普通的文件名。
    BadName = 4,
    /// 服务器自己出了错。
    ServerError = 5,
    /// 文件已经不是这个版本。
    Changed = 6,
    /// 客户太多。
    Busy = 7,
    /// 看不懂的请求。
    BadRequest = 8,
    /// 还在算,请再等等。
    Working = 9,
}

impl Status {
    /// 从网线上的一个字节。
    pub fn from_byte(byte: u8) -> Option<Self> {
        [
            Self::Ok,
            Self::NotFound,
            Self::NotAFile,
            Self::Forbidden,
            Self::BadName,
            Self::ServerError,
            Self::Changed,
            Self::Busy,
            Self::BadRequest,
            Self::Working,
        ]
        .into_iter()
        .find(|status| *status as u8 == byte)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ok => "有",
            Self::NotFound => "没有这个文件",
            Self::NotAFile => "不是普通文件",
            Self::Forbidden => "不许读",
            Self::BadName => "不是一个普通的文件名",
            Self::ServerError => "服务器出错了",
            Self::Changed => "文件变了",
            Self::Busy => "客户太多,请稍后再来",
            Self::BadRequest => "看不懂的请求",
            Self::Working => "还在算",
        })
    }
}
