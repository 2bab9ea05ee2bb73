//! 文件和目录:几个文件、整棵树、名字、链接、管道、占着的半成品。
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::time::Instant;

use support::relay::Relay;
use support::{Scene, content, finish, names, output, program, until};

#[test]
fn saves_under_the_prefix() {
    let scene = Scene::new();
    scene.put("目录/文 件.bin", &content(1, 3_000_000));
    let server = scene.serve();
    let done = scene.run(&server, &["目录/文 件.bin"]).succeeded();
    assert!(done.output.contains("收到 3000000 字节"), "{}", done.output);
    assert_eq!(
        fs::read(scene.here("[接收]文 件.bin")).unwrap(),
        content(1, 3_000_000)
    );
    assert_eq!(scene.names(), ["[接收]文 件.bin"]);
}

#[test]
fn a_second_run_changes_nothing() {
    let scene = Scene::new();
    scene.put("a", &content(2, 2_000_000));
    let server = scene.serve();
    scene.run(&server, &["a", "--output", "a"]).succeeded();
    let before = fs::metadata(scene.here("a")).unwrap();
    let done = scene.run(&server, &["a", "--output", "a"]).succeeded();
    let after = fs::metadata(scene.here("a")).unwrap();
    assert!(done.output.contains("已经是最新的"), "{}", done.output);
    assert_eq!(before.modified().unwrap(), after.modified().unwrap());
    // 大小一样、差一个字节的,不是最新的。
    let mut other = content(2, 2_000_000);
    other[1_999_999] ^= 1;
    fs::write(scene.here("a"), other).unwrap();
    scene.run(&server, &["a", "--output", "a"]).succeeded();
    assert_eq!(fs::read(scene.here("a")).unwrap(), content(2, 2_000_000));
}

#[test]
fn several_files_in_one_go() {
    let scene = Scene::new();
    scene.put("one", b"1");
    scene.put("sub/two", b"22");
    scene.put("empty", b"");
    let server = scene.serve();
    scene.run(&server, &["one", "sub/two", "empty"]).succeeded();
    assert_eq!(scene.names(), ["[接收]empty", "[接收]one", "[接收]two"]);
    // 有一个没有,别的照样下载。
    let done = scene.run(&server, &["one", "none", "empty", "--output", "into"]);
    let done = done.failed();
    assert!(done.errors.contains("没有这个文件"), "{}", done.errors);
    assert_eq!(names(&scene.here("into")), ["empty", "one"]);
    // 两个存到一处,谁也不下载。
    scene.put("sub/one", b"x");
    let done = scene.run(&server, &["one", "sub/one", "--output", "both"]);
    assert!(done.failed().errors.contains("都要存成"));
    assert!(!scene.here("both").exists());
}

#[test]
fn whole_trees() {
    let scene = Scene::new();
    for index in 0..30 {
        scene.put(
            &format!("t/{}/{}/f{index}", index % 3, index % 5),
            &content(index, 1000),
        );
    }
    scene.put("t/big", &content(99, 5_000_000));
    let server = scene.serve();
    let tree = ["t", "--recursive", "--jobs", "3", "--output", "copy"];
    scene.run(&server, &tree).succeeded();
    for index in 0..30 {
        let path = scene.here(&format!("copy/{}/{}/f{index}", index % 3, index % 5));
        assert_eq!(fs::read(path).unwrap(), content(index, 1000));
    }
    assert_eq!(
        fs::read(scene.here("copy/big")).unwrap(),
        content(99, 5_000_000)
    );
    // 再来一次,只下载变了的。
    scene.put("t/big", b"changed");
    let done = scene.run(&server, &tree).succeeded();
    assert_eq!(done.output.matches("已经是最新的").count(), 30);
    assert_eq!(fs::read(scene.here("copy/big")).unwrap(), b"changed");
    // 没有 --recursive,目录不能下载。
    assert!(
        scene
            .run(&server, &["t"])
            .failed()
            .errors
            .contains("--recursive")
    );
}

#[test]
fn lists_a_directory() {
    let scene = Scene::new();
    scene.put("b.bin", &[0; 2048]);
    scene.put("目录/x", b"x");
    scene.put("\u{202e}gpj.exe", b"x");
    let server = scene.serve();
    let listed = output(&mut program(&["ls", &server.address]));
    let listed = String::from_utf8(listed.stdout).unwrap();
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines.len(), 3, "{listed}");
    assert!(lines[0].ends_with("2.00 KiB b.bin"), "{listed}");
    assert!(lines[1].ends_with("\\u{202e}gpj.exe"), "{listed}");
    assert!(lines[2].ends_with("目录 目录/"), "{listed}");
    let listed = output(&mut program(&["ls", &server.address, "没有"]));
    assert_eq!(listed.status.code(), Some(1));
}

