//! 从 web-threads 起:连接可以留着,许多位客户同时来;从 web-pool 起,收场时把话说完。

use std::net::SocketAddr;
use std::time::Instant;

use super::site::{self, INDEX, STYLE, expect_on, still_there};
use super::{HttpPeer, get, request, with};
use crate::exam::{Exam, Stop, Verdict};
use crate::tcp_server;

/// 同时开着的连接。
const AT_ONCE: usize = 40;

/// 一次说这么多个请求。
const PIPELINED: usize = 20;

pub(super) fn silent(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let nothing = HttpPeer::connect(exam, server)?;
    let half = HttpPeer::ask(exam, server, b"GET /style")?;
    still_there(exam, server)?;
    drop((nothing, half));
    Ok(())
}

pub(super) fn not_reading(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    site::put(exam, "large.bin", &site::pattern(site::LARGE))?;
    let mut deaf = HttpPeer::ask(exam, server, &get("/large.bin"))?;
    // 等它真的开始发了,再看别人是不是要等。
    deaf.next(exam.deadline())?;
    site::expect_file(exam, server, "/style.css", STYLE.as_bytes())?;
    drop(deaf);
    Ok(())
}

pub(super) fn two(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let mut peer = HttpPeer::connect(exam, server)?;
    expect_on(exam, &mut peer, "/", INDEX.as_bytes())?;
    expect_on(exam, &mut peer, "/style.css", STYLE.as_bytes())?;
    expect_on(exam, &mut peer, "/sub/", "<html>里面</html>".as_bytes())
}

pub(super) fn after_error(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let mut peer = HttpPeer::connect(exam, server)?;
    let request = get("/nosuch");
    peer.send(&request, exam.deadline())?;
    let response = peer.response(exam.deadline())?;
    site::status(&request, &response, &[404])?;
    expect_on(exam, &mut peer, "/style.css", STYLE.as_bytes())
}

pub(super) fn after_head(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let mut peer = HttpPeer::connect(exam, server)?;
    let head = request("HEAD", "/");
    peer.send(&head, exam.deadline())?;
    let response = peer.response_to_head(exam.deadline())?;
    site::status(&head, &response, &[200])?;
    expect_on(exam, &mut peer, "/style.css", STYLE.as_bytes())
}

pub(super) fn pipelined(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let mut whole = Vec::new();
    for number in 0..PIPELINED {
        site::put(
            exam,
            &format!("{number}.txt"),
            number.to_string().as_bytes(),
        )?;
        whole.extend(get(&format!("/{number}.txt")));
    }
    // 最后一个只说一半:前面的不用等它。
    let last = get("/style.css");
    let (first, second) = last.split_at(last.len() / 2);
    whole.extend_from_slice(first);
    let mut peer = HttpPeer::ask(exam, server, &whole)?;
    for number in 0..PIPELINED {
        let response = peer.response(exam.deadline())?;
        site::same(&whole, &response, number.to_string().as_bytes())?;
    }
    peer.send(second, exam.deadline())?;
    let response = peer.response(exam.deadline())?;
    site::same(&last, &response, STYLE.as_bytes())
}

pub(super) fn close(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let mut peer = HttpPeer::connect(exam, server)?;
    expect_on(exam, &mut peer, "/", INDEX.as_bytes())?;
    let request = with("GET", "/style.css", "Connection: Foo, CLOSE\r\n");
    peer.send(&request, exam.deadline())?;
    let response = peer.response(exam.deadline())?;
    site::same(&request, &response, STYLE.as_bytes())?;
    if !response.has("Connection", "close") {
        return Err(site::wrong(
            &request,
            &response,
            "要关闭了,却没有说 Connection: close",
        ));
    }
    peer.closed(exam.deadline())
}

pub(super) fn at_once(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let mut peers = Vec::new();
    for _ in 0..AT_ONCE {
        peers.push(HttpPeer::connect(exam, server)?);
    }
    // 后来的先说;第二轮还是这些连接。
    for _ in 0..2 {
        for peer in peers.iter_mut().rev() {
            expect_on(exam, peer, "/style.css", STYLE.as_bytes())?;
        }
    }
    Ok(())
}

/// 服务器停在发送大文件的半路上。
pub(super) fn halfway(exam: &mut Exam) -> Result<(SocketAddr, HttpPeer, Vec<u8>), Stop> {
    let server = site::open(exam)?;
    let content = site::pattern(site::LARGE);
    site::put(exam, "large.bin", &content)?;
    let mut peer = HttpPeer::ask(exam, server, &get("/large.bin"))?;
    peer.next(exam.deadline())?;
    Ok((server, peer, content))
}

/// 按 Ctrl-C,等到新客户进不来;这里按不了是 `false`。
fn interrupt(exam: &mut Exam, server: SocketAddr) -> Result<bool, Stop> {
    if !tcp_server::interrupt(exam)? {
        return Ok(false);
    }
    let deadline = exam.deadline();
    while !tcp_server::is_refused(server) {
        if Instant::now() >= deadline {
            return Err(exam.failure("Ctrl-C 以后,还在接新客户").into());
        }
    }
    Ok(true)
}

pub(super) fn drain(exam: &mut Exam) -> Verdict {
    let (server, mut peer, content) = halfway(exam)?;
    if !interrupt(exam, server)? {
        return Ok(());
    }
    let response = peer.response(exam.deadline())?;
    site::same(&get("/large.bin"), &response, &content)?;
    peer.closed(exam.deadline())?;
    exam.wait_exit(|status| status.success(), "说完了就应当结束,退出码 0")
}
