//! 守着一个命令,到它结束。Windows 上不能同时等几根管道,于是每股输出各有一个线程。

use std::sync::mpsc::{self, Sender};
use std::thread::{self, Scope};
use std::time::Duration;

use crate::command::{Ended, Ends, Running};
use crate::pump::Pump;
use crate::replies::Replies;
use crate::reply::{Channel, Exit};

/// shell 结束了,管道却还没有到末尾:后台还有它的进程。给它们这么久把话说完。
const LAST_WORDS: Duration = Duration::from_millis(500);

/// 守着 `running`,到它的全部进程结束、输出都发完。`keep` 时标准输出不发给客户,留下来。
pub fn attend(running: &Running, ends: Ends, keep: bool, replies: &Replies) -> Ended {
    let mut output = Pump::new(ends.output, Channel::Output, keep);
    let mut errors = Pump::new(ends.errors, Channel::Errors, false);
    let exit = thread::scope(|scope| {
        // 没有东西经过这个通道:两股输出都搬完了,它就断开,等的人由此知道。
        let (speaking, silent) = mpsc::channel();
        for pump in [&mut output, &mut errors] {
            start(
                scope,
                running,
                replies,
                carry(pump, speaking.clone(), running, replies),
            );
        }
        drop(speaking);
        if let Some(pipe) = ends.input {
            start(scope, running, replies, move || {
                running.input.feed(pipe, replies)
            });
        }
        running.group.wait();
        let _ = silent.recv_timeout(LAST_WORDS);
        // 作业对象里的进程一个也跑不掉:它们都结束了,管道就到末尾。
        let exit = running.group.finish().unwrap_or(Exit::Code(0));
        running.input.close();
        exit
    });
    Ended {
        exit: running.outcome(exit),
        printed: output.kept(),
    }
}

/// 搬到末尾;`speaking` 到那时才放开。
fn carry<'a>(
    pump: &'a mut Pump,
    speaking: Sender<()>,
    running: &'a Running,
    replies: &'a Replies,
) -> impl FnOnce() + Send + 'a {
    move || {
        while pump.pipe.is_some() {
            pump.carry(running, replies);
        }
        drop(speaking);
    }
}

fn start<'scope>(
    scope: &'scope Scope<'scope, '_>,
    running: &Running,
    replies: &Replies,
    work: impl FnOnce() + Send + 'scope,
) {
    if let Err(error) = thread::Builder::new().spawn_scoped(scope, work) {
        running.give_up(&error, replies);
    }
}
