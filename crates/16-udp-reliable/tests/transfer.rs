//! 真的程序、真的套接字:服务器、坏链路、客户端各自一个进程。

#![allow(clippy::unwrap_used)]

use std::fs;
use std::net::UdpSocket;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use check::Terminal;
use tempfile::TempDir;

/// 每一步最多等这么久:机器再忙,也不会误判。
const PATIENCE: Duration = Duration::from_secs(60);

fn deadline() -> Instant {
    Instant::now() + PATIENCE
}

fn start(arguments: &[&str]) -> Terminal {
    let program = [env!("CARGO_BIN_EXE_udp-reliable")];
    let argv = program
        .iter()
        .chain(arguments)
        .map(|word| (*word).to_owned());
    Terminal::start(&argv.collect::<Vec<_>>()).unwrap()
}

/// 启动一个先打印「监听 地址」的角色:它和它的地址。
fn listening(arguments: &[&str]) -> (Terminal, String) {
    let terminal = start(arguments);
    let line = terminal.output().read_line(deadline()).unwrap();
    let line = String::from_utf8(line).unwrap();
    let address = line.strip_prefix("监听 ").unwrap().to_owned();
    (terminal, address)
}

fn server(root: &Path, options: &[&str]) -> (Terminal, String) {
    let root = root.to_str().unwrap();
    listening(&[&["server", "127.0.0.1:0", "--root", root], options].concat())
}

/// 运行到结束:退出码和输出。
fn finish(mut terminal: Terminal) -> (Option<i32>, String) {
    let status = terminal.wait(deadline()).unwrap().unwrap();
    terminal.output().wait_end(deadline()).unwrap();
    let output = String::from_utf8(terminal.output().take_unread()).unwrap();
    (status.code(), output)
}

fn client(server: &str, file: &Path, options: &[&str]) -> (Option<i32>, String) {
    let file = file.to_str().unwrap();
    finish(start(&[&["client", server, file], options].concat()))
}

/// 等输出里出现 `text`。
fn wait_for(terminal: &Terminal, text: &str) {
    let found = terminal.output().wait_for(deadline(), |unread, _| {
        let seen = String::from_utf8_lossy(unread);
        seen.contains(text).then_some((0, ()))
    });
    found.unwrap_or_else(|_| panic!("没有等到「{text}」"));
}

fn file(directory: &TempDir, name: &str, length: usize) -> std::path::PathBuf {
    let path = directory.path().join(name);
    let content: Vec<u8> = (0..length).map(|n| (n / 251 + n) as u8).collect();
    fs::write(&path, content).unwrap();
    path
}

