//! 缓存:网站前面放一份小文件的响应,一个工作线程一份,所以不用锁。
//!
//! 一批事件里,一个文件只问网站一次「变了没有」(一次 fstatat(2),不打开文件);客户肯收几种编码的,从头再选
//! 一份。所以文件换了以后才发来的请求,得到的就是新的;忙的时候一批有几十个请求,问一次不算什么。
//!
//! 装满了怎样丢:分新旧两代。用到的都在新的一代;新的一代满了就变成旧的,原来旧的整个丢掉:
//! 那里面是最久没有用过的。

use std::collections::HashMap;
use std::mem;
use std::sync::Arc;
use std::time::SystemTime;

use crate::dialogue::Origin;
use crate::request::{Request, Target};
use crate::response::{Body, Response};
use crate::site::Site;
use crate::status::Status;
use crate::validators::Stamp;

/// 一代最多这么多字节,两代合起来是它的两倍。
const BYTES: usize = 8 << 20;

/// 一代最多这么多个响应。
const ENTRIES: usize = 4096;

/// 一个响应除了正文和字段,大约占这么多字节:键、表里的位置。
const OVERHEAD: usize = 256;

/// 路径和肯收的编码再长就不留了:真的很少有这么长。
const KEY: usize = 512;

/// 网站,和它前面的缓存。
pub struct Cache {
    site: Arc<Site>,
    recent: HashMap<Box<[u8]>, Entry>,
    /// 新的一代占多少字节。
    bytes: usize,
    older: HashMap<Box<[u8]>, Entry>,
    /// 正在问的键,每次重写。
    key: Vec<u8>,
    /// 第几批事件。
    batch: u64,
    goodbye: bool,
}

/// 留着的一个响应。
struct Entry {
    response: Response,
    /// 不编码的一份有它,可以问有没有变;几份里选出来的没有,到时候要从头再选。
    stamp: Option<Stamp>,
    /// 最近一次知道它没有变,是第几批事件的时候。
    checked: u64,
}

impl Cache {
    /// 空的。
    pub fn new(site: Arc<Site>) -> Self {
        Self {
            site,
            recent: HashMap::new(),
            bytes: 0,
            older: HashMap::new(),
            key: Vec::new(),
            batch: 0,
            goodbye: false,
        }
    }

    /// 又来了一批事件:留着的都要再问一次。
    pub fn begin(&mut self) {
        self.batch += 1;
    }

    /// 最近一个请求说了,它以后不再要这条连接。
    pub fn said_goodbye(&self) -> bool {
        self.goodbye
    }

    /// 这个请求的键,写进 `key`:路径,和肯收的编码。不能从缓存里拿的是 `None`:
    /// 有查询、有条件、要一段的,各有各的回答。返回路径。
    fn name<'a>(request: &Request<'a>, key: &mut Vec<u8>) -> Option<&'a [u8]> {
        let Target::Path { path, .. } = request.target else {
            return None;
        };
        key.clear();
        key.extend_from_slice(path);
        if request.has_accept_encoding() {
            // 路径里没有空格。
            key.push(b' ');
            key.extend_from_slice(request.field("accept-encoding")?);
        }
        (request.is_plain() && key.len() <= KEY).then_some(path)
    }

    /// 留着的、还能用的响应。
    fn find(&mut self, key: &[u8], path: &[u8]) -> Option<Response> {
        if !self.recent.contains_key(key) {
            let (key, entry) = self.older.remove_entry(key)?;
            self.keep(key, entry);
        }
        let entry = self.recent.get_mut(key)?;
        if entry.checked == self.batch {
            return Some(entry.response.clone());
        }
        let stamp = entry.stamp.as_ref();
        if stamp.is_some_and(|stamp| self.site.is_current(path, stamp)) {
            entry.checked = self.batch;
            return Some(entry.response.clone());
        }
        let entry = self.recent.remove(key)?;
        self.bytes -= entry.size();
        None
    }

    /// 问网站;可以留的留下。
    fn ask(&mut self, key: &[u8], request: &Request<'_>, now: SystemTime) -> Response {
        let response = self.site.answer(request, now);
        // 大的文件没有读进来,留着只会占住描述符;刚刚改过的文件没有 stamp,再变也看不出来。
        let small = matches!(response.body, Body::Bytes(_) | Body::Empty);
        let known = response.stamp.is_some() || request.has_accept_encoding();
        if request.method == b"GET" && response.status == Status::OK && small && known {
            let entry = Entry {
                response: response.clone(),
                stamp: response.stamp,
                checked: self.batch,
            };
            self.keep(key.into(), entry);
        }
        response
    }

    /// 留在新的一代;满了就换代。
    fn keep(&mut self, key: Box<[u8]>, entry: Entry) {
        let size = entry.size();
        if self.bytes + size > BYTES || self.recent.len() == ENTRIES {
            self.older = mem::take(&mut self.recent);
            self.bytes = 0;
        }
        self.bytes += size;
        if let Some(replaced) = self.recent.insert(key, entry) {
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
        let mut key = mem::take(&mut self.key);
        let response = match Self::name(request, &mut key) {
            None => self.site.answer(request, now),
            Some(path) => match self.find(&key, path) {
                None => self.ask(&key, request, now),
                Some(response) => response,
            },
        };
        self.key = key;
        response
    }

    fn refuse(&mut self, status: Status, reason: &'static str) -> Response {
        self.goodbye = false;
        self.site.refuse(status, reason)
    }
}
