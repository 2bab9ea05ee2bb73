//! 守着一个命令,到它结束:两股输出和标准输入各有一个线程搬运,自己等它的进程。

use std::sync::mpsc::{self, Sender};
use std::thread::{self, Scope};
use std::time::Duration;

use crate::command::{Pipes, Running};
use crate::pipes::Stop;
use crate::pump::{collect, pump};
use crate::replies::Replies;
use crate::reply::{Channel, Exit, Reply};

/// 组长结束了,管道却还没有到末尾:后台还有它的进程。给它们这么久把话说完。
const LAST_WORDS: Duration = Duration::from_millis(500);

/// 一个命令的结局。
pub struct Ended {
    /// 怎样结束的。
    pub exit: Exit,
    /// 留下没有发给客户的标准输出。
    pub printed: Vec<u8>,
}

/// 守着 `running`,到它的全部进程结束、输出都发完。`keep` 时标准输出不发给客户,留下来。
pub fn attend(running: &Running, pipes: Pipes, keep: bool, replies: &Replies) -> Ended {
    let mut printed = Vec::new();
    let kept = keep.then_some(&mut printed);
    let exit = thread::scope(|scope| {
        // 没有东西经过这个通道:两股输出都搬完了,它就断开,等的人由此知道。
        let (speaking, silent) = mpsc::channel();
        let stop = carry(scope, running, pipes, kept, replies, speaking);
        running.group.wait();
        let _ = silent.recv_timeout(LAST_WORDS);
        // 已经收过尸的只有这里:不会出错。
        let exit = running.group.finish().unwrap_or(Exit::Code(0));
        running.input.close();
        drop(stop);
        exit
    });
    let exit = running.outcome(exit);
    Ended { exit, printed }
}

/// 开始搬运。`speaking` 在两股输出都搬完时才没有人拿着。
fn carry<'scope>(
    scope: &'scope Scope<'scope, '_>,
    running: &'scope Running,
    pipes: Pipes,
    kept: Option<&'scope mut Vec<u8>>,
    replies: &'scope Replies,
    speaking: Sender<()>,
) -> Stop {
    let start = |work: Box<dyn FnOnce() + Send + 'scope>| {
        if let Err(error) = thread::Builder::new().spawn_scoped(scope, work) {
            // 没有人搬,命令会堵在写上:不如现在就结束它。
            let text = format!("错误:服务器开不了新线程:{error}\n");
            let _ = replies.send(&Reply::Output(Channel::Errors, text.as_bytes()));
            running.group.kill();
        }
    };
    let Pipes {
        input,
        output,
        errors,
        stop,
    } = pipes;
    let also_speaking = speaking.clone();
    start(Box::new(move || {
        match kept {
            Some(kept) => *kept = collect(output),
            None => pump(output, Channel::Output, running, replies),
        }
        drop(speaking);
    }));
    start(Box::new(move || {
        pump(errors, Channel::Errors, running, replies);
        drop(also_speaking);
    }));
    if let Some(input) = input {
        start(Box::new(move || running.input.feed(input, replies)));
    }
    stop
}
