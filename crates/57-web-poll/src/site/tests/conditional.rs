//! 条件、范围、编码、清单:从请求到响应。

use super::*;
use crate::response::Piece;

const CONTENT: &str = "0123456789";

/// 一个文件的网站,和它现在的 ETag、Last-Modified。
fn place() -> (tempfile::TempDir, Site, String, String) {
    let root = root(&[("a.txt", CONTENT)]);
    let site = site(root.path());
    let got = ask(&site, "GET /a.txt");
    let (tag, modified) = (
        field(&got, "ETag").unwrap(),
        field(&got, "Last-Modified").unwrap(),
    );
    (root, site, tag, modified)
}

fn status(site: &Site, line: &str, head: &str) -> u16 {
    ask_at(site, line, head, later()).status.0
}

#[test]
fn conditions_are_seen_in_the_order_of_the_rfc() {
    let (_root, site, tag, modified) = place();
    let (old, new) = (
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Fri, 31 Dec 2100 23:59:59 GMT",
    );
    let cases = [
        // If-None-Match:弱比较,可以是名单。
        (format!("If-None-Match: {tag}\r\n"), 304),
        (format!("If-None-Match: W/{tag}\r\n"), 304),
        ("If-None-Match: *\r\n".to_owned(), 304),
        (format!("If-None-Match: \"x\", \"a,b\" ,{tag}\r\n"), 304),
        (
            format!("If-None-Match: \"x\"\r\nIf-None-Match: {tag}\r\n"),
            304,
        ),
        ("If-None-Match: \"x\"\r\n".to_owned(), 200),
        ("If-None-Match: \"x\", *\r\n".to_owned(), 200),
        (format!("If-None-Match: {}\r\n", tag.trim_matches('"')), 200),
        (format!("If-None-Match: w/{tag}\r\n"), 200),
        ("If-None-Match:\r\n".to_owned(), 200),
        // If-Match:强比较。
        (format!("If-Match: {tag}\r\n"), 200),
        ("If-Match: *\r\n".to_owned(), 200),
        (format!("If-Match: \"x\", {tag}\r\n"), 200),
        (format!("If-Match: W/{tag}\r\n"), 412),
        ("If-Match: \"x\"\r\n".to_owned(), 412),
        // 日期:三种写法;读不懂的、有两个的,不算。
        (format!("If-Modified-Since: {modified}\r\n"), 304),
        (format!("If-Modified-Since: {new}\r\n"), 304),
        (
            "If-Modified-Since: Friday, 31-Dec-60 23:59:59 GMT\r\n".to_owned(),
            304,
        ),
        (
            "If-Modified-Since: Fri Dec 31 23:59:59 2100\r\n".to_owned(),
            304,
        ),
        (format!("If-Modified-Since: {old}\r\n"), 200),
        ("If-Modified-Since: yesterday\r\n".to_owned(), 200),
        (
            format!("If-Modified-Since: {new}\r\nIf-Modified-Since: {new}\r\n"),
            200,
        ),
        (format!("If-Unmodified-Since: {modified}\r\n"), 200),
        (format!("If-Unmodified-Since: {new}\r\n"), 200),
        (format!("If-Unmodified-Since: {old}\r\n"), 412),
        ("If-Unmodified-Since: yesterday\r\n".to_owned(), 200),
        // 先后:有 ETag 的就不看日期;先看 412,再看 304。
        (
            format!("If-Match: {tag}\r\nIf-Unmodified-Since: {old}\r\n"),
            200,
        ),
        (
            format!("If-None-Match: \"x\"\r\nIf-Modified-Since: {new}\r\n"),
            200,
        ),
        (
            format!("If-None-Match: {tag}\r\nIf-Modified-Since: {old}\r\n"),
            304,
        ),
        (format!("If-Match: \"x\"\r\nIf-None-Match: {tag}\r\n"), 412),
        (format!("If-Match: {tag}\r\nIf-None-Match: {tag}\r\n"), 304),
        (
            format!("If-Unmodified-Since: {old}\r\nIf-Modified-Since: {new}\r\n"),
            412,
        ),
    ];
    for (head, expected) in cases {
        for method in ["GET", "HEAD"] {
            assert_eq!(
                status(&site, &format!("{method} /a.txt"), &head),
                expected,
                "{method} {head}"
            );
        }
        // 条件只用于找到了的文件,只用于 GET 和 HEAD。
        assert_eq!(status(&site, "GET /none", &head), 404, "{head}");
        assert_eq!(status(&site, "OPTIONS /a.txt", &head), 204, "{head}");
    }
}

