//! 每个回答都要有的:版本、Date、长度、Last-Modified、ETag(RFC 9110 §6、§8)。

use super::request::{ask, get, get_with, raw};
use super::talk::Talk;
use super::{Rule, must, own, should};

/// `Sun, 06 Nov 1994 08:49:37 GMT` 的样子(IMF-fixdate,RFC 9110 §5.6.7)。
fn is_date(value: &str) -> bool {
    const SHAPE: &[u8] = b"Aaa, 00 Aaa 0000 00:00:00 GMT";
    let alike = |(actual, shape): (u8, &u8)| match shape {
        b'A' => actual.is_ascii_uppercase(),
        b'a' => actual.is_ascii_lowercase(),
        b'0' => actual.is_ascii_digit(),
        _ => actual == *shape,
    };
    let fixed = value.len() == SHAPE.len() && value.bytes().zip(SHAPE).all(alike);
    let day = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        .iter()
        .any(|day| value.starts_with(day));
    fixed && day && month(value).is_some()
}

/// 月份,从 0 起。
fn month(value: &str) -> Option<usize> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let at = MONTHS.find(value.get(8..11)?)?;
    at.is_multiple_of(3).then_some(at / 3)
}

/// 能比较先后的一个数:年月日时分秒连起来。
fn order(value: &str) -> Option<String> {
    let month = month(value)?;
    Some(format!(
        "{}{month:02}{}{}",
        value.get(12..16)?,
        value.get(5..7)?,
        value.get(17..25)?
    ))
}

/// `"…"` 或者 `W/"…"`(RFC 9110 §8.8.3)。
fn is_tag(value: &str) -> bool {
    let opaque = value.strip_prefix("W/").unwrap_or(value);
    let inside = opaque
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    inside.is_some_and(|inside| {
        inside
            .bytes()
            .all(|byte| byte == b'!' || matches!(byte, b'#'..=b'~' | 0x80..))
    })
}

fn dated(talk: Talk) -> Talk {
    talk.field_is("Date", "是 IMF-fixdate", is_date)
}

