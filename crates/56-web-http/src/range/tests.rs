use proptest::prelude::*;

use super::*;

fn one(start: u64, length: u64) -> Wanted {
    Wanted::One(Span { start, length })
}

fn several(spans: &[(u64, u64)]) -> Wanted {
    let span = |&(start, length): &(u64, u64)| Span { start, length };
    Wanted::Several(spans.iter().map(span).collect())
}

#[test]
fn one_range_of_a_thousand_bytes() {
    let cases = [
        ("bytes=0-499", one(0, 500)),
        ("bytes=500-999", one(500, 500)),
        ("bytes=0-0", one(0, 1)),
        ("bytes=999-999", one(999, 1)),
        ("bytes=500-", one(500, 500)),
        ("bytes=999-", one(999, 1)),
        ("bytes=-1", one(999, 1)),
        ("bytes=-500", one(500, 500)),
        ("bytes=-1000", one(0, 1000)),
        ("bytes=-5000", one(0, 1000)),
        ("bytes=900-5000", one(900, 100)),
        ("bytes=0-18446744073709551615", one(0, 1000)),
        ("bytes=0-99999999999999999999999", one(0, 1000)),
        ("bytes=-99999999999999999999999", one(0, 1000)),
        // 单位不分大小写;列表里可以有空白和空的一项。
        ("BYTES=0-1", one(0, 2)),
        ("bytes= 0-1 ", one(0, 2)),
        ("bytes=,0-1,,", one(0, 2)),
        // 一段在外面,另一段还算。
        ("bytes=0-1,1000-", one(0, 2)),
        ("bytes=2000-,-0,5-6", one(5, 2)),
    ];
    for (value, expected) in cases {
        assert_eq!(parse(value.as_bytes(), 1000), expected, "{value}");
    }
}

#[test]
fn several_ranges_in_the_order_asked_for() {
    let cases = [
        ("bytes=0-0,-1", several(&[(0, 1), (999, 1)])),
        ("bytes=0-1,2-3", several(&[(0, 2), (2, 2)])),
        ("bytes=500-600 , 0-1", several(&[(500, 101), (0, 2)])),
        ("bytes=0-1,5000-6000,9-9", several(&[(0, 2), (9, 1)])),
    ];
    for (value, expected) in cases {
        assert_eq!(parse(value.as_bytes(), 1000), expected, "{value}");
    }
}

#[test]
fn what_is_no_range_is_the_whole_file() {
    let wrong = [
        "",
        "bytes",
        "bytes=",
        "bytes=,",
        "bytes=-",
        "bytes=a-b",
        "bytes=1",
        "bytes=2-1",
        "bytes=0-1,x",
        "bytes=0-1;2-3",
        "bytes=0--1",
        "bytes=--1",
        "bytes=+1-2",
        "bytes=0x0-1",
        "bytes = 0-1",
        "bytes=0 - 1",
        "lines=0-1",
        "bytes:0-1",
        "bytes=1-2-3",
        "字节=0-1",
        // 重叠:同样的字节要两次。
        "bytes=0-1,1-2",
        "bytes=0-,0-",
        "bytes=-1,999-",
        "bytes=5-6,0-9",
    ];
    for value in wrong {
        assert_eq!(parse(value.as_bytes(), 1000), Wanted::Whole, "{value}");
    }
    let many = |count: u64| {
        let specs: Vec<_> = (0..count)
            .map(|at| format!("{}-{}", at * 2, at * 2))
            .collect();
        format!("bytes={}", specs.join(","))
    };
    assert!(
        matches!(parse(many(16).as_bytes(), 1000), Wanted::Several(spans) if spans.len() == 16)
    );
    assert_eq!(parse(many(17).as_bytes(), 1000), Wanted::Whole);
}

#[test]
fn outside_the_file_nothing_can_be_satisfied() {
    for value in [
        "bytes=1000-",
        "bytes=1000-2000",
        "bytes=-0",
        "bytes=5000-6000,-0",
        "bytes=99999999999999999999-",
    ] {
        assert_eq!(
            parse(value.as_bytes(), 1000),
            Wanted::Unsatisfiable,
            "{value}"
        );
    }
    for value in ["bytes=0-", "bytes=0-0", "bytes=-0"] {
        assert_eq!(parse(value.as_bytes(), 0), Wanted::Unsatisfiable, "{value}");
    }
    assert_eq!(parse(b"bytes=-1", 0), Wanted::Whole);
}

#[test]
fn content_range_names_the_last_byte() {
    assert_eq!(
        Span {
            start: 0,
            length: 500
        }
        .content_range(1234),
        "bytes 0-499/1234"
    );
}

proptest! {
    /// 随便什么值:给出的每一段都在文件里面,不重叠,加起来不超过文件。
    #[test]
    fn ranges_never_exceed_the_file(
        value in "(bytes=)?([0-9]{0,4}-[0-9]{0,20},? ?){0,20}",
        size in prop_oneof![0..2000_u64, Just(u64::MAX)],
    ) {
        let spans = match parse(value.as_bytes(), size) {
            Wanted::One(span) => vec![span],
            Wanted::Several(spans) => spans,
            _ => vec![],
        };
        let mut total = 0;
        for span in &spans {
            prop_assert!(span.length > 0 && span.start < size && span.length <= size - span.start);
            total += span.length;
        }
        prop_assert!(total <= size && spans.len() <= MAX_RANGES);
    }

    /// 随便什么字节都不会出错。
    #[test]
    fn any_bytes_are_a_value(value in prop::collection::vec(any::<u8>(), 0..64), size: u64) {
        parse(&[b"bytes=", &value[..]].concat(), size);
    }
}
