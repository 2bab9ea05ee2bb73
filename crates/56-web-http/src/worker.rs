//! 一个工作线程:它的缓冲区和钟,一条连接用完,下一条接着用。

use std::time::SystemTime;

use crate::clock::Clock;
use crate::connection::Connection;
use crate::desk::Desk;
use crate::dialogue::{Dialogue, Origin};
use crate::inbox::Inbox;
use crate::limits::Limits;
use crate::log::Log;
use crate::request::Request;
use crate::response::Response;
use crate::site::Site;
use crate::status::Status;

/// 一个工作线程。
pub struct Worker<'a> {
    /// 网站。
    pub site: &'a Site,
    /// 上限和期限。
    pub limits: &'a Limits,
    /// 访问日志。
    pub log: &'a Log,
    /// 现在几点。
    pub clock: Clock,
    /// 收到、还没有用掉的字节。
    pub inbox: Inbox,
    /// 写好、还没有发的字节。
    pub output: Vec<u8>,
}

impl<'a> Worker<'a> {
    /// 一个新的工作线程。
    pub fn new(site: &'a Site, limits: &'a Limits, log: &'a Log) -> Self {
        Self {
            site,
            limits,
            log,
            clock: Clock::new(),
            inbox: Inbox::new(),
            output: Vec::new(),
        }
    }

    /// 照看一条连接,直到它结束。出错只影响这条连接,结束就是了。
    pub fn attend(&mut self, desk: &Desk<'_>) {
        let stream = &desk.seat.stream;
        // 一次写出的就马上发,不等前一段的确认(Nagle,RFC 1122 §4.2.3.4)。
        let _ = stream.set_nodelay(true);
        if stream.set_write_timeout(Some(self.limits.write)).is_err() {
            return;
        }
        self.inbox.restart();
        self.output.clear();
        let limits = self.limits;
        let dialogue = Dialogue::new(self.log.enabled(), limits.requests, limits.body_size);
        Connection::new(self, desk).converse(dialogue);
    }
}

impl Origin for &Site {
    fn answer(&mut self, request: &Request<'_>, now: SystemTime) -> Response {
        Site::answer(self, request, now)
    }

    fn refuse(&mut self, status: Status, reason: &'static str) -> Response {
        Site::refuse(self, status, reason)
    }
}
