//! 服务器说什么:访问日志一个请求一行,错误另外说;`--quiet` 只说错误。
#![allow(clippy::unwrap_used)]

mod support;

use support::relay::Relay;
use support::{Scene, content, finish, program, until};

#[test]
fn one_line_a_request() {
    let scene = Scene::new();
    scene.put("f", b"content");
    let server = scene.serve();
    scene.run(&server, &["f"]).succeeded();
    scene.run(&server, &["."]).failed();
    until("日志", || server.log().lines().count() == 4);
    let log = server.log();
    let said: Vec<&str> = log
        .lines()
        .map(|line| line.split_once(' ').unwrap().1)
        .collect();
    assert!(said[0].starts_with("问 f:有,7 字节,"), "{log}");
    assert!(said[1].starts_with("要 f 的 0-7:发出 7 字节,"), "{log}");
    assert!(said[2].starts_with("要 f 的摘要:算好了,"), "{log}");
    assert!(said[3].starts_with("问 /:是目录,"), "{log}");
    assert_eq!(server.errors(), "");
}

/// 没有日志;照样服务,错误照样说。
#[test]
fn quiet() {
    let scene = Scene::new();
    scene.put("f", &content(1, 100_000));
    let server = scene.serve_at("127.0.0.1:0", &["--quiet", "--idle", "1"]);
    scene.run(&server, &["f"]).succeeded();
    // 太长的一帧,是错误。
    let mut stream = std::net::TcpStream::connect(&server.address).unwrap();
    std::io::Write::write_all(&mut stream, &[0xff; 4]).unwrap();
    until("错误", || server.errors().contains("看不懂的请求"));
    assert_eq!(server.log(), "");
    let help = support::output(&mut program(&["server", "--help"]));
    assert!(String::from_utf8(help.stdout).unwrap().contains("--quiet"));
}

/// 客户收到一半就走了:一句话,不是服务器的错误。
#[test]
fn a_client_that_leaves() {
    let scene = Scene::new();
    scene.put("f", &content(1, 30_000_000));
    let server = scene.serve();
    let relay = Relay::new(&server.address);
    relay.allow(1_000_000);
    let client = scene
        .client_of(&relay.address, &["f", "--no-verify"])
        .spawn();
    let mut client = client.unwrap();
    relay.wait(|| false);
    client.kill().unwrap();
    finish(client);
    relay.hang_up();
    until("日志", || server.log().contains("走了,没有收完\n"));
    assert_eq!(server.log().lines().count(), 2, "{}", server.log());
    assert_eq!(server.errors(), "");
}
