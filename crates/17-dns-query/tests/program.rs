//! 命令行:打错的域名和地址、提问、Ctrl-C、国际化域名、IPv6 的服务器。

// 测试里的 unwrap 就是断言。
#![allow(clippy::unwrap_used)]

use std::net::{SocketAddr, UdpSocket};
use std::process::{Command, Output, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use check::Terminal;

const PROGRAM: &str = env!("CARGO_BIN_EXE_dns-query");

/// 机器再忙,也不会误判。
const PATIENCE: Duration = Duration::from_secs(10);

/// 运行到结束,没有输入。
fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).stdin(Stdio::null());
    command.output().unwrap()
}

fn errors(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// 一个没有程序的地址:不小心真的去问了,马上就知道,也问不到外面去。
fn nobody() -> String {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.local_addr().unwrap().to_string()
}

/// 一个只答一次的服务器:回答里没有记录。给出它收到的问题。
fn server(bind: &str) -> (SocketAddr, JoinHandle<Vec<u8>>) {
    let socket = UdpSocket::bind(bind).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let address = socket.local_addr().unwrap();
    let thread = thread::spawn(move || {
        let mut buffer = vec![0; 2000];
        let (length, peer) = socket.recv_from(&mut buffer).unwrap();
        buffer.truncate(length);
        let mut reply = buffer.clone();
        reply[2] |= 0x80;
        socket.send_to(&reply, peer).unwrap();
        buffer
    });
    (address, thread)
}

/// 问 `arguments`,给出问题里的域名(不压缩的写法)和类型。
fn asked(arguments: &[&str]) -> (Vec<u8>, u16) {
    let (address, thread) = server("127.0.0.1:0");
    let mut all = arguments.to_vec();
    let address = address.to_string();
    all.extend(["--server", &address]);
    let output = run(&all);
    assert_eq!(output.status.code(), Some(1), "{}", errors(&output));
    assert!(
        errors(&output).contains("错误:没有 "),
        "{}",
        errors(&output)
    );
    let query = thread.join().unwrap();
    let end = 12 + query[12..].iter().position(|byte| *byte == 0).unwrap();
    let kind = u16::from_be_bytes([query[end + 1], query[end + 2]]);
    (query[12..end].to_vec(), kind)
}

#[test]
fn names_become_labels() {
    assert_eq!(asked(&["www.test"]), (b"\x03www\x04test".to_vec(), 1));
    assert_eq!(asked(&["www.test."]), (b"\x03www\x04test".to_vec(), 1));
    assert_eq!(asked(&[" www.test "]), (b"\x03www\x04test".to_vec(), 1));
    assert_eq!(asked(&["_x.*.Test"]), (b"\x02_x\x01*\x04Test".to_vec(), 1));
    assert_eq!(asked(&["."]), (b"".to_vec(), 1));
    let escaped = (b"\x05a.b \\\x01c".to_vec(), 1);
    assert_eq!(asked(&["a\\.b\\032\\\\.c"]), escaped);
}

#[test]
fn chinese_names_become_idna() {
    assert_eq!(asked(&["中文.test"]).0, b"\x0bxn--fiq228c\x04test");
    assert_eq!(asked(&["中文。test"]).0, b"\x0bxn--fiq228c\x04test");
    assert_eq!(asked(&["ＷＷＷ．test"]).0, b"\x03www\x04test");
}

#[test]
fn addresses_are_asked_backwards() {
    let reversed = b"\x017\x012\x010\x03192\x07in-addr\x04arpa".to_vec();
    assert_eq!(asked(&["192.0.2.7"]), (reversed.clone(), 12));
    assert_eq!(asked(&["192.0.2.7", "--type", "ptr"]), (reversed, 12));
    let (name, kind) = asked(&["2001:db8::1"]);
    assert!(name.starts_with(b"\x011\x010\x010"), "{name:?}");
    assert!(name.ends_with(b"\x012\x03ip6\x04arpa"), "{name:?}");
    assert_eq!((name.len(), kind), (32 * 2 + 9, 12));
}

#[test]
fn types_in_either_case() {
    assert_eq!(asked(&["test", "--type", "aaaa"]).1, 28);
    assert_eq!(asked(&["test", "--type", "SOA"]).1, 6);
}

/// 用法错误:退出码 2,一个字节也没有问出去。
fn wrong(arguments: &[&str], mentioned: &str) {
    let nobody = nobody();
    let mut all = vec!["--server", &nobody];
    all.extend(arguments);
    let output = run(&all);
    let errors = errors(&output);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}:{errors}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    assert!(
        errors.starts_with("错误:") && errors.contains("\n提示:") && errors.contains(mentioned),
        "{arguments:?}:{errors}"
    );
}