#[test]
fn not_modified_has_the_fields_that_a_cache_needs() {
    let root = root(&[("a.txt", CONTENT)]);
    let cache_control = Some("max-age=60".to_owned());
    let site = Site::open(
        root.path(),
        Options {
            cache_control,
            ..Options::default()
        },
    )
    .unwrap();
    let whole = ask(&site, "GET /a.txt");
    let tag = field(&whole, "ETag").unwrap();
    let got = ask_at(
        &site,
        "GET /a.txt",
        &format!("If-None-Match: {tag}\r\n"),
        later(),
    );
    for name in ["ETag", "Cache-Control", "Vary"] {
        assert_eq!(field(&got, name), field(&whole, name), "{name}");
        assert!(field(&got, name).is_some(), "{name}");
    }
    for name in [
        "Content-Length",
        "Content-Type",
        "Last-Modified",
        "Content-Range",
    ] {
        assert_eq!(field(&got, name), None, "{name}");
    }
    assert!(matches!(got.body, Body::Empty) && got.stamp.is_none());
    assert_eq!(field(&ask(&site, "GET /none"), "Cache-Control"), None);
}

#[test]
fn nothing_but_a_star_matches_a_file_changed_just_now() {
    let (root, site, tag, modified) = place();
    let changed = fs::metadata(root.path().join("a.txt"))
        .unwrap()
        .modified()
        .unwrap();
    let now = changed + Duration::from_millis(5);
    let cases = [
        (format!("If-None-Match: {tag}\r\n"), 200),
        (format!("If-Modified-Since: {modified}\r\n"), 200),
        (format!("If-Match: {tag}\r\n"), 412),
        (format!("If-Range: {tag}\r\nRange: bytes=0-1\r\n"), 200),
        (format!("If-Range: {modified}\r\nRange: bytes=0-1\r\n"), 200),
        ("If-None-Match: *\r\n".to_owned(), 304),
        ("Range: bytes=0-1\r\n".to_owned(), 206),
    ];
    for (head, expected) in cases {
        assert_eq!(
            ask_at(&site, "GET /a.txt", &head, now).status.0,
            expected,
            "{head}"
        );
    }
}

#[test]
fn the_tag_changes_with_the_content_however_quickly() {
    let (root, site, tag, _modified) = place();
    let mut tags = vec![tag];
    for number in 0..20 {
        let path = root.path().join("a.txt");
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        // 一样大、一样的修改时间;只有 ctime 和 inode 不同。
        let next = root.path().join("next");
        fs::write(&next, format!("{number:010}")).unwrap();
        fs::File::options()
            .write(true)
            .open(&next)
            .unwrap()
            .set_modified(before)
            .unwrap();
        fs::rename(next, path).unwrap();
        let got = ask(&site, "GET /a.txt");
        assert_eq!(body(&got), format!("{number:010}").as_bytes());
        if cfg!(unix) {
            let tag = field(&got, "ETag").unwrap();
            assert!(!tags.contains(&tag));
            tags.push(tag);
        }
    }
}

