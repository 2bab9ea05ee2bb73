//! 一次检查:启动被检查的程序,等它准备好,给检查函数它要的东西。

use std::collections::BTreeSet;
use std::collections::hash_map::RandomState;
use std::fmt::Write;
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::Path;
use std::process::ExitStatus;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tempfile::TempDir;

use crate::failure::Failure;
use crate::terminal::{Terminal, Waited};

/// 应当通过的检查,每一步最多等这么久:机器再忙,也不会误判。
pub const PATIENCE: Duration = Duration::from_secs(10);

/// 看一眼「准备好了没有」的间隔。
const POLL: Duration = Duration::from_millis(10);

/// 没有通过时,给程序这么久结束:异常退出的程序先断开连接,打印原因,过一会儿才结束。
const LAST_MOMENT: Duration = Duration::from_millis(200);

/// 检查到此为止的三种原因。
#[derive(Debug)]
pub enum Stop {
    /// 程序的表现不对。
    Failed(Box<Failure>),
    /// 这样运行的程序做不了这条检查。
    Skipped(String),
    /// 检查自己出了问题(程序启动不了、本机没有空闲的端口……),不能下结论。
    Broken(anyhow::Error),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(Box::new(failure))
    }
}

impl From<anyhow::Error> for Stop {
    fn from(error: anyhow::Error) -> Self {
        Self::Broken(error)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Broken(error.into())
    }
}

/// 一条检查的结果。
pub type Verdict = Result<(), Stop>;

/// 怎样得到被检查的程序。
#[derive(Debug, Clone)]
pub enum Target {
    /// 命令和参数;`{addr}` 换成地址,`{options}` 换成检查要的选项。
    Command(Vec<String>),
    /// 已经在运行的服务器。
    Address(SocketAddr),
}

/// 用哪一种传输:决定到哪里去看服务器是不是准备好了。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// UDP。
    Udp,
    /// TCP。
    Tcp,
}

/// 一次检查的现场。
#[derive(Debug)]
pub struct Exam {
    target: Target,
    options: Vec<String>,
    patience: Duration,
    free_port: u16,
    directory: TempDir,
    terminal: Option<Terminal>,
}

/// 参数里的 `{file}`:下载的检查都要这个文件。
pub const FILE: &str = "文件 1.bin";

impl Exam {
    /// 布置现场;`options` 是这条检查要的命令行选项,`{free}` 换成一个空闲的端口。
    ///
    /// # Errors
    /// 程序不接受选项,而这条检查要用;本机没有空闲的端口。
    pub fn new(target: Target, options: &[&str], patience: Duration) -> Result<Self, Stop> {
        let takes_options = matches!(
            &target,
            Target::Command(argv) if argv.iter().any(|argument| argument == "{options}")
        );
        if !options.is_empty() && !takes_options {
            return Err(Stop::Skipped(format!(
                "要用选项 {};命令里写上 {{options}} 表示程序认得它们",
                options.join(" ")
            )));
        }
        let free_port = free_port()?;
        let with_port = |option: &&str| option.replace("{free}", &free_port.to_string());
        Ok(Self {
            target,
            options: options.iter().map(with_port).collect(),
            patience,
            free_port,
            directory: tempfile::tempdir()?,
            terminal: None,
        })
    }

    /// 选项里的 `{free}`。
    #[must_use]
    pub fn free_port(&self) -> u16 {
        self.free_port
    }

    /// 这条检查自己的空目录,参数里的 `{dir}`;检查结束就删掉。
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// 从现在起的期限。
    #[must_use]
    pub fn deadline(&self) -> Instant {
        Instant::now() + self.patience
    }

