//! 一个命令的全部进程。Windows 没有进程组,作业对象更严:里面的进程启动的,都在里面,跑不掉。

use std::io;
use std::os::windows::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitStatus};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use process_wrap::std::{ChildWrapper, CommandWrap, JobObject};

use crate::codepage;
use crate::reply::Exit;

/// 隔这么久看一次它结束了没有:作业对象不能一边等、一边由别的线程结束它。
const GLANCE: Duration = Duration::from_millis(5);

/// Ctrl-C 结束的控制台程序,退出码是这个(STATUS_CONTROL_C_EXIT)。
const CONTROL_C: u32 = 0xC000_013A;

/// 交给 shell 的一个命令。`/d` 不运行自动命令;`/s` 只去掉最外面的一对引号,里面的原样留着。
pub fn shell(line: &str) -> Command {
    let mut command = Command::new("cmd");
    command.raw_arg(format!("/d /s /c \"{line}\""));
    command
}

/// 由 shell 照着 `line`(一行 `cd`)换目录,换成了就打印到了哪里。
pub fn change_directory(line: &str) -> Command {
    shell(&format!("{line} >NUL && cd"))
}

/// [`change_directory`] 打印的目录,用的是控制台的编码;末尾的换行不是它的。
pub fn printed_directory(printed: &[u8]) -> PathBuf {
    let label = codepage::of_commands();
    let encoding = encoding_rs::Encoding::for_label(label.as_bytes());
    let text = encoding.unwrap_or(encoding_rs::UTF_8).decode(printed).0;
    text.trim_end_matches(['\r', '\n']).into()
}

/// 一个命令的全部进程。
pub struct Group(Mutex<State>);

struct State {
    child: Box<dyn ChildWrapper>,
    ended: Option<ExitStatus>,
    interrupted: bool,
}

impl Group {
    /// 启动 `command`,放进一个新的作业对象。
    ///
    /// # Errors
    /// 启动不了。
    pub fn spawn(command: Command) -> io::Result<Self> {
        let child = CommandWrap::from(command).wrap(JobObject).spawn()?;
        Ok(Self(Mutex::new(State {
            child,
            ended: None,
            interrupted: false,
        })))
    }

    /// 等 shell 结束。
    pub fn wait(&self) {
        loop {
            let mut state = self.lock();
            match state.child.try_wait() {
                Ok(None) => {}
                Ok(ended) => return state.ended = ended,
                Err(_) => return,
            }
            drop(state);
            thread::park_timeout(GLANCE);
        }
    }

    /// shell 结束了:作业对象里还有谁就结束谁。
    ///
    /// # Errors
    /// 没有等到它结束。
    pub fn finish(&self) -> io::Result<Exit> {
        let mut state = self.lock();
        let _ = state.child.start_kill();
        let status = state.ended.ok_or(io::ErrorKind::NotFound)?;
        let code = status.code().unwrap_or_default().cast_unsigned();
        Ok(Exit::Code(match state.interrupted {
            true => CONTROL_C,
            false => code,
        }))
    }

    /// Ctrl-C。没有能发给别的进程组的安全办法,直接结束代替。
    pub fn interrupt(&self) {
        let mut state = self.lock();
        state.interrupted = state.ended.is_none();
        let _ = state.child.start_kill();
    }

    /// 请它们结束:在这里也是马上。
    pub fn terminate(&self) {
        self.kill();
    }

    /// 马上结束。
    pub fn kill(&self) {
        let _ = self.lock().child.start_kill();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
