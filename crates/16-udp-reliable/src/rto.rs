//! 超时:从测得的往返时间算出等多久才重传(RFC 6298)。

use std::time::Duration;

/// 还没有测过时等这么久(RFC 6298 §2.1)。
const INITIAL: Duration = Duration::from_secs(1);

/// 最少等这么久。RFC 6298 建议 1 秒,因为 TCP 的接收方可以迟半秒才确认;我们的接收方马上确认,
/// 只要躲开操作系统的调度(Windows 的时钟一格 15.6 毫秒)。
const MIN: Duration = Duration::from_millis(20);

/// 最多等这么久(RFC 6298 §2.5 允许的最小的上限):时刻由对方带回,乱写一个也不能让我们等上一小时。
const MAX: Duration = Duration::from_secs(60);

/// 加倍到这里为止:终端前坐着一个人,丢三成的链路也要常常试。往返时间本来就更长的链路,按测得的来:
/// 比往返还短的超时,只会把每个报文都重传几遍。
const MAX_BACK_OFF: Duration = Duration::from_secs(1);

/// 时钟的精度 G(RFC 6298 §2.3)。
const GRANULARITY: Duration = Duration::from_millis(1);

/// 往返时间的估计,和由它而来的超时。
#[derive(Debug, Clone)]
pub struct Rto {
    /// 平滑的往返时间和它的偏差;还没有测过是 `None`。
    estimate: Option<(Duration, Duration)>,
    /// 由估计算出的超时。
    base: Duration,
    /// 现在的超时:加倍过的 `base`。
    timeout: Duration,
}

impl Rto {
    /// 还没有测过。
    pub fn new() -> Self {
        Self {
            estimate: None,
            base: INITIAL,
            timeout: INITIAL,
        }
    }

    /// 现在的超时。
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// 平滑的往返时间。
    pub fn smoothed(&self) -> Option<Duration> {
        self.estimate.map(|(smoothed, _)| smoothed)
    }

    /// 测得一次往返时间(RFC 6298 §2.2、§2.3)。
    ///
    /// 没有时刻可带的协议,只能用没有重传过的报文测:重传过的,分不清确认的是哪一次(Karn 算法,§3)。
    pub fn sample(&mut self, measured: Duration) {
        let (smoothed, variation) = match self.estimate {
            None => (measured, measured / 2),
            Some((smoothed, variation)) => (
                smoothed * 7 / 8 + measured / 8,
                variation * 3 / 4 + smoothed.abs_diff(measured) / 4,
            ),
        };
        self.estimate = Some((smoothed, variation));
        self.base = (smoothed + (variation * 4).max(GRANULARITY)).clamp(MIN, MAX);
        self.timeout = self.base;
    }

    /// 又超时了:等得不够久,或者路堵了,加倍(RFC 6298 §5.5)。下一次测得往返时间时恢复。
    pub fn back_off(&mut self) {
        self.timeout = (self.timeout * 2).min(MAX_BACK_OFF.max(self.base));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn the_estimate_follows_rfc_6298() {
        let mut rto = Rto::new();
        assert_eq!(rto.timeout(), ms(1000));
        // 第一次:SRTT = 100,RTTVAR = 50,RTO = 100 + 4 × 50。
        rto.sample(ms(100));
        assert_eq!((rto.smoothed(), rto.timeout()), (Some(ms(100)), ms(300)));
        // 第二次:RTTVAR = 3/4 × 50 + 1/4 × 40 = 47.5,SRTT = 7/8 × 100 + 1/8 × 60 = 95。
        rto.sample(ms(60));
        assert_eq!((rto.smoothed(), rto.timeout()), (Some(ms(95)), ms(285)));
    }

    #[test]
    fn backing_off_doubles_up_to_the_limit_and_a_sample_ends_it() {
        let mut rto = Rto::new();
        rto.sample(ms(100));
        rto.back_off();
        assert_eq!(rto.timeout(), ms(600));
        rto.back_off();
        assert_eq!(rto.timeout(), MAX_BACK_OFF);
        rto.sample(ms(100));
        assert!(rto.timeout() < ms(300));
    }

    #[test]
    fn a_long_round_trip_is_waited_for() {
        let mut rto = Rto::new();
        rto.sample(ms(10_000));
        assert_eq!(rto.timeout(), ms(30_000));
        rto.back_off();
        assert_eq!(rto.timeout(), ms(30_000));
        rto.sample(ms(4_000_000));
        assert_eq!(rto.timeout(), MAX);
    }

    #[test]
    fn a_steady_fast_link_never_goes_below_the_minimum() {
        let mut rto = Rto::new();
        for _ in 0..100 {
            rto.sample(Duration::from_micros(50));
        }
        assert_eq!(rto.timeout(), MIN);
    }
}
