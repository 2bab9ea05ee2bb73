//! 请求的头,一条一条地对照 RFC 9112。
#![allow(clippy::unwrap_used)]
// 程序没有库,所以直接用它的源文件;用到的只是其中几个。
#![allow(dead_code, unused_imports)]

#[path = "../src/limits.rs"]
mod limits;
#[path = "../src/request/mod.rs"]
mod request;
#[path = "../src/status.rs"]
mod status;

use request::{Framing, LONGEST, Parser, Request, Target, Version};

/// 一次给完。
fn parse(input: &[u8]) -> Result<Option<Request<'_>>, u16> {
    Parser::default()
        .parse(input)
        .map_err(|reject| reject.status.0)
}

/// 完整的、合文法的头。
fn accept(input: &[u8]) -> Request<'_> {
    parse(input).unwrap().unwrap()
}

/// 一次给完和一个一个字节地给,都以 `status` 拒绝;返回一个一个给的时候,看到第几个字节。
fn rejects(input: &[u8], status: u16) -> usize {
    let shown = input.escape_ascii().to_string();
    let shown = shown.get(..200).unwrap_or(&shown);
    assert_eq!(parse(input).err(), Some(status), "{shown}");
    let mut parser = Parser::default();
    for end in 0..=input.len() {
        match parser.parse(&input[..end]) {
            Ok(None) => {}
            Ok(Some(_)) => panic!("一个一个地给就接受了:{shown}"),
            Err(reject) => {
                assert_eq!(reject.status.0, status, "{shown}");
                return end;
            }
        }
    }
    panic!("一个一个地给就没有拒绝:{shown}")
}

/// 请求行之后只有 Host 的请求。
fn with_line(line: &[u8]) -> Vec<u8> {
    [line, b"\r\nHost: a\r\n\r\n"].concat()
}

/// Host 之后还有 `fields` 的请求。
fn with_fields(fields: &str) -> Vec<u8> {
    format!("POST / HTTP/1.1\r\nHost: a\r\n{fields}\r\n").into_bytes()
}

#[test]
fn takes_an_ordinary_request_apart() {
    let input =
        b"GET /a/b.html?x=1&y=? HTTP/1.1\r\nHost: example.com:8080\r\nAccept:\t*/* \r\n\r\nrest";
    let request = accept(input);
    assert_eq!(request.method, b"GET");
    let target = Target::Path {
        path: b"/a/b.html",
        query: Some(b"x=1&y=?"),
    };
    assert_eq!(request.target, target);
    assert_eq!(request.version, Version::Http11);
    assert_eq!(request.framing, Framing::Length(0));
    assert_eq!(request.line, b"GET /a/b.html?x=1&y=? HTTP/1.1");
    assert_eq!(request.length, input.len() - 4);
    assert_eq!(request.field("accept"), Some(&b"*/*"[..]));
    assert_eq!(request.field("host"), Some(&b"example.com:8080"[..]));
    assert_eq!(request.field("range"), None);
}

#[test]
fn waits_for_every_missing_byte() {
    let input = b"GET / HTTP/1.1\r\nHost: a\r\nAccept: b\r\n\r\n";
    let mut parser = Parser::default();
    for end in 0..input.len() {
        assert!(parse(&input[..end]).unwrap().is_none());
        assert!(parser.parse(&input[..end]).unwrap().is_none());
        assert_eq!(parser.started(), end > 0);
    }
    assert_eq!(parser.parse(input).unwrap().unwrap().length, input.len());
}

#[test]
fn a_request_line_has_two_single_spaces() {
    for line in [
        &b"GET"[..],
        b"GET /",
        b"GET  / HTTP/1.1",
        b"GET /  HTTP/1.1",
        b"GET / HTTP/1.1 ",
        b" GET / HTTP/1.1",
        b"GET\t/ HTTP/1.1",
        b"GET / a HTTP/1.1",
        b"GET /\tHTTP/1.1",
        b"G\xc3\xa9T / HTTP/1.1",
        b"G(T / HTTP/1.1",
        b"GET /\xe4\xbd\xa0 HTTP/1.1",
        b"GET /\0 HTTP/1.1",
        b"GET /\x7f HTTP/1.1",
        b"GET /a#b HTTP/1.1",
        b"\x16\x03\x01\x02\x00",
        b"\0",
    ] {
        rejects(&with_line(line), 400);
    }
    // HTTP/0.9 和别的协议,不等空行就知道。
    assert_eq!(rejects(b"GET /\r\n", 400), 6);
    assert_eq!(rejects(b"\x16\x03\x01", 400), 1);
    assert_eq!(rejects(b"SSH-2.0-x\r\n", 400), 10);
}

