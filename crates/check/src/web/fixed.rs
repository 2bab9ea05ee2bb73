//! 每个阶段都做到的:读到空行,回答,关闭;来路不正的客户不伤别人。

use super::site::{self, ask, field, still_there, wrong};
use super::{HttpPeer, get, request, with};
use crate::exam::{Exam, Verdict};
use crate::tcp_peer::{End, TcpPeer};
use std::time::{Duration, Instant};

/// 只到了一半,服务器不应当有反应:看它这么久。
pub(super) const HALFWAY: Duration = Duration::from_millis(100);

/// 一个接一个地来这么多位。
const MANY: usize = 30;

/// 请求的正文,字节:比服务器一次读的多。
const UNREAD: usize = 20_000;

/// 头再长也只发这么多:比哪个服务器允许的都多。
const ENDLESS: usize = 4 << 20;

pub(super) fn page(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let request = get("/");
    let response = ask(exam, server, &request)?;
    site::status(&request, &response, &[200])?;
    if response.version != "HTTP/1.1" {
        return Err(wrong(&request, &response, "版本应当是 HTTP/1.1"));
    }
    let html = |value: &str| value.to_ascii_lowercase().starts_with("text/html");
    field(&request, &response, "Content-Type", "是 text/html", html)?;
    match response.body.is_empty() {
        true => Err(wrong(&request, &response, "正文是空的")),
        false => Ok(()),
    }
}

pub(super) fn charset(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let request = get("/");
    let response = ask(exam, server, &request)?;
    let utf8 = |value: &str| value.to_ascii_lowercase().contains("charset=utf-8");
    field(
        &request,
        &response,
        "Content-Type",
        "带 charset=utf-8",
        utf8,
    )
}

pub(super) fn length(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let request = with("GET", "/", "Connection: close\r\n");
    let mut peer = HttpPeer::ask(exam, server, &request)?;
    let response = peer.response(exam.deadline())?;
    field(
        &request,
        &response,
        "Content-Length",
        "说出正文的长度",
        |_| true,
    )?;
    peer.closed(exam.deadline())
}

pub(super) fn fixed(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let page = ask(exam, server, &get("/"))?;
    let others = [get("/style.css"), get("/没有"), request("POST", "/a?b=c")];
    for other in others {
        let response = ask(exam, server, &other)?;
        site::same(&other, &response, &page.body)?;
    }
    Ok(())
}

/// 先说 `pieces`,一段一段地,看它有没有抢着回答;再说 `last`,应当得到首页。
fn in_pieces(exam: &mut Exam, pieces: &[&[u8]], last: &[u8]) -> Verdict {
    let server = site::open(exam)?;
    let mut peer = HttpPeer::connect(exam, server)?;
    for piece in pieces {
        peer.send(piece, exam.deadline())?;
    }
    match peer.next(Instant::now() + HALFWAY)? {
        End::TimedOut => {}
        _ => return Err(peer.wrong("请求还没有说完,它就有了反应").into()),
    }
    peer.send(last, exam.deadline())?;
    let response = peer.response(exam.deadline())?;
    site::status(&get("/"), &response, &[200])
}

fn in_two(exam: &mut Exam, at: usize) -> Verdict {
    let request = get("/");
    let (first, second) = request.split_at(at);
    in_pieces(exam, &[first], second)
}

pub(super) fn split_line(exam: &mut Exam) -> Verdict {
    in_two(exam, "GE".len())
}

pub(super) fn split_blank(exam: &mut Exam) -> Verdict {
    in_two(exam, get("/").len() - 2)
}

pub(super) fn split_crlf(exam: &mut Exam) -> Verdict {
    in_two(exam, get("/").len() - 1)
}

pub(super) fn bytewise(exam: &mut Exam) -> Verdict {
    let request = get("/");
    let (before, last) = request.split_at(request.len() - 1);
    let pieces: Vec<&[u8]> = before.chunks(1).collect();
    in_pieces(exam, &pieces, last)
}

pub(super) fn large_head(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let cookie = format!("Cookie: a={}\r\n", "c".repeat(3000));
    let request = with("GET", "/", &cookie);
    let response = ask(exam, server, &request)?;
    site::status(&request, &response, &[200])
}

pub(super) fn endless_head(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let start = b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ";
    let mut peer = HttpPeer::ask(exam, server, start)?;
    peer.offer(&vec![b'x'; ENDLESS], exam.deadline());
    match peer.next(exam.deadline())? {
        End::Eof | End::Reset => {}
        End::TimedOut => return Err(exam.failure("头没完没了,它却一直听下去").into()),
        End::Enough => {
            let response = peer.response(exam.deadline())?;
            site::status(start, &response, &[400, 431])?;
        }
    }
    still_there(exam, server)
}

pub(super) fn gone(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    // 什么也不说就走;说一半就走;复位。
    drop(HttpPeer::connect(exam, server)?);
    drop(HttpPeer::ask(exam, server, b"GET / HT")?);
    HttpPeer::ask(exam, server, b"GET / HT")?.reset()?;
    still_there(exam, server)
}

pub(super) fn reset(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    site::put(exam, "large.bin", &site::pattern(site::LARGE))?;
    let mut peer = HttpPeer::ask(exam, server, &get("/large.bin"))?;
    peer.next(exam.deadline())?;
    peer.reset()?;
    // 要了就走,不听回答。
    drop(HttpPeer::ask(exam, server, &get("/large.bin"))?);
    still_there(exam, server)
}

pub(super) fn half_close(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let request = get("/");
    let mut peer = HttpPeer::ask(exam, server, &request)?;
    peer.half_close()?;
    let response = peer.response(exam.deadline())?;
    site::status(&request, &response, &[200])
}

pub(super) fn not_text(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let requests: [&[u8]; 3] = [
        b"\xff\xfe\x00\x01\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\r\n\r\n",
    ];
    for request in requests {
        let mut peer = TcpPeer::connect(server, exam.deadline())?;
        peer.send(request, exam.deadline())?;
        peer.half_close()?;
        // 回答什么都行,只要不停在那里。
        if peer.receive_all(exam.deadline())?.end == End::TimedOut {
            return Err(exam.failure("没有回答,也没有关闭").sent(request).into());
        }
    }
    still_there(exam, server)
}

pub(super) fn old_version(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let request = b"GET / HTTP/1.0\r\n\r\n";
    let mut peer = HttpPeer::ask(exam, server, request)?;
    let response = peer.response(exam.deadline())?;
    site::status(request, &response, &[200])?;
    peer.closed(exam.deadline())
}

pub(super) fn many(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    for _ in 0..MANY {
        still_there(exam, server)?;
    }
    Ok(())
}

pub(super) fn unread_body(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    // 一次发完:服务器读到空行的时候,正文已经在它的缓冲区里了。
    let fields = format!("Content-Length: {UNREAD}\r\nConnection: close\r\n");
    let request = [with("POST", "/", &fields), vec![b'b'; UNREAD]].concat();
    let mut peer = HttpPeer::ask(exam, server, &request)?;
    let response = peer.response(exam.deadline())?;
    site::status(&request, &response, &[200, 405])?;
    match peer.next(exam.deadline())? {
        End::Reset => Err(wrong(&request, &response, "回答后面跟着复位")),
        _ => Ok(()),
    }
}
