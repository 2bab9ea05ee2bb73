//! 会话引擎:用真正的进程把一段会话演一遍,核对每一行输出。演示和核对讲义用的是同一个。

use std::fs;
use std::io;
use std::path::Path;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use check::{Screen, Terminal, Waited};
use tempfile::TempDir;

use crate::ports::Ports;
use crate::programs::Programs;
use crate::session::{Action, Session, matches};

/// 每等这么久就看一眼:要不要停下,输出里是不是停着一个不带换行的提示。
/// 也是给程序的时间:这么久没有后文,就当那半行是提示,不是一行还没有写完。
const SLICE: Duration = Duration::from_millis(50);

/// 会话演完时,给还在运行的程序这么久,看它会不会多嘴。
const SETTLE: Duration = Duration::from_millis(50);

/// 输入结束(^D)之后,给程序这么久自己结束;服务器不读输入,到时候还在也不算错。
const FAREWELL: Duration = Duration::from_secs(1);

/// 怎么演。
#[derive(Debug, Clone, Copy)]
pub struct Settings<'a> {
    /// 每一步最多等多久。
    pub deadline: Duration,
    /// 变成 `true` 就停下。
    pub cancelled: &'a AtomicBool,
    /// 讲义附带的小程序;演之前复制到工作目录的 `experiments/` 下。
    pub experiments: Option<&'a Path>,
}