#[test]
fn a_range_of_a_file() {
    let (_root, site, tag, modified) = place();
    let got = ask_at(&site, "GET /a.txt", "Range: bytes=2-4\r\n", later());
    assert_eq!(got.status, Status::PARTIAL_CONTENT);
    for (name, value) in [
        ("Content-Range", "bytes 2-4/10"),
        ("Content-Length", "3"),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("ETag", &tag),
        ("Last-Modified", &modified),
    ] {
        assert_eq!(field(&got, name).unwrap(), value);
    }
    let Body::File(slice) = &got.body else {
        panic!("应当是文件的一段");
    };
    assert_eq!((slice.start, slice.length), (2, 3));
    assert!(got.stamp.is_none());

    let outside = ask_at(&site, "GET /a.txt", "Range: bytes=10-\r\n", later());
    assert_eq!(outside.status, Status::RANGE_NOT_SATISFIABLE);
    assert_eq!(field(&outside, "Content-Range").unwrap(), "bytes */10");

    let other = "Range: bytes=2-4\r\nRange: bytes=5-6\r\n";
    for (line, head) in [
        ("HEAD /a.txt", "Range: bytes=2-4\r\n"),
        ("GET /a.txt", other),
    ] {
        let got = ask_at(&site, line, head, later());
        assert_eq!(got.status, Status::OK, "{line}");
        assert_eq!(field(&got, "Content-Length").unwrap(), "10");
        assert_eq!(field(&got, "Accept-Ranges").unwrap(), "bytes");
    }
}

#[test]
fn a_range_goes_on_only_with_the_same_file() {
    let (_root, site, tag, modified) = place();
    let cases = [
        (tag.clone(), 206),
        (modified.clone(), 206),
        (format!("W/{tag}"), 200),
        ("\"x\"".to_owned(), 200),
        (format!("{tag}, {tag}"), 200),
        ("*".to_owned(), 200),
        (String::new(), 200),
        // 日期要一样,晚一些也不行。
        ("Fri, 31 Dec 2100 23:59:59 GMT".to_owned(), 200),
        (format!("{modified}\r\nIf-Range: {modified}"), 200),
    ];
    for (validator, expected) in cases {
        let head = format!("Range: bytes=2-4\r\nIf-Range: {validator}\r\n");
        assert_eq!(status(&site, "GET /a.txt", &head), expected, "{validator}");
        // 不是那一份了,范围在外面也没有关系。
        let head = format!("Range: bytes=99-\r\nIf-Range: {validator}\r\n");
        let outside = if expected == 206 { 416 } else { 200 };
        assert_eq!(status(&site, "GET /a.txt", &head), outside, "{validator}");
    }
    let both = format!("Range: bytes=2-4\r\nIf-None-Match: {tag}\r\n");
    assert_eq!(status(&site, "GET /a.txt", &both), 304);
}

/// Last-Modified 的那一秒还没有过完,文件在同一秒里还可能再变:接不起来。
#[test]
fn a_date_of_this_second_is_too_weak_for_a_range() {
    let (root, site, tag, _modified) = place();
    let changed = fs::metadata(root.path().join("a.txt"))
        .unwrap()
        .modified()
        .unwrap();
    let second = crate::clock::seconds(changed);
    let file = fs::File::options()
        .write(true)
        .open(root.path().join("a.txt"))
        .unwrap();
    let early = SystemTime::UNIX_EPOCH + Duration::from_millis(second * 1000 + 1);
    file.set_modified(early + Duration::from_secs(10)).unwrap();
    let head = |validator: &str| format!("Range: bytes=2-4\r\nIf-Range: {validator}\r\n");
    let date = crate::clock::date(second + 10);
    let at = |millis| early + Duration::from_secs(10) + Duration::from_millis(millis);
    if cfg!(unix) {
        assert_eq!(
            ask_at(&site, "GET /a.txt", &head(&date), at(900)).status.0,
            200
        );
    }
    assert_eq!(
        ask_at(&site, "GET /a.txt", &head(&date), at(1100)).status.0,
        206
    );
    assert_eq!(
        ask_at(&site, "GET /a.txt", &head(&tag), at(1100)).status.0,
        200
    );
}

