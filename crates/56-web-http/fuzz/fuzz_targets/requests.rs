//! 任意的字节,任意切开:解析器和对话的结果都一样;接受的请求,用最笨的办法也说得出道理。
//!
//! 在 crates/56-web-http 里:`cargo +nightly fuzz run -s none requests -- -max_len=65536`。没有 unsafe,
//! 用不着查内存的 sanitizer:不带它快好几倍。

#![no_main]
// 程序没有库,所以直接用它的源文件;用到的只是其中几个。
#![allow(dead_code, unused_imports)]

#[path = "../../src/body.rs"]
mod body;
#[path = "../../src/clock.rs"]
mod clock;
#[path = "../../src/dialogue/mod.rs"]
mod dialogue;
#[path = "../../src/limits.rs"]
mod limits;
#[path = "../../src/request/mod.rs"]
mod request;
#[path = "../../src/response.rs"]
mod response;
#[path = "../../src/status.rs"]
mod status;
#[path = "../../tests/support/mod.rs"]
mod support;

use dialogue::Dialogue;
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use support::{BODY, converse, parse};

/// 前面几个字节说怎样切开,其余的是收到的字节。
const STEPS: usize = 4;

fuzz_target!(|input: &[u8]| {
    let Some((steps, input)) = input.split_at_checked(STEPS) else {
        return;
    };
    let steps: Vec<usize> = steps.iter().map(|&step| usize::from(step)).collect();
    parse::check(input, &steps);
    let dialogue = || Dialogue::new(true, 5, BODY);
    let (whole, echo) = converse(dialogue(), input, &[input.len()]);
    for steps in [&[1], &*steps] {
        let (split, other) = converse(dialogue(), input, steps);
        assert_eq!(split, whole);
        assert_eq!(other.asked, echo.asked);
    }
});

/// 一半是 libFuzzer 自己的改法,一半照着文法改:插入、换掉、重复一段有意义的字节。
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    if seed.is_multiple_of(2) {
        return fuzzer_mutate(data, size, max_size);
    }
    let mut random = Random(seed);
    let mut input = data[..size].to_vec();
    input.resize(size.max(STEPS), 7);
    for _ in 0..=random.below(3) {
        random.mutate(&mut input);
    }
    input.truncate(max_size);
    data[..input.len()].copy_from_slice(&input);
    input.len()
});

/// 够用的随机数(xorshift)。
struct Random(u32);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 as usize % limit.max(1)
    }

    fn mutate(&mut self, input: &mut Vec<u8>) {
        let word = WORDS[self.below(WORDS.len())].as_bytes();
        let at = STEPS + self.below(input.len() + 1 - STEPS);
        let end = at + self.below((input.len() + 1 - at).min(64));
        match self.below(8) {
            0..3 => drop(input.splice(at..at, word.iter().copied())),
            3 => drop(input.splice(at..end, word.iter().copied())),
            4 => drop(input.splice(at..end, [])),
            5 => {
                let copy = input[at..end].to_vec();
                // 字段的个数也有上限。
                let times = if self.below(32) == 0 { 101 } else { 1 };
                input.splice(end..end, copy.repeat(times));
            }
            // 靠近上限的长度,一次改几个字节很难碰到。
            6 if self.below(16) == 0 => {
                let length = LENGTHS[self.below(LENGTHS.len())] + self.below(80);
                input.splice(at..at, vec![b'a'; length - 40]);
            }
            _ => input.extend_from_slice(word),
        }
    }
}

const LENGTHS: [usize; 5] = [40, 100, 4096, limits::REQUEST_LINE, limits::FIELDS];

const WORDS: &[&str] = &[
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
    "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "GET http://a:1/b?c HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "HEAD /304 HTTP/1.1\r\n",
    "OPTIONS * HTTP/1.1\r\n",
    "CONNECT [::1]:443 HTTP/1.1\r\n",
    "HTTP/1.0",
    "HTTP/2.0",
    "http://",
    "\r\n",
    "\r\n\r\n",
    "\r",
    "\n",
    " ",
    "\t",
    ":",
    ";",
    ",",
    "\0",
    "\x7f",
    "\u{4f60}",
    "Host: [::1]:80\r\n",
    "Host: a%41\r\n",
    "X: y\r\n",
    " folded\r\n",
    "Content-Length: ",
    "Content-Length: 100\r\n",
    "Content-Length: 18446744073709551615\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: gzip, chunked\r\n",
    "Connection: close\r\n",
    "Connection: keep-alive\r\n",
    "Expect: 100-continue\r\n",
    "Range: bytes=0-\r\n",
    "If-None-Match: *\r\n",
    "0\r\n\r\n",
    "5\r\nhello\r\n",
    "5;a=\"b\"\r\nhello\r\n",
    "ffffffffffffffff\r\n",
];
