//! 谎报的长度占不到内存,看操作系统的账。
//!
//! 单独一个测试程序:同一个进程里别的测试也要内存。
#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, reason = "测试失败就是崩溃")]

use std::fs;

use common::frame::FrameReader;

/// 进程到现在为止最大的虚拟内存,KiB;要来而没有用的内存也算(proc_pid_status(5))。
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmPeak:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.and_then(|number| number.parse().ok()).expect("KiB")
}

#[test]
fn claimed_lengths_take_no_memory() {
    // 16 个人各说要发 64 MiB,只发来 3 字节。上限允许这么大,也不能先给他们 1 GiB。
    let claimed: usize = 64 << 20;
    let mut bytes = (claimed as u32).to_be_bytes().to_vec();
    bytes.extend_from_slice(b"abc");
    let before = peak();
    let mut readers = Vec::new();
    for _ in 0..16 {
        let mut reader = FrameReader::new(claimed);
        assert_eq!(reader.decode(&mut &*bytes).expect("没有超过上限"), None);
        readers.push(reader);
    }
    let grown = peak() - before;
    assert!(grown < 16 << 10, "多占了 {grown} KiB");
}
