//! 性质:随便什么字节,随便怎样切开。
#![allow(clippy::unwrap_used, clippy::expect_used)]
// 程序没有库,所以直接用它的源文件;用到的只是其中几个。
#![allow(dead_code, unused_imports)]

#[path = "../src/body.rs"]
mod body;
#[path = "../src/clock.rs"]
mod clock;
#[path = "../src/dialogue/mod.rs"]
mod dialogue;
#[path = "../src/limits.rs"]
mod limits;
#[path = "../src/request/mod.rs"]
mod request;
#[path = "../src/response.rs"]
mod response;
#[path = "../src/status.rs"]
mod status;
mod support;

use dialogue::Dialogue;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree;
use support::{BODY, converse, parse};

/// 请求行的样子。
const LINES: [&str; 12] = [
    "GET / HTTP/1.1",
    "GET /a?b HTTP/1.1",
    "HEAD /304 HTTP/1.1",
    "POST /204 HTTP/1.1",
    "GET / HTTP/1.0",
    "GET http://a:1/b HTTP/1.1",
    "OPTIONS * HTTP/1.1",
    "CONNECT a:1 HTTP/1.1",
    "\r\nGET / HTTP/1.1",
    "GET / HTTP/2.0",
    "GET /",
    "GET  / HTTP/1.1",
];

/// 字段和正文的样子;正文前面有空行。
const FIELDS: [&str; 24] = [
    "Host: a",
    "Host: [::1]:80",
    "Connection: close",
    "Connection: keep-alive, x",
    "Expect: 100-continue",
    "Range: bytes=0-1",
    "If-None-Match: \"a\"",
    "Accept-Encoding: gzip",
    "X:\t\u{4f60} ",
    "X: ",
    "x : a",
    " folded",
    "Content-Length: 3",
    "Content-Length: 101",
    "Content-Length: +3",
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: gzip, chunked",
    "\r\nabc",
    "\r\n3\r\nabc\r\n0\r\n",
    "\r\n3;a=b\r\nabc\r\n0\r\nX: y\r\n",
    "\r\n3\nabc",
    "\r\nx",
    "\r\n\r\nGET / HTTP/1.1\r\nHost: a",
    "\n",
];

/// 攻击者会换进去的字节。
const BYTES: &[u8] = b"\r\n\t\0 :;,/?#%+-*0159aAfx\x0b\x7f\x80\xff";

/// 改动一处。
#[derive(Debug, Clone)]
enum Mutation {
    Replace(Index, u8),
    Insert(Index, u8),
    Remove(Index),
    Repeat(Index, Index),
    Cut(Index),
}

impl Mutation {
    fn apply(&self, input: &mut Vec<u8>) {
        if input.is_empty() {
            return;
        }
        let at = |index: &Index| index.index(input.len());
        match self {
            Self::Replace(index, byte) => {
                let at = at(index);
                input[at] = *byte;
            }
            Self::Insert(index, byte) => input.insert(at(index), *byte),
            Self::Remove(index) => drop(input.remove(at(index))),
            Self::Repeat(one, other) => {
                let (start, end) = (at(one).min(at(other)), at(one).max(at(other)));
                let copy = input[start..end].to_vec();
                input.splice(end..end, copy);
            }
            Self::Cut(index) => input.truncate(at(index)),
        }
    }
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let byte = || prop_oneof![4 => select(BYTES), 1 => any::<u8>()];
    prop_oneof![
        4 => (any::<Index>(), byte()).prop_map(|(index, byte)| Mutation::Replace(index, byte)),
        4 => (any::<Index>(), byte()).prop_map(|(index, byte)| Mutation::Insert(index, byte)),
        3 => any::<Index>().prop_map(Mutation::Remove),
        2 => any::<[Index; 2]>().prop_map(|[one, other]| Mutation::Repeat(one, other)),
        1 => any::<Index>().prop_map(Mutation::Cut),
    ]
}

/// 多半合文法的请求:行是对的那几种,有 Host。
fn request() -> impl Strategy<Value = String> {
    let line = prop_oneof![6 => select(&LINES[..9]), 1 => select(&LINES[..])];
    let fields = prop_oneof![6 => select(&FIELDS[2..10]), 2 => select(&FIELDS[..])];
    let fields = prop::collection::vec(fields, 0..5);
    let body = prop_oneof![
        6 => Just("\r\n"),
        1 => Just("Content-Length: 3\r\n\r\nabc"),
        1 => Just("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
    ];
    (line, fields, body).prop_map(|(line, fields, body)| {
        let fields: String = fields.iter().map(|field| format!("{field}\r\n")).collect();
        format!("{line}\r\nHost: a\r\n{fields}{body}")
    })
}

/// 几个请求,改动几处。
fn conversation() -> impl Strategy<Value = Vec<u8>> {
    let requests = prop::collection::vec(request(), 1..4);
    let mutations = prop::collection::vec(mutation(), 0..4);
    (requests, mutations).prop_map(|(requests, mutations)| {
        let mut input = requests.concat().into_bytes();
        for mutation in mutations {
            mutation.apply(&mut input);
        }
        input
    })
}

fn steps() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(1_usize..40, 1..8)
}

/// 对话怎样切开都一样。
fn same(input: &[u8], steps: &[usize]) {
    let dialogue = || Dialogue::new(true, 5, BODY);
    let (whole, echo) = converse(dialogue(), input, &[input.len()]);
    for steps in [&[1], steps] {
        let (split, other) = converse(dialogue(), input, steps);
        assert_eq!((split, other.asked), (whole.clone(), echo.asked.clone()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn mutated_requests(input in conversation(), steps in steps()) {
        parse::check(&input, &steps);
        same(&input, &steps);
    }

    #[test]
    fn any_bytes(input in prop::collection::vec(any::<u8>(), 0..200), steps in steps()) {
        parse::check(&input, &steps);
        same(&input, &steps);
    }

    #[test]
    fn bytes_that_matter(input in prop::collection::vec(select(BYTES), 0..60), steps in steps()) {
        let input = [b"GET / HTTP/1.1\r\nHost: a\r\n", &*input].concat();
        parse::check(&input, &steps);
        same(&input, &steps);
    }

    #[test]
    fn any_chunks(input in prop::collection::vec(select(BYTES), 0..60), steps in steps()) {
        let head = b"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3";
        same(&[head, &*input].concat(), &steps);
    }
}

/// 合文法的请求大多被接受:不然上面的性质什么也没有说。
#[test]
fn most_requests_are_accepted() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let accepted = (0..500).filter(|_| {
        let tree = request().new_tree(&mut runner).unwrap();
        let input = tree.current();
        matches!(parse::outcome(input.as_bytes(), &[1000]), Ok(Some(_)))
    });
    assert!(accepted.count() > 250);
}
