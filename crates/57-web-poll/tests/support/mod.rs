//! 测试用的服务器和客户:真的程序,真的套接字,自己拼字节,不用服务器的代码。

// 每个测试程序只用到其中几个。
#![allow(dead_code)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use check::Terminal;

/// 机器再忙,也不会误判。
pub const PATIENCE: Duration = Duration::from_secs(30);

pub fn soon() -> Instant {
    Instant::now() + PATIENCE
}

/// 运行着的服务器,和它的根。
pub struct Server {
    pub terminal: Terminal,
    pub address: SocketAddr,
    root: tempfile::TempDir,
}

impl Server {
    /// 根里面有 `files` 的服务器。
    pub fn start(files: &[(&str, &[u8])], options: &[&str]) -> Self {
        let root = tempfile::tempdir().unwrap();
        for (name, content) in files {
            fs::write(root.path().join(name), content).unwrap();
        }
        let program = env!("CARGO_BIN_EXE_web-poll");
        let path = root.path().to_str().unwrap();
        let words = [&[program, "127.0.0.1:0", "--root", path], options].concat();
        let argv: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let terminal = Terminal::start_split(&argv).unwrap();
        let line = String::from_utf8(terminal.output().read_line(soon()).unwrap()).unwrap();
        let address = line.strip_prefix("监听 ").unwrap().parse().unwrap();
        Self {
            terminal,
            address,
            root,
        }
    }

    /// 根里面的一个名字。
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub fn root(&self) -> &Path {
        self.root.path()
    }

    /// 一个新的客户。
    pub fn visit(&self) -> Visitor {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Visitor(BufReader::new(stream))
    }

    /// 按 Ctrl-C,等它结束;标准错误。
    pub fn stop(mut self) -> String {
        self.terminal.interrupt().unwrap();
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
}

/// 一个客户,一条连接。
pub struct Visitor(pub BufReader<TcpStream>);

/// 一个回答。
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Visitor {
    /// 发出这些字节。
    pub fn say(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).unwrap();
    }

    /// 要一个文件;`fields` 每行以 CRLF 结尾。
    pub fn get(&mut self, path: &str, fields: &str) -> Answer {
        self.say(format!("GET {path} HTTP/1.1\r\nHost: a\r\n{fields}\r\n").as_bytes());
        self.hear().unwrap()
    }

    /// 听一个回答;连接关闭了是 `None`。
    pub fn hear(&mut self) -> Option<Answer> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.0.read_line(&mut head).unwrap() == 0 {
                assert_eq!(head, "", "头没有完");
                return None;
            }
        }
        let status = head[9..12].parse().unwrap();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("Content-Length: "))
            .map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).unwrap();
        Some(Answer { status, head, body })
    }
}
