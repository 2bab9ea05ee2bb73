//! 一个正在运行的程序和它的终端:逐行打字,等它输出,按 Ctrl-C,最后连同它的子进程一起结束。

use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use process_wrap::std::{ChildWrapper, CommandWrap};

/// 没有读走的输出最多攒这么多字节;再多就让程序的管道堵住,免得一个刷屏的程序吃光内存。
const MAX_UNREAD: usize = 16 << 20;

/// 等待进程结束时,每隔多久看一次。
const POLL: Duration = Duration::from_millis(5);

/// 强行结束以后,最多再等这么久,让它从进程表里消失。
const LAST_WAIT: Duration = Duration::from_secs(5);

/// 等不到的两种原因。
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Waited {
    /// 期限已到。
    #[error("等到期限也没有等到")]
    TimedOut,
    /// 程序关闭了输出(多半是已经结束),以后不会再有了。
    #[error("程序已经结束,没有更多输出")]
    Ended,
}

type Child = Mutex<Box<dyn ChildWrapper>>;

/// 所有还在运行的程序,[`end_all`] 用;`None` 是已经全部结束,不能再启动新的。
static RUNNING: Mutex<Option<Vec<Weak<Child>>>> = Mutex::new(Some(Vec::new()));

/// 结束所有还在运行的程序和它们的子进程,以后也不能再启动:按了 Ctrl-C、整个进程马上要退出时用。
pub fn end_all() {
    let running = lock(&RUNNING).take().unwrap_or_default();
    for child in running.into_iter().filter_map(|child| child.upgrade()) {
        let _ = lock(&child).start_kill();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // 持锁时不会恐慌;即使有过,里面的东西也还是好的。
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// 一个正在运行的程序。离开作用域时,它和它的子进程都会被结束。
#[derive(Debug)]
pub struct Terminal {
    child: Arc<Child>,
    /// 打的字先进队列,由一个线程写进管道:程序不读输入时,我们也不会卡住。
    input: Option<mpsc::Sender<Vec<u8>>>,
    output: Arc<Screen>,
    errors: Option<Arc<Screen>>,
}

impl Terminal {
    /// 启动 `argv`(程序名和参数),标准输出和标准错误合成一股,先后次序与真的终端一样。
    ///
    /// # Errors
    /// `argv` 为空,或者程序启动不了。
    pub fn start(argv: &[String]) -> anyhow::Result<Self> {
        Self::start_in(Path::new("."), argv)
    }

    /// 与 [`start`](Self::start) 相同,在目录 `directory` 里运行。
    ///
    /// # Errors
    /// 同 [`start`](Self::start);没有这个目录。
    pub fn start_in(directory: &Path, argv: &[String]) -> anyhow::Result<Self> {
        let (reader, writer) = io::pipe().context("建立管道失败")?;
        let errors = writer.try_clone().context("复制管道失败")?;
        Self::spawn(directory, argv, writer, errors, reader, None)
    }

    /// 与 [`start`](Self::start) 相同,但标准错误另成一股(用 [`errors`](Self::errors) 读)。
    ///
    /// # Errors
    /// 同 [`start`](Self::start)。
    pub fn start_split(argv: &[String]) -> anyhow::Result<Self> {
        let (output, output_writer) = io::pipe().context("建立管道失败")?;
        let (errors, errors_writer) = io::pipe().context("建立管道失败")?;
        let directory = Path::new(".");
        Self::spawn(
            directory,
            argv,
            output_writer,
            errors_writer,
            output,
            Some(errors),
        )
    }

    fn spawn(
        directory: &Path,
        argv: &[String],
        output_writer: io::PipeWriter,
        errors_writer: io::PipeWriter,
        output: io::PipeReader,
        errors: Option<io::PipeReader>,
    ) -> anyhow::Result<Self> {
        let (program, arguments) = argv.split_first().context("没有给出要运行的命令")?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(directory)
            // 输出不是终端,Python 就攒满几千字节才送出,也不一定用 UTF-8;终端里不是这样的。
            .env("PYTHONUNBUFFERED", "1")
            .env("PYTHONUTF8", "1")
            .stdin(Stdio::piped())
            .stdout(output_writer)
            .stderr(errors_writer);
        let mut command = CommandWrap::from(command);
        // 自成一组:结束时连它启动的子进程一起结束,不留下孤儿。
        #[cfg(unix)]
        command.wrap(process_wrap::std::ProcessGroup::leader());
        #[cfg(windows)]
        command.wrap(process_wrap::std::JobObject);
        // 启动和登记之间不能插进 end_all,否则刚启动的这个没有人结束。
        let mut registry = lock(&RUNNING);
        let running = registry.as_mut().context("正在退出,不再启动程序")?;
        let mut child = command
            .spawn()
            .with_context(|| format!("启动不了程序 {program}"))?;
        let stdin = child.stdin().take().context("程序没有标准输入")?;
        let child = Arc::new(Mutex::new(child));
        running.retain(|child| child.strong_count() > 0);
        running.push(Arc::downgrade(&child));
        drop(registry);
        Ok(Self {
            child,
            input: Some(feed(stdin)),
            output: Screen::fill_from(output),
            errors: errors.map(Screen::fill_from),
        })
    }

    /// 程序的进程号。
    #[must_use]
    pub fn id(&self) -> u32 {
        lock(&self.child).id()
    }

    /// 打一行字,按回车。
    pub fn type_line(&self, text: &str) {
        self.type_bytes(format!("{text}\n").as_bytes());
    }

    /// 原样送进标准输入。程序已经不读了也没关系:字就丢了,和真的终端一样。
    pub fn type_bytes(&self, bytes: &[u8]) {
        if let Some(input) = &self.input {
            let _ = input.send(bytes.to_vec());
        }
    }

    /// 标准输入到此为止(Ctrl-D)。
    pub fn end_input(&mut self) {
        self.input = None;
    }

    /// 按 Ctrl-C:整个进程组收到 SIGINT。
    ///
    /// Windows 没有能发给别的控制台的安全办法,直接结束程序代替。
    ///
    /// # Errors
    /// 信号发不出去(程序早已结束不算)。
    pub fn interrupt(&mut self) -> io::Result<()> {
        if self.try_wait()?.is_some() {
            return Ok(());
        }
        #[cfg(unix)]
        return lock(&self.child).signal(SIGINT);
        #[cfg(not(unix))]
        lock(&self.child).start_kill()
    }

    /// 标准输出(合流时也含标准错误)。
    #[must_use]
    pub fn output(&self) -> &Screen {
        &self.output
    }

    /// 标准错误;合流时与 [`output`](Self::output) 是同一股。
    #[must_use]
    pub fn errors(&self) -> &Screen {
        self.errors.as_ref().unwrap_or(&self.output)
    }

    /// 程序结束了没有;不等待。
    ///
    /// # Errors
    /// 操作系统答不上来。
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        lock(&self.child).try_wait()
    }

    /// 程序已经结束,它还没有被读走的输出。
    ///
    /// 进程结束和它最后的话读到手,有一先一后,所以等一等输出关闭。
    #[must_use]
    pub fn last_words(&self) -> String {
        let _ = self.output.wait_end(Instant::now() + LAST_WAIT);
        String::from_utf8_lossy(&self.output.take_unread()).into_owned()
    }

    /// 等程序结束,最多到 `deadline`;没有等到是 `None`。
    ///
    /// # Errors
    /// 操作系统答不上来。
    pub fn wait(&mut self, deadline: Instant) -> io::Result<Option<ExitStatus>> {
        loop {
            let status = self.try_wait()?;
            if status.is_some() || Instant::now() >= deadline {
                return Ok(status);
            }
            // 标准库没有带期限的 wait;先等输出关闭,再隔几毫秒看一次。
            let _ = self.output.wait_end(deadline.min(Instant::now() + POLL));
            thread::park_timeout(POLL);
        }
    }
}

/// SIGINT 在所有 Unix 上都是 2(signal(7))。
#[cfg(unix)]
const SIGINT: i32 = 2;

impl Drop for Terminal {
    fn drop(&mut self) {
        self.input = None;
        self.output.stop();
        if let Some(errors) = &self.errors {
            errors.stop();
        }
        let _ = lock(&self.child).start_kill();
        // 不能用没有期限的 wait:Windows 的作业对象只通知一次,前面的 try_wait 可能已经取走了。
        let _ = self.wait(Instant::now() + LAST_WAIT);
    }
}

/// 把打的字写进程序的标准输入;程序不读了,或者输入结束了,线程就结束。
fn feed(mut stdin: impl Write + Send + 'static) -> mpsc::Sender<Vec<u8>> {
    let (sender, receiver) = mpsc::channel::<Vec<u8>>();
    thread::spawn(move || {
        for bytes in receiver {
            if stdin
                .write_all(&bytes)
                .and_then(|()| stdin.flush())
                .is_err()
            {
                return;
            }
        }
    });
    sender
}

/// 程序的输出里,还没有人读走的那一段。
#[derive(Debug, Default)]
pub struct Screen {
    state: Mutex<ScreenState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct ScreenState {
    unread: Vec<u8>,
    ended: bool,
}

impl Screen {
    fn fill_from(mut source: impl Read + Send + 'static) -> Arc<Self> {
        let screen = Arc::new(Self::default());
        let filled = Arc::clone(&screen);
        thread::spawn(move || {
            let mut chunk = vec![0; 64 << 10];
            loop {
                let length = match source.read(&mut chunk) {
                    Ok(0) => break,
                    Ok(length) => length,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(_) => break,
                };
                if !filled.push(&chunk[..length]) {
                    break;
                }
            }
            filled.stop();
        });
        screen
    }

    /// 添上新到的输出;没有人再要了就是 `false`。
    fn push(&self, bytes: &[u8]) -> bool {
        let mut state = self.lock();
        while state.unread.len() >= MAX_UNREAD && !state.ended {
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.unread.extend_from_slice(bytes);
        self.changed.notify_all();
        !state.ended
    }

    fn stop(&self) {
        self.lock().ended = true;
        self.changed.notify_all();
    }

    /// 等到 `find` 在没读过的输出里找到它要的东西:`Some((读走几个字节, 结果))`。
    ///
    /// 每当有新的输出,`find` 就被问一次;第二个参数是「输出已经结束」。
    ///
    /// # Errors
    /// 到了 `deadline`,或者输出结束了也没有找到。
    pub fn wait_for<T>(
        &self,
        deadline: Instant,
        mut find: impl FnMut(&[u8], bool) -> Option<(usize, T)>,
    ) -> Result<T, Waited> {
        let mut state = self.lock();
        loop {
            if let Some((length, found)) = find(&state.unread, state.ended) {
                state.unread.drain(..length);
                self.changed.notify_all();
                return Ok(found);
            }
            if state.ended {
                return Err(Waited::Ended);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Waited::TimedOut);
            }
            state = self
                .changed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// 读走一行(不含换行;最后一行可以没有换行)。
    ///
    /// # Errors
    /// 到了 `deadline`,或者输出结束了也没有一行。
    pub fn read_line(&self, deadline: Instant) -> Result<Vec<u8>, Waited> {
        self.wait_for(deadline, |unread, ended| {
            match unread.iter().position(|&byte| byte == b'\n') {
                Some(end) => {
                    let line = unread[..end].strip_suffix(b"\r").unwrap_or(&unread[..end]);
                    Some((end + 1, line.to_vec()))
                }
                None if ended && !unread.is_empty() => Some((unread.len(), unread.to_vec())),
                None => None,
            }
        })
    }

    /// 等输出结束,最多到 `deadline`。
    ///
    /// # Errors
    /// 到了期限还没有结束。
    pub fn wait_end(&self, deadline: Instant) -> Result<(), Waited> {
        self.wait_for(deadline, |_, ended| ended.then_some((0, ())))
    }

    /// 现在已经到了、还没有读走的全部输出;不等待。
    pub fn take_unread(&self) -> Vec<u8> {
        std::mem::take(&mut self.lock().unread)
    }

    fn lock(&self) -> MutexGuard<'_, ScreenState> {
        lock(&self.state)
    }
}