#[test]
fn methods_are_tokens() {
    for method in ["GET", "get", "BREW", "M-SEARCH", "!#$%&'*+-.^_`|~9"] {
        let input = with_line(format!("{method} / HTTP/1.1").as_bytes());
        assert_eq!(accept(&input).method, method.as_bytes());
    }
}

#[test]
fn versions() {
    for (version, expected) in [
        ("HTTP/1.1", Ok(Version::Http11)),
        ("HTTP/1.0", Ok(Version::Http10)),
        ("HTTP/1.2", Ok(Version::Http11)),
        ("HTTP/1.9", Ok(Version::Http11)),
        ("HTTP/2.0", Err(505)),
        ("HTTP/0.9", Err(505)),
        ("HTTP/3.1", Err(505)),
        ("HTTP/2", Err(400)),
        ("HTTP/1.10", Err(400)),
        ("HTTP/01.1", Err(400)),
        ("HTTP/1,1", Err(400)),
        ("http/1.1", Err(400)),
        ("HTTPS/1.1", Err(400)),
        ("HTTP/1.", Err(400)),
        ("HTTP/+1.1", Err(400)),
        ("NONSENSE", Err(400)),
    ] {
        let input = with_line(format!("GET / {version}").as_bytes());
        match expected {
            Ok(version) => assert_eq!(accept(&input).version, version),
            Err(status) => assert!(rejects(&input, status) < input.len()),
        }
    }
}

#[test]
fn ignores_two_empty_lines_before_the_request() {
    let request = with_line(b"GET / HTTP/1.1");
    for lines in 0..=2 {
        let input = ["\r\n".repeat(lines).as_bytes(), &request].concat();
        assert_eq!(accept(&input).length, input.len());
        assert_eq!(accept(&input).line, b"GET / HTTP/1.1");
    }
    rejects(&["\r\n".repeat(3).as_bytes(), &request].concat(), 400);
    rejects(&[b"\n", &*request].concat(), 400);
    rejects(&[b"\r", &*request].concat(), 400);
    let mut parser = Parser::default();
    assert!(parser.parse(b"\r\n\r\n").unwrap().is_none() && !parser.started());
}

#[test]
fn only_crlf_ends_a_line() {
    for input in [
        &b"GET / HTTP/1.1\nHost: a\r\n\r\n"[..],
        b"GET / HTTP/1.1\rHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n\rGET",
        b"GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nx: a\nTransfer-Encoding: chunked\r\n\r\n",
    ] {
        rejects(input, 400);
    }
}