#[test]
fn wrong_names_are_explained() {
    wrong(&["http://www.test/"], "http://");
    wrong(&["www.test:80"], "端口");
    wrong(&["www.test/a"], "路径");
    wrong(&["me@test"], "信箱");
    wrong(&["a..b"], "两个点之间");
    wrong(&[""], "没有字");
    wrong(&[".test"], "没有字");
    wrong(&["a b"], "\\032");
    wrong(&[&"x".repeat(64)], "64 字节");
    wrong(&[&"x.".repeat(200)], "255");
    wrong(&["a\\25"], "三位");
    wrong(&["a\\256"], "255");
    wrong(&["a\\"], "反斜杠");
    wrong(&["xn--中文"], "不能用的字");
    wrong(&["127.0.0.1", "--type", "A"], "已经是地址");
    wrong(&["test", "--type", "AXFR"], "CNAME");
    wrong(&["a", "b"], "b");
}

#[test]
fn wrong_servers_are_explained() {
    for (server, mentioned) in [
        ("300.1.1.1", "最大是 255"),
        ("127.0.0.1:99999", "65535"),
        ("http://1.1.1.1", "网址"),
        ("", "没有写"),
    ] {
        let output = run(&["test", "--server", server]);
        let errors = errors(&output);
        assert_eq!(output.status.code(), Some(2), "{server}:{errors}");
        assert!(errors.contains(mentioned), "{server}:{errors}");
    }
}

#[test]
fn port_53_unless_written() {
    // 127.8.9.10 上没有服务器:看到它去问谁就够了,不等结果。
    for server in [
        "127.8.9.10",
        " 127.8.9.10 ",
        "127。8。9。10",
        "127.8.9.10:53",
    ] {
        let terminal = start(&["test", "--server", server]);
        wait_for(&terminal, "向 127.8.9.10:53 问 test.");
    }
    // 没有 IPv6 的机器上也说得出去问谁。
    for server in ["::1", "[::1]"] {
        let terminal = start(&["test", "--server", server]);
        wait_for(&terminal, "向 [::1]:53 问 test.");
    }
}

#[test]
fn nobody_there_is_said_at_once() {
    let started = Instant::now();
    let output = run(&["test", "--server", &nobody()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(errors(&output).contains("没有程序"), "{}", errors(&output));
    // 只有这一个服务器,再问也一样。
    assert_eq!(errors(&output).matches("编号").count(), 1);
    // 不必等到各遍的期限,一共 7 秒。
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn an_ipv6_server() {
    let Ok(probe) = UdpSocket::bind("[::1]:0") else {
        return;
    };
    drop(probe);
    let (address, thread) = server("[::1]:0");
    let output = run(&["test", "--server", &address.to_string()]);
    assert!(
        errors(&output).contains("没有 test. 的 A 记录"),
        "{}",
        errors(&output)
    );
    thread.join().unwrap();
}

/// 在终端里运行。
fn start(arguments: &[&str]) -> Terminal {
    let mut argv = vec![PROGRAM.to_owned()];
    argv.extend(arguments.iter().map(|argument| (*argument).to_owned()));
    Terminal::start(&argv).unwrap()
}

/// 等屏幕上出现 `text`。
fn wait_for(terminal: &Terminal, text: &str) {
    terminal
        .output()
        .wait_for(Instant::now() + PATIENCE, |unread, _| {
            let shown = String::from_utf8_lossy(unread);
            shown.contains(text).then_some((unread.len(), ()))
        })
        .unwrap_or_else(|waited| panic!("没有等到「{text}」:{waited}"));
}

#[test]
fn asks_until_the_name_is_right() {
    let (address, thread) = server("127.0.0.1:0");
    let mut terminal = start(&["--server", &address.to_string()]);
    wait_for(&terminal, "请输入域名:");
    terminal.type_line("a..b");
    wait_for(&terminal, "请输入域名:");
    terminal.type_line("www.test");
    wait_for(&terminal, "没有 www.test. 的 A 记录");
    let status = terminal.wait(Instant::now() + PATIENCE).unwrap().unwrap();
    assert_eq!(status.code(), Some(1));
    thread.join().unwrap();
}

#[test]
fn end_of_input_ends_quietly() {
    let output = run(&["--server", &nobody()]);
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_quietly() {
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    for (arguments, shown) in [
        (vec!["--server", &address], "请输入域名:"),
        (vec!["test", "--server", &address], "编号"),
    ] {
        let mut terminal = start(&arguments);
        wait_for(&terminal, shown);
        terminal.interrupt().unwrap();
        let status = terminal.wait(Instant::now() + PATIENCE).unwrap().unwrap();
        assert_eq!(status.code(), Some(0));
    }
}
