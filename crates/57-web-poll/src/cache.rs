//! 缓存(骨架)。

use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;

use crate::dialogue::Origin;
use crate::request::{Request, Target};
use crate::response::Response;
use crate::site::Site;
use crate::status::Status;

/// 一个工人的缓存。
pub struct Cache {
    site: Arc<Site>,
    entries: HashMap<Box<[u8]>, Response>,
    goodbye: bool,
}

impl Cache {
    /// 空的。
    pub fn new(site: Arc<Site>) -> Self {
        Self {
            site,
            entries: HashMap::new(),
            goodbye: false,
        }
    }

    /// 最后一个请求说了,它不再要连接。
    pub fn said_goodbye(&self) -> bool {
        self.goodbye
    }
}

impl Origin for Cache {
    fn answer(&mut self, request: &Request<'_>, now: SystemTime) -> Response {
        self.goodbye = !request.keep_alive();
        if let Target::Path { path, .. } = request.target
            && request.is_plain()
        {
            if let Some(response) = self.entries.get(path) {
                return response.clone();
            }
            let response = self.site.answer(request, now);
            self.entries.insert(path.into(), response.clone());
            return response;
        }
        self.site.answer(request, now)
    }

    fn refuse(&mut self, status: Status, reason: &'static str) -> Response {
        self.goodbye = false;
        self.site.refuse(status, reason)
    }
}
