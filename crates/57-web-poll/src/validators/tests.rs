use std::time::Duration;

use super::*;

const NOW: i128 = 1_700_000_000 * SECOND + 500_000_000;

fn stamp(modified: i128, changed: i128) -> Stamp {
    Stamp {
        size: 0x1f,
        identity: [1, 2],
        modified,
        changed,
    }
}

fn at(nanoseconds: i128) -> SystemTime {
    UNIX_EPOCH + Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or_default())
}

#[test]
fn a_file_that_may_change_within_the_same_tick_has_none() {
    let millisecond = SECOND / 1000;
    let cases = [
        // (修改时间, 最后变化, 有没有)
        (NOW - 19 * millisecond, NOW - 19 * millisecond, false),
        (NOW - 20 * millisecond, NOW - 20 * millisecond, true),
        (NOW + millisecond, NOW + millisecond, false),
        // 两个都没有小数部分:粗的文件系统。
        (NOW - 500 * millisecond, NOW - 500 * millisecond, false),
        (NOW - 1500 * millisecond, NOW - 1500 * millisecond, false),
        (NOW - 2500 * millisecond, NOW - 2500 * millisecond, true),
        (NOW - 500 * millisecond, NOW - 499 * millisecond, true),
    ];
    for (modified, changed, expected) in cases {
        let found = Validators::new(&stamp(modified, changed), "", at(NOW)).is_some();
        assert_eq!(found, expected, "{modified} {changed}");
    }
}

/// 改得了修改时间,改不了 ctime:修改时间在将来的文件也有校验器。
#[cfg(unix)]
#[test]
fn a_date_in_the_future_is_given_as_now() {
    let future = stamp(NOW + 3600 * SECOND + 7, NOW - SECOND);
    let found = Validators::new(&future, "", at(NOW));
    assert_eq!(
        found.map(|found| (found.modified, found.settled)),
        Some((1_700_000_000, false))
    );
}

#[test]
fn any_difference_changes_the_tag() {
    let first = stamp(7, 9);
    let others = [
        Stamp {
            size: 0x20,
            ..first
        },
        Stamp {
            identity: [2, 2],
            ..first
        },
        Stamp {
            identity: [1, 3],
            ..first
        },
        Stamp {
            modified: 8,
            ..first
        },
        Stamp {
            changed: 10,
            ..first
        },
    ];
    for other in others {
        assert_ne!(tag(&first, ""), tag(&other, ""));
    }
    assert_ne!(tag(&first, ""), tag(&first, "br"));
    assert_ne!(tag(&first, "gzip"), tag(&first, "br"));
    assert_eq!(tag(&first, "br"), tag(&first, "br"));
    assert!(tag(&first, "br").starts_with("\"1f-") && tag(&first, "br").ends_with("-br\""));
}

#[test]
fn older_is_compared_as_finely_as_the_stamp_says() {
    let original = stamp(10 * SECOND + 700, 0);
    let cases = [
        (10 * SECOND + 699, true),
        (10 * SECOND + 700, false),
        (11 * SECOND, false),
        // 只抄到秒。
        (10 * SECOND, false),
        (9 * SECOND, true),
        (9 * SECOND + 999, true),
    ];
    for (modified, expected) in cases {
        assert_eq!(
            stamp(modified, 0).is_older(&original),
            expected,
            "{modified}"
        );
    }
}

#[test]
fn numbers_are_written_in_hexadecimal() {
    for number in [0, 1, 15, 16, 0xabc, u64::MAX] {
        let mut text = String::new();
        push_hex(&mut text, number);
        assert_eq!(text, format!("{number:x}"));
    }
}

#[test]
fn times_before_1970_are_negative() {
    assert_eq!(nanoseconds(UNIX_EPOCH - Duration::from_nanos(3)), -3);
    assert_eq!(stamp(-1, 0).modified(), 0);
}
