//! 进度:终端上是一个进度条,别处一秒一行。

use std::io::{IsTerminal, stderr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use clap::ValueEnum;
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

use crate::cli;
use crate::names::shown;

/// 隔这么久一行。
const PERIOD: Duration = Duration::from_secs(1);

/// 怎样显示进度;都写到标准错误。
///
/// 各项不写成文档注释:那样 `clap` 的帮助里会多出一段英文。
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Style {
    // 进度条
    Bar,
    // 一秒一行
    Lines,
    // 一秒一行 JSON
    Json,
    // 不显示
    None,
}

impl Style {
    /// 终端上是进度条,别处一秒一行。
    pub fn fitting() -> Self {
        match stderr().is_terminal() {
            true => Self::Bar,
            false => Self::Lines,
        }
    }
}

/// 一个文件的进度。
pub struct Progress {
    style: Style,
    name: String,
    size: u64,
    done: AtomicU64,
    /// 上次显示的时刻,和那时的字节数。
    shown: Mutex<(Instant, u64)>,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// 一个字节也没有。
    pub fn new(style: Style, name: &str, size: u64) -> Self {
        let name = shown(name.as_bytes());
        let bar = (style == Style::Bar).then(|| {
            let template = "{msg} {wide_bar} {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec} 还要 {eta}";
            let look = ProgressStyle::with_template(template);
            let look = look.unwrap_or_else(|_| ProgressStyle::default_bar());
            let bar = ProgressBar::new(size).with_style(look);
            bar.with_message(name.clone())
        });
        Self {
            style,
            name,
            size,
            done: AtomicU64::new(0),
            shown: Mutex::new((Instant::now(), 0)),
            bar,
        }
    }

    /// 本来就有 `bytes` 字节:算进度,不算速度。
    pub fn skip(&self, bytes: u64) {
        let done = self.done.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if let Some(bar) = &self.bar {
            bar.set_position(done);
            bar.reset_eta();
        }
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.1 += bytes;
    }

    /// 又收到 `bytes` 字节。
    pub fn add(&self, bytes: u64) {
        let done = self.done.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if let Some(bar) = &self.bar {
            bar.set_position(done);
            return;
        }
        // 别的线程正在显示,这次就不用了。
        let Ok(mut shown) = self.shown.try_lock() else {
            return;
        };
        let passed = shown.0.elapsed();
        if passed >= PERIOD {
            let rate = done.saturating_sub(shown.1) as f64 / passed.as_secs_f64();
            *shown = (Instant::now(), done);
            self.show(done, rate);
        }
    }

    fn show(&self, done: u64, rate: f64) {
        let eta = self.size.saturating_sub(done) as f64 / rate.max(1.0);
        match self.style {
            Style::Lines => cli::note(format_args!(
                "{} {} / {},{}/s,还要 {eta:.0} 秒",
                self.name,
                HumanBytes(done),
                HumanBytes(self.size),
                HumanBytes(rate as u64),
            )),
            Style::Json => self.json("downloading", done, rate, eta),
            Style::Bar | Style::None => {}
        }
    }

    fn json(&self, state: &str, done: u64, rate: f64, eta: f64) {
        // 名字里只有引号和反斜杠要转义:控制字符已经写成看得见的样子。
        let name = self.name.replace('\\', "\\\\").replace('"', "\\\"");
        cli::note(format_args!(
            "{{\"file\":\"{name}\",\"state\":\"{state}\",\"bytes\":{done},\"size\":{},\"rate\":{rate:.0},\"eta\":{eta:.0}}}",
            self.size
        ));
    }

    /// 结束:收齐了,或者停下了。
    pub fn finish(&self, complete: bool) {
        let done = self.done.load(Ordering::Relaxed);
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        if self.style == Style::Json {
            let state = if complete { "done" } else { "stopped" };
            self.json(state, done, 0.0, 0.0);
        }
    }
}
