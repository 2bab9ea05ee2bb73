//! 让他运行什么,记下什么:名单,只能看,环境变量,描述符,内存,审计日志。
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use support::{PROGRAM, Quiet, Server, wait_until};

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// 启动时的当前目录里有 `inside.txt`,上面一层有 `outside.txt`。
fn server_in_a_directory(options: &[&str]) -> (Quiet, tempfile::TempDir) {
    let outer = tempfile::tempdir().unwrap();
    fs::write(outer.path().join("outside.txt"), "OUTSIDE\n").unwrap();
    let inner = outer.path().join("inner");
    fs::create_dir(&inner).unwrap();
    fs::write(inner.join("inside.txt"), "INSIDE\n").unwrap();
    std::os::unix::fs::symlink("../outside.txt", inner.join("link.txt")).unwrap();
    std::os::unix::fs::symlink("..", inner.join("up")).unwrap();
    fs::create_dir(inner.join("sub")).unwrap();
    let server = Server::start_with(options, |command| {
        command.current_dir(&inner);
    });
    (server.silence(), outer)
}

#[test]
fn the_list() {
    let (server, _outer) = server_in_a_directory(&["--allow", "echo,cat", "--allow", "ls"]);
    let mut peer = server.connect();
    assert_eq!(peer.run("echo 'a b'  c").output, b"a b c\n");
    assert_eq!(peer.run("cat inside.txt").output, b"INSIDE\n");
    assert_eq!(peer.run("echo *").output, b"*\n");
    let tricks = [
        "id",
        "echo hi; id",
        "echo hi\nid",
        "echo $(id)",
        "echo `id`",
        "echo hi | cat",
        "echo hi && id",
        "echo hi & id",
        "echo hi > x",
        "/bin/echo hi",
        "../bin/echo hi",
        "./echo hi",
        "sh -c id",
        "env echo",
        "X=1 echo hi",
        "echo ${HOME}",
        "'",
        "echo \u{1b}[2J",
    ];
    for line in tricks {
        let ran = peer.run(line);
        assert_eq!(ran.exit, (4, 0), "{line}");
        assert_eq!(ran.output, b"", "{line}");
        assert!(text(&ran.errors).starts_with("错误:"), "{line}");
    }
    let refused = server.events("command");
    let refused: Vec<_> = refused
        .iter()
        .filter(|event| event["exit"]["refused"].is_string())
        .collect();
    assert_eq!(refused.len(), tricks.len());
    assert_eq!(refused[0]["command"], "id");
    // 客户端的退出码。
    let finished = server.run("id");
    assert_eq!(finished.status.code(), Some(126));
    assert!(text(&finished.stderr).contains("名单上没有 id"));
}

/// 没有 shell,也能换目录;程序就是启动时找到的那一个。
#[test]
fn cd_without_a_shell() {
    let (server, outer) = server_in_a_directory(&["--allow", "pwd"]);
    let mut peer = server.connect();
    peer.send(&support::command("cd sub", false));
    let inner = outer.path().canonicalize().unwrap().join("inner");
    let sub = inner.join("sub").display().to_string();
    assert_eq!(peer.receive().unwrap(), (20, sub.clone().into_bytes()));
    assert_eq!(peer.finish().exit, (0, 0));
    assert_eq!(text(&peer.run("pwd").output), format!("{sub}\n"));
    assert_eq!(peer.run("cd nowhere").exit, (4, 0));
    fs::remove_dir(&sub).unwrap();
    assert_eq!(peer.run("pwd").exit, (0, 126));
}

#[test]
fn a_missing_program_is_named_at_once() {
    let directory = tempfile::tempdir().unwrap();
    for name in ["no-such-program-here", "./ls", "bin/ls", ""] {
        let finished = Command::new(PROGRAM)
            .args(["server", "127.0.0.1:0", "--allow", name, "--state"])
            .arg(directory.path())
            .output()
            .unwrap();
        assert_eq!(finished.status.code(), Some(1), "{name}");
        assert!(text(&finished.stderr).contains("找不到程序"), "{name}");
    }
}

