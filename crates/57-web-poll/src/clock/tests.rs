use std::time::{Duration, UNIX_EPOCH};

use super::*;

const EXAMPLE: u64 = 784_111_777;

#[test]
fn writes_the_date_once_a_second() {
    let mut clock = Clock::at(UNIX_EPOCH + Duration::from_millis(EXAMPLE * 1000 + 200));
    assert_eq!(clock.date(), "Sun, 06 Nov 1994 08:49:37 GMT");
    let before = clock.date().as_ptr();
    let later = UNIX_EPOCH + Duration::from_millis(EXAMPLE * 1000 + 999);
    clock.set(later);
    assert_eq!((clock.now(), clock.date().as_ptr()), (later, before));
    clock.set(UNIX_EPOCH + Duration::from_secs(EXAMPLE + 1));
    assert_eq!(clock.date(), "Sun, 06 Nov 1994 08:49:38 GMT");
}

#[test]
fn reads_the_three_forms() {
    let forms = [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
    ];
    for form in forms {
        assert_eq!(parse(form.as_bytes()), Some(EXAMPLE), "{form}");
    }
    let leap = "Sat, 31 Dec 2016 23:59:60 GMT";
    assert_eq!(parse(leap.as_bytes()), Some(1_483_228_800));
    for wrong in ["", "0", "Sun, 06 Nov 1994 08:49:37", "06 Nov 1994", "你好"] {
        assert_eq!(parse(wrong.as_bytes()), None, "{wrong}");
    }
    assert_eq!(parse(b"\xff\xff"), None);
}

#[test]
fn any_time_of_a_file_can_be_written() {
    assert_eq!(seconds(UNIX_EPOCH - Duration::from_secs(5)), 0);
    assert_eq!(date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    for far in [LAST_SECOND, LAST_SECOND + 1, u64::MAX] {
        assert_eq!(date(far), "Fri, 31 Dec 9999 23:59:59 GMT");
    }
}
