//! 解析和对话的速度:`cargo bench -p web-http`,几秒钟。
//!
//! 每一样量许多小批,取最快的一批:机器忙的时候也差不多。

#![allow(missing_docs)]
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

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use clock::Clock;
use dialogue::{Dialogue, Origin};
use request::{Parser, Request};
use response::{Body, Response};
use status::Status;

/// 每一样量这么久。
const TURN: Duration = Duration::from_millis(500);

/// 一批这么多次:比时钟的误差长得多,比操作系统的时间片短得多。
const BATCH: u32 = 256;

/// wrk 的请求:44 个字节。
const WRK: &str = "GET /index.html HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n";

/// 浏览器的请求,七百多个字节。
const BROWSER: &str = "GET /images/logo.png HTTP/1.1\r\nHost: www.example.com:8080\r\n\
    Connection: keep-alive\r\nsec-ch-ua: \"Chromium\";v=\"130\", \"Not?A_Brand\";v=\"99\"\r\n\
    sec-ch-ua-mobile: ?0\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 \
    (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36\r\nsec-ch-ua-platform: \"Linux\"\r\n\
    Accept: image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8\r\n\
    Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n\
    Referer: http://www.example.com:8080/index.html\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n\
    Accept-Language: zh-CN,zh;q=0.9,en;q=0.8\r\nCookie: theme=dark; session=0123456789abcdef\r\n\r\n";

/// 总给同一个回答。
struct Fixed(Response);

impl Origin for Fixed {
    fn answer(&mut self, request: &Request<'_>, _now: SystemTime) -> Response {
        black_box(request.is_plain());
        self.0.clone()
    }

    fn refuse(&mut self, _status: Status, _reason: &'static str) -> Response {
        self.0.clone()
    }
}

fn main() {
    println!("Dialogue 占 {} 字节", size_of::<Dialogue>());
    for (name, input) in [("wrk", WRK), ("浏览器", BROWSER)] {
        let nanos = fastest(|| {
            let mut parser = Parser::default();
            black_box(parser.parse(black_box(input.as_bytes()))).is_ok()
        });
        println!("解析 {name} 的请求({} 字节):{nanos:.0} 纳秒", input.len());
        println!("对话,同一个请求:{:.0} 纳秒", converse(input.as_bytes()));
    }
    let long = format!(
        "GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n",
        "y".repeat(30_000)
    );
    let nanos = fastest(|| {
        let mut parser = Parser::default();
        (1..=long.len()).all(|end| black_box(parser.parse(&long.as_bytes()[..end])).is_ok())
    });
    println!(
        "一个一个字节地给 {} 字节:每个字节 {:.1} 纳秒",
        long.len(),
        nanos / long.len() as f64
    );
}

/// 一问一答要几纳秒:解析、问(假的)网站、写回答的头。
fn converse(input: &[u8]) -> f64 {
    let mut origin = Fixed(Response {
        status: Status::OK,
        fields: Arc::from(
            &b"Content-Type: text/html; charset=utf-8\r\nContent-Length: 1024\r\n"[..],
        ),
        body: Body::Bytes(Arc::from(&[b'a'; 1024][..])),
        stamp: None,
    });
    let clock = Clock::new();
    let mut dialogue = Dialogue::new(false, u32::MAX, 0);
    let mut output = Vec::new();
    fastest(|| {
        output.clear();
        let (used, step) = dialogue.advance(black_box(input), &mut origin, &clock, &mut output);
        black_box(step);
        used == input.len()
    })
}

/// `work` 一次要几纳秒:许多小批里最快的一批,别的程序抢走处理器的那些批不算。
fn fastest(mut work: impl FnMut() -> bool) -> f64 {
    let (start, mut fastest) = (Instant::now(), Duration::MAX);
    while start.elapsed() < TURN {
        let batch = Instant::now();
        for _ in 0..BATCH {
            assert!(work());
        }
        fastest = fastest.min(batch.elapsed());
    }
    fastest.as_nanos() as f64 / f64::from(BATCH)
}