/// 自己这边已经有的链接,也不跟着走:名字是服务器说的。
#[cfg(unix)]
#[test]
fn local_links_are_not_followed() {
    use std::os::unix::fs::symlink;
    let scene = Scene::new();
    scene.put("t/d/f", b"from the server");
    scene.put("t/g", b"from the server");
    let server = scene.serve();
    fs::create_dir(scene.here("copy")).unwrap();
    fs::create_dir(scene.here("outside")).unwrap();
    symlink(scene.here("outside"), scene.here("copy/d")).unwrap();
    symlink(scene.here("outside/g"), scene.here("copy/g.part")).unwrap();
    scene
        .run(&server, &["t", "--recursive", "--output", "copy"])
        .failed();
    assert_eq!(names(&scene.here("outside")), [""; 0]);
    // 最后的名字是链接、管道:不换掉它们。
    fs::remove_file(scene.here("copy/g.part")).unwrap();
    symlink(scene.here("outside/g"), scene.here("copy/g")).unwrap();
    scene.run(&server, &["t/g", "--output", "copy/g"]).failed();
    assert!(scene.here("copy/g").is_symlink());
    assert_eq!(names(&scene.here("outside")), [""; 0]);
}

/// 管道和设备:打开它们可能永远停在那里。
#[cfg(target_os = "linux")]
#[test]
fn fifos_are_refused_on_both_sides() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let scene = Scene::new();
    let fifo = |path| mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    fifo(scene.root("pipe"));
    scene.put("f", b"x");
    let server = scene.serve();
    let done = scene.run(&server, &["pipe"]).failed();
    assert!(done.errors.contains("不是普通文件"), "{}", done.errors);
    for (occupied, name) in [("a.part", "a"), ("b", "b"), ("c.part.state", "c")] {
        fifo(scene.here(occupied));
        let started = Instant::now();
        let done = scene.run(&server, &["f", "--output", name]);
        assert!(started.elapsed() < support::PATIENCE / 2, "{done:?}");
        // 状态文件换成新的,不必失败;内容和最后的名字不能是管道。
        assert_eq!(done.code, Some(i32::from(name != "c")), "{done:?}");
    }
    scene.run(&server, &["f", "--output", "/dev/null"]).failed();
}

#[test]
fn two_clients_do_not_share_a_part() {
    let scene = Scene::new();
    scene.put("f", &content(3, 2_000_000));
    let server = scene.serve();
    // 收到一半,剩下的一直不来。
    let relay = Relay::new(&server.address);
    relay.allow(1_000_000);
    let half = scene
        .client_of(&relay.address, &["f", "--output", "f"])
        .spawn();
    let mut first = half.unwrap();
    let part = || fs::metadata(scene.here("f.part")).map_or(0, |part| part.len());
    until("开始", || part() > 0);
    let done = scene.run(&server, &["f", "--output", "f"]).failed();
    assert!(done.errors.contains("另一个程序"), "{}", done.errors);
    first.kill().unwrap();
    finish(first);
    let done = scene.run(&server, &["f", "--output", "f"]).succeeded();
    assert!(done.errors.contains("已经有"), "{}", done.errors);
    assert_eq!(fs::read(scene.here("f")).unwrap(), content(3, 2_000_000));
}

#[test]
fn long_names_and_refused_names() {
    let scene = Scene::new();
    let long = "长".repeat(82) + "名.bin";
    assert!(long.len() > 250);
    scene.put(&long, b"long");
    scene.put("x.part", b"x");
    let server = scene.serve();
    scene.run(&server, &[&long, "--output", "./"]).succeeded();
    assert_eq!(fs::read(scene.here(&long)).unwrap(), b"long");
    for name in [
        "../secret",
        "/etc/passwd",
        "a//b",
        "",
        "x.part",
        "NUL",
        "a\\b",
        "c:d",
    ] {
        scene.run(&server, &[name]).failed();
    }
    assert_eq!(scene.names(), [long]);
}

#[test]
fn limit_and_progress() {
    let scene = Scene::new();
    scene.put("f", &content(4, 600_000));
    let server = scene.serve();
    let started = Instant::now();
    let done = scene.run(
        &server,
        &[
            "f",
            "--limit",
            "300KB/s",
            "--progress",
            "json",
            "--jobs",
            "4",
        ],
    );
    let seconds = started.elapsed().as_secs_f64();
    assert!(seconds > 1.7, "600 KB 按 300 KB/s 只用了 {seconds} 秒");
    let done = done.succeeded();
    let last = done.errors.lines().last().unwrap();
    let head = "{\"file\":\"f\",\"state\":\"done\",\"bytes\":600000,\"size\":600000,";
    assert!(last.starts_with(head), "{last}");
    assert!(
        done.errors.contains("\"state\":\"downloading\""),
        "{}",
        done.errors
    );
    for wrong in ["0", "-1", "nan", "inf", "10XB", "", "1e400", "999"] {
        let done = scene.run(&server, &["f", &format!("--limit={wrong}")]);
        assert_eq!(done.code, Some(2), "{wrong}");
    }
}

