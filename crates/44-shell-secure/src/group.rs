//! 一个命令的全部进程:shell 是组长,它启动的都在它的进程组里(setpgid(2)),一个信号送到全组。

use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use crate::reply::Exit;

/// 交给 shell 的一个命令:`sh -c 命令行`,自成一组。
pub fn shell(line: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    // 标准库只改进程组的话用 posix_spawn,不必复制页表;加了 pre_exec 就只能 fork。
    command.arg("-c").arg(line).process_group(0);
    command
}

/// 由 shell 照着 `line`(一行 `cd`)换目录,换成了就打印到了哪里。
pub fn change_directory(line: &str) -> Command {
    // 到了哪里,只由最后的 pwd 说:`cd -` 自己也会打印。
    let mut command = shell(r#"eval "$1" >/dev/null && pwd"#);
    command.args(["sh", line]);
    command
}

/// 一个命令的全部进程。
pub struct Group {
    leader: Pid,
    ended: OwnedFd,
    /// `None`:已经收尸,进程号可能给了别人,不能再发信号。
    child: Mutex<Option<Child>>,
}

/// [`change_directory`] 打印的目录;末尾的换行是 pwd 加的。
pub fn printed_directory(printed: &[u8]) -> PathBuf {
    let path = printed.strip_suffix(b"\n").unwrap_or(printed);
    OsStr::from_bytes(path).into()
}

impl Group {
    /// 启动 `command`,它是自己那一组的组长。
    ///
    /// # Errors
    /// 启动不了,或者描述符用完了。
    pub fn spawn(mut command: Command) -> io::Result<Self> {
        let mut child = command.spawn()?;
        let leader = Pid::from_child(&child);
        match ended(leader) {
            Ok(ended) => Ok(Self {
                leader,
                ended,
                child: Mutex::new(Some(child)),
            }),
            Err(error) => {
                let _ = kill_process_group(leader, Signal::KILL);
                child.wait()?;
                Err(error)
            }
        }
    }

    /// 组长结束了,它就能读(poll(2))。
    pub fn ended(&self) -> BorrowedFd<'_> {
        self.ended.as_fd()
    }

    /// 组长结束了:组里还有谁就结束谁,给组长收尸。收尸之前它还占着进程号,信号不会发错人。
    ///
    /// # Errors
    /// 已经收过尸了。
    pub fn finish(&self) -> io::Result<Exit> {
        let mut child = self.lock().take().ok_or(Errno::CHILD)?;
        let _ = kill_process_group(self.leader, Signal::KILL);
        child.wait().map(exit)
    }

    /// Ctrl-C。
    pub fn interrupt(&self) {
        self.signal(Signal::INT);
    }

    /// 请它们结束,好让它们收拾一下。
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// 马上结束,谁也拦不住。
    pub fn kill(&self) {
        self.signal(Signal::KILL);
    }

    fn signal(&self, signal: Signal) {
        let child = self.lock();
        if child.is_some() {
            // 都已经结束了,也没有关系。
            let _ = kill_process_group(self.leader, signal);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Child>> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 一个描述符,进程 `leader` 结束了就能读;不收尸。
fn ended(leader: Pid) -> io::Result<OwnedFd> {
    #[cfg(target_os = "linux")]
    if let Ok(ended) = rustix::process::pidfd_open(leader, rustix::process::PidfdFlags::empty()) {
        return Ok(ended);
    }
    wait_in_thread(leader)
}

/// 没有 pidfd_open(2) 的系统:另开一个线程等,等到了就关掉管道的写端。
fn wait_in_thread(leader: Pid) -> io::Result<OwnedFd> {
    let (reader, writer) = io::pipe()?;
    let work = move || {
        let ended = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while let Err(Errno::INTR) = waitid(WaitId::Pid(leader), ended) {}
        drop(writer);
    };
    thread::Builder::new().spawn(work)?;
    Ok(reader.into())
}

fn exit(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Code(code.cast_unsigned()),
        (None, signal) => Exit::Signal(signal.unwrap_or_default().cast_unsigned()),
    }
}
