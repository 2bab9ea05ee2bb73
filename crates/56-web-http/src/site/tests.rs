#![allow(clippy::unwrap_used)]

mod conditional;

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::*;
use crate::request::Parser;
use crate::response::Body;

/// 一个临时的根,里面是 `files`;名字以 / 结尾的是目录。
fn root(files: &[(&str, &str)]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = root.path().join(name);
        if name.ends_with('/') {
            fs::create_dir_all(path).unwrap();
            continue;
        }
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    root
}

/// 文件都已经放了很久的时候。
fn later() -> SystemTime {
    SystemTime::now() + Duration::from_secs(3600)
}

/// 问一句;`head` 是请求行和 Host 以外的字段,每行以 CRLF 结尾。
fn ask_at(site: &Site, line: &str, head: &str, now: SystemTime) -> Response {
    let bytes = format!("{line} HTTP/1.1\r\nHost: a\r\n{head}\r\n");
    let mut parser = Parser::default();
    let request = parser.parse(bytes.as_bytes()).unwrap().unwrap();
    site.answer(&request, now)
}

fn ask(site: &Site, line: &str) -> Response {
    ask_at(site, line, "", later())
}

fn site(root: &Path) -> Site {
    Site::open(root, Options::default()).unwrap()
}

/// 正文的字节。
fn body(response: &Response) -> Vec<u8> {
    match &response.body {
        Body::Bytes(bytes) => bytes.to_vec(),
        Body::Empty => Vec::new(),
        other => panic!("{other:?}"),
    }
}

/// 一个字段的值。
fn field(response: &Response, name: &str) -> Option<String> {
    let fields = str::from_utf8(&response.fields).unwrap();
    assert!(fields.is_empty() || fields.ends_with("\r\n"));
    fields
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value.to_owned())
}

#[test]
fn serves_files_with_their_types() {
    let root = root(&[
        ("index.html", "<h1>首页</h1>"),
        ("样式/main.css", "a{}"),
        ("notes/README.md", "# 你好"),
        ("LICENSE", "MIT"),
        ("empty.txt", ""),
    ]);
    let site = site(root.path());
    let cases = [
        ("/", "<h1>首页</h1>", "text/html; charset=utf-8"),
        ("/index.html", "<h1>首页</h1>", "text/html; charset=utf-8"),
        (
            "/%E6%A0%B7%E5%BC%8F/main.css",
            "a{}",
            "text/css; charset=utf-8",
        ),
        (
            "/notes/README.md?a=1",
            "# 你好",
            "text/markdown; charset=utf-8",
        ),
        ("/LICENSE", "MIT", "application/octet-stream"),
        ("/empty.txt", "", "text/plain; charset=utf-8"),
        ("/notes/../LICENSE", "MIT", "application/octet-stream"),
    ];
    for (path, content, kind) in cases {
        let got = ask(&site, &format!("GET {path}"));
        assert_eq!(got.status, Status::OK, "{path}");
        assert_eq!(body(&got), content.as_bytes(), "{path}");
        assert_eq!(field(&got, "Content-Type").unwrap(), kind, "{path}");
        assert_eq!(
            field(&got, "Content-Length").unwrap(),
            content.len().to_string()
        );
        let head = ask(&site, &format!("HEAD {path}"));
        assert_eq!(
            (head.status, &head.fields),
            (Status::OK, &got.fields),
            "{path}"
        );
        assert!(matches!(head.body, Body::Empty));
    }
}

#[test]
fn directories_end_with_a_slash_and_keep_the_query() {
    let root = root(&[("图片/甲 乙/", ""), ("evil.com/a.txt", "")]);
    let site = site(root.path());
    let cases = [
        ("/evil.com", "/evil.com/"),
        ("//evil.com", "/evil.com/"),
        ("/.//evil.com?a=//b&c=%20", "/evil.com/?a=//b&c=%20"),
        (
            "/%E5%9B%BE%E7%89%87/%E7%94%B2%20%E4%B9%99",
            "/%E5%9B%BE%E7%89%87/%E7%94%B2%20%E4%B9%99/",
        ),
    ];
    for (path, location) in cases {
        let got = ask(&site, &format!("GET {path}"));
        assert_eq!(got.status, Status::MOVED_PERMANENTLY, "{path}");
        assert_eq!(field(&got, "Location").unwrap(), location, "{path}");
    }
    for path in ["/", "/evil.com/", "/evil.com/a.txt/", "/none", "/none/"] {
        assert_eq!(
            ask(&site, &format!("GET {path}")).status,
            Status::NOT_FOUND,
            "{path}"
        );
    }
}

#[test]
fn other_methods_are_told_which_are_allowed() {
    let root = root(&[("a.txt", "a")]);
    let site = site(root.path());
    for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE"] {
        let got = ask(&site, &format!("{method} /a.txt"));
        assert_eq!(got.status, Status::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(field(&got, "Allow").unwrap(), "GET, HEAD, OPTIONS");
    }
    assert_eq!(
        ask(&site, "CONNECT a:443").status,
        Status::METHOD_NOT_ALLOWED
    );
    for target in ["/a.txt", "/none", "*"] {
        let got = ask(&site, &format!("OPTIONS {target}"));
        assert_eq!(got.status, Status::NO_CONTENT, "{target}");
        assert_eq!(field(&got, "Allow").unwrap(), "GET, HEAD, OPTIONS");
        assert_eq!(field(&got, "Content-Length"), None);
        assert!(matches!(got.body, Body::Empty));
    }
    for method in ["BREW", "get", "GETX"] {
        assert_eq!(
            ask(&site, &format!("{method} /a.txt")).status,
            Status::NOT_IMPLEMENTED
        );
    }
}

