//! 一台服务器,和连它的客户:程序的客户端,或者自己握手、自己拼帧的。
#![allow(dead_code, reason = "每个测试文件用到的不一样")]

mod tls;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub use tls::Tls;

/// 什么都最多等这么久。
pub const PATIENCE: Duration = Duration::from_secs(60);

/// 看一眼的间隔。
pub const GLANCE: Duration = Duration::from_millis(5);

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_shell-secure");

/// 帧的种类。
pub const COMMAND: u8 = 1;
pub const STDIN: u8 = 2;
pub const STDIN_END: u8 = 3;
pub const INTERRUPT: u8 = 4;
pub const TOKEN: u8 = 8;
pub const HELLO: u8 = 16;
pub const STDOUT: u8 = 17;
pub const STDERR: u8 = 18;
pub const CONSUMED: u8 = 19;
pub const DIRECTORY: u8 = 20;
pub const EXIT: u8 = 21;
pub const ERROR: u8 = 22;

/// 一台服务器;离开作用域时结束。
pub struct Server {
    pub child: Child,
    pub address: String,
    pub directory: TempDir,
    output: BufReader<ChildStdout>,
}

impl Server {
    /// 启动,带着选项 `options`。
    pub fn start(options: &[&str]) -> Self {
        Self::start_with(options, |_| {})
    }

    /// 启动以前,由 `prepare` 添上环境变量、换一个目录。
    pub fn start_with(options: &[&str], prepare: impl FnOnce(&mut Command)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut command = Command::new(PROGRAM);
        prepare(&mut command);
        let mut child = command
            .args(["server", "127.0.0.1:0", "--state"])
            .arg(directory.path().join("state"))
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let address = line.strip_prefix("监听 ").unwrap().trim().to_owned();
        // 客户端已经认得它:指纹是从它的证书算的,不是从网上来的。
        let state = directory.path().join("state");
        if let Ok(pem) = fs::read(state.join("identity.pem")) {
            let known = format!("{address} {}\n", tls::fingerprint(&pem));
            secret(&state.join("known_servers"), &known);
        }
        Self {
            child,
            address,
            directory,
            output,
        }
    }

    /// 把它的输出读走,不要了:不读的话,它会堵在打印上。
    pub fn silence(self) -> Quiet {
        let Self {
            child,
            address,
            directory,
            mut output,
        } = self;
        thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        Quiet {
            child,
            address,
            directory,
        }
    }
}

/// 输出有人读走的服务器;离开作用域时结束。
pub struct Quiet {
    pub child: Child,
    pub address: String,
    pub directory: TempDir,
}

impl Quiet {
    pub fn start(options: &[&str]) -> Self {
        Server::start(options).silence()
    }

    /// 只运行一个命令的客户端。
    pub fn client(&self, line: &str) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(["client", &self.address, "--state"]);
        command.arg(self.state("")).args(["--", line]);
        command.stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// 运行一个命令,到它结束。
    pub fn run(&self, line: &str) -> Output {
        self.client(line).output().unwrap()
    }

    pub fn connect(&self) -> Peer {
        let mut peer = self.connect_silently();
        assert_eq!(peer.receive().unwrap().0, HELLO);
        peer
    }

    /// 连上,说了口令,招呼还没有收。
    pub fn connect_silently(&self) -> Peer {
        let mut peer = self.stranger();
        peer.send(&frame(TOKEN, self.token().as_bytes()));
        peer
    }

    /// 连上,握了手,口令还没有说。
    pub fn stranger(&self) -> Peer {
        let stream = tls::connect(self.dial());
        Peer { stream }
    }

