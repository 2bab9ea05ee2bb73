//! 和上一阶段的差异只在安全:别的文件一个字节也不差。

// 测试里的 unwrap 就是断言。
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// 两个阶段都有、内容不同的文件。
const DIFFERENT: [&str; 12] = [
    "client.rs",
    "command.rs",
    "farewell.rs",
    "link.rs",
    "main.rs",
    "protocol.rs",
    "remote.rs",
    "replies.rs",
    "request.rs",
    "runner.rs",
    "server.rs",
    "session.rs",
];

/// 只有这一阶段有的文件。
const SECURE: [&str; 22] = [
    "audit.rs",
    "certificate.rs",
    "entrance.rs",
    "environment.rs",
    "fingerprint.rs",
    "gate.rs",
    "guard.rs",
    "identity.rs",
    "known.rs",
    "launch.rs",
    "listening.rs",
    "meeting.rs",
    "options.rs",
    "policy.rs",
    "printable.rs",
    "programs.rs",
    "read_only.rs",
    "reader.rs",
    "state.rs",
    "token.rs",
    "trust.rs",
    "wire.rs",
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
fn only_the_security_is_different() {
    let (stream, secure) = (files("43-shell-stream"), files("44-shell-secure"));
    assert_eq!(&stream - &secure, set(&[]));
    assert_eq!(&secure - &stream, set(&SECURE));
    let differs = |name: &&String| {
        let read = |stage| fs::read(source(stage).join(name)).unwrap();
        read("43-shell-stream") != read("44-shell-secure")
    };
    let different: BTreeSet<String> = (&stream & &secure)
        .iter()
        .filter(differs)
        .cloned()
        .collect();
    assert_eq!(different, set(&DIFFERENT));
}
