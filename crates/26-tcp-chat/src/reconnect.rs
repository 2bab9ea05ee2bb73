//! 连接断了以后:再连,还是算了;隔多久再连。

use std::ops::ControlFlow::{self, Break, Continue};
use std::time::{Duration, Instant};

use anyhow::anyhow;

use crate::link::End;
use crate::talk::{DOUBT, State, Talk};
use crate::terminal;

/// 第一次等这么久:多半只是服务器重新启动。
const SHORTEST: Duration = Duration::from_secs(1);

/// 最久等这么久:再久,人就等不及了;再短,服务器关一夜会被白白敲几万次门。
const LONGEST: Duration = Duration::from_secs(30);

/// 断线前这么久以内发出的话不能肯定送到了:操作系统收下了,不等于对方收到了。
const DOUBTFUL: Duration = Duration::from_secs(60);

/// 输入已经结束而话还没有发完时,最多再连这么多次:服务器重新启动,够了;没有人在旁边,不能永远试下去。
const LAST_TRIES: u32 = 5;

/// 每次等的时间翻一番:1、2、4、8、16、30、30……秒。
pub struct Backoff {
    next: Duration,
    /// 输入结束以后还能连几次。
    tries: u32,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            next: SHORTEST,
            tries: LAST_TRIES,
        }
    }
}

impl Backoff {
    /// 这一次等多久(说给人听的整秒数);下一次加倍。
    fn wait(&mut self) -> Duration {
        let wait = self.next;
        self.next = LONGEST.min(wait * 2);
        wait
    }

    /// 连接用了 `lasted` 这么久。比最久的等待还久,就从最短的重新开始;一连上就断的不算,
    /// 否则会一秒敲一次门。
    fn settle(&mut self, lasted: Duration) {
        if lasted > LONGEST {
            *self = Self::default();
        }
    }
}

/// 实际等的时间:上下差到五分之一。服务器一重启,几百个客户端就不会在同一刻涌来。
fn spread(wait: Duration) -> Duration {
    wait.mul_f64(0.8 + 0.4 * fastrand::f64())
}

impl Talk {
    /// 连接结束了:正常离开、出错,还是再连。
    pub fn ended(&mut self, end: End) -> anyhow::Result<ControlFlow<()>> {
        let error = match end {
            End::Fatal(error) => return Err(error),
            End::Closed if self.quit => return Ok(Break(())),
            End::Closed => anyhow!("服务器关闭了连接"),
            End::Lost(error) => error,
        };
        if self.quit {
            // 有人在的话,他反正要走了。
            return match terminal::attended() {
                true => Ok(Break(())),
                false => Err(error.context(format!("没有等到服务器结束连接,{DOUBT}"))),
            };
        }
        self.state = State::Down;
        self.backoff.settle(self.joined.elapsed());
        if self
            .sent
            .take()
            .is_some_and(|sent| sent.elapsed() < DOUBTFUL)
        {
            self.doubt = true;
            self.setup.display.note(DOUBT);
        }
        if self.setup.reconnect {
            self.retry("连接断了", error)
        } else {
            let text = match (self.has_pending(), self.doubt) {
                (true, _) => "连接断了,还有话没有发出",
                (false, true) => "连接断了,断线前刚发出的话不能肯定送到了",
                (false, false) => "连接断了",
            };
            Err(error.context(text))
        }
    }

    /// 过一会儿再连;没有必要连了就结束。
    pub fn retry(&mut self, what: &str, error: anyhow::Error) -> anyhow::Result<ControlFlow<()>> {
        if self.left.is_some() && !self.try_again() {
            return self.give_up(error);
        }
        let wait = self.backoff.wait();
        let seconds = wait.as_secs();
        let note = format!("{what},{seconds} 秒后再连");
        self.setup.display.note(&note);
        self.state = State::Waiting(Instant::now() + spread(wait));
        Ok(Continue(()))
    }

    /// 到时候了:再连一次。
    pub fn reconnect(&mut self) -> anyhow::Result<ControlFlow<()>> {
        self.state = State::Down;
        self.listener().rejoin(self.setup.server.clone())?;
        Ok(Continue(()))
    }

    /// 没有更多输入了,还要不要再连:有话没有发出,而且没有人在等着程序结束。
    fn try_again(&mut self) -> bool {
        let again = self.has_pending() && !terminal::attended() && self.backoff.tries > 0;
        self.backoff.tries -= u32::from(again);
        again
    }

    /// 断着线离开。
    pub fn give_up(&mut self, error: anyhow::Error) -> anyhow::Result<ControlFlow<()>> {
        match self.count_pending() {
            0 if terminal::attended() => Ok(Break(())),
            0 => Err(error.context("没有等到服务器结束连接")),
            count => Err(error.context(format!("有 {count} 行没有发出"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let mut backoff = Backoff::default();
        let waits: Vec<u64> = (0..7).map(|_| backoff.wait().as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
        backoff.settle(LONGEST);
        assert_eq!(backoff.wait(), LONGEST, "一连上就断的不算");
        backoff.settle(LONGEST * 2);
        assert_eq!(backoff.wait(), SHORTEST);
    }

    #[test]
    fn waits_are_spread() {
        for _ in 0..1000 {
            let wait = spread(LONGEST).as_secs_f64();
            assert!((24.0..=36.0).contains(&wait), "{wait}");
        }
    }
}
