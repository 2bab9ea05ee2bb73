//! 有人捣乱,有事出错:服务器照样工作,别的客户不受影响。

// 测试里的 unwrap 就是断言。
#![allow(clippy::unwrap_used)]

use std::fs::{self, File};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use check::Terminal;
use socket2::SockRef;
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_web-http");

/// 等一件应当会发生的事,最多这么久:机器再忙也够。
const PATIENCE: Duration = Duration::from_secs(60);

/// 看一眼「好了没有」的间隔。
const POLL: Duration = Duration::from_millis(5);

/// 大文件,字节:比两边的套接字缓冲区加起来大得多,不收就停在半路。
const LARGE: u64 = 64 << 20;

/// 慢吞吞的客户。别的系统上默认的描述符上限小得多。
const SLOW: usize = if cfg!(target_os = "linux") { 1000 } else { 100 };

/// 什么也不说的客户。
const IDLE: usize = if cfg!(target_os = "linux") {
    10_000
} else {
    100
};

const PAGE: &[u8] = "<!doctype html><title>首页</title>".as_bytes();

/// 一个网站和它的服务器;离开作用域就结束。
struct Site {
    directory: TempDir,
    server: Terminal,
    address: SocketAddr,
}

impl Site {
    fn open(options: &[&str]) -> Self {
        Self::run(&[PROGRAM], options)
    }

