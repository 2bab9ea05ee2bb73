//! Ctrl-C:正忙的时候收场,说出的话要么人人收到,要么没有人收到。
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod party;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use party::{Member, PROGRAM, Server, soon};

/// 大家一共听到这么多行,就是忙起来了。
const BUSY: usize = 20_000;

#[test]
fn nobody_is_there() {
    let server = Server::start(PROGRAM, &[]);
    let begin = Instant::now();
    assert_eq!(server.stop(), "");
    let waited = begin.elapsed();
    assert!(waited < Duration::from_millis(2500), "等了 {waited:?}");
}

#[test]
fn a_message_reaches_all_or_nobody() {
    let server = Server::start(PROGRAM, &["--quiet", "--history", "0"]);
    let address = server.address;
    let mut members: Vec<Member> = (0..12u32)
        .map(|index| Member::connect(address, &format!("第{index}位"), index.is_multiple_of(2)))
        .map(Member::welcomed)
        .collect();
    let nameless = TcpStream::connect(address).unwrap();
    let sleeper = Member::narrow(address, "睡").welcomed();
    let heard = AtomicUsize::new(0);
    thread::scope(|scope| {
        for (index, member) in members.iter().enumerate().take(6) {
            let mut stream = member.stream();
            let line = member.encode(&format!("第 {index} 位说的"));
            // 一直说到服务器不听为止:它关门以后还在读,读到的都不要了。
            scope.spawn(move || while stream.write_all(&line).is_ok() {});
        }
        let heard = &heard;
        let readers: Vec<_> = members
            .iter_mut()
            .map(|member| {
                scope.spawn(move || {
                    let over = |line: &str| {
                        heard.fetch_add(1, Ordering::Relaxed);
                        line == "* 服务器要关闭了"
                    };
                    member.wait_for("关门", over);
                    // 最后一句之后是正常的结束,不是复位。
                    assert!(member.read_line().unwrap().is_none());
                    // 说个不停的人停下来。
                    let _ = member.stream().shutdown(std::net::Shutdown::Both);
                    let ours = format!("{}:", member.name);
                    let said = member.seen.iter().filter(|line| line.contains(" 位说的"));
                    (ours, said.cloned().collect::<Vec<String>>())
                })
            })
            .collect();
        // 忙起来再按。
        server.wait_until("忙起来", |_| heard.load(Ordering::Relaxed) > BUSY);
        let begin = Instant::now();
        let errors = server.stop();
        // 从不收的那位可能刚好被请走。
        assert!(errors.starts_with("正在告别 1"), "{errors}");
        let elapsed = begin.elapsed();
        assert!(elapsed < Duration::from_secs(12), "收场用了 {elapsed:?}");
        let views: Vec<_> = readers
            .into_iter()
            .map(|reader| reader.join().unwrap())
            .collect();
        // 第 11 位什么也不说,什么都看得到。
        let (_, all) = views.last().unwrap();
        assert!(!all.is_empty());
        for (own, seen) in &views {
            let expected: Vec<&String> = all.iter().filter(|line| !line.starts_with(own)).collect();
            assert_eq!(seen.len(), expected.len(), "{own}");
            assert!(seen.iter().eq(expected), "{own} 看到的先后不同");
        }
    });
    drop((nameless, sleeper));
    // 端口马上可以再用。
    let again = Server::start_as(&[PROGRAM, "server", &address.to_string()]);
    assert_eq!(again.address, address);
    assert_eq!(again.stop(), "");
}

/// 昵称还没有被接受的,也知道服务器要关闭了。
#[test]
fn one_without_a_name_is_told() {
    let server = Server::start(PROGRAM, &[]);
    let mut member = Member::connect(server.address, "不 行", false);
    let refusal = member.read_line().unwrap().unwrap();
    assert!(refusal.starts_with("! "), "{refusal}");
    let stopping = thread::spawn(move || server.stop());
    assert_eq!(member.read_line().unwrap(), Some("* 服务器要关闭了"));
    assert_eq!(member.read_line().unwrap(), None);
    drop(member);
    stopping.join().unwrap();
}

#[test]
fn a_second_ctrl_c_ends_at_once() {
    let mut server = Server::start(PROGRAM, &[]);
    // 这位不关闭自己的一头:服务器会等他三秒。
    let mut stay = Member::connect(server.address, "不走", false).welcomed();
    server.terminal.interrupt().unwrap();
    stay.wait_for("关门", |line| line == "* 服务器要关闭了");
    assert!(stay.read_line().unwrap().is_none());
    let knock = TcpStream::connect(server.address);
    assert!(knock.is_err(), "关门以后还接待客户");
    let begin = Instant::now();
    server.terminal.interrupt().unwrap();
    let status = server.terminal.wait(soon()).unwrap().expect("没有结束");
    // 有人的话没有说完就断了,不算正常结束。
    assert!(!status.success(), "{status}");
    assert!(
        begin.elapsed() < Duration::from_millis(2500),
        "{:?}",
        begin.elapsed()
    );
}

/// 启动服务器,标准输出是一根管道;读完第一行,别的由测试决定读不读。
fn start_piped() -> (Child, ChildStdout, SocketAddr) {
    let mut child = Command::new(PROGRAM)
        .args(["server", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut output = child.stdout.take().unwrap();
    let mut line = Vec::new();
    while !line.ends_with(b"\n") {
        let mut byte = [0];
        output.read_exact(&mut byte).unwrap();
        line.extend(byte);
    }
    let line = String::from_utf8(line).unwrap();
    let address = line.trim().strip_prefix("监听 ").unwrap().parse().unwrap();
    (child, output, address)
}

/// 等它正常结束。
fn wait(mut child: Child) {
    let deadline = soon();
    while child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < deadline, "没有结束");
        thread::park_timeout(Duration::from_millis(5));
    }
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_closed_output_closes_the_room() {
    let (child, output, address) = start_piped();
    drop(output);
    let mut member = Member::connect(address, "人", false).welcomed();
    // 别的测试正在启动程序的话,管道的另一头可能过一会儿才真的关闭:每改一次名,服务器都会打印一行。
    for number in 0.. {
        let _ = writeln!(member.stream(), "/nick 人{number}");
        let end = |line: &str| line == "* 服务器要关闭了" || line.ends_with(&format!("人{number}"));
        if member.wait_for("改名或关门", end) == "* 服务器要关闭了" {
            break;
        }
    }
    member.read_to_end().unwrap();
    drop(member);
    wait(child);
}

/// 没有人读日志(终端停住了):聊天照旧,收场也不用等它。
#[test]
fn a_stopped_output_stops_nothing() {
    let (child, output, address) = start_piped();
    let mut witness = Member::connect(address, "证人", false).welcomed();
    let mut member = Member::connect(address, "人", false).welcomed();
    // 一根管道最多装 64 KB(pipe(7)),一行有三十几个字节。
    for number in 0..3000 {
        member.say(&format!("/nick 人{number}"));
        let end = format!("改名为 人{number}");
        member.wait_for("改名", |line| line.ends_with(&end));
    }
    member.say("还在吗");
    witness.wait_for("最后一句", |line| line == "人2999:还在吗");
    drop((witness, member));
    let id = i32::try_from(child.id()).unwrap();
    kill(Pid::from_raw(id), Signal::SIGINT).unwrap();
    wait(child);
    drop(output);
}
