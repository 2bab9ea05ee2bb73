//! 测试用的服务器和成员:真的程序,真的套接字,自己拼字节,不用服务器的代码。

// 每个测试程序只用到其中几个。
#![allow(dead_code)]

use std::fs;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use check::Terminal;
use common::frame::FrameReader;
use socket2::{Domain, SockRef, Socket, Type};

/// 要试的程序。
///
/// 下一阶段的聊天室说的话一样,用同样的这些测试:cargo 只告诉一个测试它自己那一阶段的程序在哪里。
pub const PROGRAM: &str = match (
    option_env!("CARGO_BIN_EXE_tcp-chat"),
    option_env!("CARGO_BIN_EXE_tcp-chat-poll"),
) {
    (Some(program), _) | (None, Some(program)) => program,
    (None, None) => panic!("没有要试的程序"),
};

/// 每位成员占几个线程;事件循环一个也不占。
pub const THREADS: usize = if option_env!("CARGO_BIN_EXE_tcp-chat").is_some() {
    2
} else {
    0
};

/// 机器再忙,也不会误判。
pub const PATIENCE: Duration = Duration::from_secs(30);

/// 服务器说的一行最长多少字节。
const MAX_REPLY: usize = 32 * 1024;

pub fn soon() -> Instant {
    Instant::now() + PATIENCE
}

/// 运行着的服务器。
pub struct Server {
    pub terminal: Terminal,
    pub address: SocketAddr,
}

impl Server {
    pub fn start(program: &str, options: &[&str]) -> Self {
        Self::start_as(&[&[program, "server", "127.0.0.1:0"], options].concat())
    }

    pub fn start_as(command: &[&str]) -> Self {
        let argv: Vec<String> = command.iter().map(|word| (*word).to_owned()).collect();
        let terminal = Terminal::start_split(&argv).unwrap();
        let line = String::from_utf8(terminal.output().read_line(soon()).unwrap()).unwrap();
        let address = line.strip_prefix("监听 ").unwrap().parse().unwrap();
        Self { terminal, address }
    }

    /// 日志的下一行。
    pub fn log(&self) -> String {
        String::from_utf8(self.terminal.output().read_line(soon()).unwrap()).unwrap()
    }

    /// 按 Ctrl-C,等它结束;标准错误。
    pub fn stop(mut self) -> String {
        self.terminal.interrupt().unwrap();
        self.wait()
    }

    pub fn wait(mut self) -> String {
        let status = self.terminal.wait(soon()).unwrap();
        let code = status.map(|status| status.code());
        // 没有结束是 None;Windows 上 Ctrl-C 用强行结束代替。
        assert!(
            code == Some(Some(0)) || (cfg!(windows) && code.is_some()),
            "{code:?}"
        );
        self.terminal.errors().wait_end(soon()).unwrap();
        String::from_utf8(self.terminal.errors().take_unread()).unwrap()
    }

    /// 服务器现在有几个线程、几个描述符(proc(5))。
    pub fn resources(&self) -> (usize, usize) {
        let count = |what| {
            let path = format!("/proc/{}/{what}", self.terminal.id());
            fs::read_dir(path).unwrap().count()
        };
        (count("task"), count("fd"))
    }

    /// 停住服务器,做完 `act` 再让它接着运行:它醒来时,`act` 做的都已经到了。
    #[cfg(unix)]
    pub fn while_stopped<T>(&self, act: impl FnOnce() -> T) -> T {
        use nix::sys::signal::{Signal, kill};
        use nix::unistd::Pid;

        let id = i32::try_from(self.terminal.id()).unwrap();
        let signal = |signal| kill(Pid::from_raw(id), signal).unwrap();
        signal(Signal::SIGSTOP);
        let result = act();
        signal(Signal::SIGCONT);
        result
    }

    #[cfg(not(unix))]
    pub fn while_stopped<T>(&self, act: impl FnOnce() -> T) -> T {
        act()
    }

    /// 等到 `condition` 成立。
    pub fn wait_until(&self, what: &str, condition: impl Fn(&Self) -> bool) {
        let deadline = soon();
        while !condition(self) {
            assert!(Instant::now() < deadline, "没有等到:{what}");
            // 对方是另一个进程,没有可以等的东西,只能隔一会儿看一次。
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }
}

/// 一位成员。
pub struct Member {
    pub name: String,
    stream: TcpStream,
    source: Source,
    /// 到现在为止看到的各行。
    pub seen: Vec<String>,
}

enum Source {
    Frames(FrameReader),
    /// 收到了、还没有成行的字节。
    Lines(Vec<u8>),
}

impl Member {
    /// 连上,说出昵称;不等回答。
    pub fn connect(address: SocketAddr, name: &str, frames: bool) -> Self {
        let mut member = Self::silent(address, name, frames);
        member.say(name);
        member
    }

