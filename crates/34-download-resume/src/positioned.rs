//! 在文件的指定位置读写,不动文件自己的读写位置:几个线程可以同时用一个文件(pread(2))。

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

/// 从 `offset` 起写出全部字节。
pub fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    let mut written = 0;
    while written < bytes.len() {
        let rest = &bytes[written..];
        let offset = offset + written as u64;
        #[cfg(unix)]
        let result = std::os::unix::fs::FileExt::write_at(file, rest, offset);
        #[cfg(windows)]
        let result = std::os::windows::fs::FileExt::seek_write(file, rest, offset);
        match result {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(length) => written += length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
