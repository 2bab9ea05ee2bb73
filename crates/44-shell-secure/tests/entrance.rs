//! 门口:口令不对的、不说口令的、说得太多的,都进不来,什么也不运行,都记下来。
#![allow(clippy::unwrap_used)]

mod support;

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::process::Output;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};
use support::{ERROR, EXIT, HELLO, Peer, Quiet, TOKEN, command, frame, secret, wait_until};

const WRONG: &str = "0123456789abcdef0123456789abcdef";

/// 用这个口令运行一个会留下文件的命令。
fn try_token(server: &Quiet, token: &str) -> Output {
    let file = server.directory.path().join("given");
    secret(&file, token);
    let mark = mark(server);
    let mut client = server.client(&format!("echo x > {}", mark.display()));
    client.env_remove("SHELL_SECURE_TOKEN");
    // `--` 以前的选项:插在命令的前面。
    let words: Vec<_> = client.get_args().map(ToOwned::to_owned).collect();
    let mut client = std::process::Command::new(client.get_program());
    let split = words.iter().position(|word| word == "--").unwrap();
    client.args(&words[..split]).arg("--token-file").arg(file);
    client.args(&words[split..]).output().unwrap()
}

fn mark(server: &Quiet) -> std::path::PathBuf {
    server.directory.path().join("it-was-run")
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn the_right_token_enters() {
    let server = Quiet::start(&[]);
    let token = server.token();
    assert_eq!(token.len(), 64);
    assert!(try_token(&server, &token).status.success());
    assert!(mark(&server).exists());
}

#[test]
fn a_wrong_token_runs_nothing() {
    let server = Quiet::start(&[]);
    let finished = try_token(&server, WRONG);
    assert_eq!(finished.status.code(), Some(255));
    assert_eq!(said(&finished), "错误:服务器说「口令不对」\n");
    assert!(!mark(&server).exists());
    // 先告诉他,再记。
    wait_until("记下来了", || server.events("refused").len() == 1);
    let refused = server.events("refused");
    assert_eq!(refused[0]["reason"], "口令不对");
    assert!(server.events("command").is_empty());
    // 口令自己不写进日志。
    assert!(
        !server
            .audit()
            .iter()
            .any(|event| event.to_string().contains(WRONG))
    );
}

/// 差一点也是错。
#[test]
fn almost_right_is_wrong() {
    let server = Quiet::start(&[]);
    let token = server.token();
    let (start, end) = (&token[..63], &token[1..]);
    for wrong in [start, end] {
        assert_eq!(
            try_token(&server, wrong).status.code(),
            Some(255),
            "{wrong}"
        );
    }
    let mut peer = server.stranger();
    peer.send(&frame(TOKEN, format!("{token}\n").as_bytes()));
    assert_eq!(peer.receive().unwrap().0, ERROR);
    // 挂断以前说「完了」:没有说的话,这里是错误。
    assert_eq!(peer.stream.read(&mut [0; 1]).unwrap(), 0);
}

/// 从回环上的另一个地址连来。
fn from(server: &Quiet, host: u8) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let here = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, host)), 0);
    socket.bind(&here.into()).unwrap();
    let server: SocketAddr = server.address.parse().unwrap();
    socket.connect(&server.into()).unwrap();
    let stream: TcpStream = socket.into();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(support::PATIENCE)).unwrap();
    stream
}

fn say(server: &Quiet, host: u8, token: &str) -> Option<(u8, Vec<u8>)> {
    let mut peer = Peer {
        stream: support::handshake(from(server, host)),
    };
    peer.send(&frame(TOKEN, token.as_bytes()));
    peer.receive()
}

/// 错得多的地址一秒只看一个;同时,别的地址不用等。
#[test]
#[cfg(target_os = "linux")]
fn guessing_is_slow_for_one_address_only() {
    let server = Quiet::start(&[]);
    for _ in 0..4 {
        assert_eq!(say(&server, 2, WRONG).unwrap().0, ERROR);
    }
    std::thread::scope(|scope| {
        // 十个一起猜:第五个以后的,轮不到。
        let guessers: Vec<_> = (0..10)
            .map(|_| scope.spawn(|| say(&server, 2, WRONG).unwrap()))
            .collect();
        let started = Instant::now();
        assert_eq!(say(&server, 3, &server.token()).unwrap().0, HELLO);
        assert!(started.elapsed() < Duration::from_secs(1), "别的地址也等了");
        let answers = guessers.into_iter().map(|guesser| guesser.join().unwrap());
        let unseen = "口令错得太多,过一会儿再试".as_bytes();
        let unseen = answers.filter(|(_, text)| text == unseen).count();
        assert!((3..=6).contains(&unseen), "{unseen} 个没有看");
    });
}

/// 第一帧不是口令:命令、标准输入、不认得的。
#[test]
fn anything_before_the_token_is_refused() {
    let server = Quiet::start(&["--handshake", "60"]);
    let line = format!("echo x > {}", mark(&server).display());
    let firsts = [
        command(&line, false),
        frame(TOKEN, b""),
        frame(2, b"abc"),
        frame(4, b""),
        frame(0, b""),
        frame(255, &[0; 100]),
        vec![0, 0, 0, 0],
        vec![0, 1, 0, 2, TOKEN],
        vec![0xff, 0xff, 0xff, 0xff, TOKEN],
        [frame(TOKEN, WRONG.as_bytes()), command(&line, false)].concat(),
    ];
    for first in &firsts {
        let started = Instant::now();
        let mut peer = server.stranger();
        peer.send(first);
        let mut answers = Vec::new();
        while let Some((kind, _)) = peer.receive() {
            answers.push(kind);
        }
        assert!(
            answers.iter().all(|kind| *kind == ERROR),
            "{first:?}: {answers:?}"
        );
        // 看了长度就拒绝,不等他说的那么多字节。
        assert!(started.elapsed() < Duration::from_secs(5), "{first:?}");
    }
    assert!(!mark(&server).exists());
    wait_until("都记下来了", || {
        server.events("refused").len() == firsts.len()
    });
}

