//! 钟:Date 字段一秒写一次就够了(RFC 9110 §6.6.1)。

use std::time::SystemTime;

/// 现在几点,和写好的 Date。每个线程一个。
#[derive(Debug)]
pub struct Clock {
    now: SystemTime,
    date: String,
}

impl Clock {
    /// 对一次表。
    pub fn new() -> Self {
        let now = SystemTime::now();
        let date = httpdate::fmt_http_date(now);
        Self { now, date }
    }

    /// 再对一次表:收到一批请求时。
    pub fn tick(&mut self) {
        *self = Self::new();
    }

    /// 上一次对表的时刻。
    pub fn now(&self) -> SystemTime {
        self.now
    }

    /// 写好的 Date 的值(IMF-fixdate,29 个字节)。
    pub fn date(&self) -> &str {
        &self.date
    }
}
