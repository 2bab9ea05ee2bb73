//! 延迟的分布:一千位成员每秒几百万次投递,逐个记下来太占内存,所以只数每一格里有几次。

use std::time::Duration;

/// 每翻一倍分成这么多格:一格的宽度不到数值的 1.6 %。
const STEPS: u64 = 64;

/// 各种延迟各有几次。
pub struct Latencies {
    counts: Vec<u64>,
    total: u64,
}

impl Latencies {
    /// 还没有记过一次。
    pub fn new() -> Self {
        // 64 位整数最多翻 64 倍。
        Self {
            counts: vec![0; 64 * STEPS as usize],
            total: 0,
        }
    }

    /// 记下 `count` 次同样的延迟。
    pub fn record(&mut self, latency: Duration, count: u64) {
        let nanoseconds = latency.as_nanos() as u64;
        self.counts[cell(nanoseconds)] += count;
        self.total += count;
    }

    /// 一共记了几次。
    pub fn total(&self) -> u64 {
        self.total
    }

    /// 至少 `percent` % 的延迟不超过这么多微秒(那一格的下边)。
    pub fn percentile(&self, percent: u64) -> f64 {
        let wanted = (self.total * percent).div_ceil(100);
        let mut seen = 0;
        let found = self.counts.iter().position(|count| {
            seen += count;
            seen >= wanted
        });
        lower(found.unwrap_or(0)) as f64 / 1000.0
    }
}

/// 数值在哪一格:小于 `STEPS` 的各占一格,以后每翻一倍 `STEPS` 格。
fn cell(value: u64) -> usize {
    let doublings = (value / STEPS).checked_ilog2().map_or(0, |log| log + 1);
    let shift = doublings.saturating_sub(1);
    (u64::from(doublings) * STEPS + ((value >> shift) % STEPS)) as usize
}

/// 一格里最小的数值。
fn lower(cell: usize) -> u64 {
    let (doublings, step) = (cell as u64 / STEPS, cell as u64 % STEPS);
    match doublings {
        0 => step,
        _ => (STEPS + step) << (doublings - 1),
    }
}
