//! 测试用的服务器和客户端:真的进程,真的套接字。

// 每个测试文件只用到其中几样。
#![allow(dead_code)]

pub mod relay;

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// 等一件应当会发生的事,最多这么久:机器再忙也够。
pub const PATIENCE: Duration = Duration::from_secs(60);

/// 一个现场:服务器的目录、客户端的目录,和它们外面的一个秘密。
pub struct Scene {
    directory: TempDir,
}

impl Scene {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("root")).unwrap();
        fs::create_dir(directory.path().join("here")).unwrap();
        fs::write(directory.path().join("secret"), "外面的秘密").unwrap();
        Self { directory }
    }

    /// 服务器的目录里的一个路径。
    pub fn root(&self, name: &str) -> PathBuf {
        self.directory.path().join("root").join(name)
    }

    /// 客户端的目录里的一个路径。
    pub fn here(&self, name: &str) -> PathBuf {
        self.directory.path().join("here").join(name)
    }

    /// 在服务器的目录里放一个文件,各层目录没有就建。
    pub fn put(&self, name: &str, content: &[u8]) {
        let path = self.root(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// 启动服务器;`address` 是 `127.0.0.1:0` 就由系统挑端口。
    pub fn serve_at(&self, address: &str, options: &[&str]) -> Server {
        let mut child = program(&["server", address, "--root"])
            .arg(self.root(""))
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let errors = gather(child.stderr.take().unwrap());
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("监听 ").unwrap().to_owned();
        Server {
            child,
            address,
            log: gather(lines),
            errors,
        }
    }

    pub fn serve(&self) -> Server {
        self.serve_at("127.0.0.1:0", &[])
    }

    /// 客户端的命令,在它的目录里运行。
    pub fn client(&self, server: &Server, arguments: &[&str]) -> Command {
        self.client_of(&server.address, arguments)
    }

    /// 连到 `address` 的客户端的命令。
    pub fn client_of(&self, address: &str, arguments: &[&str]) -> Command {
        let mut command = program(&["client", address]);
        command.args(arguments).current_dir(self.here(""));
        command.stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// 运行客户端到结束。
    pub fn run(&self, server: &Server, arguments: &[&str]) -> Done {
        let child = self.client(server, arguments).spawn().unwrap();
        finish(child)
    }

    /// 客户端的目录里有哪些名字。
    pub fn names(&self) -> Vec<String> {
        names(&self.here(""))
    }
}

/// 目录里的名字,排好。
pub fn names(path: &Path) -> Vec<String> {
    let entries = fs::read_dir(path).unwrap();
    let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
    let mut names: Vec<String> = entries.map(|entry| name(entry.unwrap())).collect();
    names.sort();
    names
}

pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_download-resume"));
    command.args(arguments);
    command
}

/// 一个正在运行的服务器;离开作用域就杀掉。
pub struct Server {
    pub child: Child,
    pub address: String,
    log: Arc<Mutex<Vec<u8>>>,
    errors: Arc<Mutex<Vec<u8>>>,
}

impl Server {
    /// 到现在为止的日志,不含第一行。
    pub fn log(&self) -> String {
        String::from_utf8(self.log.lock().unwrap().clone()).unwrap()
    }

    /// 到现在为止的错误。
    pub fn errors(&self) -> String {
        String::from_utf8(self.errors.lock().unwrap().clone()).unwrap()
    }
}

/// 一直读着,程序才写得出来。
fn gather(mut source: impl Read + Send + 'static) -> Arc<Mutex<Vec<u8>>> {
    let gathered = Arc::new(Mutex::new(Vec::new()));
    let inner = Arc::clone(&gathered);
    thread::spawn(move || {
        let mut piece = [0; 4096];
        while let Ok(length @ 1..) = source.read(&mut piece) {
            inner.lock().unwrap().extend_from_slice(&piece[..length]);
        }
    });
    gathered
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// 客户端的结局。
#[derive(Debug)]
pub struct Done {
    pub code: Option<i32>,
    pub output: String,
    pub errors: String,
}

/// 等到 `condition`。
pub fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "等了很久,没有{what}");
        thread::park_timeout(Duration::from_millis(2));
    }
}

/// 等一个客户端结束。
pub fn finish(mut child: Child) -> Done {
    let deadline = Instant::now() + PATIENCE;
    let mut output = child.stdout.take().unwrap();
    let mut errors = child.stderr.take().unwrap();
    let read = |source: &mut dyn Read| {
        let mut bytes = Vec::new();
        source.read_to_end(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    let errors = thread::spawn(move || read(&mut errors));
    let output = thread::spawn(move || read(&mut output));
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            child.kill().unwrap();
            panic!("客户端没有结束");
        }
        thread::park_timeout(Duration::from_millis(2));
    }
    Done {
        code: child.wait().unwrap().code(),
        output: output.join().unwrap(),
        errors: errors.join().unwrap(),
    }
}

impl Done {
    #[track_caller]
    pub fn succeeded(self) -> Self {
        assert_eq!(self.code, Some(0), "{}{}", self.output, self.errors);
        self
    }

    #[track_caller]
    pub fn failed(self) -> Self {
        assert_eq!(self.code, Some(1), "{}{}", self.output, self.errors);
        assert!(self.errors.contains("错误:"), "{}", self.errors);
        self
    }
}

/// 每一处都不一样的内容,由种子决定。
pub fn content(seed: u64, length: usize) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut bytes = vec![0; length];
    random.fill(&mut bytes);
    bytes
}

/// 运行命令到结束,不管结局。
pub fn output(command: &mut Command) -> Output {
    command.output().unwrap()
}
