#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

fn name(target: &str) -> (String, bool) {
    let path = RelativePath::new(target.as_bytes()).unwrap();
    (String::from_utf8(path.name).unwrap(), path.directory)
}

#[test]
fn paths_are_decoded_once_and_stay_inside() {
    let cases = [
        ("/", "", true),
        ("/a.txt", "a.txt", false),
        ("/a/b/", "a/b", true),
        ("/a%20b/%E4%BD%A0%e5%a5%bd.html", "a b/你好.html", false),
        // 解码一次:%25 是百分号,剩下的是名字的一部分。
        ("/%252e%252e/a", "%2e%2e/a", false),
        ("/%2541", "%41", false),
        // 没有解码的点和编码的点一样。
        ("/a/./b", "a/b", false),
        ("/a/%2e/b", "a/b", false),
        ("/a/../b", "b", false),
        ("/a/%2E%2e/b", "b", false),
        ("/a/.%2e/b", "b", false),
        // 走到根就停。
        ("/..", "", true),
        ("/../../../etc/passwd", "etc/passwd", false),
        ("/%2e%2e/%2e%2e/etc/passwd", "etc/passwd", false),
        ("/a/b/../../../c", "c", false),
        // 以点结尾的是目录(RFC 3986 §5.2.4 的例子)。
        ("/a/b/c/./../../g", "a/g", false),
        ("/a/b/.", "a/b", true),
        ("/a/b/..", "a", true),
        // 空的段当作没有。
        ("//", "", true),
        ("//evil.com//a", "evil.com/a", false),
        ("/a//../b", "b", false),
        // 三个点、点开头的,是普通的名字。
        ("/.../a", ".../a", false),
        ("/..a/b..", "..a/b..", false),
        ("/a;b=1,c+d&e", "a;b=1,c+d&e", false),
    ];
    for (target, expected, directory) in cases {
        assert_eq!(name(target), (expected.to_owned(), directory), "{target}");
    }
}

#[test]
fn what_no_file_can_be_called_is_refused() {
    let bad = Err(Status::BAD_REQUEST);
    let absent = Err(Status::NOT_FOUND);
    let cases = [
        ("", bad),
        ("a", bad),
        ("*", bad),
        ("/%", bad),
        ("/%2", bad),
        ("/%zz", bad),
        ("/%+1", bad),
        ("/a%0", bad),
        ("/a/%/b", bad),
        ("/a%00.html", bad),
        ("/a%2Fb", absent),
        ("/..%2f..%2fetc", absent),
        ("/%2f", absent),
        ("/..%5c..%5cetc", absent),
        ("/a\\b", absent),
    ];
    for (target, expected) in cases {
        let got = RelativePath::new(target.as_bytes());
        assert_eq!(
            got.map_err(|failure| failure.status).map(|_| ()),
            expected,
            "{target}"
        );
    }
    assert_eq!(RelativePath::new(b"/%ff\xfe").unwrap().name, b"\xff\xfe");
}

#[test]
fn dotted_names_are_hidden_except_well_known() {
    for hidden in [
        "/.a",
        "/a/.b",
        "/.git/config",
        "/a/.well-known",
        "/.well-known/.a",
        "/...",
    ] {
        assert!(
            RelativePath::new(hidden.as_bytes()).unwrap().is_hidden(),
            "{hidden}"
        );
    }
    for shown in [
        "/",
        "/a.b/c",
        "/.well-known",
        "/.well-known/a",
        "/.a/../b",
        "/a.",
    ] {
        assert!(
            !RelativePath::new(shown.as_bytes()).unwrap().is_hidden(),
            "{shown}"
        );
    }
}

#[test]
fn names_that_mean_something_else_on_windows() {
    let wrong = [
        "CON",
        "con.txt",
        "nul",
        "COM1",
        "lpt9.log",
        "com¹",
        "AUX .x",
        "a:b",
        "a.txt::$DATA",
        "C:",
        "a.",
        "a ",
        "...",
        "a*b",
        "a?b",
        "<a>",
        "a|b",
        "a\"b",
        "a\tb",
        "conin$",
    ];
    for name in wrong {
        assert!(!fits_windows(name.as_bytes()), "{name}");
    }
    for name in [
        "a.txt",
        "你好.html",
        "console",
        "COM",
        "com10",
        "a b",
        ".a",
        "a~1",
    ] {
        assert!(fits_windows(name.as_bytes()), "{name}");
    }
    assert!(!fits_windows(b"\xff"));
}

proptest! {
    /// 随便什么路径:要么拒绝,要么没有一段会走出去,也没有一段系统会另作解释。
    #[test]
    fn nothing_leaves_the_root(target in "(/|\\.|%2e|%2f|%5c|%00|%25|a|你|%|\\\\)*") {
        if let Ok(path) = RelativePath::new(format!("/{target}").as_bytes()) {
            let plain = |segment: &[u8]| {
                !matches!(segment, b"" | b"." | b"..") && !segment.iter().any(|byte| b"\0\\".contains(byte))
            };
            let inside = path.name.is_empty() || path.name.split(|&byte| byte == b'/').all(plain);
            prop_assert!(inside);
        }
    }

    /// 编码再解码,还是那个名字:只解码一次。
    #[test]
    fn encoding_is_undone_once(segment in "[^/\\\\\0]{1,20}") {
        prop_assume!(segment != "." && segment != "..");
        prop_assume!(!cfg!(windows) || fits_windows(segment.as_bytes()));
        let target = format!("/{}", encode(segment.as_bytes()));
        let path = RelativePath::new(target.as_bytes()).unwrap();
        prop_assert_eq!(path.name, segment.into_bytes());
    }
}
