//! 命令行:阶段的名字、差异的数目、演示的结尾、退出码。

#![allow(clippy::unwrap_used)] // 测试里,出错就是失败。

mod common;

use std::process::{Command, Output, Stdio};

use common::Fixture;
use course::diff;
use course::ladder::Ladder;
use course::names;

fn course(fixture: &Fixture, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_course"))
        .args(arguments)
        .current_dir(fixture.workspace.root())
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_stage_goes_by_three_names() {
    let fixture = Fixture::new();
    let ladder = Ladder::read(&fixture.workspace).unwrap();
    for name in ["probe", "12", "12-probe", "crates/12-probe/"] {
        assert_eq!(names::find(&ladder, name).unwrap().package, "probe");
    }
}

#[test]
fn a_typo_suggests_the_nearest() {
    let fixture = Fixture::new();
    let output = course(&fixture, &["diff", "porbe"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        text(&output.stderr),
        "错误:没有叫 porbe 的阶段\n提示:是不是 probe?\n"
    );
    let output = course(&fixture, &["diff", "xyz"]);
    assert!(text(&output.stderr).contains("提示:cargo course list"));
}

#[test]
fn the_ladder_is_a_table() {
    let fixture = Fixture::new();
    let listed = text(&course(&fixture, &[]).stdout);
    let expected = "章     阶段   包      新的一点  分钟\n\
                    1 UDP  11 听  listen  新的一点  20\n\
                    \x20      12 探  probe   新的一点  20\n\n2 个阶段,共 40 分钟\n";
    assert_eq!(listed, expected);
    assert_eq!(text(&course(&fixture, &["list"]).stdout), listed);
}

#[test]
fn a_stage_without_its_metadata_is_an_error() {
    let fixture = Fixture::new();
    fixture.write("crates/13-echo/Cargo.toml", "[package]\nname = \"echo\"\n");
    let output = course(&fixture, &["list"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("crates/13-echo/Cargo.toml: 缺少 metadata"));
}

#[test]
fn a_diff_counts_files_and_lines() {
    let fixture = Fixture::new();
    let output = course(&fixture, &["diff", "12"]);
    assert_eq!(output.status.code(), Some(0));
    let shown = text(&output.stdout);
    assert!(
        shown.starts_with("--- 11-listen/src/server.rs\n+++ 12-probe/src/server.rs\n@@ "),
        "{shown}"
    );
    assert!(
        shown.ends_with("+fn answer() {}\n1 个文件,+3 −0 行\n"),
        "{shown}"
    );
    let reversed = text(&course(&fixture, &["diff", "probe", "listen", "--stat"]).stdout);
    assert_eq!(reversed, "src/server.rs  +0  −3\n1 个文件,+0 −3 行\n");
    let ladder = Ladder::read(&fixture.workspace).unwrap();
    let (from, to) = diff::choose(&ladder, "12", None).unwrap();
    let diffs = diff::between(&fixture.workspace, &ladder, from, to).unwrap();
    let mut coloured = Vec::new();
    diff::print(&diffs, false, true, &mut coloured).unwrap();
    assert!(text(&coloured).contains("\x1b[32m+fn answer() {}\x1b[0m\n"));
    let first = course(&fixture, &["diff", "listen"]);
    assert_eq!(first.status.code(), Some(2));
}

#[test]
fn a_renamed_file_is_shown_as_one() {
    let fixture = Fixture::new();
    fixture.write("crates/12-probe/src/net/listener.rs", common::NEW_SERVER);
    std::fs::remove_file(fixture.path("crates/12-probe/src/server.rs")).unwrap();
    let ladder = Ladder::read(&fixture.workspace).unwrap();
    let (from, to) = diff::choose(&ladder, "probe", None).unwrap();
    let diffs = diff::between(&fixture.workspace, &ladder, from, to).unwrap();
    assert_eq!(diff::summary(&diffs), "1 个文件,+3 −0 行");
    assert!(diffs[0].concerns("src/server.rs") && diffs[0].concerns("src/net/listener.rs"));
}

#[test]
fn a_demo_ends_with_what_was_seen() {
    let fixture = Fixture::new();
    fixture.note("# 探\n\n```session\n甲$ probe echo\n乙乙$ probe bind 127.0.0.1:8080\n乙乙| 监听 127.0.0.1:8080\n甲> 你好\n甲| 回声:你好\n```\n");
    let directory = common::directory_of_probe();
    let directory = directory.to_str().unwrap();
    for names in [&[][..], &["12"]] {
        let arguments = [&["demo", "--fast", "--bin-dir", directory], names].concat();
        let output = course(&fixture, &arguments);
        let shown = text(&output.stdout);
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert!(shown.starts_with("── 12-probe 探 ──\n"), "{shown}");
        assert!(
            shown.contains("甲   │ > 你好\n甲   │ 回声:你好\n"),
            "{shown}"
        );
        assert!(shown.contains("乙乙 │ 监听 127.0.0.1:8080\n"), "{shown}");
        let last = "看到了:2 个终端、1 行输入、2 行输出,全部与讲义一致\n";
        assert!(shown.ends_with(last), "{shown}");
    }
    let output = course(&fixture, &["demo", "listen"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("还没有会话"));
}

#[test]
fn a_chapter_shows_its_showcase() {
    let fixture = Fixture::new();
    let note = "```session\n甲$ probe say 一\n甲| 一\n```\n";
    fixture.note(note);
    fixture.write("docs/notes/11-listen.md", note);
    let directory = common::directory_of_probe();
    let arguments = ["demo", "--fast", "--bin-dir", directory.to_str().unwrap()];
    let first_line = || {
        let output = course(&fixture, &arguments);
        text(&output.stdout).lines().next().unwrap().to_owned()
    };
    assert_eq!(first_line(), "── 12-probe 探 ──");
    let manifest = fixture.read("crates/11-listen/Cargo.toml");
    let manifest = format!("{manifest}showcase = true\n");
    fixture.write("crates/11-listen/Cargo.toml", &manifest);
    assert_eq!(first_line(), "── 11-listen 听 ──");
}

#[test]
fn a_wrong_demo_fails() {
    let fixture = Fixture::new();
    fixture.note("```session\n甲$ probe say 一\n甲| 二\n```\n");
    let directory = common::directory_of_probe();
    let arguments = ["demo", "--fast", "--bin-dir", directory.to_str().unwrap()];
    let output = course(&fixture, &arguments);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).starts_with("错误:docs/notes/12-probe.md:3: "));
}

/// Ctrl-C:安静地结束,不留下程序。
#[cfg(unix)]
#[test]
fn interrupting_a_demo_ends_all() {
    use std::io::{BufRead, BufReader};

    let fixture = Fixture::new();
    fixture.note(
        "```session\n甲$ probe bind 127.0.0.1:8080\n甲| 监听 127.0.0.1:8080\n甲| 等不到\n```\n",
    );
    let mut demo = Command::new(env!("CARGO_BIN_EXE_course"))
        .args(["demo", "--fast", "--bin-dir"])
        .arg(common::directory_of_probe())
        .current_dir(fixture.workspace.root())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(demo.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap);
    let ports = lines.find(|line| line.contains("8080 → ")).unwrap();
    let port = ports.split("8080 → ").nth(1).unwrap().trim_end_matches(')');
    let port: u16 = port.parse().unwrap();
    lines.find(|line| line.contains("监听")).unwrap();
    assert!(std::net::UdpSocket::bind(("127.0.0.1", port)).is_err());
    let id = demo.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    assert!(lines.any(|line| line == "已停止"));
    assert_eq!(demo.wait().unwrap().code(), Some(0));
    std::net::UdpSocket::bind(("127.0.0.1", port)).unwrap();
}

#[test]
fn notes_exit_with_one_when_they_have_drifted() {
    let fixture = Fixture::new();
    fixture.note("<!-- 代码 probe src/main.rs -->\n```rust\nfn main() { }\n```\n");
    let output = course(&fixture, &["notes", "--check"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("docs/notes/12-probe.md:3: "));
    assert_eq!(course(&fixture, &["notes", "--fix"]).status.code(), Some(0));
    assert_eq!(
        course(&fixture, &["notes", "--check", "12"]).status.code(),
        Some(0)
    );
    assert_eq!(course(&fixture, &["notes"]).status.code(), Some(2));
}

#[test]
fn a_closed_output_ends_it_quietly() {
    let fixture = Fixture::new();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = Command::new(env!("CARGO_BIN_EXE_course"));
    command.arg("list").current_dir(fixture.workspace.root());
    let output = command.stdout(Stdio::from(writer)).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn usage_errors_are_in_chinese() {
    let fixture = Fixture::new();
    let stderr = |arguments: &[&str]| {
        let output = course(&fixture, arguments);
        assert_eq!(output.status.code(), Some(2));
        text(&output.stderr)
    };
    assert_eq!(
        stderr(&["demo", "--fats"]),
        "错误:没有 --fats 这个参数\n提示:是不是 --fast?\n"
    );
    assert!(stderr(&["demoo"]).starts_with("错误:没有 demoo 这个命令\n提示:是不是 demo?"));
    assert!(stderr(&["check", "probe"]).starts_with("错误:还缺 --addr"));
    assert!(stderr(&["check", "probe", "--role", "x"]).starts_with("错误:--role <角色> 不能是 x"));
    let help = text(&course(&fixture, &["--help"]).stdout);
    assert!(help.contains("用法: cargo course [命令]"), "{help}");
}
