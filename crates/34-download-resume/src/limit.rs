//! 限速:一只按时间装满的桶,收多少字节先从桶里取多少;几条连接共用一只。

use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// 桶最多装这么久的量:停顿之后不会一下子涌来。
const BURST: Duration = Duration::from_millis(100);

/// 每秒多少字节。
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate(pub f64);

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "看不懂".to_owned();
        let lower = text.trim().to_ascii_lowercase();
        let amount = lower.strip_suffix("/s").unwrap_or(&lower);
        let digits = amount.trim_end_matches(|character: char| character.is_ascii_alphabetic());
        let number: f64 = digits.trim().parse().map_err(|_| wrong())?;
        let unit = match &amount[digits.len()..] {
            "" | "b" => 1.0,
            "k" | "kb" => 1e3,
            "m" | "mb" => 1e6,
            "g" | "gb" => 1e9,
            "kib" => 1024.0,
            "mib" => 1024.0 * 1024.0,
            "gib" => 1024.0 * 1024.0 * 1024.0,
            _ => return Err(wrong()),
        };
        let rate = number * unit;
        // 再慢,等一块的时间就会超过服务器的耐心。
        match (1000.0..1e15).contains(&rate) {
            true => Ok(Self(rate)),
            false => Err("至少 1KB/s".to_owned()),
        }
    }
}

/// 限速的桶。
pub struct Limit {
    rate: f64,
    /// 上次看的时刻,和那时桶里的字节;预支了就是负的。
    level: Mutex<(Instant, f64)>,
}

impl Limit {
    /// 每秒最多 `rate`。
    pub fn new(rate: Rate) -> Self {
        Self {
            rate: rate.0,
            level: Mutex::new((Instant::now(), 0.0)),
        }
    }

    /// 一次最多收这么多:一个 [`BURST`] 的量。
    pub fn most(&self) -> usize {
        ((self.rate * BURST.as_secs_f64()) as usize).max(1)
    }

    /// 收了 `bytes` 字节;超前了就在这里等到赶上。
    pub fn spend(&self, bytes: usize) {
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let filled = level.1 + now.duration_since(level.0).as_secs_f64() * self.rate;
        let full = self.rate * BURST.as_secs_f64();
        *level = (now, filled.min(full) - bytes as f64);
        let debt = -level.1;
        drop(level);
        if debt > 0.0 {
            thread::sleep(Duration::from_secs_f64(debt / self.rate));
        }
    }
}
