//! `multipart/byteranges`:照文法读开,每一段与文件比较(RFC 9110 §14.6)。

use super::talk::{Talk, find};
use crate::web::response::Response;

/// 一段的位置,首尾都算。
type Span = (usize, usize);

impl Talk {
    /// 206:一段就有 Content-Range,几段就是 multipart;合起来恰好是要的字节(可以合并相邻的)。
    /// 服务器可以不理 Range,那就是 200 和整个文件。
    pub(super) fn parts(self, name: &'static str, wanted: &'static [Span]) -> Self {
        self.check(move |seen| {
            let whole = seen.file(name)?;
            let response = seen.last();
            if response.status == 200 && response.body == whole {
                return Ok(());
            }
            let given = spans(response, &whole)?;
            let covers = |at: usize| given.iter().any(|span| span.0 <= at && at <= span.1);
            match wanted.iter().all(|span| (span.0..=span.1).all(covers)) {
                true => Ok(()),
                false => Err(format!("要的是 {wanted:?},给的是 {given:?}")),
            }
        })
    }

    /// 恰好给这几段,用 multipart,次序也一样。
    pub(super) fn exactly_parts(self, name: &'static str, wanted: &'static [Span]) -> Self {
        self.check(move |seen| {
            let given = multipart(seen.last(), &seen.file(name)?)?;
            match given == wanted {
                true => Ok(()),
                false => Err(format!("应当分成 {wanted:?},却是 {given:?}")),
            }
        })
    }

    /// 给的总字节数不超过文件的 `times` 倍(再加一个头):请求很小,回答不能很大。
    pub(super) fn bounded(self, name: &'static str, times: usize) -> Self {
        self.check(move |seen| {
            let most = seen.file(name)?.len() * times + 4096;
            match seen.last().body.len() {
                length if length > most => Err(format!("回答有 {length} 字节,应当不超过 {most}")),
                _ => Ok(()),
            }
        })
    }
}

/// 一个 206 给了哪几段,每一段都与文件相同。
fn spans(response: &Response, whole: &[u8]) -> Result<Vec<Span>, String> {
    if response.status != 206 {
        return Err(format!("应当是 206,却是 {}", response.status));
    }
    let Some(range) = response.field("Content-Range") else {
        return multipart(response, whole);
    };
    same(range, &response.body, whole).map(|span| vec![span])
}

/// multipart 的每一段。
fn multipart(response: &Response, whole: &[u8]) -> Result<Vec<Span>, String> {
    if response.field("Content-Range").is_some() {
        return Err("几段的 206 不应当在头写 Content-Range".to_owned());
    }
    let boundary = boundary(response.field("Content-Type").unwrap_or_default())?;
    let delimiter = format!("\r\n--{boundary}");
    // 第一个分隔符前面的换行可以没有。
    let mut rest = [b"\r\n", response.body.as_slice()].concat();
    let mut spans = Vec::new();
    let first = find(&rest, delimiter.as_bytes()).ok_or("正文里没有分隔符")?;
    rest.drain(..first + delimiter.len());
    while !rest.starts_with(b"--") {
        let next = find(&rest, delimiter.as_bytes()).ok_or("最后没有结束的分隔符")?;
        spans.push(part(&rest[..next], whole)?);
        rest.drain(..next + delimiter.len());
    }
    match rest.as_slice() {
        b"--" | b"--\r\n" => Ok(spans),
        _ => Err("结束的分隔符后面还有字节".to_owned()),
    }
}

/// `multipart/byteranges; boundary=…` 的分隔符(RFC 2046 §5.1.1)。
fn boundary(kind: &str) -> Result<String, String> {
    let wrong = || format!("Content-Type 应当是 multipart/byteranges; boundary=…,却是「{kind}」");
    let (media, parameter) = kind.split_once(';').ok_or_else(wrong)?;
    let (name, value) = parameter.trim().split_once('=').ok_or_else(wrong)?;
    let value = value.trim_matches('"');
    let named = media.trim().eq_ignore_ascii_case("multipart/byteranges");
    let good = named && name.eq_ignore_ascii_case("boundary") && (1..=70).contains(&value.len());
    good.then(|| value.to_owned()).ok_or_else(wrong)
}

