//! 工作线程和队列都有上限:满了说什么,排队的等到什么,收场时怎样结束。

use std::net::SocketAddr;
use std::time::Instant;

use super::response::Response;
use super::site::{self, INDEX, STYLE, expect_on, field};
use super::{HttpPeer, connections, get};
use crate::exam::{Exam, Stop, Verdict};
use crate::tcp_peer::End;
use crate::tcp_server;

/// 留着不用的连接。
const KEPT: usize = 8;

/// 占住一个工作线程:说了半个请求的连接。
///
/// 服务器什么时候取走它,从外面看不见;看得见的是后来的得到什么。
fn occupy(exam: &Exam, server: SocketAddr) -> Result<HttpPeer, Stop> {
    HttpPeer::ask(exam, server, b"GET / HT")
}

/// 把占着线程的请求说完,应当得到首页。
fn release(exam: &Exam, peer: &mut HttpPeer) -> Verdict {
    peer.send(
        b"TP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        exam.deadline(),
    )?;
    let response = peer.response(exam.deadline())?;
    site::same(&get("/"), &response, INDEX.as_bytes())
}

/// 一个接一个地来,直到有人被拒绝;返回排上队的和给被拒绝的人的回答。
fn until_refused(exam: &mut Exam, server: SocketAddr) -> Result<(Vec<HttpPeer>, Response), Stop> {
    let deadline = exam.deadline();
    let mut waiting = Vec::new();
    while Instant::now() < deadline {
        let mut peer = HttpPeer::ask(exam, server, &get("/"))?;
        // 排上队的没有回答;被拒绝的马上就有。
        match peer.next(Instant::now() + super::fixed::HALFWAY)? {
            End::Enough => return Ok((waiting, peer.response(deadline)?)),
            End::TimedOut => waiting.push(peer),
            _ => return Err(peer.wrong("没有说 503 就挂断了").into()),
        }
    }
    Err(exam.failure("队列应当有满的时候").into())
}

pub(super) fn full(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let mut busy = occupy(exam, server)?;
    let (mut waiting, response) = until_refused(exam, server)?;
    let request = get("/");
    site::status(&request, &response, &[503])?;
    let seconds = |value: &str| value.parse::<u32>().is_ok();
    field(&request, &response, "Retry-After", "是秒数", seconds)?;
    release(exam, &mut busy)?;
    for peer in &mut waiting {
        let response = peer.response(exam.deadline())?;
        // 机器太忙,被拒绝的也可能没有马上等到。
        site::status(&request, &response, &[200, 503])?;
    }
    drop(waiting);
    site::still_there(exam, server)
}

pub(super) fn queued(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let mut busy = occupy(exam, server)?;
    let mut second = HttpPeer::ask(exam, server, &get("/style.css"))?;
    let mut third = HttpPeer::ask(exam, server, &get("/style.css"))?;
    release(exam, &mut busy)?;
    for peer in [&mut second, &mut third] {
        let response = peer.response(exam.deadline())?;
        site::same(&get("/style.css"), &response, STYLE.as_bytes())?;
    }
    Ok(())
}

pub(super) fn gives_way(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let mut kept = Vec::new();
    for _ in 0..2 {
        let mut peer = HttpPeer::connect(exam, server)?;
        expect_on(exam, &mut peer, "/", INDEX.as_bytes())?;
        kept.push(peer);
    }
    // 两个工作线程都在等老客户的下一个请求;新客户不应当等到他们的期限。
    for _ in 0..4 {
        let mut peer = HttpPeer::connect(exam, server)?;
        expect_on(exam, &mut peer, "/style.css", STYLE.as_bytes())?;
        kept.push(peer);
    }
    Ok(())
}

/// 按 Ctrl-C;这里按不了是 `false`。
fn interrupt(exam: &mut Exam) -> Result<bool, Stop> {
    tcp_server::interrupt(exam)
}

pub(super) fn drain_idle(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    // 第一条连上不说话;后来的一条一条地答完,前面的早就在等下一个请求了。
    let mut peers = vec![HttpPeer::connect(exam, server)?];
    for _ in 0..KEPT {
        let mut peer = HttpPeer::connect(exam, server)?;
        expect_on(exam, &mut peer, "/", INDEX.as_bytes())?;
        peers.push(peer);
    }
    if !interrupt(exam)? {
        return Ok(());
    }
    for peer in &mut peers {
        peer.closed(exam.deadline())?;
    }
    exam.wait_exit(|status| status.success(), "没有人在说话,应当马上结束")
}

pub(super) fn drain_queue(exam: &mut Exam) -> Verdict {
    // 答了一半的,一定已经有线程在服务;只说了半个请求的,说不定还在排队。
    let (server, mut busy, content) = connections::halfway(exam)?;
    let mut queued = HttpPeer::ask(exam, server, &get("/"))?;
    if !interrupt(exam)? {
        return Ok(());
    }
    let response = queued.response(exam.deadline())?;
    site::status(&get("/"), &response, &[503])?;
    let response = busy.response(exam.deadline())?;
    site::same(&get("/large.bin"), &response, &content)?;
    exam.wait_exit(|status| status.success(), "说完了就应当结束")
}

pub(super) fn idle(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    let mut silent = HttpPeer::connect(exam, server)?;
    let mut kept = HttpPeer::connect(exam, server)?;
    expect_on(exam, &mut kept, "/", INDEX.as_bytes())?;
    kept.closed(exam.deadline())?;
    silent.closed(exam.deadline())
}

pub(super) fn grace(exam: &mut Exam) -> Verdict {
    let server = site::open(exam)?;
    site::put(exam, "large.bin", &site::pattern(site::LARGE))?;
    let mut deaf = HttpPeer::ask(exam, server, &get("/large.bin"))?;
    deaf.next(exam.deadline())?;
    if !interrupt(exam)? {
        return Ok(());
    }
    exam.wait_exit(|status| status.success(), "期限到了就应当结束")
}
