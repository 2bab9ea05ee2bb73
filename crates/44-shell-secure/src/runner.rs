//! 运行一位客户的命令:一次一个,记着当前目录。

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use anyhow::bail;

use crate::attend::attend;
use crate::audit::Ending;
use crate::cli;
use crate::command::{Ended, Ends, GRACE, Limits, Running};
use crate::directory::Directory;
use crate::group;
use crate::guard::{Entry, Guard};
use crate::policy::Order;
use crate::printable::printable;
use crate::replies::Replies;
use crate::reply::Exit;
use crate::wire::lock;
use crate::worker::Worker;

/// 启动不了的命令,退出码是这个:和 shell 遇到不能执行的文件时一样。
const CANNOT_RUN: u32 = 126;

/// 一位客户的命令。
pub struct Runner<'a> {
    /// 往客户那边写的一头。
    pub replies: Replies<'a>,
    peer: SocketAddr,
    limits: Limits,
    guard: &'a Guard,
    directory: Mutex<Directory>,
    now: Mutex<Now>,
    /// 命令结束时通知。
    ended: Condvar,
}

/// 现在在做什么。
struct Now {
    /// 正在运行的命令。
    running: Option<Arc<Running>>,
    /// 上一个命令结束的时刻。
    rested: Instant,
}

impl<'a> Runner<'a> {
    /// 从目录 `start` 开始。
    pub fn new(
        replies: Replies<'a>,
        peer: SocketAddr,
        limits: Limits,
        start: PathBuf,
        guard: &'a Guard,
    ) -> Self {
        let (running, rested) = (None, Instant::now());
        Self {
            replies,
            peer,
            limits,
            guard,
            directory: Mutex::new(Directory::new(start)),
            now: Mutex::new(Now { running, rested }),
            ended: Condvar::new(),
        }
    }

    /// 正在运行的命令。
    pub fn running(&self) -> Option<Arc<Running>> {
        lock(&self.now).running.clone()
    }

    /// 从 `heard` 和上一个命令结束起,已经闲了多久。
    pub fn resting(&self, heard: Instant) -> Duration {
        lock(&self.now).rested.max(heard).elapsed()
    }

    /// 看看正在运行的命令到了期限没有;再过多久来看。没有命令是 `None`。
    pub fn watch(&self) -> Option<Duration> {
        let now = Instant::now();
        let due = self.running()?.watch(now);
        Some(due.map_or(Duration::MAX, |due| due.saturating_duration_since(now)))
    }

    /// 开始运行 `line`,不等它结束。
    ///
    /// # Errors
    /// 上一个还没有结束,或者打印不了。
    pub fn start<'scope>(
        &'scope self,
        worker: &Worker<'scope>,
        line: &str,
        input: bool,
    ) -> anyhow::Result<()> {
        if self.running().is_some() {
            bail!("上一个命令还没有结束");
        }
        let directory = lock(&self.directory).clone();
        let entry = Entry::new(self.peer, line, &directory);
        let (command, change) = match self.guard.order(line, &directory) {
            Order::Run(command) => (command, false),
            Order::Change(command) => (command, true),
            Order::Enter(next) => return self.enter(&entry, next),
            Order::Refuse(reason) => return self.refuse(&entry, &reason),
        };
        match Running::start(command, input, self.limits) {
            Ok((running, ends)) => self.watch_over(worker, running, ends, change, entry),
            Err(error) => self.cannot_run(&entry, &error)?,
        }
        cli::print_line(format_args!("{} 运行:{}", self.peer, printable(line)))
    }

    /// 交给另一个线程守着它:这个线程还要听客户说「中断」,或者发现他走了。
    fn watch_over<'scope>(
        &'scope self,
        worker: &Worker<'scope>,
        running: Arc<Running>,
        ends: Ends,
        change: bool,
        entry: Entry,
    ) {
        lock(&self.now).running = Some(Arc::clone(&running));
        worker.give(move || {
            let ended = attend(&running, ends, change, &self.replies);
            let ending = Ending::from(ended.exit);
            let recorded = self.guard.record(&entry, ending, running.produced());
            self.finish(ended, change);
            // 记不下的事,不该再做:挂断,新的客户也进不来。
            if let Err(error) = recorded {
                cli::report(&error);
                self.replies.hang_up();
            }
        });
    }

    /// 命令结束了:先让出位置,再告诉客户,他马上就会发下一个。
    fn finish(&self, ended: Ended, change: bool) {
        let mut text = None;
        if change && ended.exit == Exit::Code(0) {
            let mut directory = lock(&self.directory);
            directory.enter(group::printed_directory(&ended.printed));
            text = Some(directory.path().to_string_lossy().into_owned());
        }
        let mut now = lock(&self.now);
        now.running = None;
        now.rested = Instant::now();
        drop(now);
        self.ended.notify_all();
        self.replies.ended(text.as_deref(), ended.exit);
    }

    fn cannot_run(&self, entry: &Entry, error: &std::io::Error) -> anyhow::Result<()> {
        let directory = lock(&self.directory).path().display().to_string();
        let text = format!("不能在 {directory} 里运行命令:{error}");
        let exit = Exit::Code(CANNOT_RUN);
        self.guard.record(entry, exit.into(), 0)?;
        self.replies.decline(&text, exit);
        Ok(())
    }

    /// 不许运行:记下来,说为什么。
    fn refuse(&self, entry: &Entry, reason: &str) -> anyhow::Result<()> {
        self.guard.record(entry, Ending::Refused(reason), 0)?;
        self.replies.decline(reason, Exit::Refused);
        cli::print_line(format_args!("{} 不许:{}", self.peer, printable(reason)))
    }

    /// 没有 shell 时的 `cd`。
    fn enter(&self, entry: &Entry, next: PathBuf) -> anyhow::Result<()> {
        self.guard.record(entry, Ending::Code(0), 0)?;
        let text = next.to_string_lossy().into_owned();
        lock(&self.directory).enter(next);
        self.replies.ended(Some(&text), Exit::Code(0));
        cli::print_line(format_args!("{} 换到 {}", self.peer, printable(&text)))
    }

    /// 客户走了:他的命令也结束。先请,过一会儿还在就强行结束。
    pub fn end(&self) {
        self.replies.hang_up();
        let now = lock(&self.now);
        let Some(running) = now.running.clone() else {
            return;
        };
        running.group.terminate();
        let still = |now: &mut Now| now.running.is_some();
        let waited = self.ended.wait_timeout_while(now, GRACE, still);
        drop(waited);
        running.group.kill();
    }
}
