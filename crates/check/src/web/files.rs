//! 从 web-static 起:路径说的是哪个文件,就给哪个文件;出不了网站的目录。

use std::fs;
use std::net::SocketAddr;

use tempfile::TempDir;

use super::site::{self, STYLE, ask, expect_file, field, still_there, wrong};
use super::{HttpPeer, get, with};
use crate::exam::{Exam, Stop, Verdict};
use crate::tcp_peer::End;

/// 网站目录外面的秘密,不许出现在任何回答里。
const SECRET: &str = "外面的秘密";

/// 大文件,字节:比一次读写多得多。
const BIG: usize = 3 << 20;

/// 不许的路径,用什么状态拒绝都行。
const REFUSALS: &[u16] = &[400, 403, 404];

pub(super) fn file(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    expect_file(exam, server, "/style.css", STYLE.as_bytes())?;
    let text = "里面的里面";
    fs::create_dir_all(exam.directory().join("a/b"))?;
    site::put(exam, "a/b/c.txt", text.as_bytes())?;
    expect_file(exam, server, "/a/b/c.txt", text.as_bytes())
}

pub(super) fn any_bytes(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let content: Vec<u8> = (0..=255).chain(*b"\r\n\r\nHTTP/1.1").collect();
    site::put(exam, "bytes.bin", &content)?;
    expect_file(exam, server, "/bytes.bin", &content)
}

pub(super) fn empty(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    site::put(exam, "empty.txt", b"")?;
    expect_file(exam, server, "/empty.txt", b"")
}

pub(super) fn large(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let content = site::pattern(BIG);
    site::put(exam, "large.bin", &content)?;
    expect_file(exam, server, "/large.bin", &content)
}

pub(super) fn fresh(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    for content in ["第一版", "第二版,长一些", "三"] {
        site::put(exam, "news.txt", content.as_bytes())?;
        expect_file(exam, server, "/news.txt", content.as_bytes())?;
    }
    Ok(())
}

pub(super) fn types(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let kinds = [
        ("a.html", "text/html"),
        ("a.css", "text/css"),
        ("a.js", "text/javascript"),
        ("a.txt", "text/plain"),
        ("a.png", "image/png"),
        ("a.JPG", "image/jpeg"),
        ("a.svg", "image/svg+xml"),
        ("a.unknown", "application/octet-stream"),
        ("noextension", "application/octet-stream"),
    ];
    for (name, kind) in kinds {
        site::put(exam, name, b"x")?;
        let request = get(&format!("/{name}"));
        let response = ask(exam, server, &request)?;
        let right = |value: &str| {
            let value = value.to_ascii_lowercase();
            let charset = !kind.starts_with("text/") || value.contains("charset=utf-8");
            value.split(';').next() == Some(kind) && charset
        };
        let what = format!("是 {kind},文字还要带 charset=utf-8");
        field(&request, &response, "Content-Type", &what, right)?;
    }
    Ok(())
}

pub(super) fn chinese(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    site::put(exam, "你好.html", "你好".as_bytes())?;
    site::put(exam, "a b+c.txt", b"space")?;
    expect_file(exam, server, "/%E4%BD%A0%E5%A5%BD.html", "你好".as_bytes())?;
    expect_file(exam, server, "/%e4%bd%a0%e5%a5%bd.html", "你好".as_bytes())?;
    // 路径里的加号就是加号,只有表单里它才是空格。
    expect_file(exam, server, "/a%20b+c.txt", b"space")?;
    expect_file(exam, server, "/%73tyle.css", STYLE.as_bytes())
}

pub(super) fn once(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    site::put(exam, "%41.txt", b"percent")?;
    expect_file(exam, server, "/%2541.txt", b"percent")?;
    let request = get("/%41.txt");
    let response = ask(exam, server, &request)?;
    site::status(&request, &response, &[404])
}