/// 口令和命令可以一起发,一个字节一个字节地到也行。
#[test]
fn the_command_follows_the_token_at_once() {
    let server = Quiet::start(&[]);
    let mut peer = server.stranger();
    let token = frame(TOKEN, server.token().as_bytes());
    peer.send(&[token.clone(), command("echo one", false)].concat());
    assert_eq!(peer.receive().unwrap().0, HELLO);
    assert_eq!(peer.finish().output, b"one\n");
    let mut peer = server.stranger();
    for byte in token {
        peer.send(&[byte]);
    }
    assert_eq!(peer.receive().unwrap().0, HELLO);
}

/// 握了手不说话,到期限就挂断;不占客户的座位。
#[test]
fn the_silent_are_sent_away() {
    let server = Quiet::start(&["--handshake", "1", "--customers", "1"]);
    let mut silent: Vec<Peer> = (0..20).map(|_| server.stranger()).collect();
    let plain: Vec<TcpStream> = (0..20).map(|_| server.dial()).collect();
    assert_eq!(server.connect().run("echo hi").output, b"hi\n");
    for peer in &mut silent {
        assert_eq!(peer.receive(), None);
    }
    for mut stream in plain {
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all);
        assert!(all.is_empty() || all[0] == 21, "{all:?}");
    }
}

/// 同一位置的座位只有通过的人能占;满了就说。
#[test]
fn a_full_house() {
    let server = Quiet::start(&["--customers", "1"]);
    let mut first = server.connect();
    let mut second = server.connect_silently();
    let (kind, text) = second.receive().unwrap();
    assert_eq!((kind, text), (ERROR, "客人太多,请稍后再来".into()));
    assert_eq!(first.run("exit 3").exit, (0, 3));
}

/// 握手握了一半的,最多占一百个位置;多出来的得到 TLS 的警报 internal_error。
#[test]
fn strangers_are_limited() {
    let server = Quiet::start(&["--handshake", "2"]);
    let mut inside = server.connect();
    let strangers: Vec<TcpStream> = (0..100).map(|_| server.dial()).collect();
    wait_until("多出来的得到警报", || {
        let mut one_more = server.dial();
        one_more
            .set_read_timeout(Some(Duration::from_millis(50)))
            .unwrap();
        let mut answer = [0; 7];
        one_more.read_exact(&mut answer).is_ok() && answer == [21, 3, 3, 0, 2, 2, 80]
    });
    assert_eq!(inside.run("echo hi").output, b"hi\n");
    drop(strangers);
    wait_until("走了以后又进得来", || {
        server.run("true").status.success()
    });
}

/// 录下一位客户发的全部字节,再发一遍:每次握手的密钥都不同,什么也不会发生。
#[test]
fn replayed_bytes_do_nothing() {
    let server = Quiet::start(&[]);
    let mark = mark(&server);
    let (proxy, recorded) = support::recorder(&server);
    let mut client = server.client(&format!("echo x >> {}", mark.display()));
    let words: Vec<_> = client.get_args().map(ToOwned::to_owned).collect();
    client = std::process::Command::new(support::PROGRAM);
    client.args(
        words
            .into_iter()
            .map(|word| match word == server.address.as_str() {
                true => proxy.clone().into(),
                false => word,
            }),
    );
    let finished = client.output().unwrap();
    assert!(finished.status.code() == Some(255), "代理的地址还不认得");
    let pem = std::fs::read(server.state("identity.pem")).unwrap();
    let known = format!("{proxy} {}\n", support::fingerprint(&pem));
    secret(&server.state("known_servers"), &known);
    assert!(client.output().unwrap().status.success());
    assert_eq!(std::fs::read(&mark).unwrap(), b"x\n");
    let bytes = recorded.lock().unwrap().pop().unwrap();
    assert!(bytes.len() > 200);
    let mut stream = server.dial();
    stream.write_all(&bytes).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert_eq!(std::fs::read(&mark).unwrap(), b"x\n");
    assert_eq!(server.events("command").len(), 1);
    assert_eq!(server.events("admitted").len(), 1);
}

/// 一边不收输出,一边说「中断」:说的听得到。
#[test]
#[cfg(target_os = "linux")]
fn an_interrupt_is_heard_while_the_output_is_stuck() {
    let server = Quiet::start(&[]);
    let mut peer = server.connect();
    let mark = format!("1{}", std::process::id());
    peer.send(&command(&format!("yes {mark}"), false));
    peer.receive().unwrap();
    // 什么也不收,直到命令堵在写上:这时它的输出不再增加。
    let mut last = 0;
    wait_until("命令堵住了", || {
        std::thread::park_timeout(Duration::from_millis(100));
        let now = support::written(server.child.id());
        std::mem::replace(&mut last, now) == now && now > 0
    });
    peer.send(&frame(support::INTERRUPT, b""));
    // 还是什么也不收。
    wait_until("命令结束了", || support::processes(&mark).is_empty());
    let exit = loop {
        let (kind, content) = peer.receive().unwrap();
        if kind == EXIT {
            break content;
        }
    };
    assert_eq!(exit, [1, 0, 0, 0, 2]);
    assert_eq!(peer.run("echo next").output, b"next\n");
}