#[test]
fn hidden_names_are_not_found_unless_asked_for() {
    let root = root(&[
        (".env", "secret"),
        ("a/.git/config", "secret"),
        (".well-known/security.txt", "public"),
        (".well-known/.secret", "secret"),
    ]);
    let hiding = site(root.path());
    let hidden = true;
    let showing = Site::open(
        root.path(),
        Options {
            hidden,
            ..Options::default()
        },
    )
    .unwrap();
    for path in [
        "/.env",
        "/%2eenv",
        "/a/.git/config",
        "/.well-known/.secret",
        "/a/.git",
    ] {
        let line = format!("GET {path}");
        assert_eq!(ask(&hiding, &line).status, Status::NOT_FOUND, "{path}");
        assert_ne!(ask(&showing, &line).status, Status::NOT_FOUND, "{path}");
    }
    let public = ask(&hiding, "GET /.well-known/security.txt");
    assert_eq!(body(&public), b"public");
}

#[test]
fn the_site_may_have_its_own_page_for_what_is_missing() {
    let root = root(&[("404.html", "<p>没有</p>")]);
    let site = site(root.path());
    for path in ["/none", "/.env", "/none/", "/404.html/"] {
        let got = ask(&site, &format!("GET {path}"));
        assert_eq!(got.status, Status::NOT_FOUND, "{path}");
        assert_eq!(body(&got), "<p>没有</p>".as_bytes());
        assert_eq!(field(&got, "ETag"), None);
        let head = ask(&site, &format!("HEAD {path}"));
        assert_eq!(head.fields, got.fields);
        assert!(matches!(head.body, Body::Empty));
    }
    assert_eq!(ask(&site, "GET /404.html").status, Status::OK);
    assert_eq!(ask(&site, "GET /%").status, Status::BAD_REQUEST);
}

#[test]
fn a_large_file_is_left_to_the_sender() {
    let root = root(&[
        ("small", &"a".repeat(65_536)),
        ("large", &"a".repeat(65_537)),
    ]);
    let site = site(root.path());
    assert_eq!(body(&ask(&site, "GET /small")).len(), 65_536);
    let Body::File(slice) = ask(&site, "GET /large").body else {
        panic!("应当是文件的一段");
    };
    assert_eq!((slice.start, slice.length), (0, 65_537));
}

#[test]
fn a_cache_learns_when_the_file_has_changed() {
    let root = root(&[("index.html", "1"), ("a.txt", "1")]);
    let site = site(root.path());
    for (path, name) in [
        ("/", "index.html"),
        ("/a.txt", "a.txt"),
        ("/%61.txt?b", "a.txt"),
    ] {
        let stamp = ask(&site, &format!("GET {path}")).stamp.unwrap();
        let path = path.split('?').next().unwrap().as_bytes();
        assert!(site.is_current(path, &stamp));
        let next = root.path().join("next");
        fs::write(&next, "2").unwrap();
        fs::rename(&next, root.path().join(name)).unwrap();
        assert!(!site.is_current(path, &stamp), "{name}");
    }
    for line in ["GET /none", "HEAD /a.txt", "GET /%"] {
        assert!(ask(&site, line).stamp.is_none(), "{line}");
    }
}

#[test]
fn a_file_changed_just_now_has_no_validators() {
    let root = root(&[("a.txt", "1")]);
    let site = site(root.path());
    // 不问现在:从写到问超过了 20 毫秒也不奇怪。
    let changed = fs::metadata(root.path().join("a.txt"))
        .unwrap()
        .modified()
        .unwrap();
    let fresh = ask_at(&site, "GET /a.txt", "", changed + Duration::from_millis(5));
    assert_eq!(field(&fresh, "ETag"), None);
    assert_eq!(field(&fresh, "Last-Modified"), None);
    assert!(fresh.stamp.is_none());
    let settled = ask(&site, "GET /a.txt");
    assert!(field(&settled, "ETag").unwrap().starts_with("\"1-"));
}

#[test]
fn last_modified_is_never_later_than_date() {
    let root = root(&[("a.txt", "1")]);
    let file = fs::File::options()
        .write(true)
        .open(root.path().join("a.txt"))
        .unwrap();
    let now = later();
    file.set_modified(now + Duration::from_secs(86_400))
        .unwrap();
    if cfg!(unix) {
        let got = ask_at(&site(root.path()), "GET /a.txt", "", now);
        let date = crate::clock::date(crate::clock::seconds(now));
        assert_eq!(field(&got, "Last-Modified").unwrap(), date);
    }
    for age in [86_400, 10_000_000_000_u64] {
        // 1970 年以前、9999 年以后的时间:写不出来,也不能出错。
        let _ = file.set_modified(SystemTime::UNIX_EPOCH - Duration::from_secs(age));
        assert_eq!(ask(&site(root.path()), "GET /a.txt").status, Status::OK);
        let _ = file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(age * 40));
        assert_eq!(ask(&site(root.path()), "GET /a.txt").status, Status::OK);
    }
}