pub(super) fn query(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    for target in ["/style.css?v=1", "/style.css?", "/style.css?a=/../b&c=%zz"] {
        expect_file(exam, server, target, STYLE.as_bytes())?;
    }
    Ok(())
}

pub(super) fn index(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    expect_file(exam, server, "/", site::INDEX.as_bytes())?;
    expect_file(exam, server, "/?q=1", site::INDEX.as_bytes())?;
    expect_file(exam, server, "/sub/", "<html>里面</html>".as_bytes())
}

pub(super) fn missing(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    for target in ["/nosuch.html", "/nosuch/", "/style.css/", "/style.css/x"] {
        let request = get(target);
        let response = ask(exam, server, &request)?;
        site::status(&request, &response, &[404])?;
        field(
            &request,
            &response,
            "Content-Length",
            "说出正文的长度",
            |_| true,
        )?;
    }
    expect_file(exam, server, "/style.css", STYLE.as_bytes())
}

pub(super) fn directory(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    fs::create_dir(exam.directory().join("bare"))?;
    let request = get("/bare/");
    let response = ask(exam, server, &request)?;
    site::status(&request, &response, &[403, 404])?;
    still_there(exam, server)
}

/// 网站外面的一个目录,里面有秘密;和网站的目录挨着。
fn outside(exam: &Exam) -> Result<(TempDir, String), Stop> {
    let beside = exam.directory().parent().unwrap_or(exam.directory());
    let outside = tempfile::tempdir_in(beside)?;
    fs::write(outside.path().join("secret.txt"), SECRET)?;
    let name = outside.path().file_name().unwrap_or_default();
    let name = name.to_string_lossy().into_owned();
    Ok((outside, name))
}

/// 要 `target`,应当被拒绝,秘密不在回答里。
fn refused(exam: &Exam, server: SocketAddr, target: &str) -> Verdict {
    let request = get(target);
    let response = ask(exam, server, &request)?;
    let leaked = String::from_utf8_lossy(&response.body).contains(SECRET);
    if leaked {
        return Err(wrong(&request, &response, "目录外面的文件给出去了"));
    }
    site::status(&request, &response, REFUSALS)
}

pub(super) fn traversal(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let (outside, name) = outside(exam)?;
    let absolute = outside.path().join("secret.txt");
    let absolute = absolute.to_string_lossy().replace('\\', "/");
    let targets = [
        format!("/../{name}/secret.txt"),
        format!("/sub/../../{name}/secret.txt"),
        format!("/./../{name}/secret.txt"),
        format!("/..\\{name}\\secret.txt"),
        format!("/{absolute}"),
        format!("//{absolute}"),
        format!("/../../../../../../../..{absolute}"),
        "/....//secret.txt".to_owned(),
    ];
    for target in targets {
        refused(exam, server, &target)?;
    }
    still_there(exam, server)
}

pub(super) fn encoded_traversal(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let (_outside, name) = outside(exam)?;
    let targets = [
        format!("/%2e%2e/{name}/secret.txt"),
        format!("/.%2E/{name}/secret.txt"),
        format!("/..%2f{name}%2Fsecret.txt"),
        format!("/%2e%2e%5c{name}%5csecret.txt"),
        format!("/%252e%252e/{name}/secret.txt"),
        format!("/..%c0%af{name}/secret.txt"),
        format!("/%c0%ae%c0%ae/{name}/secret.txt"),
        format!("/sub/%2e%2e/%2e%2e/{name}/secret.txt"),
    ];
    for target in targets {
        refused(exam, server, &target)?;
    }
    still_there(exam, server)
}

pub(super) fn symlink(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let (outside, _) = outside(exam)?;
    let root = exam.directory();
    let secret = outside.path().join("secret.txt");
    site::link(root, "link.txt", &secret)?;
    site::link(root, "dir", outside.path())?;
    for target in ["/link.txt", "/dir/secret.txt"] {
        refused(exam, server, target)?;
    }
    still_there(exam, server)
}

