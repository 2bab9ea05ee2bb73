#![allow(clippy::unwrap_used)]

use std::io::Write;

use super::*;

/// 一个 10 字节的文件,打开时却以为它有 `size` 字节。
fn opened(size: u64) -> Representation {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(b"0123456789").unwrap();
    std::io::Seek::rewind(&mut file).unwrap();
    let stamp = Stamp {
        size,
        identity: [0; 2],
        modified: 0,
        changed: 0,
    };
    Representation {
        file,
        stamp,
        kind: Type::of(b"a.txt"),
        coding: None,
    }
}

#[test]
fn a_file_that_changed_its_size_meanwhile_is_tried_again() {
    let got = opened(10).whole(false, Fields::new()).unwrap();
    assert!(matches!(got.body, Body::Bytes(bytes) if *bytes == *b"0123456789"));
    for size in [1, 9, 11, SMALL] {
        let got = opened(size).whole(false, Fields::new());
        assert!(matches!(got, Err(Setback::Changed)), "{size}");
    }
}

#[test]
fn nothing_is_read_for_a_head_an_empty_or_a_large_file() {
    for (size, head) in [(9, true), (SMALL + 1, true), (0, false)] {
        let got = opened(size).whole(head, Fields::new()).unwrap();
        assert!(matches!(got.body, Body::Empty), "{size}");
        let length = format!("Content-Length: {size}\r\n");
        assert!(str::from_utf8(&got.fields).unwrap().ends_with(&length));
    }
    let got = opened(SMALL + 1).whole(false, Fields::new()).unwrap();
    assert!(matches!(got.body, Body::File(slice) if slice.length == SMALL + 1));
}