/// 一段:换行、几个字段、空行、字节。
fn part(bytes: &[u8], whole: &[u8]) -> Result<Span, String> {
    let bytes = bytes.strip_prefix(b"\r\n").ok_or("分隔符后面应当换行")?;
    let blank = find(bytes, b"\r\n\r\n").ok_or("一段里没有空行")?;
    let head = String::from_utf8_lossy(&bytes[..blank]).into_owned();
    let range = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("Content-Range")
            .then(|| value.trim().to_owned())
    });
    let range = range.ok_or("一段里没有 Content-Range")?;
    same(&range, &bytes[blank + 4..], whole)
}

/// `bytes 首-尾/总长`,字节与文件的那一段相同。
pub(super) fn same(range: &str, bytes: &[u8], whole: &[u8]) -> Result<Span, String> {
    let parse = || {
        let (span, total) = range.strip_prefix("bytes ")?.split_once('/')?;
        let (first, last) = span.split_once('-')?;
        let total: usize = total.parse().ok()?;
        Some((first.parse().ok()?, last.parse().ok()?, total))
    };
    let (first, last, total): (usize, usize, usize) =
        parse().ok_or_else(|| format!("Content-Range 不对:{range}"))?;
    if total != whole.len() || last >= total || first > last {
        return Err(format!(
            "Content-Range 与文件({} 字节)不合:{range}",
            whole.len()
        ));
    }
    match bytes == &whole[first..=last] {
        true => Ok((first, last)),
        false => Err(format!("{range} 这一段的字节不对({} 字节)", bytes.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(kind: &str, body: &str) -> Response {
        let head = format!("HTTP/1.1 206 Partial Content\r\n{kind}\r\n\r\n");
        let mut response = Response::parse(head.as_bytes()).unwrap();
        response.body = body.as_bytes().to_vec();
        response
    }

    const KIND: &str = "Content-Type: multipart/byteranges; boundary=B";

    #[test]
    fn reads_parts() {
        let body = "--B\r\nContent-Range: bytes 0-1/6\r\n\r\nab\r\n--B\r\nContent-Type: text/plain\r\nContent-Range: bytes 4-5/6\r\n\r\nef\r\n--B--\r\n";
        let found = spans(&response(KIND, body), b"abcdef");
        assert_eq!(found, Ok(vec![(0, 1), (4, 5)]));
        let single = response("Content-Range: bytes 2-3/6", "cd");
        assert_eq!(spans(&single, b"abcdef"), Ok(vec![(2, 3)]));
    }

    #[test]
    fn refuses_wrong_parts() {
        let bodies = [
            "",
            "--B--",
            "--B\r\nContent-Range: bytes 0-1/6\r\n\r\nab",
            "--B\r\nContent-Range: bytes 0-1/6\r\n\r\nax\r\n--B--",
            "--B\r\nContent-Range: bytes 0-1/7\r\n\r\nab\r\n--B--",
            "--B\r\nContent-Range: bytes 0-2/6\r\n\r\nab\r\n--B--",
            "--B\r\nContent-Range: bytes 5-6/6\r\n\r\nf\r\n--B--",
            "--B\r\n\r\nab\r\n--B--",
            "--B\r\nContent-Range: bytes 0-1/6\r\n\r\nab\r\n--B--\r\nmore",
        ];
        for body in bodies.iter().filter(|body| **body != "--B--") {
            assert!(spans(&response(KIND, body), b"abcdef").is_err(), "{body:?}");
        }
        let twice = response(&format!("{KIND}\r\nContent-Range: bytes 0-1/6"), "ab");
        assert!(multipart(&twice, b"abcdef").is_err());
    }
}