#[test]
fn several_ranges_are_a_multipart_with_the_right_length() {
    let (_root, site, ..) = place();
    let got = ask_at(&site, "GET /a.txt", "Range: bytes=8-9,0-1\r\n", later());
    assert_eq!(got.status, Status::PARTIAL_CONTENT);
    assert_eq!(field(&got, "Content-Range"), None);
    let kind = field(&got, "Content-Type").unwrap();
    let boundary = kind
        .strip_prefix("multipart/byteranges; boundary=")
        .unwrap();
    let Body::Parts(pieces) = &got.body else {
        panic!("应当是几段");
    };
    let mut text = String::new();
    for piece in pieces.iter() {
        match piece {
            Piece::Bytes(bytes) => text.push_str(str::from_utf8(bytes).unwrap()),
            Piece::File(slice) => {
                let start = usize::try_from(slice.start).unwrap();
                text.push_str(&CONTENT[start..][..usize::try_from(slice.length).unwrap()]);
            }
        }
    }
    let part = |range: &str, content: &str| {
        format!(
            "\r\n--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Content-Range: bytes {range}/10\r\n\r\n{content}"
        )
    };
    let expected = [
        part("8-9", "89"),
        part("0-1", "01"),
        format!("\r\n--{boundary}--\r\n"),
    ];
    assert_eq!(text, expected.concat());
    assert_eq!(
        field(&got, "Content-Length").unwrap(),
        text.len().to_string()
    );
    let again = ask_at(&site, "GET /a.txt", "Range: bytes=8-9,0-1\r\n", later());
    assert_ne!(field(&again, "Content-Type").unwrap(), kind);
}

#[test]
fn a_compressed_sibling_is_served_to_who_accepts_it() {
    let root = root(&[
        ("a.js", "plain"),
        ("a.js.br", "brotli"),
        ("a.js.gz", "gzip"),
        ("a.png", "plain"),
        ("a.png.gz", "gzip"),
    ]);
    let site = site(root.path());
    let cases = [
        ("gzip, deflate, br, zstd", "brotli", Some("br")),
        ("gzip", "gzip", Some("gzip")),
        ("zstd", "plain", None),
        ("zstd, gzip;q=0.1", "gzip", Some("gzip")),
        ("br;q=0, *;q=0.5", "gzip", Some("gzip")),
        ("identity", "plain", None),
        ("", "plain", None),
    ];
    let mut tags = std::collections::HashSet::new();
    for (accept, content, coding) in cases {
        let got = ask_at(
            &site,
            "GET /a.js",
            &format!("Accept-Encoding: {accept}\r\n"),
            later(),
        );
        assert_eq!(body(&got), content.as_bytes(), "{accept}");
        assert_eq!(
            field(&got, "Content-Encoding").as_deref(),
            coding,
            "{accept}"
        );
        assert_eq!(
            field(&got, "Content-Type").unwrap(),
            "text/javascript; charset=utf-8"
        );
        assert_eq!(field(&got, "Vary").unwrap(), "Accept-Encoding");
        assert!(got.stamp.is_none());
        let tag = field(&got, "ETag").unwrap();
        tags.insert(tag.clone());
        // 同一份的条件和范围。
        let head = format!("Accept-Encoding: {accept}\r\nIf-None-Match: {tag}\r\n");
        let unchanged = ask_at(&site, "GET /a.js", &head, later());
        assert_eq!(unchanged.status, Status::NOT_MODIFIED);
        assert_eq!(field(&unchanged, "Vary").unwrap(), "Accept-Encoding");
        let head = format!("Accept-Encoding: {accept}\r\nRange: bytes=1-\r\n");
        let part = ask_at(&site, "GET /a.js", &head, later());
        let size = content.len();
        assert_eq!(
            field(&part, "Content-Range").unwrap(),
            format!("bytes 1-{}/{size}", size - 1)
        );
        assert_eq!(field(&part, "Content-Encoding").as_deref(), coding);
    }
    assert_eq!(tags.len(), 3);
    let plain = ask(&site, "GET /a.js");
    assert_eq!(
        (body(&plain), field(&plain, "Vary").as_deref()),
        (b"plain".to_vec(), Some("Accept-Encoding"))
    );
    // 已经压缩过的类型,旁边的不看;直接要 .gz 的,就是一个 gzip 文件。
    let png = ask_at(&site, "GET /a.png", "Accept-Encoding: gzip\r\n", later());
    assert_eq!((body(&png), field(&png, "Vary")), (b"plain".to_vec(), None));
    assert!(png.stamp.is_some());
    let direct = ask_at(&site, "GET /a.js.gz", "Accept-Encoding: gzip\r\n", later());
    assert_eq!(field(&direct, "Content-Type").unwrap(), "application/gzip");
    assert_eq!(field(&direct, "Content-Encoding"), None);
}