    /// 只连上。
    pub fn silent(address: SocketAddr, name: &str, frames: bool) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self::on(stream, name, frames)
    }

    /// 连上,接收缓冲区尽量小;说出昵称。
    pub fn narrow(address: SocketAddr, name: &str) -> Self {
        Self::buffered(address, name, 2048)
    }

    /// 连上,接收缓冲区有 `size` 字节;说出昵称。
    pub fn buffered(address: SocketAddr, name: &str, size: usize) -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.set_recv_buffer_size(size).unwrap();
        socket.connect(&address.into()).unwrap();
        let mut member = Self::on(socket.into(), name, true);
        member.say(name);
        member
    }

    fn on(stream: TcpStream, name: &str, frames: bool) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        let source = match frames {
            true => Source::Frames(FrameReader::new(MAX_REPLY)),
            false => Source::Lines(Vec::new()),
        };
        Self {
            name: name.to_owned(),
            stream,
            source,
            seen: Vec::new(),
        }
    }
    /// 说一行。
    pub fn say(&mut self, text: &str) {
        let bytes = self.encode(text);
        self.send(&bytes);
    }

    /// 一行在网线上的样子。
    pub fn encode(&self, text: &str) -> Vec<u8> {
        match self.source {
            Source::Frames(_) => {
                let length = u32::try_from(text.len()).unwrap();
                [&length.to_be_bytes(), text.as_bytes()].concat()
            }
            Source::Lines(_) => format!("{text}\n").into_bytes(),
        }
    }

    /// 原样发出。
    pub fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    /// 同一条连接的另一头描述符:一个线程说,一个线程听。
    pub fn stream(&self) -> TcpStream {
        self.stream.try_clone().unwrap()
    }

    /// 下一行;`None` 是服务器关闭了连接。
    pub fn read_line(&mut self) -> io::Result<Option<&str>> {
        let line = match &mut self.source {
            Source::Frames(reader) => loop {
                match reader.read(&mut &self.stream).map_err(io::Error::other)? {
                    Some([]) => {}
                    line => break line.map(<[u8]>::to_vec),
                }
            },
            Source::Lines(unread) => loop {
                if let Some(end) = unread.iter().position(|byte| *byte == b'\n') {
                    let line = unread.drain(..=end).take(end).collect();
                    break Some(line);
                }
                let mut piece = [0; 4096];
                let length = (&self.stream).read(&mut piece)?;
                if length == 0 {
                    assert!(unread.is_empty(), "断在一行中间");
                    break None;
                }
                unread.extend_from_slice(&piece[..length]);
            },
        };
        let Some(line) = line else {
            return Ok(None);
        };
        self.seen.push(String::from_utf8(line).unwrap());
        Ok(self.seen.last().map(String::as_str))
    }

    /// 读到有一行满足 `condition`,返回它。
    pub fn wait_for(&mut self, what: &str, condition: impl Fn(&str) -> bool) -> String {
        loop {
            match self.read_line() {
                Ok(Some(line)) if condition(line) => return line.to_owned(),
                Ok(Some(_)) => {}
                ended => {
                    let ended = ended.map(|_| "服务器关闭了连接");
                    let last = self.seen.last();
                    panic!("{} 没有等到{what}:{ended:?},最后一行是 {last:?}", self.name);
                }
            }
        }
    }

    /// 等到昵称被接受。
    pub fn welcomed(mut self) -> Self {
        self.wait_for("欢迎", |line| line.starts_with("* 欢迎,"));
        self
    }

    /// 读到服务器关闭连接。
    pub fn read_to_end(&mut self) -> io::Result<()> {
        while self.read_line()?.is_some() {}
        Ok(())
    }

    /// 不再说了。
    pub fn shut(&self) {
        self.stream.shutdown(Shutdown::Write).unwrap();
    }

    /// 复位连接。
    pub fn reset(self) {
        SockRef::from(&self.stream)
            .set_linger(Some(Duration::ZERO))
            .unwrap();
    }
}
