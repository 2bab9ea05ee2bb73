//! 压力:只问不收的,位子用完,几个工作线程之间让位,收场时答完,两个服务器争一个端口。
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::io::{ErrorKind, Read, Write};
use std::process::Command;
use std::time::Instant;

use socket2::SockRef;
use support::{Answer, Server, Visitor, soon};

const REQUEST: &[u8] = b"GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n";

/// 大文件,字节:比两边的套接字缓冲区加起来大得多。
const LARGE: usize = 48 << 20;

fn is_page(answer: &Answer) -> bool {
    answer.status == 200 && answer.body == b"hello\n"
}

/// 流水线上的请求有多少、怎样切开,回答都一样:先后为序,一个不少。
#[test]
fn a_train_of_requests_is_answered_in_order() {
    let large = vec![b'x'; 200_000];
    let middle = vec![b'y'; 20_000];
    let files: [(&str, &[u8]); 3] = [("a.txt", b"hello\n"), ("m", &middle), ("l", &large)];
    let server = Server::start(&files, &["--quiet"]);
    let mut train = Vec::new();
    for index in 0..600 {
        let path = ["/a.txt", "/m", "/none", "/l", "/a.txt"][index % 5];
        train.extend(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").bytes());
    }
    let mut visitor = server.visit();
    let mut writer = visitor.0.get_ref().try_clone().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for piece in train.chunks(7919) {
                writer.write_all(piece).unwrap();
            }
        });
        for index in 0..600 {
            let answer = visitor.hear().unwrap();
            match index % 5 {
                1 => assert!(answer.body == middle),
                2 => assert_eq!(answer.status, 404),
                3 => assert!(answer.body == large),
                _ => assert!(is_page(&answer), "{answer:?}"),
            }
        }
    });
    assert!(visitor.0.buffer().is_empty());
    server.stop();
}

/// 只问不收:服务器不再读他的请求,也不替他攒回答;他再收时,一个也不少。
#[test]
fn one_who_asks_and_never_reads_is_not_heard_any_more() {
    // 不长不短的回答:和别的攒在一起写出,几千句就装满两边的缓冲区。
    let page = vec![b'x'; 8000];
    let files: [(&str, &[u8]); 2] = [("a.txt", b"hello\n"), ("page", &page)];
    let server = Server::start(&files, &["--quiet"]);
    let request = b"GET /page HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut greedy = server.visit();
    let stream = greedy.0.get_mut();
    // 自己这边不用替他攒几兆字节的请求。
    SockRef::from(&*stream)
        .set_send_buffer_size(16 * 1024)
        .unwrap();
    stream.set_nonblocking(true).unwrap();
    let (mut sent, mut blocked) = (0, None);
    let many = request.repeat(1000);
    loop {
        // 从请求的中间接着发。
        match stream.write(&many[sent % request.len()..]) {
            Ok(length) => {
                sent += length;
                blocked = None;
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                // 半秒里一个字节也送不进去,就是服务器不听了。
                let since = *blocked.get_or_insert_with(Instant::now);
                if since.elapsed().as_millis() > 500 {
                    break;
                }
                std::thread::park_timeout(std::time::Duration::from_millis(5));
            }
        }
        assert!(sent < 1 << 30, "服务器一直在听");
    }
    assert!(is_page(&server.visit().get("/a.txt", "")));
    let stream = greedy.0.get_mut();
    stream.set_nonblocking(false).unwrap();
    let part = sent % request.len();
    let whole = sent / request.len() + usize::from(part > 0);
    let mut writer = stream.try_clone().unwrap();
    let rest = std::thread::spawn(move || {
        if part > 0 {
            writer.write_all(&request[part..]).unwrap();
        }
    });
    for _ in 0..whole {
        assert!(greedy.hear().unwrap().body == page);
    }
    rest.join().unwrap();
    server.stop();
}

/// 位子只有一个,新来的总能得到回答:空闲的让位,哪怕它在另一个工作线程那里。
#[test]
fn an_idle_one_gives_way_on_any_worker() {
    let options = ["--quiet", "--connections", "1", "--workers", "4"];
    let server = Server::start(&[("a.txt", b"hello\n")], &options);
    let mut before: Option<Visitor> = None;
    for _ in 0..40 {
        let mut visitor = server.visit();
        assert!(is_page(&visitor.get("/a.txt", "")));
        if let Some(mut idle) = before.replace(visitor) {
            assert_eq!(idle.hear(), None, "没有让位");
        }
    }
}

/// 位子都忙着,没有可以让的:503,请他以后再来;忙完了又可以。
#[test]
fn when_all_are_busy_the_next_is_told_to_come_later() {
    let large = vec![b'x'; LARGE];
    let files: [(&str, &[u8]); 2] = [("a.txt", b"hello\n"), ("large", &large)];
    let server = Server::start(&files, &["--quiet", "--connections", "2"]);
    let busy: Vec<Visitor> = (0..2)
        .map(|_| {
            let mut visitor = server.visit();
            visitor.say(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
            let mut some = [0; 1000];
            visitor.0.read_exact(&mut some).unwrap();
            visitor
        })
        .collect();
    for _ in 0..30 {
        let mut visitor = server.visit();
        visitor.say(REQUEST);
        let told = visitor.hear().unwrap();
        assert_eq!(told.status, 503);
        assert!(told.head.contains("Retry-After: "), "{}", told.head);
        assert!(told.head.contains("Connection: close\r\n"));
        assert_eq!(visitor.hear(), None);
    }
    drop(busy);
    let deadline = soon();
    loop {
        let mut visitor = server.visit();
        visitor.say(REQUEST);
        let answer = visitor.hear().unwrap();
        if is_page(&answer) {
            break;
        }
        assert_eq!(answer.status, 503);
        assert!(Instant::now() < deadline, "一直没有位子");
    }
    server.stop();
}

/// Ctrl-C:正在发的发完,空闲的马上关闭,新来的进不来。
#[cfg(unix)]
#[test]
fn ctrl_c_finishes_what_is_being_sent() {
    let large = vec![b'x'; LARGE];
    let files: [(&str, &[u8]); 2] = [("a.txt", b"hello\n"), ("large", &large)];
    let mut server = Server::start(&files, &["--quiet"]);
    let mut idle = server.visit();
    assert!(is_page(&idle.get("/a.txt", "")));
    let mut busy = server.visit();
    busy.say(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    let mut first = [0; 1];
    busy.0.read_exact(&mut first).unwrap();
    server.terminal.interrupt().unwrap();
    assert_eq!(idle.hear(), None);
    let mut rest = first.to_vec();
    busy.0.read_to_end(&mut rest).unwrap();
    assert!(rest.starts_with(b"HTTP/1.1 200 OK\r\n"));
    assert!(rest.ends_with(&large));
    let status = server.terminal.wait(soon()).unwrap().unwrap();
    assert_eq!(status.code(), Some(0));
    let errors = String::from_utf8(server.terminal.errors().take_unread()).unwrap();
    assert!(errors.contains("还有 1 条连接"), "{errors}");
}

/// SO_REUSEPORT 也会让第二个服务器绑定同一个端口,分走一半的连接:不许。
#[test]
fn a_second_server_is_told_that_the_port_is_taken() {
    let server = Server::start(&[("a.txt", b"hello\n")], &["--quiet"]);
    let second = Command::new(env!("CARGO_BIN_EXE_web-poll"))
        .args([&server.address.to_string(), "--root"])
        .arg(server.root())
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(
        String::from_utf8(second.stderr)
            .unwrap()
            .starts_with("错误:")
    );
    assert!(is_page(&server.visit().get("/a.txt", "")));
}
