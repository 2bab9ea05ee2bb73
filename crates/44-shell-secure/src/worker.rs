//! 守着命令的线程:一条连接一个,命令一个接一个地交给它。
//!
//! 每个命令新开一个线程也行,但是开线程、收线程的时间都算在命令头上:短的命令会慢一成。

use std::io;
use std::sync::mpsc::{self, Sender};
use std::thread::{self, Scope};

/// 要做的一件事。
type Job<'scope> = Box<dyn FnOnce() + Send + 'scope>;

/// 一个线程,一件一件地做。没有了它,线程做完手里的就结束。
pub struct Worker<'scope> {
    jobs: Sender<Job<'scope>>,
}

impl<'scope> Worker<'scope> {
    /// 开一个线程,还没有事做。
    ///
    /// # Errors
    /// 开不了新线程。
    pub fn spawn(scope: &'scope Scope<'scope, '_>) -> io::Result<Self> {
        let (jobs, waiting) = mpsc::channel::<Job>();
        let work = move || waiting.into_iter().for_each(|job| job());
        thread::Builder::new().spawn_scoped(scope, work)?;
        Ok(Self { jobs })
    }

    /// 交给它一件事,不等它做完。
    pub fn give(&self, job: impl FnOnce() + Send + 'scope) {
        // 收的一头和线程同在,不会失败。
        let _ = self.jobs.send(Box::new(job));
    }
}
