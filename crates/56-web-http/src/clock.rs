//! 钟:Date 字段一秒写一次就够了(RFC 9110 §6.6.1)。

#[cfg(test)]
#[path = "clock/tests.rs"]
mod tests;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// 9999-12-31 23:59:59:IMF-fixdate 的年份只有四位。
const LAST_SECOND: u64 = 253_402_300_799;

/// 现在几点,和写好的 Date。每个线程一个。
#[derive(Debug)]
pub struct Clock {
    now: SystemTime,
    second: u64,
    date: String,
}

impl Clock {
    /// 对一次表。
    pub fn new() -> Self {
        Self::at(SystemTime::now())
    }

    fn at(now: SystemTime) -> Self {
        let second = seconds(now);
        let date = date(second);
        Self { now, second, date }
    }

    /// 再对一次表:收到一批请求时。同一秒里不重写 Date。
    pub fn tick(&mut self) {
        self.set(SystemTime::now());
    }

    fn set(&mut self, now: SystemTime) {
        self.now = now;
        if seconds(now) != self.second {
            *self = Self::at(now);
        }
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

/// 从 1970-01-01 起的整秒。
pub fn seconds(time: SystemTime) -> u64 {
    let age = time.duration_since(UNIX_EPOCH);
    age.map_or(0, |age| age.as_secs())
}

/// 写成 IMF-fixdate,例如 `Sun, 06 Nov 1994 08:49:37 GMT`(RFC 9110 §5.6.7)。
///
/// 写不出来的年份换成写得出来的最后一秒:文件的时间谁都可以改(touch(1)),不能因此出错。
pub fn date(seconds: u64) -> String {
    let age = Duration::from_secs(seconds.min(LAST_SECOND));
    httpdate::fmt_http_date(UNIX_EPOCH + age)
}

/// 读 HTTP 的日期,三种写法都收(RFC 9110 §5.6.7);读不懂是 `None`。
pub fn parse(date: &[u8]) -> Option<u64> {
    let date = str::from_utf8(date).ok()?;
    // 闰秒的第 60 秒合文法,库却不认:当作下一秒。
    let leap = date.contains(":60 ");
    let time = match leap {
        true => httpdate::parse_http_date(&date.replacen(":60 ", ":59 ", 1)),
        false => httpdate::parse_http_date(date),
    };
    Some(seconds(time.ok()?) + u64::from(leap))
}
