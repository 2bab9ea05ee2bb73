//! 帧:切在哪里都一样,胡说的只害自己。
#![allow(clippy::unwrap_used)]

mod support;

use std::net::Shutdown;
use std::time::Instant;

use support::{COMMAND, ERROR, INTERRUPT, PATIENCE, Quiet, Ran, STDIN, STDIN_END, command, frame};

const SEED: u64 = 0x5eed;

/// 一个命令和它的标准输入,在每一个字节处切成两段。
#[test]
fn cut_at_every_byte() {
    let server = Quiet::start(&[]);
    let whole = [
        command("cat; echo end >&2; exit 7", true),
        frame(STDIN, b"one\n"),
        frame(STDIN, b"two\n"),
        frame(STDIN_END, b""),
    ]
    .concat();
    let mut peer = server.connect();
    let mut other = server.connect();
    for cut in 0..=whole.len() {
        let (begin, end) = whole.split_at(cut);
        peer.send(begin);
        // 别人来回了一次,前一段多半已经读走了。
        other.run("true");
        peer.send(end);
        let expected = Ran {
            output: b"one\ntwo\n".to_vec(),
            errors: b"end\n".to_vec(),
            consumed: 8,
            exit: (0, 7),
        };
        assert_eq!(peer.finish(), expected, "{cut}");
    }
}

/// 太长的帧:还没有发正文,就已经挂断。
#[test]
fn hostile_lengths_are_refused_at_once() {
    let server = Quiet::start(&[]);
    for length in [65_539, 65_540, 1 << 24, u32::MAX >> 1, u32::MAX] {
        let mut peer = server.connect();
        peer.send(&length.to_be_bytes());
        assert_eq!(peer.receive().unwrap().0, ERROR, "{length}");
        assert_eq!(peer.receive(), None, "{length}");
    }
    // 最长的命令正好放得下。
    let line = format!("{}echo long", " ".repeat(65_536 - 9));
    assert_eq!(server.connect().run(&line).output, b"long\n");
}

/// 随机的字节、随机的帧:服务器不倒,别人不受影响。
#[test]
fn random_bytes_hurt_nobody() {
    let server = Quiet::start(&["--customers", "1000"]);
    let mut witness = server.connect();
    let mut random = fastrand::Rng::with_seed(SEED);
    for round in 0..300 {
        let mut peer = server.connect();
        let mut bytes = Vec::new();
        for _ in 0..random.usize(1..6) {
            let content: Vec<u8> = (0..random.usize(0..40)).map(|_| random.u8(..)).collect();
            match random.u8(..4) {
                0 => bytes.extend(content),
                // 命令不能随机:它真的会运行。
                1 => bytes.extend(command("true", random.bool())),
                _ => bytes.extend(frame(random.u8(2..), &content)),
            }
        }
        // 可能已经挂断了,写不完也没有关系。
        let _ = std::io::Write::write_all(&mut peer.stream, &bytes);
        let _ = peer.stream.shutdown(Shutdown::Write);
        while peer.receive().is_some() {}
        if round % 50 == 0 {
            assert_eq!(witness.run("echo fine").output, b"fine\n");
        }
    }
    assert_eq!(witness.run("echo fine").output, b"fine\n");
}

/// 没有命令的标准输入再多也不留着;命令不读,超过窗口就挂断。
#[test]
fn the_window_holds() {
    let server = Quiet::start(&[]);
    let mut peer = server.connect();
    let piece = frame(STDIN, &[b'x'; 65_536]);
    for _ in 0..32 {
        peer.send(&piece);
    }
    assert_eq!(peer.run("echo fine").output, b"fine\n");
    // 不读标准输入的命令:窗口里的收下,再多就是没有照协议做。
    peer.send(&command("sleep 100", true));
    // 管道自己还装得下一些(pipe(7)),那些算用掉了。
    for _ in 0..16 {
        if std::io::Write::write_all(&mut peer.stream, &piece).is_err() {
            break;
        }
    }
    let mut last = None;
    while let Some((kind, _)) = peer.receive() {
        last = Some(kind);
    }
    assert_eq!(last, Some(ERROR));
}

/// 没有标准输入的命令,发来的标准输入不理。
#[test]
fn input_for_a_command_without_input() {
    let server = Quiet::start(&[]);
    let mut peer = server.connect();
    let all = [
        command("cat; echo done", false),
        frame(STDIN, b"nobody asked\n"),
        frame(STDIN_END, b""),
    ];
    peer.send(&all.concat());
    assert_eq!(peer.finish().output, b"done\n");
    let ran = peer.run("cat; echo again");
    assert_eq!(ran.output, b"again\n");
}

/// 中断在命令之前:不中断后来的命令。
#[test]
fn an_interrupt_comes_too_early() {
    let server = Quiet::start(&[]);
    let mut peer = server.connect();
    let all = [frame(INTERRUPT, b""), command("echo untouched", false)];
    peer.send(&all.concat());
    let expected = Ran {
        output: b"untouched\n".to_vec(),
        ..Ran::default()
    };
    assert_eq!(peer.finish(), expected);
}

/// 半帧就断了、什么也不说就断了:座位让出来。
#[test]
fn half_a_frame_frees_the_seat() {
    let server = Quiet::start(&["--customers", "1"]);
    for half in [&b""[..], &[0], &[0, 0, 0, 9, COMMAND, 0, b'e']] {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mut peer = server.connect_silently();
            match peer.receive() {
                Some((support::HELLO, _)) => {
                    peer.send(half);
                    break;
                }
                _ => assert!(Instant::now() < deadline),
            }
        }
    }
}
