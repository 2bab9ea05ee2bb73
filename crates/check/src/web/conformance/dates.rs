//! 条件请求:时间的两个字段和三种写法(RFC 9110 §13.1.3、§13.1.4、§5.6.7)。
//!
//! 文件的修改时间是 1994-11-06 08:49:37。

use super::request::{ask_with, get_with, head_with};
use super::{Rule, must, own, should};

/// 正好等于文件的时间,三种写法。
const SAME: [(&str, &str); 3] = [
    ("imf", "Sun, 06 Nov 1994 08:49:37 GMT"),
    ("rfc850", "Sunday, 06-Nov-94 08:49:37 GMT"),
    ("asctime", "Sun Nov  6 08:49:37 1994"),
];

/// 早一秒,三种写法。
const EARLIER: [(&str, &str); 3] = [
    ("imf", "Sun, 06 Nov 1994 08:49:36 GMT"),
    ("rfc850", "Sunday, 06-Nov-94 08:49:36 GMT"),
    ("asctime", "Sun Nov  6 08:49:36 1994"),
];

/// 不是 HTTP 的时间:不理它。
const WRONG: [(&str, &str); 10] = [
    ("words", "yesterday"),
    ("empty", ""),
    ("number", "784111778"),
    ("iso", "2024-11-06T08:49:37Z"),
    ("zone", "Wed, 06 Nov 2024 08:49:37 +0800"),
    ("day-32", "Fri, 32 Nov 2024 08:49:37 GMT"),
    ("hour-25", "Wed, 06 Nov 2024 25:49:37 GMT"),
    ("february-30", "Fri, 30 Feb 2024 08:49:37 GMT"),
    ("no-time", "Wed, 06 Nov 2024"),
    (
        "two",
        "Wed, 06 Nov 2024 08:49:37 GMT, Wed, 06 Nov 2024 08:49:38 GMT",
    ),
];

#[rustfmt::skip]
pub(super) fn rules() -> Vec<Rule> {
    let mut rules = Vec::new();
    for (form, date) in SAME {
        rules.push(should("9110 §13.1.3", &format!("since-same-{form}"), &format!("If-Modified-Since: {date}(相同):304"),
            get_with("/letters.txt", format!("If-Modified-Since: {date}")).status(&[304]).empty().in_sync()));
        rules.push(must("9110 §13.1.4", &format!("unmodified-same-{form}"), &format!("If-Unmodified-Since: {date}(相同):200"),
            get_with("/letters.txt", format!("If-Unmodified-Since: {date}")).gives("letters.txt")));
    }
    for (form, date) in EARLIER {
        rules.push(must("9110 §13.1.3", &format!("since-earlier-{form}"), &format!("If-Modified-Since: {date}(早一秒):200"),
            get_with("/letters.txt", format!("If-Modified-Since: {date}")).gives("letters.txt")));
        rules.push(must("9110 §5.6.7", &format!("unmodified-earlier-{form}"), &format!("If-Unmodified-Since: {date}(早一秒):412"),
            get_with("/letters.txt", format!("If-Unmodified-Since: {date}")).status(&[412])));
    }
    for (what, date) in WRONG {
        rules.push(must("9110 §13.1.3", &format!("since-wrong-{what}"), &format!("If-Modified-Since: {date}:不是时间,不理它"),
            get_with("/letters.txt", format!("If-Modified-Since: {date}")).gives("letters.txt")));
    }
    // 早于文件的时间的一天,却写错了:当真就会是 412。
    for (what, date) in [("words", "long ago"), ("day-32", "Fri, 32 Nov 1990 08:49:37 GMT"), ("zone", "Tue, 06 Nov 1990 08:49:37 +0800"), ("empty", "")] {
        rules.push(must("9110 §13.1.4", &format!("unmodified-wrong-{what}"), &format!("If-Unmodified-Since: {date}:不是时间,不理它"),
            get_with("/letters.txt", format!("If-Unmodified-Since: {date}")).gives("letters.txt")));
    }
    rules.extend([
        should("9110 §13.1.3", "since-later", "If-Modified-Since 晚于文件:304",
            get_with("/letters.txt", "If-Modified-Since: Wed, 06 Nov 2024 08:49:37 GMT").status(&[304])),
        should("9110 §13.1.3", "since-future", "If-Modified-Since 在将来:也是 304",
            get_with("/letters.txt", "If-Modified-Since: Thu, 31 Dec 2048 23:59:59 GMT").status(&[304])),
        should("9110 §5.6.7", "since-leap-second", "闰秒 60 合文法",
            get_with("/letters.txt", "If-Modified-Since: Sat, 31 Dec 2016 23:59:60 GMT").status(&[304])),
        must("9110 §13.1.3", "since-1960", "1970 年以前的时间也是时间",
            get_with("/letters.txt", "If-Modified-Since: Wed, 06 Jan 1960 08:49:37 GMT").gives("letters.txt")),
        must("9110 §5.6.7", "since-two-digits-past", "两位的年份 99 是 1999,不是 2099",
            get_with("/letters.txt", "If-Unmodified-Since: Friday, 31-Dec-93 23:59:59 GMT").status(&[412])),
        should("9110 §5.6.7", "since-two-digits-soon", "两位的年份 30 是 2030:五十年以内",
            get_with("/letters.txt", "If-Modified-Since: Sunday, 06-Jan-30 08:49:37 GMT").status(&[304])),
        must("9110 §13.1.3", "since-two-lines", "两行 If-Modified-Since:不止一个值,不理它,或者拒绝",
            get_with("/letters.txt", "If-Modified-Since: Wed, 06 Nov 2024 08:49:37 GMT\r\nIf-Modified-Since: Wed, 06 Nov 2024 08:49:38 GMT")
                .status(&[200, 400]).if_ok("letters.txt")),
        should("9110 §13.1.3", "since-head", "HEAD 也是 304",
            head_with("/letters.txt", "If-Modified-Since: Wed, 06 Nov 2024 08:49:37 GMT").status(&[304]).in_sync()),
        must("9110 §13.1.3", "since-options", "不是 GET、HEAD:不看 If-Modified-Since",
            ask_with("OPTIONS", "/letters.txt", "If-Modified-Since: Wed, 06 Nov 2024 08:49:37 GMT").not(&[304])),
        must("9110 §13.2.1", "since-404", "没有的文件:404",
            get_with("/nothing", "If-Modified-Since: Wed, 06 Nov 2024 08:49:37 GMT").status(&[404])),
        must("9110 §13.1.4", "unmodified-later", "If-Unmodified-Since 晚于文件:200",
            get_with("/letters.txt", "If-Unmodified-Since: Wed, 06 Nov 2024 08:49:37 GMT").gives("letters.txt")),
        must("9110 §13.2.1", "unmodified-404", "没有的文件:404,不是 412",
            get_with("/nothing", "If-Unmodified-Since: Sat, 06 Nov 1993 08:49:37 GMT").status(&[404])),
        must("9110 §13.1.4", "unmodified-head", "HEAD 也是 412",
            head_with("/letters.txt", "If-Unmodified-Since: Sat, 06 Nov 1993 08:49:37 GMT").status(&[412]).in_sync()),
        own("9110 §13.1.3", "since-index", "目录的首页看 index.html 的时间",
            get_with("/", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT").status(&[304])),
    ]);
    rules
}
