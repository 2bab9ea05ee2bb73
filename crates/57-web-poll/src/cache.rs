//! 缓存:网站前面放一份小文件的响应,一个工人一份,所以不用锁。
//!
//! 留着的响应最多信 100 毫秒,再用就先问网站文件变了没有(一次 fstatat(2),不打开文件)。
//! 所以文件换了以后,最多再过 100 毫秒,新来的请求就得到新的内容。
//!
//! 装满了怎样丢:分新旧两代。用到的都在新的一代;新的一代满了就变成旧的,原来旧的整个丢掉:
//! 那里面是最久没有用过的。

use std::collections::HashMap;
use std::mem;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::dialogue::Origin;
use crate::request::{Request, Target};
use crate::response::{Body, Response};
use crate::site::Site;
use crate::status::Status;
use crate::validators::Stamp;

/// 留着的响应最多信这么久:忙的时候几千个请求才问一次,人却觉不出晚了。
const TRUST: Duration = Duration::from_millis(100);

/// 一代最多这么多字节,两代合起来是它的两倍。
const BYTES: usize = 8 << 20;

/// 一代最多这么多个响应。
const ENTRIES: usize = 4096;

/// 一个响应除了主体和字段,大约占这么多字节:键、表里的位置。
const OVERHEAD: usize = 256;

/// 路径再长就不留了:真的文件很少有这么长的路径。
const PATH: usize = 512;

/// 网站,和它前面的缓存。
pub struct Cache {
    site: Arc<Site>,
    recent: HashMap<Box<[u8]>, Entry>,
    /// 新的一代占多少字节。
    bytes: usize,
    older: HashMap<Box<[u8]>, Entry>,
    goodbye: bool,
}

/// 留着的一个响应。
struct Entry {
    response: Response,
    stamp: Stamp,
    /// 最近一次知道它没有变的时刻。
    checked: SystemTime,
}

impl Cache {
    /// 空的。
    pub fn new(site: Arc<Site>) -> Self {
        Self {
            site,
            recent: HashMap::new(),
            bytes: 0,
            older: HashMap::new(),
            goodbye: false,
        }
    }

    /// 最近一个请求说了,它以后不再要这条连接。
    pub fn said_goodbye(&self) -> bool {
        self.goodbye
    }

    /// 留着的、还能用的响应。
    fn find(&mut self, path: &[u8], now: SystemTime) -> Option<Response> {
        if !self.recent.contains_key(path) {
            let (path, entry) = self.older.remove_entry(path)?;
            self.keep(path, entry);
        }
        let entry = self.recent.get_mut(path)?;
        // 钟被拨回去了,差就是错误,也要去问。
        let age = now.duration_since(entry.checked);
        if age.is_ok_and(|age| age <= TRUST) {
            return Some(entry.response.clone());
        }
        if self.site.is_current(path, &entry.stamp) {
            entry.checked = now;
            return Some(entry.response.clone());
        }
        let entry = self.recent.remove(path)?;
        self.bytes -= entry.size();
        None
    }

    /// 留在新的一代;满了就换代。
    fn keep(&mut self, path: Box<[u8]>, entry: Entry) {
        let size = entry.size();
        if self.bytes + size > BYTES || self.recent.len() == ENTRIES {
            self.older = mem::take(&mut self.recent);
            self.bytes = 0;
        }
        self.bytes += size;
        if let Some(replaced) = self.recent.insert(path, entry) {
            self.bytes -= replaced.size();
        }
    }
}

impl Entry {
    fn size(&self) -> usize {
        let body = match &self.response.body {
            Body::Bytes(bytes) => bytes.len(),
            _ => 0,
        };
        body + self.response.fields.len() + OVERHEAD
    }
}

impl Origin for Cache {
    fn answer(&mut self, request: &Request<'_>, now: SystemTime) -> Response {
        self.goodbye = !request.keep_alive();
        // 有查询、有条件、要一段、要编码的,各有各的回答。
        let path = match request.target {
            Target::Path { path, .. } if path.len() <= PATH => path,
            _ => return self.site.answer(request, now),
        };
        if !request.is_plain() || request.has_accept_encoding() {
            return self.site.answer(request, now);
        }
        if let Some(response) = self.find(path, now) {
            return response;
        }
        let response = self.site.answer(request, now);
        // 大的文件没有读进来,留着只会占住描述符。
        if let (Some(stamp), Body::Bytes(_) | Body::Empty) = (response.stamp, &response.body) {
            let entry = Entry {
                response: response.clone(),
                stamp,
                checked: now,
            };
            self.keep(path.into(), entry);
        }
        response
    }

    fn refuse(&mut self, status: Status, reason: &'static str) -> Response {
        self.goodbye = false;
        self.site.refuse(status, reason)
    }
}
