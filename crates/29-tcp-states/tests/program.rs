//! 整个程序:打印的表,用法错误,停下来等的时候,被打断的时候。

#![allow(clippy::unwrap_used)]

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Instant;

use check::Terminal;
use check::exam::PATIENCE;

const PROGRAM: &str = env!("CARGO_BIN_EXE_tcp-states");

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).stdin(Stdio::null());
    command.output().unwrap()
}

/// 运行成功,没有错误,给出标准输出。
fn printed(arguments: &[&str]) -> String {
    let output = run(arguments);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{arguments:?}:{errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// 空行以后的表。
fn table(text: &str) -> &str {
    text.split_once("\n\n").unwrap().1
}

#[cfg(target_os = "linux")]
mod tables {
    use super::{printed, table};

    #[test]
    fn the_client_closes_first() {
        let expected = "\
客户端       服务器       刚做了什么
CLOSED       LISTEN       服务器 bind()、listen()
ESTABLISHED  ESTABLISHED  客户端 connect()
ESTABLISHED  ESTABLISHED  服务器 accept(),不再监听
ESTABLISHED  ESTABLISHED  问答 1 次,一次各 5 字节
FIN-WAIT-2   CLOSE-WAIT   客户端 shutdown(写)
FIN-WAIT-2   CLOSE-WAIT   服务器又发 14 字节,客户端照样收到
TIME-WAIT    CLOSED       服务器 close()
TIME-WAIT    CLOSED       客户端 close()
";
        assert_eq!(table(&printed(&["life"])), expected);
    }

    /// 从半关闭起,两种次序左右互换。
    #[test]
    fn the_states_belong_to_the_order_of_closing() {
        for hold in [&[][..], &["--hold"][..]] {
            let closing = |end: &str| -> Vec<Vec<String>> {
                let text = printed(&[&["life", "--close", end], hold].concat());
                let rows = table(&text).lines();
                rows.skip_while(|row| !row.contains("shutdown"))
                    .map(|row| row.split_whitespace().take(2).map(str::to_owned).collect())
                    .collect()
            };
            let mut mirrored = closing("server");
            mirrored.iter_mut().for_each(|row| row.reverse());
            assert_eq!(mirrored, closing("client"), "{hold:?}");
            assert!(mirrored.len() >= 4, "{mirrored:?}");
        }
    }

    #[test]
    fn what_each_ending_leaves() {
        let text = printed(&["reset"]);
        let left: Vec<&str> = text
            .lines()
            .skip(1)
            .map(|row| row.rsplit("  ").next().unwrap())
            .collect();
        assert_eq!(left[0], "客户端 TIME-WAIT", "{text}");
        assert_eq!(left[1..], ["什么也没有"; 5], "{text}");
        assert!(text.contains("先成功,再 EPIPE"), "{text}");
    }

    #[test]
    fn the_whole_table_of_address_reuse() {
        let text = printed(&["time-wait"]);
        let rows: Vec<Vec<&str>> = text
            .lines()
            .skip(1)
            .map(|row| row.split_whitespace().collect())
            .collect();
        let taken = "EADDRINUSE(地址已被占用)";
        assert_eq!(
            rows,
            [
                ["服务器", "未设", "未设", "TIME-WAIT", taken],
                ["服务器", "未设", "已设", "TIME-WAIT", taken],
                ["服务器", "已设", "未设", "TIME-WAIT", taken],
                ["服务器", "已设", "已设", "TIME-WAIT", "成功"],
                ["客户端", "未设", "未设", "什么也没有", "成功"],
                ["还在监听", "已设", "已设", "LISTEN", taken],
            ]
        );
    }

    #[test]
    fn a_place_in_the_queue_is_taken_again() {
        let text = printed(&["backlog", "2"]);
        let row = text.lines().nth(1).unwrap();
        let words: Vec<&str> = row.split_whitespace().collect();
        assert_eq!(words[..4], ["2", "6", "3", "3"], "{text}");
        assert!(row.ends_with("秒又连上一位"), "{text}");
    }
}

#[test]
fn experiments_at_the_same_time_do_not_disturb_each_other() {
    thread::scope(|scope| {
        for end in ["client", "server", "client", "server"] {
            scope.spawn(move || {
                let text = printed(&["life", "--close", end]);
                assert!(table(&text).contains("TIME-WAIT"), "{text}");
            });
        }
    });
}

#[test]
fn the_end_of_the_input_is_no_obstacle() {
    let output = run(&["life", "--step"]);
    assert!(output.status.success());
    let errors = String::from_utf8(output.stderr).unwrap();
    let prompts = errors.lines().filter(|line| *line == "按回车继续").count();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(prompts, table(&text).lines().count() - 1, "{errors}");
}

/// 写错的命令行 | 错误里要有的话 | 提示里要有的话。
const MISTAKES: &str = "
 | 还缺一个命令 | --help
lief | 没有 lief 这个命令 | life
life --close both | 不能是 both | client
life --hold --hold | 只能写一次 | --help
time-wait 8080 | 没有 8080 | --help
backlog 65536 | 不能是 65536 | --help
backlog 5 x | 不能是 x | --help
nagle --rounds 0 | 不能是 0 | --help
nagle --rounds 1001 | 不能是 1001 | --help
watch | 还缺 <端口> | --help
watch 0 | 不能是 0 | --help
watch 65536 | 不能是 65536 | --help
watch 127.0.0.1:8080 | 不能是 127.0.0.1:8080 | --help
watch 8080 --count -1 | -1 | --help
";

#[test]
fn every_mistake_is_explained() {
    for row in MISTAKES.trim_matches('\n').lines() {
        let [line, what, hint] = row.split(" | ").collect::<Vec<_>>()[..] else {
            panic!("{row}");
        };
        let words: Vec<&str> = line.split_whitespace().collect();
        let output = run(&words);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{line}:{errors}");
        assert!(output.stdout.is_empty(), "{line}");
        let (first, second) = errors.split_once('\n').unwrap();
        assert!(
            first.starts_with("错误:") && first.contains(what),
            "{line}:{errors}"
        );
        assert!(
            second.starts_with("提示:") && second.contains(hint),
            "{line}:{errors}"
        );
    }
}

#[test]
fn a_closed_output_is_no_error() {
    for experiment in ["life", "time-wait", "watch"] {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let port = (experiment == "watch").then_some("1");
        let output = Command::new(PROGRAM)
            .arg(experiment)
            .args(port)
            .stdin(Stdio::null())
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{output:?}"
        );
    }
}

fn start(arguments: &[&str]) -> Terminal {
    let argv = [&[PROGRAM], arguments].concat();
    let argv: Vec<String> = argv.iter().map(|word| (*word).to_owned()).collect();
    Terminal::start(&argv).unwrap()
}

fn next_line(terminal: &Terminal) -> String {
    let line = terminal.output().read_line(Instant::now() + PATIENCE);
    String::from_utf8(line.unwrap()).unwrap()
}

fn ends_well(terminal: &mut Terminal) {
    let status = terminal.wait(Instant::now() + PATIENCE).unwrap();
    assert_eq!(status.and_then(|status| status.code()), Some(0));
}

/// 监听一个端口,给出它。端口上可能还有别的测试留下的 TIME-WAIT,所以只看自己的那几行。
fn listen() -> (TcpListener, String) {
    let address = (Ipv4Addr::LOCALHOST, check::exam::free_port().unwrap());
    (TcpListener::bind(address).unwrap(), address.1.to_string())
}

#[test]
fn watching_ends_when_it_was_told_to() {
    let (_listener, port) = listen();
    let started = Instant::now();
    let text = printed(&["watch", &port, "--seconds", "1"]);
    assert!(started.elapsed().as_secs() >= 1);
    let row = format!("127.0.0.1:{port} 监听  LISTEN");
    assert!(text.contains(&row), "{text}");
    for count in [0, 1] {
        let text = printed(&["watch", &port, "--count", &count.to_string()]);
        assert_eq!(text.lines().count(), 1 + count, "{text}");
    }
}

#[test]
fn watching_tells_when_the_listener_goes() {
    let (listener, port) = listen();
    let terminal = start(&["watch", &port]);
    let wait = |state: &str| {
        let row = format!("127.0.0.1:{port} 监听  {state}");
        while !next_line(&terminal).contains(&row) {}
    };
    wait("LISTEN");
    drop(listener);
    wait("CLOSED");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_quietly() {
    for arguments in [&["watch", "1"][..], &["life", "--step"][..]] {
        let mut terminal = start(arguments);
        next_line(&terminal);
        terminal.interrupt().unwrap();
        ends_well(&mut terminal);
    }
}
