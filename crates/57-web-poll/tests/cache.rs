//! 缓存看得出文件变了:改写、变短、换掉、删除、又有了。变了以后才问的,得到的一定是新的。
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::time::{Instant, SystemTime};

use support::{Answer, Server, Visitor, soon};

/// 一直问 `path`,直到回答有校验器:刚刚改过的文件没有,也不进缓存。再问几次,缓存里就一定有了。
fn settle(visitor: &mut Visitor, path: &str, fields: &str) {
    let deadline = soon();
    while !visitor.get(path, fields).head.contains("ETag: ") {
        assert!(Instant::now() < deadline, "一直没有校验器");
    }
    for _ in 0..3 {
        assert_eq!(visitor.get(path, fields).status, 200);
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
        let (path, next) = (server.path("a.txt"), server.path("next"));
        let visitor = &mut server.visit();
        // 就地改写,一样长。
        settle(visitor, "/a.txt", fields);
        fs::write(&path, b"two").unwrap();
        assert!(is(b"two")(&visitor.get("/a.txt", fields)));
        // 变短。
        settle(visitor, "/a.txt", fields);
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_len(1).unwrap();
        assert!(is(b"t")(&visitor.get("/a.txt", fields)));
        // 换成另一个文件,时间还更早。
        settle(visitor, "/a.txt", fields);
        fs::write(&next, b"other").unwrap();
        let file = fs::File::options().write(true).open(&next).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        drop(file);
        fs::rename(&next, &path).unwrap();
        assert!(is(b"other")(&visitor.get("/a.txt", fields)));
        // 删除,又有了;换一条连接来问也一样。
        settle(visitor, "/a.txt", fields);
        fs::remove_file(&path).unwrap();
        assert!(missing(&server.visit().get("/a.txt", fields)));
        assert!(missing(&visitor.get("/a.txt", fields)));
        fs::write(&path, b"again").unwrap();
        assert!(is(b"again")(&server.visit().get("/a.txt", fields)));
        assert!(is(b"again")(&visitor.get("/a.txt", fields)));
        server.stop();
    }
}

/// 一个名字不只是文件:变成目录,目录里又有了首页。
#[test]
fn a_name_may_become_something_else() {
    let server = Server::start(&[("a", b"file")], &["--quiet"]);
    let visitor = &mut server.visit();
    settle(visitor, "/a", "");
    fs::remove_file(server.path("a")).unwrap();
    fs::create_dir(server.path("a")).unwrap();
    assert_eq!(visitor.get("/a", "").status, 301);
    assert!(missing(&visitor.get("/a/", "")));
    fs::write(server.path("a/index.html"), b"page").unwrap();
    assert!(is(b"page")(&visitor.get("/a/", "")));
    settle(visitor, "/a/", "");
    fs::remove_file(server.path("a/index.html")).unwrap();
    assert!(missing(&visitor.get("/a/", "")));
}

/// 刚刚放上一份压缩好的,肯收的人就得到它,不肯收的还是原来的。
#[test]
fn each_coding_has_its_own() {
    let server = Server::start(&[("a.txt", b"plain")], &["--quiet"]);
    let visitor = &mut server.visit();
    let [plain, coded] = BOTH;
    for fields in BOTH {
        settle(visitor, "/a.txt", fields);
        assert!(is(b"plain")(&visitor.get("/a.txt", fields)));
    }
    fs::write(server.path("a.txt.gz"), b"packed").unwrap();
    let packed = visitor.get("/a.txt", coded);
    assert!(is(b"packed")(&packed));
    assert!(packed.head.contains("Content-Encoding: gzip\r\n"));
    assert!(packed.head.contains("Vary: Accept-Encoding\r\n"));
    assert!(is(b"plain")(&visitor.get("/a.txt", plain)));
    assert!(is(b"plain")(
        &visitor.get("/a.txt", "Accept-Encoding: br\r\n")
    ));
    settle(visitor, "/a.txt", coded);
    fs::remove_file(server.path("a.txt.gz")).unwrap();
    assert!(is(b"plain")(&visitor.get("/a.txt", coded)));
}

/// 有条件的、要一段的请求不从缓存里拿,HEAD 没有正文:同一个文件,先后问几种。
#[test]
fn kinds_of_requests_are_not_mixed_up() {
    let server = Server::start(&[("a.txt", b"0123456789")], &["--quiet"]);
    let visitor = &mut server.visit();
    settle(visitor, "/a.txt", "");
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
