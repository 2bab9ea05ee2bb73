//! 从 web-http 起:RFC 9110、9112 要求一个静态网站做到的其余各项。

use std::fs;

use super::site::{self, INDEX, STYLE, ask, expect_on, field, wrong};
use super::{HttpPeer, get, request, with};
use crate::exam::{Exam, Verdict};

/// 说 `request`,状态应当是 `wanted`。
fn expect_status(exam: &mut Exam, request: &[u8], wanted: &[u16]) -> Verdict {
    let server = site::open(exam)?;
    let response = ask(exam, server, request)?;
    site::status(request, &response, wanted)
}

pub(super) fn host(exam: &mut Exam) -> Verdict {
    expect_status(exam, b"GET / HTTP/1.1\r\n\r\n", &[400])
}

pub(super) fn two_hosts(exam: &mut Exam) -> Verdict {
    expect_status(exam, &with("GET", "/", "Host: other\r\n"), &[400])
}

pub(super) fn two_lengths(exam: &mut Exam) -> Verdict {
    let fields = "Content-Length: 1\r\nContent-Length: 2\r\n";
    expect_status(exam, &with("GET", "/", fields), &[400])
}

pub(super) fn unknown_method(exam: &mut Exam) -> Verdict {
    expect_status(exam, &request("BREW", "/"), &[501])
}

pub(super) fn future_version(exam: &mut Exam) -> Verdict {
    expect_status(exam, b"GET / HTTP/2.0\r\nHost: x\r\n\r\n", &[505])
}

pub(super) fn long_target(exam: &mut Exam) -> Verdict {
    let target = format!("/?{}", "q".repeat(40_000));
    expect_status(exam, &get(&target), &[414])
}

pub(super) fn options(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let request = request("OPTIONS", "*");
    let response = ask(exam, server, &request)?;
    site::status(&request, &response, &[200, 204])?;
    let both = |value: &str| value.contains("GET") && value.contains("HEAD");
    field(&request, &response, "Allow", "列出 GET 和 HEAD", both)
}

pub(super) fn absolute(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let request = get("http://localhost/style.css?x");
    let response = ask(exam, server, &request)?;
    site::same(&request, &response, STYLE.as_bytes())
}

pub(super) fn empty_line(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let request = [b"\r\n", get("/").as_slice()].concat();
    let response = ask(exam, server, &request)?;
    site::same(&request, &response, INDEX.as_bytes())
}

pub(super) fn date(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let request = get("/");
    let response = ask(exam, server, &request)?;
    // 例如「Sun, 06 Nov 1994 08:49:37 GMT」(RFC 9110 §5.6.7)。
    let dated = |value: &str| value.len() == 29 && value.ends_with(" GMT");
    field(
        &request,
        &response,
        "Date",
        "是 29 个字符的 GMT 时间",
        dated,
    )
}

pub(super) fn not_modified(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let first = get("/style.css");
    let response = site::ask_settled(exam, server, "/style.css")?;
    for (field, condition) in [
        ("ETag", "If-None-Match"),
        ("Last-Modified", "If-Modified-Since"),
    ] {
        let Some(validator) = response.field(field) else {
            return Err(wrong(&first, &response, &format!("没有 {field}")));
        };
        let again = with(
            "GET",
            "/style.css",
            &format!("{condition}: {validator}\r\n"),
        );
        let mut peer = HttpPeer::ask(exam, server, &again)?;
        let answer = peer.response(exam.deadline())?;
        site::status(&again, &answer, &[304])?;
        // 304 没有正文,同一条连接还能接着用。
        expect_on(exam, &mut peer, "/style.css", STYLE.as_bytes())?;
    }
    Ok(())
}

pub(super) fn range(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let (from, to) = (2, 5);
    let request = with(
        "GET",
        "/style.css",
        &format!("Range: bytes={from}-{to}\r\n"),
    );
    let response = ask(exam, server, &request)?;
    site::status(&request, &response, &[206])?;
    let told = format!("bytes {from}-{to}/{}", STYLE.len());
    let what = format!("是 {told}");
    field(&request, &response, "Content-Range", &what, |value| {
        value == told
    })?;
    match response.body == STYLE.as_bytes()[from..=to] {
        true => Ok(()),
        false => Err(wrong(&request, &response, "不是要的那一段")),
    }
}

pub(super) fn beyond(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let request = with("GET", "/style.css", "Range: bytes=1000-\r\n");
    let response = ask(exam, server, &request)?;
    site::status(&request, &response, &[416])?;
    let told = format!("bytes */{}", STYLE.len());
    let what = format!("是 {told}");
    field(&request, &response, "Content-Range", &what, |value| {
        value == told
    })
}

pub(super) fn slash(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let request = get("/sub?q=1");
    let response = ask(exam, server, &request)?;
    site::status(&request, &response, &[301, 302, 307, 308])?;
    let right = |value: &str| value.ends_with("/sub/?q=1");
    field(&request, &response, "Location", "是 /sub/?q=1", right)
}

pub(super) fn own_page(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let page = "<html>找不到,去<a href=\"/\">首页</a>看看</html>";
    site::put(exam, "404.html", page.as_bytes())?;
    let request = get("/nosuch");
    let response = ask(exam, server, &request)?;
    site::status(&request, &response, &[404])?;
    match response.body == page.as_bytes() {
        true => Ok(()),
        false => Err(wrong(&request, &response, "正文应当是 404.html 的内容")),
    }
}

pub(super) fn hidden(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    fs::create_dir(exam.directory().join(".git"))?;
    site::put(exam, ".git/config", b"secret")?;
    site::put(exam, ".env", b"secret")?;
    for target in ["/.env", "/.git/config", "/%2eenv"] {
        let request = get(target);
        let response = ask(exam, server, &request)?;
        site::status(&request, &response, &[403, 404])?;
    }
    Ok(())
}
