//! 做一行:在一条连接上照对话走一遍,每一个回答都看。

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use super::answer::Seen;
use super::report::SHOWN;
use super::request::probe;
use super::site::{self, HIDDEN, LEAKS};
use super::tags;
use super::talk::{Step, find};
use crate::exam::Stop;
use crate::tcp_peer::End;
use crate::web::HttpPeer;
use crate::web::response::Response;

/// 到此为止的原因,不带字节:报告里另有。
pub(super) fn wrong(what: impl Into<String>) -> Stop {
    Stop::Broken(anyhow::Error::msg(what.into()))
}

/// 做一行时的现场。
pub(super) struct Visit<'a> {
    server: SocketAddr,
    root: &'a Path,
    patience: Duration,
    answers: Vec<Response>,
    interim: usize,
    /// 已经在等 100 时读到了最后的回答。
    final_early: bool,
}

impl<'a> Visit<'a> {
    /// 还没有开始。
    pub(super) fn new(server: SocketAddr, root: &'a Path, patience: Duration) -> Self {
        Self {
            server,
            root,
            patience,
            answers: Vec::new(),
            interim: 0,
            final_early: false,
        }
    }

    fn deadline(&self) -> Instant {
        Instant::now() + self.patience
    }

    /// 收到的回答:头,和正文的开头。
    pub(super) fn received(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for answer in &self.answers {
            bytes.extend_from_slice(&answer.head);
            bytes.extend_from_slice(&answer.body[..answer.body.len().min(SHOWN / 4)]);
        }
        bytes
    }

    /// 走完每一步。
    pub(super) fn play(&mut self, steps: &[Step], peer: &mut HttpPeer) -> Result<(), Stop> {
        for step in steps {
            self.step(step, peer)?;
        }
        Ok(())
    }

    fn step(&mut self, step: &Step, peer: &mut HttpPeer) -> Result<(), Stop> {
        let deadline = self.deadline();
        match step {
            Step::Send(bytes) => {
                let bytes = tags::fill(self.server, bytes, deadline)?;
                peer.offer(&bytes, deadline);
            }
            Step::Drip(bytes) => {
                for byte in bytes {
                    peer.offer(&[*byte], deadline);
                }
            }
            Step::HalfClose => peer.half_close()?,
            Step::Continue(body) => self.wait_for_continue(body, peer)?,
            Step::Answer { to_head, checks } => {
                self.answer(*to_head, peer)?;
                let (root, answers, interim) = (self.root, &self.answers, self.interim);
                let seen = Seen {
                    root,
                    answers,
                    interim,
                };
                for check in checks {
                    check(&seen).map_err(wrong)?;
                }
            }
            Step::Closed => peer.closed(deadline)?,
            Step::Open => {
                peer.offer(&probe(), deadline);
                self.answer(false, peer)?;
                self.in_step()?;
            }
            Step::InSync => {
                peer.offer(&probe(), deadline);
                self.closed_or_in_step(peer)?;
            }
            Step::Gone => self.gone(peer)?,
        }
        Ok(())
    }

    /// 读一个最后的回答。
    fn answer(&mut self, to_head: bool, peer: &mut HttpPeer) -> Result<(), Stop> {
        if std::mem::take(&mut self.final_early) {
            return Ok(());
        }
        loop {
            let response = peer.any_response(to_head, self.deadline())?;
            if response.status == 101 {
                return Err(wrong("不应当换协议(101)"));
            }
            if response.status < 200 {
                self.interim += 1;
                continue;
            }
            self.answers.push(response);
            return self.nothing_leaks();
        }
    }

    /// 等到 100 就发正文;等到最后的回答就不发。
    fn wait_for_continue(&mut self, body: &[u8], peer: &mut HttpPeer) -> Result<(), Stop> {
        let deadline = self.deadline();
        let response = peer.any_response(false, deadline)?;
        if response.status == 100 {
            self.interim += 1;
            peer.offer(body, deadline);
            return Ok(());
        }
        self.answers.push(response);
        self.final_early = true;
        self.nothing_leaks()
    }

    /// 每一个回答都要合:没有藏着的请求的回答,没有外面的文件。
    fn nothing_leaks(&self) -> Result<(), Stop> {
        let Some(last) = self.answers.last() else {
            return Ok(());
        };
        if find(&last.body, HIDDEN.as_bytes()).is_some() {
            return Err(wrong("藏在正文里的请求得到了回答"));
        }
        let leaked = LEAKS
            .iter()
            .find(|leak| find(&last.body, leak.as_bytes()).is_some());
        leaked.map_or(Ok(()), |leak| {
            Err(wrong(format!("泄露了不该给的文件:「{leak}」")))
        })
    }

    /// 最后一个回答应当是问「还在吗」的那一页。
    fn in_step(&self) -> Result<(), Stop> {
        let page = std::fs::read(self.root.join(site::PROBE.trim_start_matches('/')))?;
        match self.answers.last() {
            Some(last) if last.status == 200 && last.body == page => Ok(()),
            _ => Err(wrong("接着再问一页,答的不是那一页:连接上错位了")),
        }
    }

    fn closed_or_in_step(&mut self, peer: &mut HttpPeer) -> Result<(), Stop> {
        match peer.next(self.deadline())? {
            End::Eof | End::Reset => Ok(()),
            End::TimedOut => Err(wrong("既没有关闭连接,也没有回答下一个请求")),
            End::Enough => {
                self.answer(false, peer)?;
                self.in_step()
            }
        }
    }

    fn gone(&mut self, peer: &mut HttpPeer) -> Result<(), Stop> {
        match peer.next(self.deadline())? {
            End::Eof | End::Reset => return Ok(()),
            End::TimedOut => return Err(wrong("应当拒绝或者关闭连接,却一直不作声")),
            End::Enough => {}
        }
        self.answer(false, peer)?;
        match self.answers.last() {
            Some(last) if last.status < 400 => Err(wrong(format!("应当拒绝,却是 {}", last.status))),
            _ => peer.closed(self.deadline()),
        }
    }
}
