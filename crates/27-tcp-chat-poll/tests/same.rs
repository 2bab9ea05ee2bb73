//! 和上一阶段的差异只在服务器:别的文件一个字节也不差。

// 测试里的 unwrap 就是断言。
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// 两个阶段都有、内容不同的文件。
const DIFFERENT: [&str; 4] = ["closing.rs", "main.rs", "outbox.rs", "server.rs"];

/// 只有上一阶段有的文件:线程的那些。
const THREADS: [&str; 3] = ["connections.rs", "reader.rs", "session.rs"];

/// 只有这一阶段有的文件:事件循环的那些。
const POLL: [&str; 5] = [
    "batch.rs",
    "connection.rs",
    "door.rs",
    "reactor.rs",
    "writing.rs",
];

fn source(stage: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(stage)
        .join("src")
}

fn files(stage: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(source(stage)).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn only_the_server_is_different() {
    let (threads, poll) = (files("26-tcp-chat"), files("27-tcp-chat-poll"));
    assert_eq!(&threads - &poll, set(&THREADS));
    assert_eq!(&poll - &threads, set(&POLL));
    let differs = |name: &&String| {
        let read = |stage| fs::read(source(stage).join(name)).unwrap();
        read("26-tcp-chat") != read("27-tcp-chat-poll")
    };
    let different: BTreeSet<String> = (&threads & &poll).iter().filter(differs).cloned().collect();
    assert_eq!(different, set(&DIFFERENT));
}

#[test]
fn the_gate_is_the_one_of_the_duplex_talk() {
    let gate = |stage| fs::read(source(stage).join("gate.rs")).unwrap();
    assert!(gate("26-tcp-chat") == gate("14-udp-duplex"));
}