#[rustfmt::skip]
pub(super) fn rules() -> Vec<Rule> {
    vec![
        must("9110 §6.6.1", "date-200", "200 有 Date", dated(get("/letters.txt").status(&[200]))),
        must("9110 §6.6.1", "date-301", "跳转有 Date", dated(get("/sub").not(&[200]))),
        must("9110 §6.6.1", "date-304", "304 有 Date", dated(get_with("/letters.txt", "If-None-Match: *").status(&[304]))),
        must("9110 §6.6.1", "date-404", "404 有 Date", dated(get("/nothing").status(&[404]))),
        must("9110 §6.6.1", "date-400", "400 有 Date", dated(raw("BAD\r\n\r\n").status(&[400]))),
        must("9110 §6.6.1", "date-206", "206 有 Date", dated(get_with("/letters.txt", "Range: bytes=0-0").status(&[206, 200]))),
        must("9110 §6.6.1", "date-416", "416 有 Date", dated(get_with("/letters.txt", "Range: bytes=99-").status(&[416, 200]))),
        must("9110 §6.6.1", "date-412", "412 有 Date", dated(get_with("/letters.txt", "If-Match: \"no\"").status(&[412]))),
        must("9110 §6.6.1", "date-405", "405 有 Date", dated(ask("PUT", "/index.html"))),
        must("9110 §6.6.1", "date-414", "414 有 Date", dated(get(&format!("/{}", "a".repeat(200_000))).status(&[414]))),
        should("9110 §6.2", "version-sent", "回答说自己最高的版本:HTTP/1.1",
            raw("GET /letters.txt HTTP/1.0\r\n\r\n").check(|seen| match seen.last().version.as_str() {
                "HTTP/1.1" => Ok(()),
                other => Err(format!("版本应当是 HTTP/1.1,却是 {other}")),
            })),
        should("9110 §8.6", "length-sent", "知道长度就说 Content-Length", get("/letters.txt").field("Content-Length", "26")),
        should("9110 §8.6", "length-sent-empty", "空文件:Content-Length: 0", get("/empty.txt").gives("empty.txt").field("Content-Length", "0").in_sync()),
        should("9110 §8.6", "length-sent-big", "大文件一字不差", get("/big.bin").gives("big.bin").field("Content-Length", "5000000").in_sync()),
        should("9110 §8.6", "length-sent-404", "404 的正文也有长度", get("/nothing").status(&[404]).has("Content-Length").in_sync()),
        should("9110 §8.8.2", "last-modified", "有 Last-Modified,是文件的时间",
            get("/letters.txt").field("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT")),
        should("9110 §8.8.2", "last-modified-index", "目录的首页也有", get("/").field("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT")),
        must("9110 §8.8.2.1", "last-modified-future", "文件的时间在将来:Last-Modified 不许晚于 Date",
            get("/future.txt").gives("future.txt").check(|seen| {
                let (date, modified) = (seen.last().field("Date"), seen.last().field("Last-Modified"));
                match (date.and_then(order), modified.and_then(order)) {
                    (Some(date), Some(modified)) if modified > date => Err("Last-Modified 晚于 Date".to_owned()),
                    _ => Ok(()),
                }
            })),
        should("9110 §8.8.3", "etag", "有 ETag,写法对", get("/letters.txt").field_is("ETag", "有引号", is_tag)),
        should("9110 §8.8.3", "etag-index", "目录的首页也有 ETag", get("/").field_is("ETag", "有引号", is_tag)),
        must("9110 §8.8.3", "etag-stable", "同一个文件,ETag 不变", get("/letters.txt").then(get("/letters.txt")).same("ETag")),
        must("9110 §8.8.3", "etag-other-file", "不同的文件,ETag 不同", get("/letters.txt").then(get("/index.html")).differs("ETag")),
        own("9110 §8.8.1", "etag-strong", "ETag 是强的", get("/letters.txt").field_is("ETag", "是强的", |tag| !tag.starts_with("W/"))),
        own("9110 §14.3", "accept-ranges", "说自己支持范围:Accept-Ranges: bytes", get("/letters.txt").field("Accept-Ranges", "bytes")),
        own("9110 §15.5.5", "missing", "没有的文件:404", get("/nothing.html").status(&[404])),
        own("9110 §15.5.5", "missing-page", "404 的正文是网站自己的 404.html", get("/nothing.html").status(&[404]).body_of("404.html")),
        own("9110 §15.5.5", "missing-page-type", "404.html 的类型是网页",
            get("/nothing.html").field_is("Content-Type", "以 text/html 开头", |kind| kind.starts_with("text/html"))),
        own("9110 §10.2.4", "no-server", "不说自己是什么程序", get("/letters.txt").without("Server")),
        own("9110 §15.3.1", "missing-no-validators", "404 没有 ETag、Last-Modified",
            get("/nothing").status(&[404]).without("ETag").without("Last-Modified")),
        must("9112 §4", "reason-200", "状态行:版本、三位数字、短语",
            get("/letters.txt").check(|seen| match seen.last().head.starts_with(b"HTTP/1.1 200 ") {
                true => Ok(()),
                false => Err("状态行应当以「HTTP/1.1 200 」开头".to_owned()),
            })),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_dates_and_tags() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert!(is_date(date));
        for wrong in [
            "",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Foo, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Foo 1994 08:49:37 GMT",
        ] {
            assert!(!is_date(wrong), "{wrong}");
        }
        assert!(order(date) < order("Mon, 07 Nov 1994 00:00:00 GMT"));
        assert!(order("Fri, 31 Dec 1993 23:59:59 GMT") < order(date));
        assert!(
            is_tag("\"x\"")
                && is_tag("W/\"\"")
                && !is_tag("x")
                && !is_tag("\"a b\"")
                && !is_tag("w/\"x\"")
        );
    }
}