#[test]
fn discards() {
    let scene = Scene::new();
    scene.put("f", &content(5, 3_000_000));
    let server = scene.serve();
    let done = scene
        .run(&server, &["f", "--discard", "--jobs", "2"])
        .succeeded();
    assert!(done.output.contains("收到 3000000 字节"), "{}", done.output);
    assert_eq!(scene.names(), [""; 0]);
}

/// 服务器只有一个座位:几段、摘要都用这一条连接,慢一些,也下得完。
#[test]
fn one_seat_is_enough() {
    let scene = Scene::new();
    scene.put("f", &content(6, 9_000_000));
    let server = scene.serve_at("127.0.0.1:0", &["--customers", "1"]);
    for jobs in ["1", "8"] {
        let name = format!("out{jobs}");
        scene
            .run(&server, &["f", "--output", &name, "--jobs", jobs])
            .succeeded();
        assert!(fs::read(scene.here(&name)).unwrap() == content(6, 9_000_000));
    }
    // 座位被别人占着:再试几次,说清楚,以失败结束。
    let _seated = std::net::TcpStream::connect(&server.address).unwrap();
    let done = scene.run(&server, &["f", "--output", "out", "--retries", "2"]);
    assert!(done.failed().errors.contains("客户太多"));
}

/// 改了名、还没有删掉状态文件就停下了:下次看到已经是最新的,把它收拾掉。
#[test]
fn the_state_of_a_whole_file_is_removed() {
    let scene = Scene::new();
    scene.put("f", &content(6, 10_000));
    let server = scene.serve();
    let options = ["f", "--output", "out"];
    scene.run(&server, &options).succeeded();
    fs::write(scene.here("out.part.state"), "download-resume 1\n").unwrap();
    let done = scene.run(&server, &options).succeeded();
    assert!(done.output.starts_with("已经是最新的"), "{}", done.output);
    assert_eq!(scene.names(), ["out"]);
    // 还有半成品,也许有人正在收:都不动。
    fs::write(scene.here("out.part"), "half").unwrap();
    fs::write(scene.here("out.part.state"), "download-resume 1\n").unwrap();
    scene.run(&server, &options).succeeded();
    assert_eq!(scene.names(), ["out", "out.part", "out.part.state"]);
}

/// 文件的名字像别的文件的状态:存在一处,谁也不会换掉谁。
#[test]
fn names_like_those_of_a_state() {
    let scene = Scene::new();
    scene.put("d/a", &content(1, 20_000));
    scene.put("d/a.part.state.new", b"mine");
    scene.put("d/a.part.state.part", b"refused");
    let server = scene.serve();
    let tree = ["d", "--recursive", "--output", "out"];
    scene.run(&server, &tree).failed();
    scene.put("d/a", &content(2, 20_000));
    let one = ["d/a", "--output", "out/a"];
    scene.run(&server, &one).succeeded();
    assert_eq!(names(&scene.here("out")), ["a", "a.part.state.new"]);
    let saved = fs::read(scene.here("out/a.part.state.new")).unwrap();
    assert_eq!(saved, b"mine");
    assert!(fs::read(scene.here("out/a")).unwrap() == content(2, 20_000));
}

/// 上次用一条连接收了一半,这次有四条:缺的一半分给四条收。
#[test]
fn what_is_missing_is_cut_into_segments() {
    let scene = Scene::new();
    let whole = content(8, 12_000_000);
    scene.put("f", &whole);
    let server = scene.serve();
    let relay = Relay::new(&server.address);
    relay.allow(6_000_000);
    let options = ["f", "--output", "out"];
    let mut client = scene.client_of(&relay.address, &options).spawn().unwrap();
    let part = || fs::metadata(scene.here("out.part")).map_or(0, |part| part.len());
    until("收到一半", || part() > 5_900_000);
    client.kill().unwrap();
    finish(client);
    let before = server.log().lines().count();
    let four = ["f", "--output", "out", "--jobs", "4"];
    let done = scene.run(&server, &four).succeeded();
    assert!(done.errors.contains("已经有"), "{}", done.errors);
    assert!(fs::read(scene.here("out")).unwrap() == whole);
    assert_eq!(scene.names(), ["out"]);
    until("日志", || server.log().contains("的摘要:算好了"));
    let log = server.log();
    let gets = log
        .lines()
        .skip(before)
        .filter(|line| line.contains(" 要 f 的 "));
    assert_eq!(gets.count(), 4, "{log}");
    // 收到的没有再要一遍。
    assert!(done.output.starts_with("收到 60"), "{}", done.output);
}
