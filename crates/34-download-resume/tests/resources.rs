//! 占的内存:和文件多大没有关系。
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod support;

use std::fs::{self, File};
use std::thread;
use std::time::Duration;

use support::{Scene, finish};

/// 两头各自最多占这么多,KiB。
const MOST: u64 = 16 * 1024;

/// 进程占过的最多的内存,KiB(proc(5) `VmHWM`);进程已经结束是 `None`。
fn peak(id: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn memory_does_not_grow_with_the_file() {
    let scene = Scene::new();
    File::create(scene.root("f"))
        .unwrap()
        .set_len(300 << 20)
        .unwrap();
    let server = scene.serve();
    for jobs in ["1", "8"] {
        let options = ["f", "--output", "out", "--no-sync", "--jobs", jobs];
        let mut client = scene.client(&server, &options).spawn().unwrap();
        let mut most = 0;
        while client.try_wait().unwrap().is_none() {
            most = most.max(peak(client.id()).unwrap_or(0));
            thread::park_timeout(Duration::from_millis(1));
        }
        finish(client).succeeded();
        assert!((1..MOST).contains(&most), "客户端占了 {most} KiB");
        fs::remove_file(scene.here("out")).unwrap();
    }
    let most = peak(server.child.id()).unwrap();
    assert!(most < MOST, "服务器占了 {most} KiB");
}