    /// 只有 TCP 连接。
    pub fn dial(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// 存东西的目录里的 `name`。
    pub fn state(&self, name: &str) -> PathBuf {
        self.directory.path().join("state").join(name)
    }

    pub fn token(&self) -> String {
        let text = fs::read_to_string(self.state("token")).unwrap();
        text.trim().to_owned()
    }

    /// 审计日志,一行一个。
    pub fn audit(&self) -> Vec<serde_json::Value> {
        let text = fs::read_to_string(self.state("audit.jsonl")).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// 审计日志里的这一种事。
    pub fn events(&self, kind: &str) -> Vec<serde_json::Value> {
        let mut events = self.audit();
        events.retain(|event| event["event"] == kind);
        events
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// 自己拼帧的客户。
pub struct Peer {
    pub stream: Tls,
}

/// 一个命令的结果。
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ran {
    pub output: Vec<u8>,
    pub errors: Vec<u8>,
    pub consumed: usize,
    pub exit: (u8, u32),
}

impl Peer {
    pub fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
        self.stream.flush().unwrap();
    }

    /// 一帧;连接结束是 `None`。
    pub fn receive(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut header = [0; 4];
        self.stream.read_exact(&mut header).ok()?;
        let mut body = vec![0; u32::from_be_bytes(header) as usize];
        self.stream.read_exact(&mut body).ok()?;
        let content = body.split_off(1);
        Some((body[0], content))
    }

    /// 收到命令结束为止。
    pub fn finish(&mut self) -> Ran {
        let mut ran = Ran::default();
        loop {
            let (kind, content) = self.receive().unwrap();
            match kind {
                STDOUT => ran.output.extend(content),
                STDERR => ran.errors.extend(content),
                DIRECTORY => {}
                CONSUMED => ran.consumed += number(&content) as usize,
                EXIT => {
                    ran.exit = (content[0], number(&content[1..]));
                    return ran;
                }
                kind => panic!("没有想到的第 {kind} 种帧"),
            }
        }
    }

    /// 运行一个没有标准输入的命令。
    pub fn run(&mut self, line: &str) -> Ran {
        self.send(&command(line, false));
        self.finish()
    }
}

/// 写一个只有自己读得到的文件。
pub fn secret(path: &Path, text: &str) {
    let mut options = fs::OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
}

fn number(bytes: &[u8]) -> u32 {
    u32::from_be_bytes(bytes.try_into().unwrap())
}

pub fn frame(kind: u8, content: &[u8]) -> Vec<u8> {
    let length = 1 + u32::try_from(content.len()).unwrap();
    [length.to_be_bytes().as_slice(), &[kind], content].concat()
}

pub fn command(line: &str, input: bool) -> Vec<u8> {
    frame(COMMAND, &[&[u8::from(input)], line.as_bytes()].concat())
}

/// 等到 `done`,等不到就失败。
pub fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < deadline, "等不到:{what}");
        thread::park_timeout(GLANCE);
    }
}

/// 参数里有 `mark` 这个词的进程(proc(5))。
pub fn processes(mark: &str) -> Vec<u32> {
    let mut found = Vec::new();
    for process in fs::read_dir("/proc").unwrap().flatten() {
        let Some(id) = process.file_name().to_str().and_then(|id| id.parse().ok()) else {
            continue;
        };
        let words = fs::read(process.path().join("cmdline")).unwrap_or_default();
        if words
            .split(|byte| *byte == 0)
            .any(|word| word == mark.as_bytes())
        {
            found.push(id);
        }
    }
    found
}

/// 进程有几个线程,占着几个描述符。
pub fn usage(id: u32) -> (usize, usize) {
    let count = |what| fs::read_dir(format!("/proc/{id}/{what}")).unwrap().count();
    (count("task"), count("fd"))
}

/// 在 `stream` 上握手。
pub fn handshake(stream: TcpStream) -> Tls {
    tls::connect(stream)
}

/// PEM 里的证书的指纹。
pub fn fingerprint(pem: &[u8]) -> String {
    tls::fingerprint(pem)
}

/// 一个夹在中间的人:照样转给服务器,把每位客户发的都录下来。给出它的地址和录音。
pub fn recorder(server: &Quiet) -> (String, Arc<Mutex<Vec<Vec<u8>>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let recorded = Arc::new(Mutex::new(Vec::new()));
    let (book, target) = (Arc::clone(&recorded), server.address.clone());
    thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let mut server = TcpStream::connect(&target).unwrap();
            let (mut back, mut answers) =
                (client.try_clone().unwrap(), server.try_clone().unwrap());
            let returning = thread::spawn(move || {
                let _ = std::io::copy(&mut answers, &mut back);
                let _ = back.shutdown(Shutdown::Write);
            });
            let mut all = Vec::new();
            let mut piece = [0; 4096];
            while let Ok(length @ 1..) = client.read(&mut piece) {
                all.extend_from_slice(&piece[..length]);
                if server.write_all(&piece[..length]).is_err() {
                    break;
                }
            }
            book.lock().unwrap().push(all);
            let _ = server.shutdown(Shutdown::Both);
            let _ = returning.join();
        }
    });
    (address, recorded)
}

/// 进程到现在为止写了多少字节(proc(5) 的 io)。
#[cfg(target_os = "linux")]
pub fn written(id: u32) -> u64 {
    let io = fs::read_to_string(format!("/proc/{id}/io")).unwrap();
    let line = io.lines().find(|line| line.starts_with("wchar:"));
    line.unwrap()["wchar:".len()..].trim().parse().unwrap()
}