    /// `command` 是启动服务器的命令,后面接上参数。
    fn run(command: &[&str], options: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("index.html"), PAGE).unwrap();
        let root = directory.path().to_str().unwrap();
        let words = [command, &["127.0.0.1:0", "--root", root], options].concat();
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        let server = Terminal::start_split(&words).unwrap();
        let line = server.output().read_line(deadline()).unwrap();
        let line = String::from_utf8(line).unwrap();
        let address = line.strip_prefix("监听 ").unwrap().parse().unwrap();
        Self {
            directory,
            server,
            address,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// 放一个大文件,全是 `byte`。
    fn put_large(&self, name: &str, byte: u8) {
        fs::write(self.path(name), vec![byte; LARGE as usize]).unwrap();
    }

    fn connect(&self) -> TcpStream {
        connect(self.address)
    }

    /// `target` 现在的标签。刚刚改过的文件先没有:同一刻里它还可能再变。
    fn tag(&self, target: &str) -> String {
        let request = format!("HEAD {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        let end = deadline();
        loop {
            let mut stream = self.say(request.as_bytes());
            let response = Response::begin(&mut stream).unwrap();
            if let Some(tag) = response.field("ETag: ") {
                return tag.to_owned();
            }
            assert!(Instant::now() < end, "一直没有标签");
            thread::park_timeout(POLL);
        }
    }

    /// 新连一条,发出 `bytes`。
    fn say(&self, bytes: &[u8]) -> TcpStream {
        let mut stream = self.connect();
        stream.write_all(bytes).unwrap();
        stream
    }

    /// 别的客户:要首页,应当得到。
    fn is_served(&self) {
        let mut stream = self.say(&get("/"));
        let response = Response::read(&mut stream).unwrap();
        assert_eq!((response.status, response.body.as_slice()), (200, PAGE));
    }

    /// 别的客户,得到 503 就听它的话,过一会儿再来。
    fn is_served_at_last(&self) {
        let end = deadline();
        loop {
            let mut stream = self.say(&get("/"));
            let response = Response::read(&mut stream).unwrap();
            if response.status != 503 || Instant::now() >= end {
                assert_eq!((response.status, response.body.as_slice()), (200, PAGE));
                return;
            }
            thread::park_timeout(POLL);
        }
    }

    /// 按 Ctrl-C,应当结束,退出码 0。
    fn closes(mut self) {
        if cfg!(unix) {
            self.server.interrupt().unwrap();
            let status = self.server.wait(deadline()).unwrap().unwrap();
            assert_eq!(status.code(), Some(0));
        }
    }
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect_timeout(&address, PATIENCE).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn deadline() -> Instant {
    Instant::now() + PATIENCE
}

fn get(target: &str) -> Vec<u8> {
    format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n").into_bytes()
}

/// 一个回答。
#[derive(Debug)]
struct Response {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Response {
    /// 读一个完整的回答;没有回答是 `None`。
    fn read(stream: &mut TcpStream) -> Option<Self> {
        let mut response = Self::begin(stream)?;
        response.body = response.rest(stream);
        Some(response)
    }

    /// 读到头完整为止。
    fn begin(stream: &mut TcpStream) -> Option<Self> {
        let mut bytes = Vec::new();
        loop {
            // 一个字节一个字节地读:不多取走下一个回答的。
            let mut byte = [0];
            if stream.read(&mut byte).unwrap_or_default() == 0 {
                return None;
            }
            bytes.push(byte[0]);
            if bytes.ends_with(b"\r\n\r\n") {
                break;
            }
        }
        let head = String::from_utf8(bytes).unwrap();
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let body = Vec::new();
        Some(Self { status, head, body })
    }

    /// 读完正文。
    fn rest(&self, stream: &mut TcpStream) -> Vec<u8> {
        let mut body = vec![0; self.length()];
        stream.read_exact(&mut body).unwrap();
        body
    }

    fn length(&self) -> usize {
        self.field("Content-Length: ").unwrap().parse().unwrap()
    }

    fn field(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines();
        lines.find_map(|line| line.strip_prefix(name))
    }
}

/// 要了 `target`,收到头就停下的客户:服务器停在发送的半路。
fn halfway(site: &Site, target: &str) -> (TcpStream, Response) {
    let mut stream = site.say(&get(target));
    let response = Response::begin(&mut stream).unwrap();
    assert_eq!(response.status, 200);
    (stream, response)
}

/// 收到底:连接关闭或者复位。
fn read_all(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
    bytes
}

/// 这个测试进程要开这么多个描述符;不够是 `false`。
#[cfg(unix)]
fn raise_limit(needed: usize) -> bool {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let needed = needed as u64;
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= needed) {
        return true;
    }
    let raised = Rlimit {
        current: Some(needed),
        ..limit
    };
    setrlimit(Resource::Nofile, raised).is_ok()
}

#[cfg(not(unix))]
fn raise_limit(_: usize) -> bool {
    true
}

#[test]
fn slow_heads_do_not_hold_up_others() {
    assert!(raise_limit(SLOW + 300), "描述符的上限太低");
    let site = Site::open(&["--header-timeout", "3600"]);
    let mut slow: Vec<TcpStream> = Vec::new();
    for _ in 0..SLOW {
        slow.push(site.say(b"GET / HTTP/1.1\r\nX-Slow: "));
    }
    site.is_served();
    for round in 0..5 {
        for stream in slow.iter_mut().skip(round).step_by(5) {
            stream.write_all(b"x").unwrap();
        }
        site.is_served();
    }
    // 它们没有被挤走:说完了,照样得到回答。
    for stream in slow.iter_mut().step_by(100) {
        stream.write_all(b"\r\nHost: localhost\r\n\r\n").unwrap();
        let response = Response::read(stream).unwrap();
        assert_eq!((response.status, response.body.as_slice()), (200, PAGE));
    }
    site.is_served();
}

#[test]
fn slow_heads_end_at_the_deadline() {
    let site = Site::open(&["--header-timeout", "1"]);
    let mut slow: Vec<TcpStream> = Vec::new();
    for _ in 0..50 {
        slow.push(site.say(b"GET / HTTP/1.1\r\nX-Slow: "));
    }
    site.is_served();
    for stream in &mut slow {
        let response = Response::read(stream).unwrap();
        assert_eq!(response.status, 408);
        assert_eq!(read_all(stream), b"");
    }
}

#[test]
fn idle_connections_do_not_hold_up_others() {
    // 上限低的机器上少开一些,但不少于一千。
    let count = [IDLE, IDLE / 2, IDLE / 10];
    let count = count.into_iter().find(|count| raise_limit(count + 300));
    let count = count.expect("描述符的上限太低");
    println!("{count} 条闲着的连接");
    let site = Site::open(&[]);
    let mut idle = Vec::new();
    for number in 0..count {
        idle.push(site.connect());
        if number % 500 == 0 {
            site.is_served();
        }
    }
    site.is_served();
    // 闲着的,或者还开着,或者被请走了:不会多出半个字节。
    for mut stream in idle {
        stream.set_nonblocking(true).unwrap();
        match stream.read(&mut [0]) {
            Ok(length) => assert_eq!(length, 0),
            Err(error) => assert!(
                matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::ConnectionReset
                ),
                "{error}"
            ),
        }
    }
    site.is_served();
    site.closes();
}

#[test]
fn resets_in_the_middle_of_a_response() {
    let site = Site::open(&["--quiet"]);
    site.put_large("large", b'a');
    site.is_served();
    for number in 0..200 {
        let (stream, _) = halfway(&site, "/large");
        SockRef::from(&stream)
            .set_linger(Some(Duration::ZERO))
            .unwrap();
        drop(stream);
        if number % 20 == 0 {
            site.is_served();
        }
    }
    site.is_served();
    holds_few_descriptors(&site);
    site.closes();
}

/// 走了的人不再占着描述符(proc(5))。
fn holds_few_descriptors(site: &Site) {
    if !cfg!(target_os = "linux") {
        return;
    }
    let directory = format!("/proc/{}/fd", site.server.id());
    let count = || fs::read_dir(&directory).unwrap().count();
    let end = deadline();
    while count() > 50 {
        assert!(Instant::now() < end, "还开着 {} 个描述符", count());
        thread::park_timeout(POLL);
    }
}

#[test]
fn a_refusal_is_not_lost_to_a_reset() {
    /// 正文,字节:比缓冲区大,拒绝的时候一定还有没读的。
    const BODY: usize = 200_000;
    let site = Site::open(&["--body-limit", "10"]);
    let head = format!("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {BODY}\r\n\r\n");
    let mut stream = site.say(&[head.as_bytes(), &[b'x'; BODY]].concat());
    assert_eq!(Response::read(&mut stream).unwrap().status, 413);
    // 没读完就关闭的话,这里是复位,不是末尾。
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    site.is_served();
}

#[test]
fn half_closed_and_vanishing_clients() {
    let site = Site::open(&[]);
    // 说完就关了自己的方向,还听着:照样得到回答。
    let mut polite = site.say(&get("/"));
    polite.shutdown(Shutdown::Write).unwrap();
    assert_eq!(Response::read(&mut polite).unwrap().body, PAGE);
    assert_eq!(read_all(&mut polite), b"");
    for length in 0..get("/").len() {
        drop(site.say(&get("/")[..length]));
    }
    site.is_served();
}

#[test]
fn a_file_truncated_while_it_is_sent() {
    // 断开是因为文件变短,不是因为太久没有话说。
    let site = Site::open(&["--idle", "3600"]);
    site.put_large("large", b'a');
    let (mut stream, response) = halfway(&site, "/large");
    let file = File::options()
        .write(true)
        .open(site.path("large"))
        .unwrap();
    file.set_len(1 << 20).unwrap();
    site.is_served();
    // 说好的长度兑现不了,就断开;不会看起来像是收完了。
    let body = read_all(&mut stream);
    assert!(body.len() < response.length(), "短的文件冒充了完整的");
    // 零拷贝:还在路上的就是文件的页,截断时清成了零(sendfile(2))。
    assert!(body.iter().all(|&byte| matches!(byte, b'a' | 0)));
    site.is_served();
}

#[test]
fn a_file_deleted_while_it_is_sent() {
    let site = Site::open(&[]);
    site.put_large("large", b'a');
    let (mut stream, response) = halfway(&site, "/large");
    fs::remove_file(site.path("large")).unwrap();
    site.is_served();
    // 已经打开的文件,删掉的只是名字。
    assert!(response.rest(&mut stream).iter().all(|&byte| byte == b'a'));
    let again = Response::read(&mut site.say(&get("/large"))).unwrap();
    assert_eq!(again.status, 404);
}

#[test]
fn a_file_replaced_while_it_is_sent() {
    let site = Site::open(&[]);
    site.put_large("large", b'a');
    let before = site.tag("/large");
    let (mut stream, response) = halfway(&site, "/large");
    site.put_large("new", b'b');
    fs::rename(site.path("new"), site.path("large")).unwrap();
    site.is_served();
    // 这一个从头到尾是旧的,下一个从头到尾是新的。
    let body = response.rest(&mut stream);
    assert!(body.iter().all(|&byte| byte == b'a'));
    let again = Response::read(&mut site.say(&get("/large"))).unwrap();
    assert!(again.body.len() == LARGE as usize && again.body.iter().all(|&byte| byte == b'b'));
    assert_ne!(before, site.tag("/large"));
}

#[test]
fn a_file_that_grows_while_it_is_sent() {
    let site = Site::open(&[]);
    site.put_large("large", b'a');
    let (mut stream, response) = halfway(&site, "/large");
    let mut file = File::options()
        .append(true)
        .open(site.path("large"))
        .unwrap();
    file.write_all(b"bbbb").unwrap();
    // 说好多长就多长:多一个字节,都会被当成下一个回答的开头。
    let body = response.rest(&mut stream);
    assert!(body.iter().all(|&byte| byte == b'a'));
    stream.write_all(&get("/")).unwrap();
    assert_eq!(Response::read(&mut stream).unwrap().body, PAGE);
}

#[test]
fn a_file_overwritten_while_it_is_sent() {
    let site = Site::open(&[]);
    site.put_large("large", b'a');
    let before = site.tag("/large");
    let (mut stream, response) = halfway(&site, "/large");
    let mut file = File::options()
        .write(true)
        .open(site.path("large"))
        .unwrap();
    file.write_all(&vec![b'b'; LARGE as usize]).unwrap();
    drop(file);
    site.is_served();
    // 就地改写,长度不变:收到的可能新旧都有,这是它的代价;下一个从头到尾是新的,标签也不同。
    let body = response.rest(&mut stream);
    assert!(body.iter().all(|&byte| matches!(byte, b'a' | b'b')));
    let again = Response::read(&mut site.say(&get("/large"))).unwrap();
    assert!(again.body.iter().all(|&byte| byte == b'b'));
    assert_ne!(before, site.tag("/large"));
}

#[cfg(unix)]
#[test]
fn few_descriptors_from_the_start() {
    let limited = "ulimit -n 64; exec \"$0\" \"$@\"";
    let site = Site::run(&["sh", "-c", limited, PROGRAM], &[]);
    let mut idle = Vec::new();
    for _ in 0..10 {
        for _ in 0..30 {
            idle.push(site.connect());
        }
        site.is_served_at_last();
    }
    drop(idle);
    site.is_served_at_last();
    site.closes();
}

/// 它在运行的时候,从外面改它的上限(prlimit(2)):比现在开着的多 `more` 个。
#[cfg(target_os = "linux")]
fn limit_descriptors(site: &Site, more: i64) {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};
    let directory = format!("/proc/{}/fd", site.server.id());
    let open = fs::read_dir(directory).unwrap().count() as u64;
    let limit = Rlimit {
        current: Some(open.saturating_add_signed(more)),
        maximum: Some(20_000),
    };
    let id = Pid::from_raw(i32::try_from(site.server.id()).unwrap());
    prlimit(id, Resource::Nofile, limit).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn descriptors_run_out() {
    let site = Site::open(&[]);
    let mut idle: Vec<TcpStream> = (0..20).map(|_| site.connect()).collect();
    site.is_served();
    for more in [-2, -1, 0, 1] {
        limit_descriptors(&site, more);
        for _ in 0..5 {
            idle.push(site.connect());
            site.is_served_at_last();
        }
    }
    let errors = String::from_utf8(site.server.errors().take_unread()).unwrap();
    assert!(
        errors.matches("错误:").count() <= 1,
        "说了不止一次:{errors}"
    );
    site.closes();
}

#[cfg(target_os = "linux")]
#[test]
fn no_descriptor_is_left_for_the_file() {
    let site = Site::open(&[]);
    let idle: Vec<TcpStream> = (0..20).map(|_| site.connect()).collect();
    let mut kept = site.say(&get("/"));
    assert_eq!(Response::read(&mut kept).unwrap().status, 200);
    fs::write(site.path("new"), "新的").unwrap();
    limit_descriptors(&site, 0);
    // 没有新的连接来,也会有闲着的让路:同一条连接上再要,最后要得到。
    let end = deadline();
    loop {
        kept.write_all(&get("/new")).unwrap();
        let response = Response::read(&mut kept).unwrap();
        if response.status == 200 {
            assert_eq!(response.body, "新的".as_bytes());
            break;
        }
        assert_eq!(response.status, 503);
        assert!(Instant::now() < end, "一直没有描述符给文件");
        thread::park_timeout(POLL);
    }
    drop(idle);
    site.closes();
}

/// 一个标准输出由测试自己来读的服务器。
struct Logged {
    child: Child,
    output: Option<BufReader<ChildStdout>>,
    address: SocketAddr,
    _directory: TempDir,
}

impl Logged {
    fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut child = Command::new(PROGRAM)
            .args(["127.0.0.1:0", "--root"])
            .arg(directory.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        Self {
            child,
            output: Some(output),
            address: line.trim().strip_prefix("监听 ").unwrap().parse().unwrap(),
            _directory: directory,
        }
    }

    /// 应当自己结束,退出码 0;返回它说的错误。
    fn ends(&mut self) -> String {
        let end = deadline();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < end, "没有结束");
            thread::park_timeout(POLL);
        };
        assert_eq!(status.code(), Some(0));
        let mut errors = String::new();
        let mut stream = self.child.stderr.take().unwrap();
        stream.read_to_string(&mut errors).unwrap();
        errors
    }
}