fn names(root: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(root.path()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn every_mode_gets_through_a_bad_link() {
    thread::scope(|scope| {
        for mode in ["stop-and-wait", "go-back-n", "selective-repeat"] {
            scope.spawn(move || {
                let (root, source) = (TempDir::new().unwrap(), TempDir::new().unwrap());
                let (_server, address) = server(root.path(), &[]);
                let bad = "--loss 30 --duplicate 10 --reorder 20 --damage 5 --delay 1";
                let mut words = vec!["link", "127.0.0.1:0", &address];
                words.extend(bad.split(' '));
                let (_link, middle) = listening(&words);
                let path = file(&source, "报告 一.bin", 20_000);
                let (code, output) = client(&middle, &path, &["--mode", mode]);
                assert_eq!(code, Some(0), "{mode}:{output}");
                assert!(output.contains("已完整送达:20000 字节"), "{output}");
                assert_eq!(names(&root), ["报告 一.bin"]);
                let arrived = fs::read(root.path().join("报告 一.bin")).unwrap();
                assert!(arrived == fs::read(path).unwrap(), "{mode} 的文件不一样");
            });
        }
    });
}

#[test]
fn files_of_every_length_arrive_one_after_another() {
    let (root, source) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (_server, address) = server(root.path(), &[]);
    for length in [0, 1, 1_199, 1_200, 1_201, 2_400, 1_000_000] {
        let path = file(&source, &format!("{length}.bin"), length);
        let (code, output) = client(&address, &path, &[]);
        assert_eq!(code, Some(0), "{output}");
        let arrived = fs::read(root.path().join(path.file_name().unwrap())).unwrap();
        assert!(arrived == fs::read(&path).unwrap(), "{length} 字节的不一样");
    }
}

#[test]
fn a_silent_peer_and_a_missing_one_are_named() {
    let source = TempDir::new().unwrap();
    let path = file(&source, "a", 10);
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let (code, output) = client(&address, &path, &["--timeout", "1"]);
    assert_eq!(code, Some(1), "{output}");
    assert!(output.contains("错误:对方 1 秒没有音讯,放弃"), "{output}");
    assert!(output.contains("提示:"), "{output}");
    drop(silent);
    let (code, output) = client(&address, &path, &[]);
    assert_eq!(code, Some(1), "{output}");
    assert!(output.contains("对方那个端口上没有程序"), "{output}");
}

#[test]
fn a_server_that_dies_halfway_is_noticed_and_leaves_no_half_file() {
    let (root, source) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (mut server, address) = server(root.path(), &["--slow", "20000"]);
    let path = file(&source, "a", 500_000);
    let terminal = start(&["client", &address, path.to_str().unwrap(), "--timeout", "2"]);
    wait_for(&server, "要传 a(500000 字节)");
    server.interrupt().unwrap();
    let (code, output) = finish(server);
    if cfg!(unix) {
        assert_eq!(code, Some(0), "{output}");
        assert_eq!(names(&root), [""; 0]);
    }
    assert!(!root.path().join("a").exists());
    let (code, output) = finish(terminal);
    assert_eq!(code, Some(1), "{output}");
    assert!(
        output.contains("没有程序") || output.contains("没有音讯"),
        "{output}"
    );
}

#[test]
fn a_client_that_vanishes_does_not_hold_the_server_forever() {
    let (root, source) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (server, address) = server(root.path(), &["--slow", "20000", "--timeout", "1"]);
    let large = file(&source, "large", 500_000);
    let first = start(&["client", &address, large.to_str().unwrap()]);
    wait_for(&server, "要传 large");
    let small = file(&source, "small", 10);
    let (code, output) = client(&address, &small, &[]);
    assert_eq!(code, Some(1));
    assert!(output.contains("正在收别人的文件"), "{output}");
    drop(first);
    wait_for(&server, "没有音讯了,large 没有收完");
    let (code, output) = client(&address, &small, &[]);
    assert_eq!(code, Some(0), "{output}");
    assert_eq!(names(&root), ["small"]);
}

#[test]
fn a_slow_receiver_sets_the_pace_without_losses() {
    let (root, source) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (server, address) = server(root.path(), &["--slow", "200000"]);
    let path = file(&source, "a", 300_000);
    let begun = Instant::now();
    let (code, output) = client(&address, &path, &["--window", "200"]);
    assert_eq!(code, Some(0), "{output}");
    // 300,000 字节每秒 200,000:一秒半。
    assert!(begun.elapsed() >= Duration::from_millis(1_400), "{output}");
    // 发得比收得快得多,却没有一个因为超出窗口被丢弃。
    wait_for(&server, "早到丢弃 0 个");
    assert_eq!(names(&root), ["a"]);
}

#[test]
fn an_existing_file_is_kept() {
    let (root, source) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    fs::write(root.path().join("a"), "old").unwrap();
    let (_server, address) = server(root.path(), &[]);
    let (code, output) = client(&address, &file(&source, "a", 10), &[]);
    assert_eq!(code, Some(1), "{output}");
    assert!(output.contains("已经有同名的文件"), "{output}");
    assert_eq!(fs::read(root.path().join("a")).unwrap(), b"old");
}

#[test]
fn files_that_cannot_be_sent_are_named() {
    let source = TempDir::new().unwrap();
    let nowhere = "127.0.0.1:9";
    let (code, output) = client(nowhere, &source.path().join("missing"), &[]);
    assert_eq!(code, Some(1), "{output}");
    assert!(
        output.contains("没有") && output.contains("missing"),
        "{output}"
    );
    let (code, output) = client(nowhere, source.path(), &[]);
    assert_eq!(code, Some(1), "{output}");
    assert!(output.contains("错误:"), "{output}");
}

#[test]
fn noise_from_strangers_changes_nothing() {
    let (root, source) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (server, address) = server(root.path(), &["--slow", "100000"]);
    let path = file(&source, "a", 100_000);
    let terminal = start(&["client", &address, path.to_str().unwrap()]);
    wait_for(&server, "要传 a");
    let stranger = UdpSocket::bind("127.0.0.1:0").unwrap();
    for length in 0..2_000 {
        let noise: Vec<u8> = b"RU\x01\x01".iter().copied().cycle().take(length).collect();
        // 本机的发送缓冲满了也不要紧,它只是噪声。
        let _ = stranger.send_to(&noise, &address);
    }
    let (code, output) = finish(terminal);
    assert_eq!(code, Some(0), "{output}");
    assert!(fs::read(root.path().join("a")).unwrap() == fs::read(path).unwrap());
}

#[test]
fn the_comparison_is_the_same_every_time_and_so_is_the_picture_in_the_note() {
    let directory = TempDir::new().unwrap();
    let svg = directory.path().join("picture.svg");
    let run = || finish(start(&["compare", "--svg", svg.to_str().unwrap()]));
    let (code, table) = run();
    assert_eq!(code, Some(0), "{table}");
    assert_eq!(table.lines().count(), 2 + 9 * 3, "{table}");
    assert_eq!(run().1, table);
    let noted = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/notes/img/udp-reliable.svg");
    let noted = fs::read_to_string(noted).unwrap().replace("\r\n", "\n");
    assert!(
        noted == fs::read_to_string(svg).unwrap(),
        "图旧了:cargo run -p udp-reliable -- compare --svg docs/notes/img/udp-reliable.svg"
    );
}