    /// 启动服务器(或者用已经在运行的),等它准备好,给出它的地址。
    ///
    /// # Errors
    /// 启动不了,或者到了期限还没有在指定的地址上接收。
    pub fn server(&mut self, transport: Transport) -> Result<SocketAddr, Stop> {
        if let Target::Address(address) = self.target {
            return Ok(address);
        }
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?));
        self.start(Some(address))?;
        self.wait_ready(transport, address)?;
        Ok(address)
    }

    /// 启动客户端,让它去找 `peer`。
    ///
    /// # Errors
    /// 启动不了,或者给的是一个地址而不是命令。
    pub fn client(&mut self, peer: SocketAddr) -> Result<&mut Terminal, Stop> {
        self.start(Some(peer))?;
        self.terminal()
    }

    fn start(&mut self, address: Option<SocketAddr>) -> Result<(), Stop> {
        let Target::Command(argv) = &self.target else {
            return Err(Stop::Skipped(
                "要启动程序才能检查;用「-- 命令 {addr}」运行".to_owned(),
            ));
        };
        let address = address.map(|address| address.to_string());
        let directory = self.directory.path().to_string_lossy();
        let mut full = Vec::new();
        for argument in argv {
            let argument = argument
                .replace("{dir}", &directory)
                .replace("{file}", FILE);
            match (argument.as_str(), &address) {
                ("{options}", _) => full.extend(self.options.iter().cloned()),
                (_, Some(address)) => full.push(argument.replace("{addr}", address)),
                ("{addr}", None) => {}
                (_, None) => full.push(argument),
            }
        }
        self.terminal = Some(Terminal::start(&full)?);
        Ok(())
    }

    /// 工具的命令行:命令里的 `{args}` 换成 `arguments`,没有 `{args}` 就接在最后。
    ///
    /// # Errors
    /// 给的是一个地址而不是命令。
    pub fn tool(&self, arguments: &[&str]) -> Result<Vec<String>, Stop> {
        let Target::Command(argv) = &self.target else {
            let reason = "它不是服务器,没有地址;用「-- 命令」运行";
            return Err(Stop::Skipped(reason.to_owned()));
        };
        let mut words = arguments.iter().map(|word| (*word).to_owned());
        let mut full = Vec::new();
        for argument in argv {
            match argument.as_str() {
                "{options}" => full.extend(self.options.iter().cloned()),
                "{args}" => full.extend(words.by_ref()),
                _ => full.push(argument.clone()),
            }
        }
        full.extend(words);
        Ok(full)
    }

    /// 程序的终端。
    ///
    /// # Errors
    /// 检查的是一个已经在运行的服务器,看不到它的终端。
    pub fn terminal(&mut self) -> Result<&mut Terminal, Stop> {
        self.terminal.as_mut().ok_or_else(|| {
            Stop::Skipped("要看程序的输出才能检查;用「-- 命令 {addr}」运行".to_owned())
        })
    }

    fn wait_ready(&mut self, transport: Transport, address: SocketAddr) -> Result<(), Stop> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let terminal = self.terminal()?;
            if let Some(status) = terminal.try_wait()? {
                let output = terminal.last_words();
                return Err(Stop::Broken(anyhow::anyhow!(
                    "程序还没有在 {address} 上接收就结束了({status});它的输出:{output}"
                )));
            }
            self.wait_bound(transport, address.port(), Instant::now() + POLL)?;
            if is_bound(transport, address.port())? {
                return Ok(());
            }
            if Instant::now() >= deadline {
                return Err(Stop::Broken(anyhow::anyhow!(
                    "等了 {} 秒,程序还没有在 {address} 上接收;它用了 {{addr}} 给的地址吗?",
                    PATIENCE.as_secs()
                )));
            }
        }
    }

    /// 等到有程序占用本机的这个端口。
    ///
    /// # Errors
    /// 到了 `deadline` 不算错误;问不到操作系统才算。
    pub fn wait_bound(&mut self, transport: Transport, port: u16, deadline: Instant) -> Verdict {
        while !is_bound(transport, port)? && Instant::now() < deadline {
            let soon = deadline.min(Instant::now() + POLL);
            // 程序多半在准备好时打印一行;借等输出来等,不空转。
            let _ = self
                .terminal()?
                .output()
                .wait_for(soon, |_, _| None::<(usize, ())>);
        }
        Ok(())
    }

    /// 等程序打印出合乎 `wanted` 的一行;前面不合的行跳过。
    ///
    /// # Errors
    /// 到了期限也没有,`what` 是失败时的说明。
    pub fn wait_line(&mut self, what: &str, wanted: impl Fn(&str) -> bool) -> Result<String, Stop> {
        let deadline = self.deadline();
        let terminal = self.terminal()?;
        let mut seen = String::new();
        loop {
            match terminal.output().read_line(deadline) {
                Ok(line) => {
                    let line = String::from_utf8_lossy(&line).into_owned();
                    if wanted(&line) {
                        return Ok(line);
                    }
                    let _ = writeln!(seen, "{line}");
                }
                Err(waited) => {
                    let rest = terminal.output().take_unread();
                    seen.push_str(&String::from_utf8_lossy(&rest));
                    let failure = self.failure(format!("{what}({waited})"));
                    return Err(failure.printed(&seen).into());
                }
            }
        }
    }

    /// 程序应当自己结束,退出码合乎 `wanted`。
    ///
    /// # Errors
    /// 到了期限还没有结束,或者退出码不对。
    pub fn wait_exit(&mut self, wanted: impl Fn(ExitStatus) -> bool, what: &str) -> Verdict {
        let deadline = self.deadline();
        let terminal = self.terminal()?;
        match terminal.wait(deadline)? {
            Some(status) if wanted(status) => Ok(()),
            Some(status) => {
                let text = format!("{what},它却以 {} 结束", describe(status));
                Err(Failure::new(text).printed(&terminal.last_words()).into())
            }
            None => Err(Failure::new(format!("{what},它却没有结束")).into()),
        }
    }

    /// 一个失败;程序打印了什么、是不是已经退出,一并说明。
    #[must_use]
    pub fn failure(&mut self, what: impl Into<String>) -> Failure {
        let failure = Failure::new(what);
        let Some(terminal) = &mut self.terminal else {
            return failure;
        };
        match terminal.wait(Instant::now() + LAST_MOMENT) {
            Ok(Some(status)) => {
                let printed = terminal.last_words();
                failure.exited(&describe(status)).printed(&printed)
            }
            // 线程里的异常不会让程序退出,原因却已经打印出来了。
            _ => {
                let printed = terminal.output().take_unread();
                failure.printed(&String::from_utf8_lossy(&printed))
            }
        }
    }
}

