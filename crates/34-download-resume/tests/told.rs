//! 客户端说什么:断了、变了、用错了,都说得清楚,而且是中文。
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::io::Write;
use std::process::Stdio;

use support::relay::Relay;
use support::{Done, Scene, content, finish, output, program};

/// 断了以后,以前留着的连接也不能用了:新连一条,不白白试一次。
#[test]
fn dead_connections_are_not_used_again() {
    let scene = Scene::new();
    let files = [content(1, 2_000_000), content(2, 4_000_000)];
    scene.put("a", &files[0]);
    scene.put("b", &files[1]);
    let server = scene.serve();
    let relay = Relay::new(&server.address);
    // 第一个文件用了两条连接,第二个收到一半时,其中一条正闲着;这时全断了。
    relay.allow(3_000_000);
    let options = ["a", "b", "--output", "./", "--retries", "1"];
    let client = scene.client_of(&relay.address, &options).spawn().unwrap();
    relay.wait(|| false);
    relay.hang_up();
    relay.allow(u64::MAX);
    let done = finish(client).succeeded();
    assert_eq!(
        done.errors.matches("秒后再连").count(),
        1,
        "{}",
        done.errors
    );
    assert!(fs::read(scene.here("b")).unwrap() == files[1]);
}

#[test]
fn hung_up_before_the_answer() {
    let scene = Scene::new();
    scene.put("f", b"content");
    let server = scene.serve();
    let relay = Relay::new(&server.address);
    // 帧头还没有到齐。
    relay.allow(2);
    let client = scene.client_of(&relay.address, &["f"]).spawn().unwrap();
    relay.wait(|| false);
    relay.hang_up();
    relay.allow(u64::MAX);
    let done = finish(client).succeeded();
    let said = "没有等到回答:服务器挂断了;0.25 秒后再连\n";
    assert!(done.errors.contains(said), "{}", done.errors);
}

/// 服务器没有了:再连几次都连不上,每次都用中文说。
#[test]
fn nobody_is_there_any_more() {
    let scene = Scene::new();
    scene.put("f", &content(1, 2_000_000));
    let server = scene.serve();
    let relay = Relay::new(&server.address);
    relay.allow(1_000_000);
    let options = ["f", "--retries", "2"];
    let client = scene.client_of(&relay.address, &options).spawn().unwrap();
    relay.wait(|| false);
    drop(relay);
    let done = finish(client).failed();
    assert!(
        done.errors.contains(":那个端口上没有程序;"),
        "{}",
        done.errors
    );
    let english = |character: char| character.is_ascii_alphabetic();
    for line in done.errors.lines().filter(|line| line.contains("再连")) {
        assert!(!line.contains(english), "{}", done.errors);
    }
}

/// 收到一半停下,服务器上换了一个一样大的文件:再运行一次,从头来,说出来。
#[test]
fn changed_between_two_runs() {
    let scene = Scene::new();
    scene.put("f", &content(1, 3_000_000));
    let server = scene.serve();
    let relay = Relay::new(&server.address);
    relay.allow(1_000_000);
    let options = ["f", "--output", "out"];
    let mut client = scene.client_of(&relay.address, &options).spawn().unwrap();
    relay.wait(|| false);
    client.kill().unwrap();
    finish(client);
    scene.put("f", &content(2, 3_000_000));
    let done = scene.run(&server, &options).succeeded();
    assert_eq!(done.errors, "服务器上的文件变了,从头来\n");
    assert!(fs::read(scene.here("out")).unwrap() == content(2, 3_000_000));
    let done = scene.run(&server, &options).succeeded();
    assert_eq!(done.errors, "");
}

#[test]
fn help_and_wrong_usage() {
    let help = output(&mut program(&["client", "--help"]));
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(!help.contains("ossible"), "{help}");
    assert!(help.contains("bar、lines、json 或 none"), "{help}");
    for (limit, reason) in [("5", "至少 1KB/s"), ("10XB", "看不懂")] {
        let wrong = output(&mut program(&[
            "client",
            "127.0.0.1:1",
            "f",
            "--limit",
            limit,
        ]));
        let said = String::from_utf8(wrong.stderr).unwrap();
        assert_eq!(wrong.status.code(), Some(2), "{said}");
        let expected = format!("错误:--limit 不能是 {limit}:{reason}\n提示:写成 10MB/s");
        assert!(said.starts_with(&expected), "{said}");
    }
    let wrong = output(&mut program(&[
        "client",
        "127.0.0.1:1",
        "f",
        "--progress",
        "no",
    ]));
    let said = String::from_utf8(wrong.stderr).unwrap();
    assert!(said.contains("bar, lines, json, none"), "{said}");
}

#[test]
fn an_empty_name_is_asked_again() {
    let scene = Scene::new();
    scene.put("f", b"content");
    let server = scene.serve();
    let mut command = scene.client(&server, &[]);
    let mut client = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut input = client.stdin.take().unwrap();
    input.write_all(b"\n  \nf\n").unwrap();
    drop(input);
    let done = finish(client).succeeded();
    let asked = "请输入要下载的文件名:".repeat(3);
    assert!(done.output.starts_with(&asked), "{}", done.output);
    assert_eq!(scene.names(), ["[接收]f"]);
    let done = scene.run(&server, &[""]).failed();
    let said = "错误:文件名是空的\n提示:服务器的根目录写成 /\n";
    assert_eq!(done.errors, said);
}

fn ls(address: &str, name: &str) -> Done {
    let mut command = program(&["ls", address, name]);
    command.stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    finish(command.spawn().unwrap())
}

#[test]
fn listing_a_file() {
    let scene = Scene::new();
    scene.put("d/f", b"content");
    let server = scene.serve();
    ls(&server.address, "d").succeeded();
    let done = ls(&server.address, "d/f").failed();
    assert_eq!(done.errors, "错误:服务器说:不是目录\n");
    support::until("日志", || server.log().contains("看目录 d/f/:不是目录,"));
    for missing in ["d/f/g", "g"] {
        let done = ls(&server.address, missing).failed();
        assert_eq!(done.errors, "错误:服务器说:没有这个文件\n");
    }
}

/// 哪里都存不下的名字,和上一阶段一样不给。
#[cfg(unix)]
#[test]
fn names_that_windows_cannot_save() {
    let scene = Scene::new();
    let server = scene.serve();
    for name in ["a*b", "a?b", "a\"b", "a<b", "a>b", "a|b"] {
        scene.put(&format!("d/{name}"), b"content");
        let done = scene.run(&server, &[&format!("d/{name}")]).failed();
        assert!(
            done.errors.contains("不是一个普通的文件名"),
            "{}",
            done.errors
        );
    }
    assert_eq!(ls(&server.address, "d").succeeded().output, "");
}
