//! 任意的字节,任意切开:一次给完、一个一个给、几个几个给,听到的都一样;说回去,对方听到的也一样。
//!
//! 在 crates/26-tcp-chat 里:`cargo +nightly fuzz run decoder`。

#![no_main]

use libfuzzer_sys::fuzz_target;
use name::{Nickname, clean};
use protocol::{Decoder, Fault, MAX_LINE, MAX_REPLY, Received, Way, encode};

// 程序没有库,所以直接用它的源文件;用到的只是其中几个函数。
#[allow(dead_code)]
#[path = "../../src/name.rs"]
mod name;
#[allow(dead_code)]
#[path = "../../src/protocol.rs"]
mod protocol;

/// 听到的一样东西,不再借用解码器。
#[derive(Debug, PartialEq)]
enum Heard {
    Line(String),
    Heartbeat,
    NotUtf8,
    TooLong,
}

fuzz_target!(|input: (u8, u16, u16, &[u8])| {
    let (size, place, length, bytes) = input;
    // 中间垫上许多字节:几千字节的一行,靠一次改几个字节很难碰到。
    let (before, after) = bytes.split_at(usize::from(place).min(bytes.len()));
    let padding = vec![b'y'; usize::from(length) % (MAX_LINE + 16)];
    let bytes = &*[before, &padding, after].concat();
    let whole = decode(std::iter::once(bytes));
    assert_eq!(whole, decode(bytes.chunks(1)));
    assert_eq!(whole, decode(bytes.chunks(usize::from(size) * 16 + 2)));

    let (heard, _) = whole;
    for heard in heard {
        let Heard::Line(line) = heard else {
            continue;
        };
        assert!(!line.is_empty() && line.len() <= MAX_LINE);
        if let Ok(name) = Nickname::new(&line) {
            let shown = name.to_string();
            assert_eq!(clean(&shown), shown.as_str());
            assert_eq!(Nickname::new(&shown), Ok(name));
        }
        let shown = clean(&line);
        assert!(shown.len() <= MAX_REPLY && !shown.contains(char::is_control));
        // 短的一行,两种传法说出去,听到的就是它;以 0 开头的字节只在分帧里有。
        if shown.len() <= MAX_LINE {
            for way in [Way::Frames, Way::Lines] {
                let mut sent = Vec::new();
                encode(&shown, way, &mut sent);
                assert_eq!(Way::of(sent[0]), way);
                let expected = vec![Heard::Line(shown.to_string())];
                assert_eq!(decode(sent.chunks(3)), (expected, None));
            }
        }
    }
});

/// 一段一段地听,直到听完或者听不下去。
fn decode<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<Heard>, Option<Fault>) {
    let mut decoder = Decoder::default();
    let mut heard = Vec::new();
    for mut piece in pieces {
        loop {
            match decoder.decode(&mut piece) {
                Ok(Some(received)) => heard.push(own(&received)),
                Ok(None) => break,
                Err(fault) => return (heard, Some(fault)),
            }
        }
        assert!(piece.is_empty());
    }
    heard.extend(decoder.finish().as_ref().map(own));
    (heard, None)
}

fn own(received: &Received) -> Heard {
    match received {
        Received::Line(line) => Heard::Line((*line).to_owned()),
        Received::Heartbeat => Heard::Heartbeat,
        Received::NotUtf8 => Heard::NotUtf8,
        Received::TooLong => Heard::TooLong,
    }
}
