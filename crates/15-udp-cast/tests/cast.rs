//! 几个程序一起:本机的几个服务器、一个寻找的人;还是原来的回声;说好只在本机,就不出本机。

// 测试里的 unwrap 就是断言。
#![allow(clippy::unwrap_used)]

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use check::Terminal;
use check::exam::free_port;
use check::ladder::LINES;

const PROGRAM: &str = env!("CARGO_BIN_EXE_udp-cast");

/// 机器再忙,也不会误判。
const PATIENCE: Duration = Duration::from_secs(10);

fn soon() -> Instant {
    Instant::now() + PATIENCE
}

fn start(arguments: &[&str]) -> Terminal {
    let mut argv = vec![PROGRAM.to_owned()];
    argv.extend(arguments.iter().map(|argument| (*argument).to_owned()));
    Terminal::start_split(&argv).unwrap()
}

/// 启动服务器,给出它和它的地址。
fn server(group: &str, arguments: &[&str]) -> (Terminal, SocketAddr) {
    let all = [&["server", "127.0.0.1:0", "--group", group], arguments].concat();
    let terminal = start(&all);
    let line = String::from_utf8(terminal.output().read_line(soon()).unwrap()).unwrap();
    let address = line.strip_prefix("监听 ").unwrap().parse().unwrap();
    (terminal, address)
}

fn group() -> String {
    format!("239.255.80.82:{}", free_port().unwrap())
}

/// 运行到结束:退出码、标准输出、标准错误。
fn finish(mut terminal: Terminal) -> (Option<i32>, String, String) {
    terminal.end_input();
    let status = terminal.wait(soon()).unwrap().unwrap();
    terminal.output().wait_end(soon()).unwrap();
    terminal.errors().wait_end(soon()).unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        status.code(),
        text(terminal.output().take_unread()),
        text(terminal.errors().take_unread()),
    )
}

#[test]
fn it_is_still_an_echo_server_and_client() {
    for line in LINES
        .iter()
        .filter(|line| line.position("udp-echo").is_some() && line.position("udp-cast").is_none())
    {
        // 参数和 udp-echo 一样,所以就以它的名义检查。
        let problems = check::disagreements(line, "udp-echo", PROGRAM);
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }
}

#[test]
fn every_server_on_this_machine_is_listed_once() {
    let group = group();
    let names = ["甲", "乙", "丙"];
    let servers: Vec<_> = names
        .iter()
        .map(|name| server(&group, &["--name", name]))
        .collect();
    let find = start(&["find", "--group", &group, "--wait", "2000"]);
    let (code, output, errors) = finish(find);
    assert_eq!(code, Some(0), "{errors}");
    assert_eq!(output.lines().count(), 3, "{output}");
    for (name, (_, address)) in names.iter().zip(&servers) {
        let line = output
            .lines()
            .find(|line| line.starts_with(&format!("{address}  ")));
        let line = line.unwrap_or_else(|| panic!("没有 {address}:{output}"));
        assert!(line.ends_with(&format!("组播  {name}")), "{line}");
        // 别的系统的回环接口有没有广播,不一定。
        let both = line.contains(" 毫秒  广播、组播  ");
        assert!(both || !cfg!(target_os = "linux"), "{line}");
    }
    assert!(errors.contains("3 个服务器回答了"), "{errors}");
}

#[test]
fn another_group_is_not_heard() {
    let (_server, _) = server(&group(), &[]);
    let find = start(&["find", "--group", &group(), "--wait", "300"]);
    let (code, output, errors) = finish(find);
    assert_eq!((code, output.as_str()), (Some(1), ""), "{errors}");
    assert!(errors.contains("没有服务器回答\n提示:"), "{errors}");
}

#[test]
fn found_then_talked_to() {
    let (_server, address) = server(&group(), &[]);
    let client = start(&["client", &address.to_string()]);
    client.type_line("你好");
    let (code, output, errors) = finish(client);
    assert_eq!(
        (code, output.as_str()),
        (Some(0), "回声:你好\n"),
        "{errors}"
    );
}

#[test]
fn a_counted_server_leaves_and_ends() {
    let (server, address) = server(&group(), &["--count", "1"]);
    let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
    peer.send_to(b"bye", address).unwrap();
    let (code, output, errors) = finish(server);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert!(output.ends_with("发送了:bye\n"), "{output}");
}

#[test]
fn a_flood_of_answers_is_bounded() {
    let strangers: Vec<UdpSocket> = (0..200)
        .map(|_| UdpSocket::bind("127.0.0.1:0").unwrap())
        .collect();
    let target = strangers[0].local_addr().unwrap().to_string();
    let find = start(&["find", &target, "--wait", "1500"]);
    strangers[0].set_read_timeout(Some(PATIENCE)).unwrap();
    let mut buffer = [0; 100];
    let (length, asker) = strangers[0].recv_from(&mut buffer).unwrap();
    let id = String::from_utf8(buffer[..length].to_vec()).unwrap();
    let id = id.strip_prefix("udp-cast? ").unwrap().to_owned();
    for stranger in &strangers {
        let answer = format!("udp-cast! {id} 冒充的");
        stranger.send_to(answer.as_bytes(), asker).unwrap();
    }
    let (code, output, errors) = finish(find);
    assert_eq!(code, Some(0), "{errors}");
    assert_eq!(output.lines().count(), 64, "{errors}");
    assert!(errors.contains("后来的 136 个回答没有列出"), "{errors}");
}

#[test]
fn nothing_leaves_this_machine_without_the_flag() {
    for (arguments, said) in [
        (vec!["server", "0.0.0.0:0"], "加上 --lan"),
        (vec!["server", "[::]:0"], "加上 --lan"),
        (vec!["find", "--bind", "0.0.0.0:0"], "加上 --lan"),
        (vec!["find", "192.0.2.1:9"], "加上 --lan"),
        (vec!["find", "255.255.255.255:9"], "加上 --lan"),
        (vec!["find", "--lan"], "本机地址却是 127.0.0.1"),
        (
            vec!["server", "127.0.0.1:0", "--lan"],
            "本机地址却是 127.0.0.1",
        ),
        (vec!["find", "--group", "192.0.2.1:9"], "不是组播的地址"),
        (vec!["find", "--group", "239.255.80.82:0"], "不是组播的地址"),
    ] {
        let (code, output, errors) = finish(start(&arguments));
        assert_eq!(
            (code, output.as_str()),
            (Some(1), ""),
            "{arguments:?}:{errors}"
        );
        assert!(
            errors.starts_with("错误:") && errors.contains(said),
            "{arguments:?}:{errors}"
        );
    }
}

#[test]
fn a_long_name_is_refused() {
    let name = "名".repeat(22);
    let (code, _, errors) = finish(start(&["server", "127.0.0.1:0", "--name", &name]));
    assert_eq!(code, Some(1));
    assert!(errors.contains("名字有 66 字节,最多 64 字节"), "{errors}");
}