/// 演到了什么,逐个通知观众。
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// 讲义里的端口换成了哪些(讲义的,真正的)。
    Ports(&'a [(u16, u16)]),
    /// 马上要启动程序。
    Start(&'a str, &'a [String]),
    /// 马上要打这一行。
    Type(&'a str, &'a str),
    /// 来了一行意料之中的输出(端口已经换回讲义里的)。
    Said(&'a str, &'a str),
    /// 马上要按 Ctrl-C。
    Interrupt(&'a str),
    /// 马上要结束输入。
    EndInput(&'a str),
    /// 程序以意料之中的退出码结束。
    Exit(&'a str, i32),
}

/// 看到了什么。
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    /// 几个终端。
    pub terminals: usize,
    /// 打了几行字。
    pub typed: usize,
    /// 核对了几行输出。
    pub printed: usize,
}

/// 没有演完的原因。
#[derive(Debug)]
pub enum Stopped {
    /// 实际与会话不符:文件里的行号和说明。
    Mismatch(usize, String),
    /// 这台机器上没有会话要用的程序:行号和程序名。
    Missing(usize, String),
    /// 被叫停了。
    Cancelled,
    /// 别的错误。
    Other(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Stopped {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

/// 演一遍 `session`,每一步告诉 `watch`。返回之前,启动的程序(和它们的子进程)都已结束。
///
/// 次序不变:前面的输出都等到了,才做后面的事。
///
/// # Errors
/// 实际与会话不符、程序没有、被叫停,或者操作系统出错。
pub fn play(
    session: &Session,
    programs: &mut Programs<'_>,
    settings: &Settings<'_>,
    mut watch: impl FnMut(Event<'_>) -> io::Result<()>,
) -> Result<Seen, Stopped> {
    let mut player = Player::new(session, programs, settings)?;
    if !player.ports.pairs().is_empty() {
        watch(Event::Ports(player.ports.pairs()))?;
    }
    for index in 0..session.steps.len() {
        if settings.cancelled.load(Ordering::Relaxed) {
            return Err(Stopped::Cancelled);
        }
        player.step(index, &mut watch)?;
    }
    player.finish()?;
    Ok(player.seen)
}

struct Player<'s, 'p, 'w> {
    session: &'s Session,
    programs: &'p mut Programs<'w>,
    settings: &'s Settings<'s>,
    ports: Ports,
    seats: Vec<Seat>,
    seen: Seen,
    /// 最后才删:Windows 上,有程序还在里面运行的目录删不掉。
    directory: TempDir,
}

/// 一个终端里正在运行的程序。
#[derive(Default)]
struct Seat {
    running: Option<Terminal>,
    /// 会话里最后提到这个终端的行号。
    line: usize,
    input_ended: bool,
    interrupted: bool,
    /// 程序没有收到信号,而是被强行结束了,它来不及说什么、退出码也不作数。
    killed: bool,
}

impl<'s, 'p, 'w> Player<'s, 'p, 'w> {
    fn new(
        session: &'s Session,
        programs: &'p mut Programs<'w>,
        settings: &'s Settings<'s>,
    ) -> Result<Self, Stopped> {
        let directory = TempDir::with_prefix("course-").context("建立不了临时目录")?;
        if let Some(experiments) = settings.experiments {
            copy_directory(experiments, &directory.path().join("experiments"))?;
        }
        let seats = session.terminals.iter().map(|_| Seat::default()).collect();
        let seen = Seen {
            terminals: session.terminals.len(),
            ..Seen::default()
        };
        Ok(Self {
            session,
            programs,
            settings,
            ports: Ports::for_session(session)?,
            seats,
            seen,
            directory,
        })
    }

    fn step(
        &mut self,
        index: usize,
        watch: &mut impl FnMut(Event<'_>) -> io::Result<()>,
    ) -> Result<(), Stopped> {
        let session = self.session;
        let step = &session.steps[index];
        let name = &session.terminals[step.terminal];
        self.seats[step.terminal].line = step.line;
        match &step.action {
            Action::Start(words) => {
                self.close(step.terminal)?;
                watch(Event::Start(name, words))?;
                self.start(step.terminal, words)?;
            }
            Action::Type(text) => {
                watch(Event::Type(name, text))?;
                let typed = self.ports.in_typed(text);
                self.listening(step.terminal)?.type_line(&typed);
                self.seen.typed += 1;
            }
            Action::Expect(pattern) => {
                if let Some(line) = self.expect(index, pattern)? {
                    watch(Event::Said(name, &line))?;
                    self.seen.printed += 1;
                }
            }
            Action::Interrupt => {
                watch(Event::Interrupt(name))?;
                self.interrupt(step.terminal)?;
            }
            Action::EndInput => {
                watch(Event::EndInput(name))?;
                self.listening(step.terminal)?.end_input();
                self.seats[step.terminal].input_ended = true;
            }
            Action::Exit(code) => {
                self.exit(step.terminal, *code)?;
                watch(Event::Exit(name, *code))?;
            }
        }
        Ok(())
    }

    fn start(&mut self, terminal: usize, words: &[String]) -> Result<(), Stopped> {
        let line = self.seats[terminal].line;
        let words = self.ports.in_command(words);
        let Some(command) = self.programs.command(&words)? else {
            let program = words.into_iter().next().unwrap_or_default();
            return Err(Stopped::Missing(line, program));
        };
        self.seats[terminal] = Seat {
            running: Some(Terminal::start_in(self.directory.path(), &command)?),
            line,
            ..Seat::default()
        };
        Ok(())
    }

    /// 还在读输入的程序;已经结束的、输入已经结束的,再打字就没有人看了。
    fn listening(&mut self, terminal: usize) -> Result<&mut Terminal, Stopped> {
        let line = self.seats[terminal].line;
        if self.seats[terminal].input_ended {
            return Err(self.mismatch(terminal, line, "输入已经用 ^D 结束了,不能再打字"));
        }
        if let Some(status) = self.running(terminal)?.try_wait()? {
            let text = format!("程序已经结束({}),没有人读这一行", describe(status));
            return Err(self.mismatch(terminal, line, &text));
        }
        self.running(terminal)
    }

    fn running(&mut self, terminal: usize) -> Result<&mut Terminal, Stopped> {
        let running = self.seats[terminal].running.as_mut();
        Ok(running.context("终端里没有程序")?)
    }

    fn interrupt(&mut self, terminal: usize) -> Result<(), Stopped> {
        let gentle = cfg!(unix) && !self.programs.have_runner();
        self.running(terminal)?.interrupt()?;
        self.seats[terminal].interrupted = true;
        self.seats[terminal].killed = !gentle;
        Ok(())
    }

    /// 等下一行输出,它应当是 `pattern` 的样子。被强行结束的程序说不了话,不等:`None`。
    fn expect(&mut self, index: usize, pattern: &str) -> Result<Option<String>, Stopped> {
        let step = &self.session.steps[index];
        if self.seats[step.terminal].killed {
            return Ok(None);
        }
        let prompt = self.input_follows(index).then_some(pattern);
        let deadline = Instant::now() + self.settings.deadline;
        let ports = self.ports.clone();
        let cancelled = self.settings.cancelled;
        let screen = self.running(step.terminal)?.output();
        let actual = match next_line(screen, &ports, prompt, deadline, cancelled) {
            Ok(line) if matches(pattern, &line) => return Ok(Some(line)),
            Ok(line) => format!("实到:{line}"),
            Err(NoLine::Cancelled) => return Err(Stopped::Cancelled),
            Err(NoLine::Ended) => self.ended(step.terminal)?,
            Err(NoLine::TimedOut(half)) => {
                let waited = self.settings.deadline.as_secs_f32();
                let half = if half.is_empty() {
                    "什么也没有来".to_owned()
                } else {
                    format!("只有半行:{half}")
                };
                format!("等了 {waited} 秒,{half}")
            }
        };
        let text = format!("输出与讲义不符\n    期望:{pattern}\n    {actual}");
        Err(self.mismatch(step.terminal, step.line, &text))
    }

    /// 这个终端的下一步是输入:没有换行的半行输出,可能就是请人输入的提示。
    fn input_follows(&self, index: usize) -> bool {
        let terminal = self.session.steps[index].terminal;
        let mut later = self.session.steps[index + 1..].iter();
        let next = later.find(|step| step.terminal == terminal);
        next.is_some_and(|step| {
            matches!(
                step.action,
                Action::Type(_) | Action::EndInput | Action::Interrupt
            )
        })
    }

    fn ended(&mut self, terminal: usize) -> Result<String, Stopped> {
        let deadline = Instant::now() + FAREWELL;
        let status = self.running(terminal)?.wait(deadline)?;
        let status = status.map_or_else(|| "没有退出".to_owned(), describe);
        Ok(format!("程序没有更多输出({status})"))
    }

    fn exit(&mut self, terminal: usize, code: i32) -> Result<(), Stopped> {
        let line = self.seats[terminal].line;
        let status = self.wait_exit(terminal, self.settings.deadline)?;
        let wrong = match status {
            None => format!("程序应当以退出码 {code} 结束,但它还在运行"),
            Some(status) if status.code() == Some(code) || self.seats[terminal].killed => {
                return Ok(());
            }
            Some(status) => format!("程序应当以退出码 {code} 结束,实际是{}", describe(status)),
        };
        Err(self.mismatch(terminal, line, &wrong))
    }

    fn wait_exit(
        &mut self,
        terminal: usize,
        patience: Duration,
    ) -> Result<Option<ExitStatus>, Stopped> {
        let deadline = Instant::now() + patience;
        let cancelled = self.settings.cancelled;
        let running = self.running(terminal)?;
        loop {
            let status = running.wait(deadline.min(Instant::now() + SLICE))?;
            if status.is_some() || Instant::now() >= deadline {
                return Ok(status);
            }
            if cancelled.load(Ordering::Relaxed) {
                return Err(Stopped::Cancelled);
            }
        }
    }

    /// 会话演完:该结束的都结束了,没有会话里没写的输出。
    fn finish(&mut self) -> Result<(), Stopped> {
        for terminal in 0..self.seats.len() {
            let (interrupted, input_ended) = (
                self.seats[terminal].interrupted,
                self.seats[terminal].input_ended,
            );
            if interrupted {
                self.close(terminal)?;
                continue;
            }
            let patience = if input_ended {
                FAREWELL
            } else {
                Duration::ZERO
            };
            let patience = patience.min(self.settings.deadline);
            self.wait_exit(terminal, patience)?;
        }
        let deadline = Instant::now() + SETTLE;
        for terminal in 0..self.seats.len() {
            self.nothing_left(terminal, deadline)?;
        }
        Ok(())
    }

    /// 终端里要换一个程序了:等上一个结束,它不应当还有没看过的输出。
    fn close(&mut self, terminal: usize) -> Result<(), Stopped> {
        if self.seats[terminal].running.is_none() {
            return Ok(());
        }
        if self.wait_exit(terminal, self.settings.deadline)?.is_none() {
            let line = self.seats[terminal].line;
            return Err(self.mismatch(terminal, line, "终端里的程序还没有结束"));
        }
        self.nothing_left(terminal, Instant::now() + self.settings.deadline)
    }

    /// 没有会话里没写的输出。程序已经结束时一个字也不能多;还在运行时不能多出一整行。
    fn nothing_left(&mut self, terminal: usize, deadline: Instant) -> Result<(), Stopped> {
        let line = self.seats[terminal].line;
        if self.seats[terminal].killed {
            return Ok(());
        }
        let extra = self.running(terminal)?.output().read_line(deadline);
        let Ok(extra) = extra else {
            return Ok(());
        };
        let extra = self.ports.in_output(&String::from_utf8_lossy(&extra));
        let text = format!("多出一行讲义里没有的输出\n    实到:{extra}");
        Err(self.mismatch(terminal, line, &text))
    }

    fn mismatch(&self, terminal: usize, line: usize, text: &str) -> Stopped {
        let name = &self.session.terminals[terminal];
        Stopped::Mismatch(line, format!("终端「{name}」:{text}"))
    }
}

enum NoLine {
    TimedOut(String),
    Ended,
    Cancelled,
}

/// 下一行输出,端口已经换回讲义里的。`prompt` 是期望的提示:它停在半行上也算。
fn next_line(
    screen: &Screen,
    ports: &Ports,
    prompt: Option<&str>,
    deadline: Instant,
    cancelled: &AtomicBool,
) -> Result<String, NoLine> {
    let readable = |bytes: &[u8]| ports.in_output(&String::from_utf8_lossy(bytes));
    // 上一次看的时候,半行有多长:又等了一会儿还是这么长,才是停下了。
    let mut seen = 0;
    loop {
        match screen.read_line(deadline.min(Instant::now() + SLICE)) {
            Ok(line) => return Ok(readable(&line)),
            Err(Waited::Ended) => return Err(NoLine::Ended),
            Err(Waited::TimedOut) => {}
        }
        if cancelled.load(Ordering::Relaxed) {
            return Err(NoLine::Cancelled);
        }
        let is_prompt = |half: &[u8]| {
            let half = readable(half);
            let found = prompt.is_some_and(|prompt| !half.is_empty() && matches(prompt, &half));
            found.then_some(half)
        };
        let mut length = 0;
        let whole = screen.wait_for(Instant::now(), |half, _| {
            length = half.len();
            let stopped = length == seen && !half.contains(&b'\n');
            stopped.then(|| Some((length, is_prompt(half)?)))?
        });
        seen = length;
        if let Ok(prompt) = whole {
            return Ok(prompt);
        }
        if Instant::now() >= deadline {
            let half = screen.wait_for(Instant::now(), |half, _| Some((0, readable(half))));
            return Err(NoLine::TimedOut(half.unwrap_or_default()));
        }
    }
}

fn describe(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("退出码 {code}"),
        None => "被信号结束".to_owned(),
    }
}

fn copy_directory(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to).with_context(|| format!("建立不了 {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("读不到 {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_directory(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)
                .with_context(|| format!("复制不了 {}", entry.path().display()))?;
        }
    }
    Ok(())
}
