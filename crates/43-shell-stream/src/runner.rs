//! 运行一位客户的命令:一次一个,记着当前目录。

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Scope};
use std::time::{Duration, Instant};

use anyhow::bail;

use crate::attend::attend;
use crate::cli;
use crate::command::{Ended, Ends, GRACE, Limits, Running};
use crate::directory::{Directory, is_change};
use crate::group;
use crate::replies::Replies;
use crate::reply::{Channel, Exit, Reply};

/// 启动不了的命令,退出码是这个:和 shell 遇到不能执行的文件时一样。
const CANNOT_RUN: u32 = 126;

/// 服务器打印命令,最多这么多个字符。
const MAX_PRINTED: usize = 200;

/// 一位客户的命令。
pub struct Runner<'a> {
    /// 往客户那边写的一头。
    pub replies: Replies<'a>,
    peer: SocketAddr,
    limits: Limits,
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
    pub fn new(replies: Replies<'a>, peer: SocketAddr, limits: Limits, start: PathBuf) -> Self {
        let (running, rested) = (None, Instant::now());
        Self {
            replies,
            peer,
            limits,
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
        scope: &'scope Scope<'scope, '_>,
        line: &str,
        input: bool,
    ) -> anyhow::Result<()> {
        if self.running().is_some() {
            bail!("上一个命令还没有结束");
        }
        let command = lock(&self.directory).shell(line);
        let change = is_change(line);
        match Running::start(command, input, self.limits) {
            Ok((running, ends)) => self.watch_over(scope, running, ends, change),
            Err(error) => self.cannot_run(&error),
        }
        let printed: String = line.chars().take(MAX_PRINTED).map(visible).collect();
        cli::print_line(format_args!("{} 运行:{printed}", self.peer))
    }

    /// 另开一个线程守着它:这个线程还要听客户说「中断」,或者发现他走了。
    fn watch_over<'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
        running: Arc<Running>,
        ends: Ends,
        change: bool,
    ) {
        lock(&self.now).running = Some(Arc::clone(&running));
        let watched = Arc::clone(&running);
        let thread = thread::Builder::new().spawn_scoped(scope, move || {
            let ended = attend(&watched, ends, change, &self.replies);
            self.finish(ended, change);
        });
        if let Err(error) = thread {
            running.group.kill();
            let _ = running.group.finish();
            lock(&self.now).running = None;
            self.cannot_run(&error);
        }
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
        // 他已经走了的话,读的一头也会发现。
        if let Some(text) = text {
            let _ = self.replies.send(&Reply::Directory(&text));
        }
        let _ = self.replies.send(&Reply::Exit(ended.exit));
    }

    fn cannot_run(&self, error: &std::io::Error) {
        let directory = lock(&self.directory).path().display().to_string();
        let text = format!("错误:不能在 {directory} 里运行命令:{error}\n");
        let told = Reply::Output(Channel::Errors, text.as_bytes());
        let exit = Reply::Exit(Exit::Code(CANNOT_RUN));
        let _ = self.replies.send(&told);
        let _ = self.replies.send(&exit);
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

/// 客户打的字要显示在我们的终端上:控制字符换成看得见的样子,它们能改标题、清屏、冒充别的输出。
fn visible(letter: char) -> String {
    match letter.is_control() {
        true => letter.escape_debug().to_string(),
        false => letter.to_string(),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // 持锁时不会恐慌;即使有过,里面的东西也还是好的。
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