pub(super) fn odd_paths(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let long = format!("/{}", "x".repeat(300));
    let targets = [
        "/%00",
        "/style.css%00.html",
        "/%",
        "/%4",
        "/%zz",
        "/%ff%fe",
        "/%0d%0aX:%20y",
        long.as_str(),
    ];
    for target in targets {
        refused(exam, server, target)?;
    }
    still_there(exam, server)
}

pub(super) fn special(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    // 没有人写的管道,打开了就一直等着(mkfifo(1p))。
    #[cfg(unix)]
    {
        let path = exam.directory().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(path).status();
        made.map_err(|error| Stop::Skipped(format!("没有 mkfifo:{error}")))?;
        let socket = exam.directory().join("socket");
        drop(std::os::unix::net::UnixListener::bind(socket)?);
    }
    for target in ["/pipe", "/socket"] {
        refused(exam, server, target)?;
    }
    still_there(exam, server)
}

pub(super) fn other_method(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    for method in ["POST", "PUT", "DELETE"] {
        let request = with(method, "/", "Content-Length: 0\r\n");
        let response = ask(exam, server, &request)?;
        site::status(&request, &response, &[405])?;
        let get = |value: &str| value.split(',').any(|one| one.trim() == "GET");
        field(&request, &response, "Allow", "列出 GET", get)?;
    }
    still_there(exam, server)
}

pub(super) fn head(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let asked = ask(exam, server, &get("/style.css"))?;
    let request = with("HEAD", "/style.css", "Connection: close\r\n");
    let mut peer = HttpPeer::ask(exam, server, &request)?;
    let response = peer.response_to_head(exam.deadline())?;
    site::status(&request, &response, &[200])?;
    for name in ["Content-Length", "Content-Type"] {
        let wanted = asked.field(name).unwrap_or_default();
        let what = format!("和 GET 的一样,是「{wanted}」");
        field(&request, &response, name, &what, |value| value == wanted)?;
    }
    // 头以后还有字节,就是不该有的正文。
    peer.closed(exam.deadline())
}

pub(super) fn garbage(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let requests = [
        "GARBAGE\r\n\r\n",
        "GET /\r\n\r\n",
        "GET / NONSENSE\r\nHost: x\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / x HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET style.css HTTP/1.1\r\nHost: x\r\n\r\n",
        "G\u{1}T / HTTP/1.1\r\nHost: x\r\n\r\n",
        " / HTTP/1.1\r\nHost: x\r\n\r\n",
    ];
    for request in requests {
        let response = ask(exam, server, request.as_bytes())?;
        site::status(request.as_bytes(), &response, &[400])?;
    }
    still_there(exam, server)
}

pub(super) fn smuggled_body(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let inner = String::from_utf8_lossy(&get("/style.css")).into_owned();
    let length = format!("Content-Length: {}\r\n", inner.len());
    let chunks = format!("{:x}\r\n{inner}\r\n0\r\n\r\n", inner.len());
    let chunked = "Transfer-Encoding: chunked\r\n";
    for (method, fields, body, statuses) in [
        ("POST", length.as_str(), &inner, [405].as_slice()),
        ("GET", &length, &inner, &[200, 400]),
        ("GET", chunked, &chunks, &[200, 400, 411, 501]),
    ] {
        let whole = [&with(method, "/", fields), body.as_bytes()].concat();
        let mut peer = HttpPeer::ask(exam, server, &whole)?;
        let response = peer.response(exam.deadline())?;
        site::status(&whole, &response, statuses)?;
        // 关闭,或者跳过正文等下一个请求:两样都对,正文却不是请求。
        let next = get("/sub/");
        peer.offer(&next, exam.deadline());
        if peer.next(exam.deadline())? == End::Enough {
            let second = peer.response(exam.deadline())?;
            site::same(&next, &second, "<html>里面</html>".as_bytes())?;
        }
    }
    Ok(())
}
