//! 占用的内存有没有多,看操作系统的账。
//!
//! 单独一个测试程序,而且只有一个测试:同一个进程里别的线程也要内存。
#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, reason = "测试失败就是崩溃")]

use std::fs;

use common::frame::{FrameReader, FrameWriter};

const MIB: usize = 1 << 20;

/// 进程到现在为止最大的虚拟内存,字节;要来而没有用的内存也算(proc_pid_status(5))。
fn peak() -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("Linux 有 /proc");
    let line = status.lines().find(|line| line.starts_with("VmPeak:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    let kib: usize = number.expect("有 VmPeak").parse().expect("KiB");
    kib * 1024
}

fn assert_frugal(what: &str, work: impl FnOnce()) {
    let before = peak();
    work();
    let grown = peak() - before;
    assert!(grown < 16 * MIB, "{what}多占了 {grown} 字节");
}

#[test]
fn memory_is_not_taken_before_bytes_arrive_nor_kept_after_they_left() {
    // 上限允许 64 MiB,也不能因为 16 个人各说了一声就给出 1 GiB。
    assert_frugal("谎报的长度", || {
        let mut bytes = (64 * MIB as u32).to_be_bytes().to_vec();
        bytes.extend_from_slice(b"abc");
        let mut readers: Vec<_> = (0..16).map(|_| FrameReader::new(64 * MIB)).collect();
        for reader in &mut readers {
            assert_eq!(reader.decode(&mut &*bytes).expect("没有超过上限"), None);
        }
    });
    assert_frugal("写完的帧", || {
        let mut writer = FrameWriter::new(MIB);
        let body = vec![1; MIB];
        for _ in 0..100 {
            writer.write(&mut std::io::sink(), &body).expect("写得出");
        }
    });
    assert_frugal("读完的帧", || {
        let mut writer = FrameWriter::new(MIB);
        writer.queue(&vec![1; MIB]).expect("没有超过上限");
        let mut frame = Vec::new();
        writer.flush(&mut frame).expect("写得出");
        let mut reader = FrameReader::new(MIB);
        for _ in 0..100 {
            let body = reader.decode(&mut &*frame).expect("没有超过上限");
            assert_eq!(body.map(<[u8]>::len), Some(MIB));
        }
    });
}
