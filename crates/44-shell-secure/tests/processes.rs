//! 进程:客户走了、按了 Ctrl-C、服务器收场,一个也不留下。
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod support;

use std::io::Read;
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::process::{Pid, Signal, kill_process};
use support::{Quiet, STDOUT, Server, command, frame, processes, usage, wait_until};

/// 认得出来的睡眠时间:每次一个新的数。
fn mark() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("1{}{next:03}", std::process::id())
}

/// 一个命令,它的孩子、孩子的孩子、后台的,都在睡。
fn family(mark: &str) -> String {
    format!("sleep {mark} & sh -c 'sleep {mark} & sleep {mark}; echo' & echo ready; wait")
}

fn started(server: &Quiet, mark: &str) -> Child {
    let mut client = server.client(&family(mark)).spawn().unwrap();
    let mut ready = [0; 6];
    let output = client.stdout.as_mut().unwrap();
    output.read_exact(&mut ready).unwrap();
    wait_until("三个都在睡", || processes(mark).len() == 3);
    client
}

fn signal(id: u32, signal: Signal) {
    let id = Pid::from_raw(id.cast_signed()).unwrap();
    kill_process(id, signal).unwrap();
}

#[test]
fn a_killed_client_takes_its_command_along() {
    let server = Quiet::start(&[]);
    let before = usage(server.child.id());
    let mark = mark();
    let mut client = started(&server, &mark);
    client.kill().unwrap();
    client.wait().unwrap();
    wait_until("进程都没有了", || processes(&mark).is_empty());
    wait_until("线程和描述符都还了", || {
        usage(server.child.id()) == before
    });
}

/// 不听劝的也一样。
#[test]
fn a_stubborn_command_is_killed() {
    let server = Quiet::start(&[]);
    let mark = mark();
    let mut peer = server.connect();
    let line = format!("trap '' TERM HUP INT; echo ready; while :; do sleep {mark}; done");
    peer.send(&command(&line, false));
    assert_eq!(peer.receive().unwrap(), (STDOUT, b"ready\n".to_vec()));
    wait_until("在睡", || !processes(&mark).is_empty());
    drop(peer);
    wait_until("进程都没有了", || processes(&mark).is_empty());
    wait_until("shell 也没有了", || processes(&line).is_empty());
}

#[test]
fn ctrl_c_interrupts_the_whole_group() {
    let server = Quiet::start(&[]);
    let mark = mark();
    let client = started(&server, &mark);
    signal(client.id(), Signal::INT);
    let finished = client.wait_with_output().unwrap();
    assert_eq!(finished.status.code(), Some(130));
    assert_eq!(finished.stderr, b"");
    wait_until("进程都没有了", || processes(&mark).is_empty());
}

#[test]
fn the_second_ctrl_c_ends_the_client() {
    let server = Quiet::start(&[]);
    let mark = mark();
    let line = format!("trap 'echo no' INT; echo ready; while :; do sleep {mark}; done");
    let mut client = server.client(&line).spawn().unwrap();
    let mut output = client.stdout.take().unwrap();
    let mut ready = [0; 6];
    output.read_exact(&mut ready).unwrap();
    wait_until("在睡", || !processes(&mark).is_empty());
    signal(client.id(), Signal::INT);
    let mut no = [0; 3];
    output.read_exact(&mut no).unwrap();
    assert_eq!(&no, b"no\n");
    signal(client.id(), Signal::INT);
    assert_eq!(client.wait().unwrap().code(), Some(130));
    wait_until("进程都没有了", || processes(&mark).is_empty());
}

/// 命令结束了,它留在后台的也结束;逃出进程组的留着,我们不等它。
#[test]
fn nothing_is_left_in_the_background() {
    let server = Quiet::start(&[]);
    let before = usage(server.child.id());
    let (left, quiet, escaped) = (mark(), mark(), mark());
    let mut peer = server.connect();
    let line = format!(
        "sleep {left} & sleep {quiet} >/dev/null 2>&1 & setsid sleep {escaped} & echo done"
    );
    assert_eq!(peer.run(&line).output, b"done\n");
    wait_until("进程组里的都没有了", || {
        processes(&left).is_empty() && processes(&quiet).is_empty()
    });
    let escaped = processes(&escaped);
    assert_eq!(escaped.len(), 1);
    drop(peer);
    wait_until("线程和描述符都还了", || {
        usage(server.child.id()) == before
    });
    signal(escaped[0], Signal::KILL);
}

/// 逃出进程组、不停打印的,也不等它。
#[test]
fn an_escaped_flood_does_not_hold_the_command() {
    let server = Quiet::start(&[]);
    let mark = mark();
    let mut peer = server.connect();
    let ran = peer.run(&format!("setsid yes {mark} & exit 5"));
    assert_eq!(ran.exit, (0, 5));
    assert_eq!(peer.run("echo next").output, b"next\n");
    for id in processes(&mark) {
        signal(id, Signal::KILL);
    }
    drop(peer);
}

/// 没有标准输入的一头,命令一读就是末尾;有的一头,命令结束时没有读完也不要紧。
#[test]
fn no_thread_waits_for_unread_input() {
    let server = Quiet::start(&[]);
    let before = usage(server.child.id());
    let mut peer = server.connect();
    for _ in 0..20 {
        peer.send(&command("true", true));
        let piece = frame(support::STDIN, &[b'x'; 60_000]);
        peer.send(&piece);
        peer.send(&piece);
        assert_eq!(peer.finish().exit, (0, 0));
    }
    drop(peer);
    wait_until("线程和描述符都还了", || {
        usage(server.child.id()) == before
    });
}

/// 服务器按 Ctrl-C:先等一等,再结束命令,自己以 0 结束,一个进程也不留下。
#[test]
fn the_server_closes_in_order() {
    let server = Server::start(&["--grace", "1"]).silence();
    let mark = mark();
    let client = started(&server, &mark);
    let mut idle = server.connect();
    signal(server.child.id(), Signal::INT);
    let finished = client.wait_with_output().unwrap();
    assert_eq!(finished.status.code(), Some(255));
    let said = String::from_utf8(finished.stderr).unwrap();
    assert!(said.starts_with("错误:"), "{said}");
    assert_eq!(idle.receive(), None);
    let mut server = server;
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    wait_until("进程都没有了", || processes(&mark).is_empty());
}

/// 再按一次 Ctrl-C:不等了,命令也不留下。
#[test]
fn the_second_ctrl_c_of_the_server_leaves_nothing() {
    let mut server = Quiet::start(&["--grace", "600"]);
    let mark = mark();
    let mut client = started(&server, &mark);
    signal(server.child.id(), Signal::INT);
    // 已经不接待新客户:第一次听到了。
    wait_until("关门", || TcpStream::connect(&server.address).is_err());
    signal(server.child.id(), Signal::INT);
    assert_eq!(server.child.wait().unwrap().code(), Some(1));
    wait_until("进程都没有了", || processes(&mark).is_empty());
    client.wait().unwrap();
}

/// 收场时正在运行的命令,来得及的就让它做完。
#[test]
fn the_server_lets_a_short_command_finish() {
    let mut server = Quiet::start(&["--grace", "30"]);
    let mut client = server
        .client("echo ready; cat")
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = [0; 6];
    let output = client.stdout.as_mut().unwrap();
    output.read_exact(&mut ready).unwrap();
    signal(server.child.id(), Signal::INT);
    drop(client.stdin.take());
    assert!(client.wait().unwrap().success());
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}
