//! 从文件的指定位置读,不动文件自己的读写位置:几条连接可以同时用一个文件(pread(2))。

use std::fs::File;
use std::io;

/// 从 `offset` 起读,来多少算多少;0 是文件的末尾。
pub fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    loop {
        #[cfg(unix)]
        let read = std::os::unix::fs::FileExt::read_at(file, buffer, offset);
        #[cfg(windows)]
        let read = std::os::windows::fs::FileExt::seek_read(file, buffer, offset);
        match read {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}
