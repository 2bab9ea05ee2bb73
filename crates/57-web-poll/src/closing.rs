//! 到期和收场。

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use socket2::SockRef;

use crate::cli;
use crate::connection::Next;
use crate::places::Places;
use crate::reactor::Reactor;
use crate::timers::Wait;

/// Ctrl-C 开始收场,再按一次立刻结束。
pub fn on_ctrl_c(places: Arc<Places>) -> anyhow::Result<()> {
    ctrlc::set_handler(move || {
        if places.is_closing() {
            std::process::exit(1);
        }
        places.close();
    })
    .context("设置 Ctrl-C 失败")
}

impl Reactor {
    /// 到期的:请求没有说完的,告诉他(408);别的不用说什么。
    pub fn expire(&mut self) {
        while let Some((key, wait)) = self.timers.expired(&self.connections) {
            let connection = &mut self.connections[key];
            let next = match wait {
                Wait::Head | Wait::Body => connection.time_out(&mut self.desk),
                Wait::Idle | Wait::Linger => Ok(Next::Close),
                Wait::Write => {
                    // 他不收,系统还替我们留着几兆字节等他:不留了,直接复位(SO_LINGER,socket(7))。
                    let _ = SockRef::from(&connection.stream).set_linger(Some(Duration::ZERO));
                    Ok(Next::Close)
                }
            };
            self.proceed(key, next);
        }
    }

    /// 有人叫醒:要收场了,或者别的工作线程请我们让一让。
    pub fn look_around(&mut self) {
        if self.places.is_closing() && self.closed.is_none() {
            self.conclude();
        } else if let Some(key) = self.settled()
            && self.places.asked()
        {
            self.close(key);
            self.places.wake();
        }
    }

    /// 收场:不再接新的连接;空闲的关闭,已经来了的请求是最后一个。
    fn conclude(&mut self) {
        let grace = self.limits.grace;
        self.closed = Some(Instant::now() + grace);
        self.shut();
        let keys: Vec<usize> = self.connections.iter().map(|(key, _)| key).collect();
        for key in keys {
            let connection = &mut self.connections[key];
            connection.dialogue.close_after_this();
            // 空闲的也再看一眼:请求也许刚到。
            connection.unread = true;
            self.turn(key);
        }
        if let Some(count) = self.places.conclude() {
            let seconds = grace.as_secs();
            cli::note(format_args!(
                "不再接待;还有 {count} 条连接,最多等 {seconds} 秒,再按一次 Ctrl-C 立刻结束"
            ));
        }
    }
}
