//! 写之前先占好磁盘上的位置(fallocate(2)):文件系统一次分配一大片,比写到哪里分到哪里省事,也不零碎。
//!
//! 还有一个好处:ext4 上,写到哪里分到哪里的文件要等关闭、改名时才分配,换掉旧文件的改名会停下来等它写磁盘
//! (ext4(5) `auto_da_alloc`);占好了的不用等。

use std::fs::File;
use std::ops::Range;

/// 一次占这么多字节。不一次占满:大小是服务器说的,不能让他一句话就占掉整个磁盘。
const STEP: u64 = 64 << 20;

/// 给一段内容占位置。
pub struct Reserve<'a> {
    file: &'a File,
    /// 占到第几个字节了。
    reserved: u64,
    /// 这一段到第几个字节为止,不含它。
    end: u64,
}

impl<'a> Reserve<'a> {
    /// 要写的是 `range`;一个字节也还没有占。
    pub fn new(file: &'a File, range: &Range<u64>) -> Self {
        Self {
            file,
            reserved: range.start,
            end: range.end,
        }
    }

    /// 要从 `offset` 接着写了:占到它后面为止。
    pub fn ahead(&mut self, offset: u64) {
        while self.reserved <= offset && self.reserved < self.end {
            let length = STEP.min(self.end - self.reserved);
            // 占不成(这种文件系统不会,或者磁盘满了)也照样写:真的写不下,写的时候会说。
            allocate(self.file, self.reserved, length);
            self.reserved += length;
        }
    }
}

#[cfg(target_os = "linux")]
fn allocate(file: &File, offset: u64, length: u64) {
    use rustix::fs::{FallocateFlags, fallocate};
    // 文件的长度不变:只有一段的时候,文件有多长就收了多少。
    let _ = fallocate(file, FallocateFlags::KEEP_SIZE, offset, length);
}

/// 别的系统没有这一步。
#[cfg(not(target_os = "linux"))]
fn allocate(_: &File, _: u64, _: u64) {}
