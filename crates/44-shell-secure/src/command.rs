//! 正在运行的一个命令:启动,期限,输出的限度,怎样结束的。

use std::io;
use std::process::{ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::group::Group;
use crate::input::Input;
use crate::pipes::{self, Stop, Stoppable, Stopped};
use crate::reply::Exit;

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

/// 刚启动的命令的三个管道,我们这一头。
pub struct Ends {
    /// 写它的标准输入。
    pub input: Option<ChildStdin>,
    /// 读它的标准输出。
    pub output: Option<ChildStdout>,
    /// 读它的标准错误。
    pub errors: Option<ChildStderr>,
}

/// 叫得停的三个管道。
pub struct Pipes {
    /// 写它的标准输入;没有的话,它一读就是末尾。
    pub input: Option<Stoppable<ChildStdin>>,
    /// 读它的标准输出。
    pub output: Stoppable<ChildStdout>,
    /// 读它的标准错误。
    pub errors: Stoppable<ChildStderr>,
    /// 放开它,上面几个就到此为止。
    pub stop: Stop,
}

impl Pipes {
    fn new(ends: Ends, stop: Stop, stopped: &Stopped) -> io::Result<Self> {
        let (Some(output), Some(errors)) = (ends.output, ends.errors) else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        let writer = |pipe| Stoppable::writer(pipe, stopped);
        Ok(Self {
            input: ends.input.map(writer).transpose()?,
            output: Stoppable::reader(output, stopped),
            errors: Stoppable::reader(errors, stopped),
            stop,
        })
    }
}

impl Running {
    /// 启动 `command`;`input` 说有没有标准输入。
    ///
    /// # Errors
    /// 启动不了:目录没有了,进程或者描述符用完了。
    pub fn start(mut command: Command, input: bool, limits: Limits) -> io::Result<(Self, Pipes)> {
        let (stop, stopped) = pipes::stop()?;
        let stdin = match input {
            true => Stdio::piped(),
            false => Stdio::null(),
        };
        command
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let (group, ends) = Group::spawn(command)?;
        match Pipes::new(ends, stop, &stopped) {
            Ok(pipes) => Ok((Self::new(group, limits), pipes)),
            Err(error) => {
                group.kill();
                group.wait();
                group.finish()?;
                Err(error)
            }
        }
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

    /// 怎样结束的:`exit` 是系统说的,我们结束它的话,说我们为什么。
    pub fn outcome(&self, exit: Exit) -> Exit {
        self.lock().cause.unwrap_or(exit)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