fn describe(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("退出码 {code}"),
        None => format!("{status}"),
    }
}

impl From<Waited> for Stop {
    fn from(waited: Waited) -> Self {
        Failure::new(waited.to_string()).into()
    }
}

/// 一个现在没有人用的端口(UDP 和 TCP 都没有)。
///
/// 在临时端口的范围(Linux 从 32768 起)之外挑:操作系统不会把它随手分给别的程序。
///
/// # Errors
/// 连挑很多次都被占用。
pub fn free_port() -> anyhow::Result<u16> {
    const RANGE: std::ops::Range<u16> = 20_000..32_000;
    // 同时做的几条检查不能挑到同一个:给出去的记下来,不再给第二次。
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    for _ in 0..100 {
        // 标准库没有随机数;每个 RandomState 的种子都不同,拿它当骰子。
        let random = RandomState::new().build_hasher().finish();
        let span = u64::from(RANGE.end - RANGE.start);
        let offset = u16::try_from(random % span).unwrap_or_default();
        let address = (Ipv4Addr::LOCALHOST, RANGE.start + offset);
        let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
        if given.insert(address.1)
            && UdpSocket::bind(address).is_ok()
            && TcpListener::bind(address).is_ok()
        {
            return Ok(address.1);
        }
    }
    bail!("在本机找不到空闲的端口")
}

/// 本机有没有程序占用这个端口。
fn is_bound(transport: Transport, port: u16) -> anyhow::Result<bool> {
    if cfg!(target_os = "linux") {
        return in_socket_table(transport, port);
    }
    // 没有套接字表可看,就试着占一下;占住的一瞬间很短,碰巧撞上程序绑定的机会极小。
    let address = (Ipv4Addr::LOCALHOST, port);
    let taken = match transport {
        Transport::Udp => UdpSocket::bind(address).err(),
        Transport::Tcp => TcpListener::bind(address).err(),
    };
    Ok(taken.is_some_and(|error| error.kind() == io::ErrorKind::AddrInUse))
}

/// Linux 的套接字表:每行第二列是「十六进制地址:十六进制端口」,TCP 第四列 `0A` 是 LISTEN(proc(5))。
fn in_socket_table(transport: Transport, port: u16) -> anyhow::Result<bool> {
    let names = match transport {
        Transport::Udp => ["udp", "udp6"],
        Transport::Tcp => ["tcp", "tcp6"],
    };
    let wanted = format!(":{port:04X}");
    for name in names {
        let path = format!("/proc/net/{name}");
        let table = match std::fs::read_to_string(&path) {
            Ok(table) => table,
            // 没有 IPv6 的机器上没有这张表。
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error).with_context(|| format!("读 {path} 失败")),
        };
        let found = table.lines().skip(1).any(|line| {
            let columns: Vec<&str> = line.split_whitespace().collect();
            let open = transport == Transport::Udp || columns.get(3) == Some(&"0A");
            open && columns.get(1).is_some_and(|local| local.ends_with(&wanted))
        });
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}