#[test]
fn looking_only() {
    let (server, _outer) = server_in_a_directory(&["--read-only"]);
    let mut peer = server.connect();
    assert_eq!(peer.run("cat inside.txt").output, b"INSIDE\n");
    assert_eq!(peer.run("head -n1 ./inside.txt").output, b"INSIDE\n");
    assert_eq!(peer.run("grep -c IN inside.txt").output, b"1\n");
    assert!(text(&peer.run("ls -l").output).contains("link.txt"));
    for line in [
        "cat ../outside.txt",
        "cat link.txt",
        "cat up/outside.txt",
        "ls up",
        "ls /",
        "cd up",
        "cd ..",
        "cd /",
        "rm inside.txt",
        "date -s 0",
        "date 01010000",
        "find .",
        "tail -f inside.txt",
        "cat inside.txt; id",
        "sh",
        "wc --files0-from=inside.txt",
        "du -L up",
    ] {
        let ran = peer.run(line);
        assert_eq!((ran.exit, ran.output), ((4, 0), vec![]), "{line}");
    }
    assert_eq!(peer.run("cd sub").exit, (0, 0));
    // 到了里面,往外的 `..` 还是不行。
    assert_eq!(peer.run("cat ../inside.txt").exit, (4, 0));
    peer.run("cd ..");
    assert_eq!(peer.run("cat inside.txt").output, b"INSIDE\n");
}

/// 服务器的环境变量、描述符,命令都看不到。
#[test]
fn what_the_command_inherits() {
    const SECRET: &str = "0123456789abcdef-in-the-environment";
    for options in [&[][..], &["--allow", "env,ls"], &["--memory", "0"]] {
        let server = Server::start_with(options, |command| {
            command.env("SHELL_SECURE_TOKEN", SECRET);
            command.env("DATABASE_PASSWORD", SECRET);
        })
        .silence();
        assert!(!server.state("token").exists());
        support::secret(&server.state("token"), SECRET);
        let mut peer = server.connect();
        let environment = text(&peer.run("env").output);
        assert!(environment.contains("PATH=") && environment.contains("PWD="));
        for hidden in [SECRET, "SHELL_SECURE", "DATABASE", "CARGO"] {
            assert!(!environment.contains(hidden), "{hidden}: {environment}");
        }
        #[cfg(target_os = "linux")]
        {
            let open = text(&peer.run("ls -l /proc/self/fd").output);
            assert!(!open.contains("socket:"), "{open}");
            assert!(!open.contains("audit"), "{open}");
        }
    }
}

/// 吃内存的命令只害了自己。
#[test]
#[cfg(target_os = "linux")]
fn memory_is_limited() {
    let server = Quiet::start(&["--memory", "64"]);
    let mut peer = server.connect();
    assert_eq!(peer.run("ulimit -v").output, b"65536\n");
    assert_eq!(peer.run("(ulimit -v)").output, b"65536\n");
    let ran = peer.run("head -c 200m /dev/zero | tail -c 150m | wc -c; echo after");
    assert!(text(&ran.output).ends_with("after\n") && !text(&ran.output).starts_with("157286400"));
    // 行号、语法错误照旧。
    let wrong = text(&peer.run("no-such-command-here").errors);
    assert!(
        !wrong.contains("2:") && wrong.contains("no-such-command-here"),
        "{wrong}"
    );
    assert_eq!(peer.run("exit 7").exit, (0, 7));
    let listed = Quiet::start(&["--memory", "64", "--allow", "dd"]);
    let ran = listed
        .connect()
        .run("dd if=/dev/zero of=/dev/null bs=150M count=1");
    assert_eq!(ran.exit, (0, 1), "{}", text(&ran.errors));
}

