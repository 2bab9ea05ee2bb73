//! 守着一个命令,到它结束:用 `poll` 同时等三样,两股输出,和它的结束(poll(2))。
//!
//! 一股输出一个线程也行;那样一个命令要多开、多叫醒两个线程,短的命令多花的时间都在这里。

use std::os::fd::{AsFd, BorrowedFd};
use std::thread::{self, Scope};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::command::{Ended, Ends, Running};
use crate::pipes::Stoppable;
use crate::pump::Pump;
use crate::replies::Replies;
use crate::reply::{Channel, Exit};

/// 组长结束了,管道却还没有到末尾:后台还有它的进程。给它们这么久把话说完。
const LAST_WORDS: Duration = Duration::from_millis(500);

/// 全组都结束以后,管道里剩下的最多再读这么多字节:一个管道最多装这么多(pipe(7))。没有这个限度,
/// 逃出进程组的程序一直写,就一直读不完。
const LEFT_OVER: usize = 1 << 20;

/// 守着 `running`,到它的全部进程结束、输出都发完。`keep` 时标准输出不发给客户,留下来。
pub fn attend(running: &Running, ends: Ends, keep: bool, replies: &Replies) -> Ended {
    let mut pumps = [
        Pump::new(ends.output, Channel::Output, keep),
        Pump::new(ends.errors, Channel::Errors, false),
    ];
    let exit = thread::scope(|scope| {
        if let Some(pipe) = ends.input {
            feed(
                scope,
                Stoppable::new(pipe, running.group.ended()),
                running,
                replies,
            );
        }
        carry(&mut pumps, running, replies);
        // 收尸的只有这里,不会出错。
        let exit = running.group.finish().unwrap_or(Exit::Code(0));
        for pump in &mut pumps {
            drain(pump, running, replies);
        }
        running.input.close();
        exit
    });
    let [output, _] = pumps;
    Ended {
        exit: running.outcome(exit),
        printed: output.kept(),
    }
}

/// 另开一个线程写标准输入:命令可能一边不肯读,一边打印个不停。
fn feed<'scope>(
    scope: &'scope Scope<'scope, '_>,
    pipe: Stoppable<'scope>,
    running: &'scope Running,
    replies: &'scope Replies,
) {
    let work = move || running.input.feed(pipe, replies);
    if let Err(error) = thread::Builder::new().spawn_scoped(scope, work) {
        running.give_up(&error, replies);
    }
}

/// 搬运,直到组长结束、两股输出都到了末尾;组长结束以后最多再等 [`LAST_WORDS`]。
fn carry(pumps: &mut [Pump; 2], running: &Running, replies: &Replies) {
    let mut until: Option<Instant> = None;
    while until.is_none() || pumps.iter().any(|pump| pump.pipe.is_some()) {
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        if left == Some(Duration::ZERO) {
            return;
        }
        let leader = until.is_none().then(|| running.group.ended());
        let [output, errors, ended] = wait(pumps, leader, left);
        for (pump, ready) in pumps.iter_mut().zip([output, errors]) {
            if ready {
                pump.carry(running, replies);
            }
        }
        if ended {
            until = Some(Instant::now() + LAST_WORDS);
        }
    }
}

/// 管道里剩下的也搬走,不再等更多的。
fn drain(pump: &mut Pump, running: &Running, replies: &Replies) {
    let mut rest = LEFT_OVER;
    while let Some(pipe) = &pump.pipe {
        let mut one = [PollFd::new(pipe, PollFlags::IN)];
        if rest == 0 || !matches!(poll(&mut one, Some(&Timespec::default())), Ok(1)) {
            return;
        }
        rest = rest.saturating_sub(pump.carry(running, replies));
    }
}

/// 等到两股输出里有能读的,或者组长结束,最多等 `longest`:各是不是。
fn wait(pumps: &[Pump; 2], leader: Option<BorrowedFd>, longest: Option<Duration>) -> [bool; 3] {
    let [output, errors] = pumps
        .each_ref()
        .map(|pump| pump.pipe.as_ref().map(AsFd::as_fd));
    let mut places = Vec::with_capacity(3);
    let mut waiting = Vec::with_capacity(3);
    for (place, fd) in [output, errors, leader].into_iter().enumerate() {
        if let Some(fd) = fd {
            places.push(place);
            waiting.push(PollFd::from_borrowed_fd(fd, PollFlags::IN));
        }
    }
    let longest = longest.and_then(|longest| Timespec::try_from(longest).ok());
    let mut ready = [false; 3];
    // 被信号打断就当作什么也没有等到,再来一次。
    if poll(&mut waiting, longest.as_ref()).is_ok() {
        for (place, one) in places.into_iter().zip(&waiting) {
            ready[place] = !one.revents().is_empty();
        }
    }
    ready
}
