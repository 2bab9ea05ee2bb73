//! 占的内存:和文件多大没有关系。
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod support;

use std::fs::{self, File};

use support::relay::Relay;
use support::{Scene, finish};

/// 两头各自最多占这么多,KiB。
const MOST: u64 = 16 * 1024;

/// 文件的大小,字节:比允许的内存大得多。
const SIZE: u64 = 300 << 20;

/// 快收完了:放过这么多字节。
const NEARLY: u64 = SIZE - (1 << 20);

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
        .set_len(SIZE)
        .unwrap();
    let server = scene.serve();
    let relay = Relay::new(&server.address);
    for jobs in ["1", "8"] {
        let options = ["f", "--output", "out", "--no-sync", "--jobs", jobs];
        let client = scene.client_of(&relay.address, &options).spawn();
        let mut client = client.unwrap();
        // 快收完的时候扣住,看一眼:进程结束以后就看不到了。
        relay.allow(NEARLY);
        relay.wait(|| client.try_wait().unwrap().is_some());
        let most = peak(client.id()).unwrap();
        relay.allow(u64::MAX);
        finish(client).succeeded();
        assert!((1..MOST).contains(&most), "客户端占了 {most} KiB");
        fs::remove_file(scene.here("out")).unwrap();
    }
    let most = peak(server.child.id()).unwrap();
    assert!(most < MOST, "服务器占了 {most} KiB");
}
