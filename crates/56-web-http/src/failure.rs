//! 不能照办的原因:状态码,和写进错误页的一句话。

use std::io;

use crate::status::Status;

/// 不能照办。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    /// 状态码。
    pub status: Status,
    /// 中文的原因,写进错误页。
    pub reason: &'static str,
}

impl Failure {
    /// 没有这个文件。不许看的、隐藏的、根外面的也这样说:不告诉陌生人那里有东西。
    pub const ABSENT: Self = Self::new(Status::NOT_FOUND, "这里没有您要的文件");

    /// 现在没有描述符或者内存,不是文件的错。
    pub const BUSY: Self = Self::new(Status::SERVICE_UNAVAILABLE, "服务器现在太忙,请稍后再来");

    /// 状态和原因。
    pub const fn new(status: Status, reason: &'static str) -> Self {
        Self { status, reason }
    }
}

impl From<io::Error> for Failure {
    /// 文件系统的错误换成状态码。
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // 最后两种:系统不收这样的名字,例如太长,就不会有这样的文件。
            io::ErrorKind::NotFound
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::InvalidFilename
            | io::ErrorKind::InvalidInput => Self::ABSENT,
            io::ErrorKind::PermissionDenied => {
                Self::new(Status::FORBIDDEN, "服务器没有读这个文件的权限")
            }
            io::ErrorKind::OutOfMemory => Self::BUSY,
            _ => from_code(&error),
        }
    }
}

const BROKEN: Failure = Failure::new(Status::INTERNAL_ERROR, "服务器读文件时出错");

/// 标准库没有给名字的错误,看系统的号码(errno(3))。
#[cfg(unix)]
fn from_code(error: &io::Error) -> Failure {
    use rustix::io::Errno;
    match Errno::from_io_error(error) {
        // 链接绕成圈,链接通到根外面;打开的是套接字,或者没有驱动的设备。
        Some(Errno::LOOP | Errno::XDEV | Errno::NXIO | Errno::NODEV) => Failure::ABSENT,
        // 描述符用完了;走的路上一直有人在改名(EAGAIN,openat2(2))。
        Some(Errno::MFILE | Errno::NFILE | Errno::AGAIN) => Failure::BUSY,
        _ => BROKEN,
    }
}

/// 标准库没有给名字的错误,看系统的号码(Microsoft「System Error Codes」)。
#[cfg(not(unix))]
fn from_code(error: &io::Error) -> Failure {
    match error.raw_os_error() {
        // ERROR_CANT_RESOLVE_FILENAME:链接绕成圈。
        Some(1921) => Failure::ABSENT,
        // ERROR_TOO_MANY_OPEN_FILES、ERROR_NOT_ENOUGH_MEMORY、ERROR_SHARING_VIOLATION。
        Some(4 | 8 | 32) => Failure::BUSY,
        _ => BROKEN,
    }
}