impl Drop for Logged {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn nobody_reads_the_log() {
    /// 一行日志这么长,要这么多行:管道和服务器都攒不下。
    const LINE: usize = 7000;
    const COUNT: usize = 1500;
    let mut site = Logged::open();
    let mut writer = connect(site.address);
    let mut reader = writer.try_clone().unwrap();
    let request = get(&format!("/{}", "x".repeat(LINE)));
    // 没有人读它的标准输出;回答不等日志。
    thread::scope(|scope| {
        scope.spawn(move || (0..COUNT).for_each(|_| writer.write_all(&request).unwrap()));
        for _ in 0..COUNT {
            assert_eq!(Response::read(&mut reader).unwrap().status, 404);
        }
    });
    // 现在读了。日志是按次序的,看到最后的一行,前面的就都看过了;它自己也可能被丢掉,那就再来一次。
    let output = site.output.take().unwrap();
    let reading = thread::spawn(move || {
        let mut lines = output.lines().map(Result::unwrap);
        1 + lines
            .by_ref()
            .take_while(|line| !line.contains("GET /last "))
            .count()
    });
    let mut asked = COUNT;
    while !reading.is_finished() {
        let mut stream = connect(site.address);
        stream.write_all(&get("/last")).unwrap();
        assert_eq!(Response::read(&mut stream).unwrap().status, 404);
        asked += 1;
    }
    let lines = reading.join().unwrap();
    assert!((1..COUNT).contains(&lines), "{lines} 行");
    // 读的人走了,再记一行就会发现,它就结束;少了几行,它说得清楚。
    if let Ok(mut stream) = TcpStream::connect(site.address) {
        let _ = stream.write_all(&get("/"));
    }
    let errors = site.ends();
    let lost = errors.lines().filter_map(|line| {
        let count = line.strip_prefix("标准输出太慢,日志少了 ")?;
        count.strip_suffix(" 行")?.parse::<usize>().ok()
    });
    let lost: usize = lost.sum();
    assert!(lost >= COUNT - lines && lost + lines <= asked, "{errors}");
}

#[test]
fn the_log_is_closed() {
    let mut site = Logged::open();
    // 读的一头关了:没有人要结果了,安静地结束。
    drop(site.output.take());
    let mut stream = connect(site.address);
    stream.write_all(&get("/")).unwrap();
    assert_eq!(Response::read(&mut stream).unwrap().status, 404);
    let errors = site.ends();
    assert!(!errors.contains("错误"), "{errors}");
}
