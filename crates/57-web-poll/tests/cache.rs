//! 缓存看得出文件变了:改写、变短、换掉、删除、又有了。一条连接一直问,直到看见新的,有期限。
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::fs;
use std::time::Instant;

use support::{Answer, Server, Visitor, soon};

/// 一直问 `path`,直到回答像 `wanted` 说的;以前的回答都得是 `old` 说的:新旧之间没有别的。
fn until(
    visitor: &mut Visitor,
    path: &str,
    fields: &str,
    old: impl Fn(&Answer) -> bool,
    wanted: impl Fn(&Answer) -> bool,
) {
    let deadline = soon();
    loop {
        let answer = visitor.get(path, fields);
        if wanted(&answer) {
            return;
        }
        assert!(old(&answer), "{answer:?}");
        assert!(Instant::now() < deadline, "一直没有看见新的:{answer:?}");
    }
}

fn is(content: &'static [u8]) -> impl Fn(&Answer) -> bool {
    move |answer| answer.status == 200 && answer.body == content
}

fn missing(answer: &Answer) -> bool {
    answer.status == 404
}

/// 浏览器肯收几种编码,缓存也分得清。
const BOTH: [&str; 2] = ["", "Accept-Encoding: gzip, deflate, br, zstd\r\n"];

#[test]
fn changes_are_noticed() {
    for fields in BOTH {
        let server = Server::start(&[("a.txt", b"one")], &["--quiet"]);
        let path = server.path("a.txt");
        let visitor = &mut server.visit();
        let mut look = |old: &'static [u8], new: &'static [u8]| {
            until(visitor, "/a.txt", fields, is(old), is(new));
        };
        look(b"", b"one");
        // 就地改写,一样长。
        fs::write(&path, b"two").unwrap();
        look(b"one", b"two");
        // 变短。
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_len(1).unwrap();
        look(b"two", b"t");
        // 变长。
        fs::write(&path, b"three").unwrap();
        // 换成另一个文件,时间还更早。
        let next = server.path("next");
        fs::write(&next, b"other").unwrap();
        let old = std::time::SystemTime::UNIX_EPOCH;
        let file = fs::File::options().write(true).open(&next).unwrap();
        file.set_modified(old).unwrap();
        drop(file);
        fs::rename(&next, &path).unwrap();
        let before = |answer: &Answer| [&b"t"[..], b"three"].contains(&&answer.body[..]);
        until(visitor, "/a.txt", fields, before, is(b"other"));
        // 删除,又有了。
        fs::remove_file(&path).unwrap();
        until(visitor, "/a.txt", fields, is(b"other"), missing);
        fs::write(&next, b"again").unwrap();
        fs::rename(&next, &path).unwrap();
        until(visitor, "/a.txt", fields, missing, is(b"again"));
        server.stop();
    }
}

/// 一个名字不只是文件:变成目录,目录里又有了首页。
#[test]
fn a_name_may_become_something_else() {
    let server = Server::start(&[("a", b"file")], &["--quiet"]);
    let visitor = &mut server.visit();
    until(visitor, "/a", "", |_| false, is(b"file"));
    fs::remove_file(server.path("a")).unwrap();
    fs::create_dir(server.path("a")).unwrap();
    let moved = |answer: &Answer| answer.status == 301;
    let before = |answer: &Answer| is(b"file")(answer) || missing(answer);
    until(visitor, "/a", "", before, moved);
    assert_eq!(visitor.get("/a/", "").status, 404);
    fs::write(server.path("a/next"), b"page").unwrap();
    fs::rename(server.path("a/next"), server.path("a/index.html")).unwrap();
    until(visitor, "/a/", "", missing, is(b"page"));
}

/// 刚刚放上一份压缩好的,肯收的人就得到它,不肯收的还是原来的。
#[test]
fn each_coding_has_its_own() {
    let server = Server::start(&[("a.txt", b"plain")], &["--quiet"]);
    let visitor = &mut server.visit();
    let [plain, coded] = BOTH;
    until(visitor, "/a.txt", coded, |_| false, is(b"plain"));
    fs::write(server.path("next"), b"packed").unwrap();
    fs::rename(server.path("next"), server.path("a.txt.gz")).unwrap();
    until(visitor, "/a.txt", coded, is(b"plain"), is(b"packed"));
    let packed = visitor.get("/a.txt", coded);
    assert!(packed.head.contains("Content-Encoding: gzip\r\n"));
    assert!(packed.head.contains("Vary: Accept-Encoding\r\n"));
    assert!(is(b"plain")(&visitor.get("/a.txt", plain)));
    assert!(is(b"plain")(
        &visitor.get("/a.txt", "Accept-Encoding: br\r\n")
    ));
}

/// 有条件的、要一段的请求不从缓存里拿,HEAD 没有主体:同一个文件,先后问几种。
#[test]
fn kinds_of_requests_are_not_mixed_up() {
    let server = Server::start(&[("a.txt", b"0123456789")], &["--quiet"]);
    let visitor = &mut server.visit();
    // 刚写的文件没有校验器,也不进缓存。
    let tagged = |answer: &Answer| answer.head.contains("ETag: ");
    until(visitor, "/a.txt", "", is(b"0123456789"), tagged);
    for _ in 0..3 {
        let whole = visitor.get("/a.txt", "");
        assert!(is(b"0123456789")(&whole));
        let tag = whole
            .head
            .lines()
            .find_map(|line| line.strip_prefix("ETag: "));
        let tag = tag.unwrap().to_owned();
        let part = visitor.get("/a.txt", "Range: bytes=2-4\r\n");
        assert_eq!((part.status, &part.body[..]), (206, &b"234"[..]));
        let known = visitor.get("/a.txt", &format!("If-None-Match: {tag}\r\n"));
        assert_eq!(known.status, 304);
        visitor.say(b"HEAD /a.txt HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n");
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            std::io::BufRead::read_line(&mut visitor.0, &mut head).unwrap();
        }
        assert!(head.contains("Content-Length: 10\r\n"), "{head}");
        assert_eq!(visitor.hear().unwrap().status, 404);
    }
}
