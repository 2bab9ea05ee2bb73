//! 丢掉正文:长度、分块,一条一条地对照 RFC 9112 §6.3、§7.1。
#![allow(clippy::unwrap_used)]
// 程序没有库,所以直接用它的源文件;用到的只是其中几个。
#![allow(dead_code, unused_imports)]

#[path = "../src/body.rs"]
mod body;
#[path = "../src/limits.rs"]
mod limits;
#[path = "../src/request/mod.rs"]
mod request;
#[path = "../src/status.rs"]
mod status;

use body::Drain;
use request::Framing;

const LIMIT: u64 = 1000;

/// 每次多给 `step` 个字节,直到正文完了:丢了多少。还没有完是 `None`,拒绝是状态码。
fn drain(framing: Framing, input: &[u8], step: usize) -> Result<Option<usize>, u16> {
    let mut drain = Drain::new(framing, LIMIT).map_err(|reject| reject.status.0)?;
    let (mut used, mut end) = (0, 0);
    loop {
        let (more, whole) = drain
            .advance(&input[used..end])
            .map_err(|reject| reject.status.0)?;
        used += more;
        if whole {
            return Ok(Some(used));
        }
        if end == input.len() {
            return Ok(None);
        }
        end = input.len().min(end + step);
    }
}

/// 怎样切开都一样的结果。
fn chunked(input: &[u8]) -> Result<Option<usize>, u16> {
    let whole = drain(Framing::Chunked, input, input.len().max(1));
    for step in 1..input.len().min(8) {
        let shown = input.escape_ascii();
        assert_eq!(drain(Framing::Chunked, input, step), whole, "{shown}");
    }
    whole
}

#[test]
fn a_length_is_so_many_bytes() {
    for step in [1, 2, 100] {
        assert_eq!(drain(Framing::Length(0), b"GET", step), Ok(Some(0)));
        assert_eq!(drain(Framing::Length(5), b"helloGET", step), Ok(Some(5)));
        assert_eq!(drain(Framing::Length(5), b"hell", step), Ok(None));
    }
    assert!(Drain::new(Framing::Length(LIMIT), LIMIT).is_ok());
    assert!(Drain::new(Framing::Length(LIMIT + 1), LIMIT).is_err());
    assert_eq!(drain(Framing::Length(u64::MAX), b"", 1), Err(413));
}

#[test]
fn chunks_end_with_an_empty_one() {
    for body in [
        &b"0\r\n\r\n"[..],
        b"5\r\nhello\r\n0\r\n\r\n",
        b"005\r\nhello\r\n000\r\n\r\n",
        b"a\r\n0123456789\r\n1\r\n!\r\n0\r\n\r\n",
        b"9\r\n\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n",
        b"5;a\r\nhello\r\n0;a=b;c=\"d;e\"\r\n\r\n",
        b"5 \t;a\r\nhello\r\n0\r\n\r\n",
        b"5;a;b=c ; d = \"\\\"; \t\x80\";e\r\nhello\r\n0\r\n\r\n",
        b"5;a=\"\"\r\nhello\r\n0\r\n\r\n",
        b"0\r\nTrailer: a\r\nContent-Length: 5\r\n\r\n",
    ] {
        assert_eq!(chunked(body), Ok(Some(body.len())));
        assert_eq!(chunked(&[body, b"GET"].concat()), Ok(Some(body.len())));
        for end in 0..body.len() {
            assert_eq!(chunked(&body[..end]), Ok(None));
        }
    }
}

#[test]
fn bad_chunks_are_refused() {
    for body in [
        &b"\r\n"[..],
        b"x\r\n",
        b" 5\r\nhello\r\n",
        b"+5\r\nhello\r\n",
        b"-5\r\nhello\r\n",
        b"0x5\r\nhello\r\n",
        b"5h\r\nhello\r\n",
        b"5\nhello\r\n0\r\n\r\n",
        b"5\rhello\r\n",
        b"5\r\rhello\r\n",
        b"5 \r\nhello\r\n",
        b"5 5\r\nhello\r\n",
        b"5;a\nhello\r\n0\r\n\r\n",
        b"5;a\r\r\nhello\r\n",
        b"5;\0\r\nhello\r\n",
        b";a\r\n",
        b"5;\r\nhello\r\n",
        b"5;a;\r\nhello\r\n",
        b"5;a=\r\nhello\r\n",
        b"5;a \r\nhello\r\n",
        b"5;a=b \r\nhello\r\n",
        b"5;a b\r\nhello\r\n",
        b"5;a=b=c\r\nhello\r\n",
        b"5;a=b\"c\"\r\nhello\r\n",
        b"5;a=\"b\"c\r\nhello\r\n",
        b"5;\"a\"\r\nhello\r\n",
        b"5;=a\r\nhello\r\n",
        b"5;a=\"\r\nhello\r\n",
        b"5;a=\"\\\r\nhello\r\n",
        b"5;a=\"\0\"\r\nhello\r\n",
        b"5;\x80\r\nhello\r\n",
        b"5\r\nhello0\r\n\r\n",
        b"5\r\nhello\n0\r\n\r\n",
        b"5\r\nhello\r0\r\n\r\n",
        b"5\r\nhello!\n0\r\n\r\n",
        b"5\r\nhelloo\r\n0\r\n\r\n",
        b"5\r\nhell\r\n0\r\n\r\n",
        b"10000000000000000\r\n",
        b"00000000000000005\r\nhello\r\n",
        b"0\r\nX : a\r\n\r\n",
        b"0\r\nX: a\n\r\n",
        b"0\r\nX: a\r\n b\r\n\r\n",
        b"0\r\n\n",
        b"0\r\n: a\r\n\r\n",
        b"0\r\n\r\rGET",
    ] {
        assert_eq!(chunked(body), Err(400), "{}", body.escape_ascii());
    }
}

#[test]
fn chunks_have_limits() {
    let chunk = |length: usize| format!("{length:x}\r\n{}\r\n", "a".repeat(length));
    let whole = [&*chunk(400), &*chunk(600), "0\r\n\r\n"].concat();
    assert_eq!(chunked(whole.as_bytes()), Ok(Some(whole.len())));
    let over = [&*chunk(400), &*chunk(601)].concat();
    assert_eq!(chunked(over.as_bytes()), Err(413));
    // 说多少就算多少,不等它来;相加也不会溢出。
    assert_eq!(chunked(b"3e9\r\n"), Err(413));
    assert_eq!(chunked(b"1\r\na\r\nffffffffffffffff\r\n"), Err(413));

    let extension = |length| format!("0;{}\r\n\r\n", "a".repeat(length));
    assert!(chunked(extension(4095).as_bytes()).is_ok());
    assert_eq!(chunked(extension(4096).as_bytes()), Err(400));
    // 加起来算。
    let many = format!("1;{}\r\na\r\n", "a".repeat(99)).repeat(41);
    assert_eq!(chunked(many.as_bytes()), Err(400));

    let trailer = |count| format!("0\r\n{}\r\n", "x: y\r\n".repeat(count));
    assert!(chunked(trailer(limits::FIELD_COUNT).as_bytes()).is_ok());
    let over = trailer(limits::FIELD_COUNT + 1);
    assert_eq!(chunked(over.as_bytes()), Err(431));
    let long = format!("0\r\nx: {}", "y".repeat(limits::FIELDS));
    assert_eq!(chunked(long.as_bytes()), Err(431));
}
