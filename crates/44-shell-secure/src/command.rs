//! 正在运行的一个命令:启动,期限,输出的限度,怎样结束的。

use std::io::{self, PipeReader, PipeWriter};
use std::mem;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};
use std::time::{Duration, Instant};

use crate::group::Group;
use crate::input::Input;
use crate::replies::Replies;
use crate::reply::{Channel, Exit, Reply};

/// 正在运行的命令,[`end_all`] 用。
static RUNNING: Mutex<Vec<Weak<Running>>> = Mutex::new(Vec::new());

/// 启动命令的拿着读的一半:启动和登记之间,不能插进 [`end_all`]。
static OPEN: RwLock<()> = RwLock::new(());

/// 结束所有正在运行的命令,以后也不能再启动:整个程序马上要退出,等不到它们自己结束了。
pub fn end_all() {
    let closed = OPEN.write().unwrap_or_else(PoisonError::into_inner);
    for running in registered().iter().filter_map(Weak::upgrade) {
        running.group.kill();
    }
    mem::forget(closed);
}

fn registered() -> MutexGuard<'static, Vec<Weak<Running>>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// 请它结束以后,给它这么久收拾;再不走就强行结束。
pub const GRACE: Duration = Duration::from_secs(1);

/// 一个命令的限度。
#[derive(Clone, Copy)]
pub struct Limits {
    /// 最多运行这么多秒。
    pub seconds: u32,
    /// 最多输出这么多 MiB,两股合计。
    pub output: u32,
}

/// 正在运行的一个命令。
pub struct Running {
    /// 它的全部进程。
    pub group: Group,
    /// 它的标准输入。
    pub input: Input,
    limits: Limits,
    state: Mutex<State>,
}

struct State {
    produced: u64,
    /// 下一步什么时候做;`None` 是不必再做什么。
    due: Option<Instant>,
    /// 我们结束了它,为什么。
    cause: Option<Exit>,
}

/// 命令的三个管道,我们这一头。
pub struct Ends {
    /// 写它的标准输入;没有的话,它一读就是末尾。
    pub input: Option<PipeWriter>,
    /// 读它的标准输出。
    pub output: PipeReader,
    /// 读它的标准错误。
    pub errors: PipeReader,
}

/// 一个命令的结局。
pub struct Ended {
    /// 怎样结束的。
    pub exit: Exit,
    /// 留下没有发给客户的标准输出。
    pub printed: Vec<u8>,
}

impl Running {
    /// 启动 `command`;`input` 说有没有标准输入。
    ///
    /// # Errors
    /// 启动不了:目录没有了,进程或者描述符用完了。
    pub fn start(
        mut command: Command,
        input: bool,
        limits: Limits,
    ) -> io::Result<(Arc<Self>, Ends)> {
        let (output, output_writer) = io::pipe()?;
        let (errors, errors_writer) = io::pipe()?;
        command.stdout(output_writer).stderr(errors_writer);
        let input = match input {
            true => {
                let (reader, writer) = io::pipe()?;
                command.stdin(reader);
                Some(writer)
            }
            false => {
                command.stdin(Stdio::null());
                None
            }
        };
        let _open = OPEN.read().unwrap_or_else(PoisonError::into_inner);
        // 启动以后 `command` 就没有了,命令那一头也随它关上:不然永远读不到末尾。
        let running = Arc::new(Self::new(Group::spawn(command)?, limits));
        let mut registered = registered();
        registered.retain(|running| running.strong_count() > 0);
        registered.push(Arc::downgrade(&running));
        let ends = Ends {
            input,
            output,
            errors,
        };
        Ok((running, ends))
    }

    fn new(group: Group, limits: Limits) -> Self {
        let state = State {
            produced: 0,
            due: Instant::now().checked_add(Duration::from_secs(limits.seconds.into())),
            cause: None,
        };
        Self {
            group,
            input: Input::default(),
            limits,
            state: Mutex::new(state),
        }
    }

    /// 又输出了 `length` 字节,其中可以发出去多少;超过限度就结束它。
    pub fn admit(&self, length: usize) -> usize {
        let limit = u64::from(self.limits.output) << 20;
        let mut state = self.lock();
        let left = usize::try_from(limit - state.produced).unwrap_or(usize::MAX);
        let admitted = length.min(left);
        state.produced += admitted as u64;
        if admitted < length {
            state.cause.get_or_insert(Exit::TooMuch(self.limits.output));
            drop(state);
            self.group.kill();
        }
        admitted
    }

    /// 到现在为止发了多少字节的输出,两股合计。
    pub fn produced(&self) -> u64 {
        self.lock().produced
    }

    /// 到了期限就请它结束,再过 [`GRACE`] 就强行结束。返回下一次什么时候来看。
    pub fn watch(&self, now: Instant) -> Option<Instant> {
        let mut state = self.lock();
        if state.due.is_some_and(|due| due <= now) {
            if state.cause.is_none() {
                state.cause = Some(Exit::TimedOut(self.limits.seconds));
                state.due = Some(now + GRACE);
                self.group.terminate();
            } else {
                state.due = None;
                self.group.kill();
            }
        }
        state.due
    }

    /// 没有线程可以守着它了:说一声,结束它。
    pub fn give_up(&self, error: &io::Error, replies: &Replies) {
        let text = format!("错误:服务器开不了新线程:{error}\n");
        let _ = replies.send(&Reply::Output(Channel::Errors, text.as_bytes()));
        self.group.kill();
    }

    /// 怎样结束的:`exit` 是系统说的,我们结束它的话,说我们为什么。
    pub fn outcome(&self, exit: Exit) -> Exit {
        self.lock().cause.unwrap_or(exit)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
