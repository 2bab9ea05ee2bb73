//! 这门课自己的讲义,由这个网站来给:每个文件一个字节也不差,文字都说出编码。

#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// 每次收发最多等这么久。
const PATIENCE: Duration = Duration::from_secs(20);

/// 正在运行的网站;离开时结束它。
struct Site {
    child: Child,
    address: String,
}

impl Site {
    fn start(root: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_web-http"))
            .args(["127.0.0.1:0", "--quiet", "--listing", "--root"])
            .arg(root)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.as_mut().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("监听 ").unwrap().to_owned();
        Self { child, address }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// 一条连接上一个一个地问。
struct Browser(BufReader<TcpStream>);

impl Browser {
    fn connect(site: &Site) -> Self {
        let stream = TcpStream::connect(&site.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self(BufReader::new(stream))
    }

    /// 状态行、类型、正文。
    fn get(&mut self, path: &str) -> (String, String, Vec<u8>) {
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
        self.0.get_mut().write_all(request.as_bytes()).unwrap();
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            assert!(self.0.read_line(&mut line).unwrap() > 0, "{path}");
            match line.trim_end() {
                "" => break,
                line => head.push(line.to_owned()),
            }
        }
        let field = |name: &str| {
            let mut values = head.iter().filter_map(|line| line.strip_prefix(name));
            values.next().unwrap().to_owned()
        };
        let mut body = vec![0; field("Content-Length: ").parse().unwrap()];
        self.0.read_exact(&mut body).unwrap();
        (head[0].clone(), field("Content-Type: "), body)
    }
}

/// `folder` 里面的所有文件,点开头的不算。
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_str().unwrap().starts_with('.') {
            continue;
        }
        match path.is_dir() {
            true => files(&path, found),
            false => found.push(path),
        }
    }
}

#[test]
fn the_course_is_served_as_it_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/notes");
    let site = Site::start(&root);
    let mut browser = Browser::connect(&site);
    let mut pages = Vec::new();
    files(&root, &mut pages);
    assert!(pages.len() > 40, "只找到 {} 个文件", pages.len());
    for page in pages {
        let mut path = String::new();
        for segment in page.strip_prefix(&root).unwrap() {
            path.push('/');
            path.extend(utf8_percent_encode(
                segment.to_str().unwrap(),
                NON_ALPHANUMERIC,
            ));
        }
        let (line, kind, body) = browser.get(&path);
        assert_eq!(line, "HTTP/1.1 200 OK", "{}", page.display());
        assert!(
            body == fs::read(&page).unwrap(),
            "{} 的内容不对",
            page.display()
        );
        if page.extension().is_some_and(|extension| extension == "md") {
            assert_eq!(kind, "text/markdown; charset=utf-8", "{}", page.display());
        }
        let said = !kind.starts_with("text/") || kind.ends_with("; charset=utf-8");
        assert!(said, "{}:{kind}", page.display());
    }
    let (line, _, listing) = browser.get("/");
    assert_eq!(line, "HTTP/1.1 200 OK");
    assert!(
        String::from_utf8(listing)
            .unwrap()
            .contains(">56-web-http.md</a>")
    );
}
