//! 放在管道里:字节不变,退出码不变,谁先走都安静地结束。
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod support;

use std::io::{Read, Write};
use std::process::Stdio;
use std::thread;

use support::Quiet;

#[test]
fn exit_codes() {
    let server = Quiet::start(&["--longest", "1", "--output", "1"]);
    let endings = [
        ("true", 0),
        ("exit 1", 1),
        ("exit 255", 255),
        ("no-such-command-here", 127),
        ("kill -INT $$", 130),
        ("kill -KILL $$", 137),
        ("sleep 100", 124),
        ("yes", 125),
    ];
    for (line, code) in endings {
        assert_eq!(server.run(line).status.code(), Some(code), "{line}");
    }
}

/// 每一种字节、0 个字节、比窗口大得多,来回都不变。
#[test]
fn binary_round_trip() {
    let server = Quiet::start(&[]);
    let mut random = fastrand::Rng::with_seed(0x5eed);
    for length in [0, 1, 255, 65_536, 65_537, 524_288, 524_289, 5_000_000] {
        let bytes: Vec<u8> = (0..length).map(|_| random.u8(..)).collect();
        let mut client = server.client("cat").stdin(Stdio::piped()).spawn().unwrap();
        let mut input = client.stdin.take().unwrap();
        let sent = bytes.clone();
        let writer = thread::spawn(move || input.write_all(&sent));
        let finished = client.wait_with_output().unwrap();
        writer.join().unwrap().unwrap();
        assert!(finished.stdout == bytes, "{length} 字节变了");
        assert_eq!(finished.stderr, b"", "{length}");
        assert!(finished.status.success(), "{length}");
    }
}

/// 那边的命令不要更多输入了:这边也结束,不管还有多少输入。
#[test]
fn the_command_stops_reading() {
    let server = Quiet::start(&[]);
    for line in ["head -c 3", "true", "exec <&-; exit 0"] {
        let mut client = server.client(line).stdin(Stdio::piped()).spawn().unwrap();
        let mut input = client.stdin.take().unwrap();
        let writer = thread::spawn(move || while input.write_all(&[b'y'; 4096]).is_ok() {});
        let finished = client.wait_with_output().unwrap();
        writer.join().unwrap();
        assert!(finished.status.success(), "{line}");
        assert_eq!(finished.stderr, b"", "{line}");
    }
}

/// 我们的输出没有人读了:安静地结束,那边的命令也结束。
#[test]
fn nobody_reads_the_output() {
    let server = Quiet::start(&[]);
    let mut client = server.client("yes").spawn().unwrap();
    let mut output = client.stdout.take().unwrap();
    let mut some = [0; 4];
    output.read_exact(&mut some).unwrap();
    drop(output);
    let finished = client.wait_with_output().unwrap();
    assert!(finished.status.success());
    assert_eq!(finished.stderr, b"");
}

/// 两股输出各是各的,一个字节不多。
#[test]
fn two_streams_stay_apart() {
    let server = Quiet::start(&[]);
    let finished = server.run("printf out; printf err >&2; printf '\\0\\377'");
    assert_eq!(finished.stdout, b"out\0\xff");
    assert_eq!(finished.stderr, b"err");
    // 两股都有很多:没有先后,也不互相等。
    let both = "head -c 3000000 /dev/zero & head -c 3000000 /dev/zero >&2; wait";
    let finished = server.run(both);
    assert_eq!(
        (finished.stdout.len(), finished.stderr.len()),
        (3_000_000, 3_000_000)
    );
}

/// 词用空格接起来,由那边的 shell 去拆。
#[test]
fn words_are_joined() {
    let server = Quiet::start(&[]);
    let mut client = server.client("printf");
    client.args(["'%s|'", "a", "'b c'", "$((6*7))"]);
    assert_eq!(client.output().unwrap().stdout, b"a|b c|42|");
}

/// 连不上,退出码是 255:不和那边的混在一起。
#[test]
fn no_server() {
    let server = Quiet::start(&[]);
    let mut client = server.client("true");
    drop(server);
    let finished = client.output().unwrap();
    assert_eq!(finished.status.code(), Some(255));
    assert!(
        String::from_utf8(finished.stderr)
            .unwrap()
            .starts_with("错误:")
    );
}

/// 别的机器连得到的地址,没有说清楚就不监听。
#[test]
fn strangers_are_kept_out() {
    let program = env!("CARGO_BIN_EXE_shell-stream");
    let mut server = std::process::Command::new(program);
    let refused = server.args(["server", "0.0.0.0:0"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(refused.stdout, b"");
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("--anyone"), "{said}");
}