#[test]
fn who_refuses_even_the_plain_one_is_told_so() {
    let root = root(&[("a.js", "plain"), ("b.js", "plain"), ("b.js.gz", "gzip")]);
    let site = site(root.path());
    for refusing in ["identity;q=0", "*;q=0", "br, identity;q=0"] {
        let head = format!("Accept-Encoding: {refusing}\r\n");
        let got = ask_at(&site, "GET /a.js", &head, later());
        assert_eq!(got.status, Status::NOT_ACCEPTABLE, "{refusing}");
        assert_eq!(field(&got, "Vary").unwrap(), "Accept-Encoding");
        assert_eq!(status(&site, "GET /none", &head), 404);
    }
    assert_eq!(
        status(
            &site,
            "GET /b.js",
            "Accept-Encoding: gzip, identity;q=0\r\n"
        ),
        200
    );
}

#[test]
fn a_stale_or_strange_sibling_is_not_served() {
    let root = root(&[
        ("a.js", "plain"),
        ("a.js.gz", "old"),
        ("b.js", "plain"),
        ("b.js.gz/", ""),
        ("c.js.gz", "alone"),
    ]);
    let site = site(root.path());
    let file = fs::File::options()
        .write(true)
        .open(root.path().join("a.js.gz"))
        .unwrap();
    let modified = fs::metadata(root.path().join("a.js"))
        .unwrap()
        .modified()
        .unwrap();
    let ask_gzip = |path: &str| {
        ask_at(
            &site,
            &format!("GET {path}"),
            "Accept-Encoding: gzip\r\n",
            later(),
        )
    };
    file.set_modified(modified - Duration::from_millis(1))
        .unwrap();
    assert_eq!(body(&ask_gzip("/a.js")), b"plain");
    file.set_modified(modified).unwrap();
    assert_eq!(body(&ask_gzip("/a.js")), b"old");
    assert_eq!(body(&ask_gzip("/b.js")), b"plain");
    assert_eq!(ask_gzip("/c.js").status, Status::NOT_FOUND);
}

#[test]
fn a_directory_is_listed_only_when_asked_for() {
    let root = root(&[
        ("图片/甲.txt", "1"),
        ("图片/.secret", "1"),
        ("有首页/index.html", "首页"),
    ]);
    let options = Options {
        listing: true,
        ..Options::default()
    };
    let listing = Site::open(root.path(), options).unwrap();
    let path = "/%E5%9B%BE%E7%89%87/";
    assert_eq!(
        ask(&site(root.path()), &format!("GET {path}")).status,
        Status::NOT_FOUND
    );
    let page = ask(&listing, &format!("GET {path}"));
    assert_eq!(
        field(&page, "Content-Type").unwrap(),
        "text/html; charset=utf-8"
    );
    assert_eq!(field(&page, "ETag"), None);
    let text = String::from_utf8(body(&page)).unwrap();
    assert!(
        text.contains("<h1>/图片/</h1>") && text.contains("甲.txt") && !text.contains("secret")
    );
    let json = ask(&listing, &format!("GET {path}?json"));
    assert_eq!(
        field(&json, "Content-Type").unwrap(),
        "application/json; charset=utf-8"
    );
    let text = String::from_utf8(body(&json)).unwrap();
    assert!(
        text.starts_with("[\n{\"name\":\"甲.txt\",\"type\":\"file\",\"mtime\":\""),
        "{text}"
    );
    let index = ask(&listing, "GET /%E6%9C%89%E9%A6%96%E9%A1%B5/?json");
    assert_eq!(body(&index), "首页".as_bytes());
    assert!(matches!(
        ask(&listing, &format!("HEAD {path}")).body,
        Body::Empty
    ));
    for missing in ["/none/", "/图片/甲.txt/", "/.git/"] {
        let line = format!(
            "GET {}",
            missing
                .replace("图片", "%E5%9B%BE%E7%89%87")
                .replace('甲', "%E7%94%B2")
        );
        assert_eq!(ask(&listing, &line).status, Status::NOT_FOUND, "{missing}");
    }
}
