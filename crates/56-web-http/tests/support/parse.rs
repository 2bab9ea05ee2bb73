//! 解析器的性质:怎样切开都一样;接受的,用最笨的办法也看得出为什么能接受。

use crate::request::{Framing, Parser, Reject, Request, Target, Version, trim};

/// 问得到的字段,加上一个没有记的。
const NAMES: [&str; 13] = [
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "expect",
    "accept-encoding",
    "range",
    "if-range",
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
    "x",
];

/// 从一个请求看得到的一切,除了它占多少字节。
#[derive(Debug, PartialEq)]
pub struct Seen<'a> {
    method: &'a [u8],
    target: Target<'a>,
    version: Version,
    framing: Framing,
    line: &'a [u8],
    fields: Vec<Vec<&'a [u8]>>,
    keep_alive: bool,
    plain: bool,
    expects_continue: Result<bool, Reject>,
}

impl<'a> Seen<'a> {
    fn new(request: &Request<'a>) -> Self {
        Self {
            method: request.method,
            target: request.target,
            version: request.version,
            framing: request.framing,
            line: request.line,
            fields: NAMES.map(|name| request.fields(name).collect()).into(),
            keep_alive: request.keep_alive(),
            plain: request.is_plain(),
            expects_continue: request.expects_continue(),
        }
    }
}

/// 每次多给几个字节(轮流用 `steps` 里的数):占多少字节,看到什么;或者还不完整;或者拒绝。
pub fn outcome<'a>(input: &'a [u8], steps: &[usize]) -> Result<Option<(usize, Seen<'a>)>, Reject> {
    let mut steps = steps.iter().map(|&step| step.max(1)).cycle();
    let (mut parser, mut end) = (Parser::default(), 0);
    loop {
        if let Some(request) = parser.parse(&input[..end])? {
            return Ok(Some((request.length, Seen::new(&request))));
        }
        if end == input.len() {
            return Ok(None);
        }
        end = input.len().min(end + steps.next().unwrap_or(1));
    }
}

/// 一次给完、一个一个给、照 `steps` 给,都一样;接受的都说得出道理。
pub fn check(input: &[u8], steps: &[usize]) {
    let whole = outcome(input, &[input.len()]);
    assert_eq!(outcome(input, &[1]), whole);
    assert_eq!(outcome(input, steps), whole);
    if let Ok(Some((length, seen))) = whole {
        justify(&input[..length], &seen);
    }
}

/// 用最笨的办法再看一遍被接受的头,重新写一遍,应当一样地被接受。
fn justify(head: &[u8], seen: &Seen<'_>) {
    let mut head = std::str::from_utf8(head).map_or_else(
        |_| head.iter().map(|&byte| char::from(byte)).collect(),
        str::to_owned,
    );
    while let Some(rest) = head.strip_prefix("\r\n") {
        head = rest.to_owned();
    }
    let (head, rest) = head.split_once("\r\n\r\n").expect("头以空行结束");
    assert_eq!(rest, "", "头在第一个空行结束");
    let mut lines = head.split("\r\n");
    let line = lines.next().unwrap_or_default();
    assert_eq!(line.as_bytes(), seen.line);
    let words: Vec<_> = line.split(' ').collect();
    assert_eq!((words.len(), words[0].as_bytes()), (3, seen.method));
    assert!(line.bytes().all(|byte| (b' '..0x7f).contains(&byte)));

    let fields: Vec<_> = lines
        .map(|line| line.split_once(':').expect("冒号"))
        .collect();
    let named = |wanted: &str| {
        let same = |&&(name, _): &&(&str, _)| str::eq_ignore_ascii_case(name, wanted);
        fields.iter().filter(same).count()
    };
    for (name, value) in &fields {
        assert!(!name.is_empty() && !name.contains(|c: char| c <= ' ' || c >= '\x7f'));
        assert!(!value.contains(|c: char| c < ' ' && c != '\t' || c == '\x7f'));
    }
    let hosts = named("host");
    assert!(hosts == 1 || hosts == 0 && seen.version == Version::Http10);
    let expected = match seen.framing {
        Framing::Chunked => [(0, 1)].as_slice(),
        Framing::Length(0) => &[(0, 0), (1, 0)],
        Framing::Length(_) => &[(1, 0)],
    };
    let lengths = (named("content-length"), named("transfer-encoding"));
    assert!(expected.contains(&lengths));
    rewrite(seen);
}

/// 只用看到的东西写一个请求:看到的还是一样。
fn rewrite(seen: &Seen<'_>) {
    let mut input = [seen.line, b"\r\n"].concat();
    for (name, values) in NAMES.iter().zip(&seen.fields) {
        for value in values {
            assert_eq!(trim(value), *value);
            input.extend([name.as_bytes(), b":", value, b"\r\n"].concat());
        }
    }
    input.extend(b"\r\n");
    let again = outcome(&input, &[input.len()]).expect("接受过的");
    assert_eq!(again.as_ref().map(|(_, seen)| seen), Some(seen));
}