#[test]
fn fields_are_name_colon_value() {
    for fields in [
        "X : a\r\n",
        "X\t: a\r\n",
        ": a\r\n",
        "X\r\n",
        "X a\r\n",
        " X: a\r\n",
        "X: a\r\n b\r\n",
        "X: a\r\n\tb\r\n",
        "X(: a\r\n",
        "X\u{e9}: a\r\n",
        "X: a\0b\r\n",
        "X: a\x0bb\r\n",
        "X: a\x7fb\r\n",
        "X: \x1b[0m\r\n",
        "\0X: a\r\n",
    ] {
        rejects(&with_fields(fields), 400);
    }
    rejects(b"GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400);
    let input =
        with_fields("x-ONE:1\r\nX-One:\t 2 \t\r\nX-One:\r\nX-Two: \u{4f60} \t x\r\nHosts: b\r\n");
    let request = accept(&input);
    let ones: Vec<_> = request.fields("x-one").collect();
    assert_eq!(ones, [&b"1"[..], b"2", b""]);
    assert_eq!(request.field("x-one"), None);
    assert_eq!(request.field("x-two"), Some("\u{4f60} \t x".as_bytes()));
    assert_eq!(request.field("host"), Some(&b"a"[..]));
}

#[test]
fn reasons_say_what_is_wrong() {
    for (input, word) in [
        (&b"GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n"[..], "折行"),
        (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", "空白"),
        (b"GET / HTTP/1.1\r\n: a\r\n\r\n", "没有名字"),
        (b"GET / HTTP/1.1\nHost: a\r\n\r\n", "CRLF"),
        (b"GET / HTTP/1.1\r\nHost: a\0\r\n\r\n", "控制字符"),
        (b"GET / HTTP/1.1 \r\n\r\n", "版本"),
        (b"GET  / HTTP/1.1\r\n\r\n", "一个空格"),
        (b"GET / HTTP/1.1\r\n\r\n", "没有 Host"),
        (b"GET /\r\n", "HTTP/0.9"),
        (b"\x16\x03\x01", "不是 HTTP"),
    ] {
        let reject = Parser::default().parse(input).err().unwrap();
        assert!(reject.reason.contains(word), "{}", reject.reason);
    }
}

#[test]
fn known_fields_are_found_wherever_they_are() {
    let input = with_fields("Range: 1\r\nx: y\r\nrange: 2\r\nIf-Range: \"a\"\r\nRANGE:3\r\n");
    let request = accept(&input);
    let ranges: Vec<_> = request.fields("range").collect();
    assert_eq!(ranges, [b"1", b"2", b"3"]);
    assert_eq!(request.field("range"), None);
    assert_eq!(request.field("if-range"), Some(&b"\"a\""[..]));
    assert_eq!(request.fields("if-match").count(), 0);
}

#[test]
fn limits_hold_as_soon_as_they_are_passed() {
    let line = |length: usize| {
        let path = "a".repeat(length - "GET / HTTP/1.1\r\n".len());
        format!("GET /{path} HTTP/1.1\r\nHost: a\r\n\r\n").into_bytes()
    };
    assert!(parse(&line(limits::REQUEST_LINE)).unwrap().is_some());
    let over = line(limits::REQUEST_LINE + 1);
    assert_eq!(rejects(&over, 414), limits::REQUEST_LINE);
    let endless = [b"GET /", &*vec![b'a'; LONGEST]].concat();
    assert_eq!(rejects(&endless, 414), limits::REQUEST_LINE);
    assert_eq!(rejects(&vec![b'A'; LONGEST], 501), limits::REQUEST_LINE);

    let start = b"GET / HTTP/1.1\r\n";
    let fields = |length: usize| {
        let value = "a".repeat(length - "Host: a\r\nX: \r\n\r\n".len());
        [start, format!("Host: a\r\nX: {value}\r\n\r\n").as_bytes()].concat()
    };
    assert!(parse(&fields(limits::FIELDS)).unwrap().is_some());
    let end = rejects(&fields(limits::FIELDS + 1), 431);
    assert_eq!(end, start.len() + limits::FIELDS);
    rejects(&[start, &*vec![b'a'; limits::FIELDS]].concat(), 431);

    let many = |count| with_fields(&"x:\r\n".repeat(count - 1));
    assert!(parse(&many(limits::FIELD_COUNT)).unwrap().is_some());
    rejects(&many(limits::FIELD_COUNT + 1), 431);
}

#[test]
fn the_longest_head_fits_the_longest_buffer() {
    let path = "a".repeat(limits::REQUEST_LINE - "GET / HTTP/1.1\r\n".len());
    let value = "a".repeat(limits::FIELDS - "Host: a\r\nX: \r\n\r\n".len());
    let input = format!("\r\n\r\n\r\nGET /{path} HTTP/1.1\r\nHost: a\r\nX: {value}\r\n\r\n");
    let input = input.strip_prefix("\r\n").unwrap();
    assert_eq!(input.len(), LONGEST);
    assert_eq!(accept(input.as_bytes()).length, LONGEST);
}

#[test]
fn a_host_exactly_once() {
    let host = |fields: &str| format!("GET / HTTP/1.1\r\n{fields}\r\n").into_bytes();
    for fields in [
        "",
        "Host: a\r\nHost: a\r\n",
        "Host: a\r\nX: b\r\nhOST: b\r\n",
    ] {
        rejects(&host(fields), 400);
    }
    let wrong = [
        "",
        " ",
        ":80",
        "a b",
        "a, b",
        "a/b",
        "a@b",
        "u:p@b",
        "a:b",
        "a:80:80",
        "a:8 0",
        "a\\b",
        "[::1",
        "::1",
        "[::g]",
        "[]",
        "[::1]x",
        "[::1]:x",
        "[127.0.0.1]",
        "a%",
        "a%2",
        "a%zz",
        "\u{4f60}",
        "a?b",
        "a#b",
        "\"a\"",
        "http://a",
    ];
    for value in wrong {
        rejects(&host(&format!("Host: {value}\r\n")), 400);
    }
    let right = [
        "a",
        "a:80",
        "a:",
        "127.0.0.1:8080",
        "[::1]",
        "[::1]:8080",
        "[2001:db8::1]:",
        "xn--fiq.example",
        "a_b",
        "a%41",
        "a.",
        "localhost",
    ];
    for value in right {
        let input = host(&format!("Host: {value}\r\n"));
        assert_eq!(accept(&input).field("host"), Some(value.as_bytes()));
    }
    // HTTP/1.0 可以没有,有就要对。
    accept(b"GET / HTTP/1.0\r\n\r\n");
    rejects(b"GET / HTTP/1.0\r\nHost: a b\r\n\r\n", 400);
    rejects(b"GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400);
}

#[test]
fn four_forms_of_targets() {
    let path = |path: &'static [u8], query| Target::Path { path, query };
    for (line, expected) in [
        ("GET /", path(b"/", None)),
        ("GET /?", path(b"/", Some(b""))),
        ("GET //a//b?", path(b"//a//b", Some(b""))),
        ("GET /a|b[]{}^\\\"<>`", path(b"/a|b[]{}^\\\"<>`", None)),
        ("GET http://x", path(b"/", None)),
        ("GET http://x:80/a?b", path(b"/a", Some(b"b"))),
        ("GET HTTP://[::1]:1/", path(b"/", None)),
        ("GET http://x?b/c", path(b"/", Some(b"b/c"))),
        ("OPTIONS *", Target::Asterisk),
        ("OPTIONS /a", path(b"/a", None)),
        ("CONNECT a:443", Target::Authority),
        ("CONNECT [::1]:443", Target::Authority),
    ] {
        let input = with_line(format!("{line} HTTP/1.1").as_bytes());
        assert_eq!(accept(&input).target, expected, "{line}");
    }
    rejects(&with_line(b"GET https://a/ HTTP/1.1"), 421);
    rejects(&with_line(b"GET HTTPS://a/ HTTP/1.1"), 421);
    let wrong = "GET *|GET a|GET a:80|GET a.html|GET ftp://a/|GET http:/a|GET http:a|GET http://|\
        GET http:///a|GET http://?a|GET http://u@a/|GET http://u:p@a/|GET http://a:b/|\
        GET file:///etc/passwd|GET ://a/|GET ?a|OPTIONS **|OPTIONS *a|CONNECT /|CONNECT a|\
        CONNECT a:|CONNECT :443|CONNECT *|CONNECT http://a/|CONNECT [::1]|CONNECT u@a:1|GET \\";
    for line in wrong.split('|') {
        rejects(&with_line(format!("{line} HTTP/1.1").as_bytes()), 400);
    }
}

#[test]
fn a_body_has_one_length_or_none() {
    let framing = |fields: &str| accept(&with_fields(fields)).framing;
    assert_eq!(framing("Content-Length: 0\r\n"), Framing::Length(0));
    assert_eq!(framing("content-length:\t42 \r\n"), Framing::Length(42));
    assert_eq!(framing("Content-Length: 0007\r\n"), Framing::Length(7));
    let largest = format!("Content-Length: {}\r\n", u64::MAX);
    assert_eq!(framing(&largest), Framing::Length(u64::MAX));
    assert_eq!(framing("Transfer-Encoding: chunked\r\n"), Framing::Chunked);
    assert_eq!(
        framing("transfer-encoding:\tCHUNKED \r\n"),
        Framing::Chunked
    );
    let wrong = [
        "",
        "+5",
        "-5",
        "0x5",
        "5 5",
        "5,5",
        "5, 5",
        "5.0",
        "5e1",
        "five",
        "\u{665}",
        "5;",
        "18446744073709551616",
        "99999999999999999999999999",
        "5\t6",
        "\"5\"",
        "1_000",
    ];
    for length in wrong {
        rejects(&with_fields(&format!("Content-Length: {length}\r\n")), 400);
    }
    for fields in [
        "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    ] {
        rejects(&with_fields(fields), 400);
    }
}

#[test]
fn only_chunked_as_a_transfer_coding() {
    let wrong = [
        "",
        "chunked, chunked",
        "chunked, gzip",
        "identity",
        "gzip",
        "xchunked",
        "chunked;q=1",
        "\"chunked\"",
        ", chunked",
        "chunked,",
        "chunked chunked",
        "chunke",
        "chunked\u{a0}",
        "gzip, chunked, chunked",
    ];
    for coding in wrong {
        let fields = format!("Transfer-Encoding: {coding}\r\n");
        rejects(&with_fields(&fields), 400);
    }
    for coding in ["gzip, chunked", "gzip,deflate ,\tchunked", "foo, CHUNKED"] {
        let fields = format!("Transfer-Encoding: {coding}\r\n");
        rejects(&with_fields(&fields), 501);
    }
    rejects(
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
        400,
    );
}

#[test]
fn connections_stay_open_by_the_rules_of_their_version() {
    for (version, fields, expected) in [
        ("1.1", "", true),
        ("1.1", "Connection: close\r\n", false),
        ("1.1", "Connection: Close\r\n", false),
        ("1.1", "Connection: x, CLOSE ,y\r\n", false),
        ("1.1", "Connection: x\r\nConnection: close\r\n", false),
        ("1.1", "Connection: keep-alive, Upgrade\r\n", true),
        ("1.1", "Connection: keep-alive, close\r\n", false),
        ("1.1", "Connection: closed\r\n", true),
        ("1.1", "Connection:\r\n", true),
        ("1.0", "", false),
        ("1.0", "Connection: keep-alive\r\n", true),
        ("1.0", "Connection: KEEP-ALIVE\r\n", true),
        ("1.0", "Connection: keep-alive, close\r\n", false),
        ("1.0", "Keep-Alive: timeout=5\r\n", false),
    ] {
        let input = format!("GET / HTTP/{version}\r\nHost: a\r\n{fields}\r\n");
        assert_eq!(accept(input.as_bytes()).keep_alive(), expected, "{input}");
    }
}

#[test]
fn expectations() {
    for (version, fields, expected) in [
        ("1.1", "", Ok(false)),
        ("1.1", "Expect: 100-continue\r\n", Ok(true)),
        ("1.1", "Expect: 100-Continue\r\n", Ok(true)),
        ("1.1", "Expect: 200-ok\r\n", Err(417)),
        ("1.1", "Expect: 100-continue, x\r\n", Err(417)),
        ("1.1", "Expect:\r\n", Err(417)),
        ("1.1", "Expect: 100-continue\r\nExpect: x\r\n", Err(417)),
        ("1.0", "Expect: 100-continue\r\n", Ok(false)),
        ("1.0", "Expect: x\r\n", Ok(false)),
    ] {
        let input = format!("GET / HTTP/{version}\r\nHost: a\r\n{fields}\r\n");
        let found = accept(input.as_bytes()).expects_continue();
        assert_eq!(found.map_err(|reject| reject.status.0), expected, "{input}");
    }
}

#[test]
fn plain_requests() {
    for (line, fields, expected) in [
        ("GET /", "", true),
        ("HEAD /a", "Cookie: a\r\nUser-Agent: b\r\n", true),
        ("GET http://a/b", "Connection: close\r\n", true),
        ("GET /", "Accept-Encoding: br\r\n", true),
        ("GET /?", "", false),
        ("GET /?json", "", false),
        ("POST /", "", false),
        ("get /", "", false),
        ("OPTIONS *", "", false),
        ("GET /", "Content-Length: 1\r\n", false),
        ("GET /", "Transfer-Encoding: chunked\r\n", false),
        ("GET /", "Range: bytes=0-\r\n", false),
        ("GET /", "If-Range: \"a\"\r\n", false),
        ("GET /", "If-Match: *\r\n", false),
        ("GET /", "IF-NONE-MATCH: *\r\n", false),
        ("GET /", "If-Modified-Since: x\r\n", false),
        ("GET /", "If-Unmodified-Since: x\r\n", false),
    ] {
        let input = format!("{line} HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
        let request = accept(input.as_bytes());
        assert_eq!(request.is_plain(), expected, "{input}");
        let encoded = fields.starts_with("Accept-Encoding");
        assert_eq!(request.has_accept_encoding(), encoded);
    }
}

#[test]
fn a_broken_promise_is_no_panic() {
    // 下一次给的不以这一次的为开头:结果没有意义,但是不能崩溃。
    let whole = with_line(b"GET /abc HTTP/1.1");
    for first in 0..whole.len() {
        for second in 0..first {
            let mut parser = Parser::default();
            let _ = parser.parse(&whole[..first]);
            let _ = parser.parse(&whole[..second]);
            let _ = parser.parse(&whole);
        }
    }
}