#[test]
fn the_audit_log() {
    // 引号、换行、会动终端的、会改书写方向的。
    const NASTY: &str = ": '\"\\\n你好\u{1b}[2J\u{9b}2J\u{2028}\u{202e}'";
    let server = Quiet::start(&["--longest", "1", "--output", "1"]);
    let mut peer = server.connect();
    peer.run("printf 'a\\nb'; exit 3");
    peer.run("kill -TERM $$");
    peer.run("sleep 100");
    peer.run("yes");
    peer.run(NASTY);
    peer.run("cd /");
    let ran = server.run("true");
    assert!(ran.status.success());
    let commands = server.events("command");
    let exits: Vec<String> = commands
        .iter()
        .map(|event| event["exit"].to_string())
        .collect();
    let expected = [
        r#"{"code":3}"#,
        r#"{"signal":15}"#,
        r#"{"timeout":1}"#,
        r#"{"too_much":1}"#,
        r#"{"code":0}"#,
        r#"{"code":0}"#,
        r#"{"code":0}"#,
    ];
    assert_eq!(exits, expected);
    assert_eq!(commands[0]["bytes"], 3);
    assert_eq!(commands[3]["bytes"], 1 << 20);
    assert_eq!(commands[4]["command"], NASTY);
    assert!(commands[2]["milliseconds"].as_u64().unwrap() >= 1000);
    for event in server.audit() {
        assert!(event["time"].as_str().unwrap().ends_with('Z'), "{event}");
        assert!(
            event["peer"].as_str().unwrap().starts_with("127.0.0.1:"),
            "{event}"
        );
    }
    let raw = fs::read_to_string(server.state("audit.jsonl")).unwrap();
    assert!(raw.ends_with("}\n") && !raw.contains(['\u{1b}', '\u{9b}', '\u{2028}', '\u{202e}']));
    assert_eq!(server.events("admitted").len(), 2);
}

/// 记不下的事不做:磁盘满了,命令不再运行。
#[test]
#[cfg(target_os = "linux")]
fn no_log_no_command() {
    let server = Quiet::start(&["--audit", "/dev/full"]);
    let mut peer = server.connect_silently();
    assert_eq!(peer.receive(), None);
}

/// 没有进来的人再多,一秒也只记二十行;没有记的有数。
#[test]
fn a_flood_of_strangers_does_not_fill_the_disk() {
    let server = Quiet::start(&[]);
    for _ in 0..200 {
        let _ = std::io::Write::write_all(&mut server.dial(), b"GET / HTTP/1.0\r\n\r\n");
    }
    let logged = || {
        server.run("true");
        let lines = server.events("refused").len() as u64;
        let counted = server.audit();
        let counted = counted
            .iter()
            .filter_map(|event| event["unlogged"].as_u64());
        (lines, lines + counted.sum::<u64>())
    };
    wait_until("二百个都有数", || logged().1 == 200);
    assert!(logged().0 < 150, "{:?}", logged());
}

#[test]
fn files_are_private() {
    let server = Quiet::start(&[]);
    let mode = |name| {
        fs::metadata(server.state(name))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(mode(""), 0o700);
    for name in ["identity.pem", "token", "audit.jsonl"] {
        assert_eq!(mode(name), 0o600, "{name}");
    }
    let (pem, token) = (
        fs::read(server.state("identity.pem")).unwrap(),
        server.token(),
    );
    fs::set_permissions(
        server.state("identity.pem"),
        fs::Permissions::from_mode(0o644),
    )
    .unwrap();
    let again = |state: std::path::PathBuf| {
        Command::new(PROGRAM)
            .args(["server", "127.0.0.1:0", "--state"])
            .arg(state)
            .output()
            .unwrap()
    };
    let finished = again(server.state(""));
    assert_eq!(finished.status.code(), Some(1));
    assert!(text(&finished.stderr).contains("别人也读得到"));
    fs::set_permissions(
        server.state("identity.pem"),
        fs::Permissions::from_mode(0o600),
    )
    .unwrap();
    fs::write(server.state("identity.pem"), "-----BEGIN NOTHING-----\n").unwrap();
    assert!(text(&again(server.state("")).stderr).contains("坏了"));
    fs::set_permissions(server.state(""), fs::Permissions::from_mode(0o777)).unwrap();
    assert!(text(&again(server.state("")).stderr).contains("别人也能往里面写"));
    // 换一个目录是另一个身份。
    let other = Quiet::start(&[]);
    assert_ne!(fs::read(other.state("identity.pem")).unwrap(), pem);
    assert_ne!(other.token(), token);
}
