//! 和上一阶段的差异只在线程与事件循环:别的文件一个字节也不差。

// 测试里的 unwrap 就是断言。
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// 两个阶段都有、内容不同的文件。
const DIFFERENT: [&str; 6] = [
    "closing.rs",
    "connection.rs",
    "desk.rs",
    "main.rs",
    "send.rs",
    "server.rs",
];

/// 只有上一阶段有的文件:线程的那些。
const THREADS: [&str; 6] = [
    "inbox.rs",
    "pool.rs",
    "refusal.rs",
    "roster.rs",
    "seat.rs",
    "worker.rs",
];

/// 只有这一阶段有的文件:事件循环、缓存和零拷贝的那些。
const POLL: [&str; 11] = [
    "accept.rs",
    "answer.rs",
    "cache.rs",
    "listen.rs",
    "outbox.rs",
    "payload.rs",
    "places.rs",
    "positioned.rs",
    "reactor.rs",
    "timers.rs",
    "welcome.rs",
];

fn source(stage: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(stage)
        .join("src")
}

/// `directory` 里的文件,子目录里的也算。
fn files(directory: &Path, prefix: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().into_string().unwrap());
        match entry.file_type().unwrap().is_dir() {
            true => names.extend(files(&entry.path(), &format!("{name}/"))),
            false => _ = names.insert(name),
        }
    }
    names
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn only_the_threads_are_different() {
    let (http, poll) = (source("56-web-http"), source("57-web-poll"));
    let (threads, events) = (files(&http, ""), files(&poll, ""));
    assert_eq!(&threads - &events, set(&THREADS));
    assert_eq!(&events - &threads, set(&POLL));
    let differs =
        |name: &&String| fs::read(http.join(name)).unwrap() != fs::read(poll.join(name)).unwrap();
    let different: BTreeSet<String> = (&threads & &events)
        .iter()
        .filter(differs)
        .cloned()
        .collect();
    assert_eq!(different, set(&DIFFERENT));
}

#[test]
fn both_are_disturbed_in_the_same_ways() {
    let tests = |stage| source(stage).with_file_name("tests").join("robust.rs");
    let threads = fs::read_to_string(tests("56-web-http")).unwrap();
    let events = fs::read_to_string(tests("57-web-poll")).unwrap();
    assert!(threads.replace("web-http", "web-poll") == events);
}
