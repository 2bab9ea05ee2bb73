//! 客户端:服务器由测试自己扮演,真的套接字,一帧一帧地看它说了什么。

// 测试里的 unwrap 就是断言。
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use check::Terminal;
use common::frame::{FrameReader, FrameWriter};

const PROGRAM: &str = env!("CARGO_BIN_EXE_tcp-chat");

/// 机器再忙,也不会误判。
const PATIENCE: Duration = Duration::from_secs(20);

const LIMIT: usize = 4096;

/// 测试扮演的服务器:接到的每条连接。
struct Server {
    address: SocketAddr,
    connections: mpsc::Receiver<TcpStream>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, connections) = mpsc::channel();
        // 程序没有来的话,这个线程留到测试结束。
        thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if sender.send(stream).is_err() {
                    return;
                }
            }
        });
        Self {
            address,
            connections,
        }
    }

    /// 下一条连接。
    fn accept(&self) -> Member {
        let stream = self.connections.recv_timeout(PATIENCE);
        let stream = stream.expect("客户端应当来连接");
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Member {
            stream,
            frames: FrameReader::new(LIMIT),
        }
    }

    /// 下一位成员:昵称应当是 `name`,欢迎他。
    fn welcome(&self, name: &str) -> Member {
        let mut member = self.accept();
        assert_eq!(member.line(), name, "第一帧应当是昵称");
        member.say(&format!("* 欢迎,{name}。在场 1 人:{name}"));
        member
    }

    fn join(&self, name: &str, options: &[&str]) -> (Client, Member) {
        let mut words = vec!["--name", name];
        words.extend(options);
        let client = Client::start(&self.address.to_string(), &words);
        let member = self.welcome(name);
        let first = client.line();
        assert!(first.starts_with(&format!("* 欢迎,{name}")), "{first}");
        (client, member)
    }
}

/// 连接的服务器这一头。
struct Member {
    stream: TcpStream,
    frames: FrameReader,
}

impl Member {
    /// 客户端说的下一行;`None` 是它关闭了连接。
    fn next(&mut self) -> Option<String> {
        let frame = self.frames.read(&mut self.stream).unwrap();
        frame.map(|body| String::from_utf8(body.to_vec()).unwrap())
    }

    fn line(&mut self) -> String {
        self.next().expect("客户端不应当关闭连接")
    }

    fn say(&mut self, line: &str) {
        let frame = FrameWriter::new(1 << 20).write(&mut self.stream, line.as_bytes());
        frame.unwrap();
    }

    /// 等客户端关闭连接;它不再说话。
    fn gone(mut self) {
        let mut rest = Vec::new();
        // 它也可能中断连接。
        let _ = self.stream.read_to_end(&mut rest);
        assert_eq!(rest, b"", "客户端不应当再说话");
    }
}

/// 正在运行的客户端,输入输出都是管道。
struct Client(Terminal);

impl Client {
    fn start(server: &str, options: &[&str]) -> Self {
        let mut argv = vec![PROGRAM.to_owned(), "client".to_owned()];
        if !server.is_empty() {
            argv.push(server.to_owned());
        }
        argv.extend(options.iter().map(|word| (*word).to_owned()));
        Self(Terminal::start_split(&argv).unwrap())
    }

    fn line(&self) -> String {
        let line = self.0.output().read_line(deadline());
        String::from_utf8(line.expect("应当还有一行输出")).unwrap()
    }

    /// 标准错误的下一行。
    fn error(&self) -> String {
        let line = self.0.errors().read_line(deadline());
        String::from_utf8(line.expect("标准错误应当还有一行")).unwrap()
    }

    /// 等它结束:退出码、剩下的标准输出、剩下的标准错误。
    fn finish(mut self) -> (i32, String, String) {
        let status = self.0.wait(deadline()).unwrap();
        let status = status.expect("客户端应当自己结束");
        self.0.output().wait_end(deadline()).unwrap();
        self.0.errors().wait_end(deadline()).unwrap();
        let output = String::from_utf8(self.0.output().take_unread()).unwrap();
        let errors = String::from_utf8(self.0.errors().take_unread()).unwrap();
        (status.code().unwrap_or(-1), output, errors)
    }
}

fn deadline() -> Instant {
    Instant::now() + PATIENCE
}

/// 没有加入就以错误结束,标准错误里有 `text`。
fn refused(client: Client, text: &str) {
    let (code, output, errors) = client.finish();
    assert_eq!(code, 1, "{errors}");
    assert_eq!(output, "", "不应当有输出");
    assert!(errors.contains(text), "应当有「{text}」:{errors}");
    assert!(errors.starts_with("错误:"), "{errors}");
}

/// 服务器这样回答昵称,客户端应当说 `text`,以错误结束。
fn answered(answer: &[u8], text: &str) {
    let server = Server::start();
    let client = Client::start(&server.address.to_string(), &["--name", "小明"]);
    let mut member = server.accept();
    member.line();
    member.stream.write_all(answer).unwrap();
    refused(client, text);
}

#[test]
fn says_all_lines_then_quits_and_hears_all() {
    let server = Server::start();
    let (mut client, mut member) = server.join("小明", &[]);
    client
        .0
        .type_bytes("一\n\n二\r\n//三\n最后一行没有换行".as_bytes());
    client.0.end_input();
    for line in ["一", "二", "//三", "最后一行没有换行", "/quit"] {
        assert_eq!(member.line(), line);
    }
    member.say("小红:再见");
    member.say("* 小明 走了");
    drop(member);
    let (code, output, errors) = client.finish();
    assert_eq!((code, &*errors), (0, ""));
    assert_eq!(output, "小红:再见\n* 小明 走了\n");
}

#[test]
fn quit_ends_the_input() {
    let server = Server::start();
    let (client, mut member) = server.join("小明", &[]);
    client.0.type_line("你好");
    client.0.type_line(" /quit ");
    client.0.type_line("这一行不发");
    assert_eq!(
        (member.line(), member.line()),
        ("你好".into(), "/quit".into())
    );
    drop(member);
    assert_eq!(client.finish().0, 0);
}

#[test]
fn many_lines_both_ways() {
    const COUNT: usize = 20_000;
    let server = Server::start();
    let (mut client, mut member) = server.join("小明", &[]);
    let lines: String = (0..COUNT)
        .map(|number| format!("第 {number} 行\n"))
        .collect();
    client.0.type_bytes(lines.as_bytes());
    client.0.end_input();
    let mut talker = member.stream.try_clone().unwrap();
    let talking = thread::spawn(move || {
        let mut frames = FrameWriter::new(LIMIT);
        for number in 0..COUNT {
            let line = format!("小红:{number}");
            frames.write(&mut talker, line.as_bytes()).unwrap();
        }
    });
    for number in 0..COUNT {
        assert_eq!(member.line(), format!("第 {number} 行"));
    }
    assert_eq!(member.line(), "/quit");
    talking.join().unwrap();
    drop(member);
    let (code, output, errors) = client.finish();
    assert_eq!((code, &*errors), (0, ""));
    let expected: String = (0..COUNT)
        .map(|number| format!("小红:{number}\n"))
        .collect();
    assert!(output == expected, "收到的每一句都应当显示,次序不变");
}

#[test]
fn asks_for_address_and_name() {
    let server = Server::start();
    let client = Client::start("", &[]);
    client.0.type_line(&server.address.to_string());
    client.0.type_line("小明");
    client.0.type_line("你好");
    let mut member = server.welcome("小明");
    assert_eq!(member.line(), "你好");
    let first = client.line();
    let asked = "请输入服务器地址:请输入昵称:* 欢迎,小明";
    assert!(first.starts_with(asked), "{first}");
}

#[test]
fn no_name_is_a_quiet_end() {
    let server = Server::start();
    let mut client = Client::start(&server.address.to_string(), &[]);
    client.0.end_input();
    let (code, output, errors) = client.finish();
    assert_eq!((code, &*output, &*errors), (0, "请输入昵称:", ""));
}

#[test]
fn bad_names_never_reach_the_server() {
    // 没有服务器:连接了就会有别的错误。
    for (name, text) in [("", "不能是空的"), ("小 明", "空格"), ("\u{1b}[2J", "1b")] {
        let client = Client::start("127.0.0.1:1", &["--name", name]);
        refused(client, text);
    }
    let client = Client::start("127.0.0.1:1", &[]);
    client.0.type_bytes(b"\xd0\xa1\xc3\n");
    let (code, _, errors) = client.finish();
    assert_eq!(code, 1);
    assert!(errors.contains("不是 UTF-8"), "{errors}");
}

#[test]
fn refused_name_is_an_error_when_piped() {
    let server = Server::start();
    let client = Client::start(&server.address.to_string(), &["--name", "小明"]);
    let mut member = server.accept();
    member.line();
    member.say("! 昵称「小明」已经有人用了");
    refused(client, "错误:昵称「小明」已经有人用了");
    member.gone();
}

#[test]
fn nobody_listens() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let client = Client::start(&port.to_string(), &["--name", "小明"]);
    refused(client, "连不上");
}

#[test]
fn strangers_are_not_chat_servers() {
    let hint = "提示:核对地址和端口";
    answered(
        b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
        "「HTTP/1.1 400 Bad Request」",
    );
    answered(b"HTTP/1.1 400 Bad Request\r\n", hint);
    // 控制字符也不能指挥终端。
    answered(b"220 \x1b[2J\n", r"220 \u{1b}[2J");
    // 回声服务器。
    answered(b"\0\0\0\x06\xe5\xb0\x8f\xe6\x98\x8e", "「小明」");
    answered(b"\0\xff\xff\xff", hint);
    answered(
        b"! \xe4\xba\xba\xe6\xbb\xa1\xe4\xba\x86\n",
        "错误:服务器没有接受:人满了",
    );
}

#[test]
fn closed_without_an_answer() {
    let server = Server::start();
    let client = Client::start(&server.address.to_string(), &["--name", "小明"]);
    let mut member = server.accept();
    member.line();
    drop(member);
    refused(client, "没有回答就关闭了连接");
}

#[test]
fn silent_and_dripping_servers() {
    let server = Server::start();
    let start = Instant::now();
    let address = server.address.to_string();
    let silent = Client::start(&address, &["--name", "小明"]);
    let silent_member = server.accept();
    let dripping = Client::start(&address, &["--name", "小明"]);
    let mut member = server.accept();
    let drip = thread::spawn(move || {
        // 空帧,一个字节一个字节地来:永远不是回答。
        let (_keep, pause) = mpsc::channel::<()>();
        while member.stream.write_all(&[0]).is_ok() {
            let _ = pause.recv_timeout(Duration::from_millis(300));
        }
    });
    refused(silent, "等了 10 秒没有回答");
    refused(dripping, "等了 10 秒没有回答");
    assert!(start.elapsed() >= Duration::from_secs(10));
    drip.join().unwrap();
    drop(silent_member);
}

#[test]
fn control_characters_are_shown() {
    let server = Server::start();
    let (client, mut member) = server.join("小明", &[]);
    member.say("小红:\u{1b}[2J\u{7}\r\n* 欢迎\u{202e}");
    assert_eq!(client.line(), r"小红:\u{1b}[2J\u{7}\r\n* 欢迎\u{202e}");
    let frame = FrameWriter::new(LIMIT).write(&mut member.stream, b"\xff\xfe");
    frame.unwrap();
    assert_eq!(client.line(), "\u{fffd}\u{fffd}");
}

#[test]
fn bad_lines_are_not_sent() {
    let server = Server::start();
    let (mut client, mut member) = server.join("小明", &[]);
    client.0.type_line(&"x".repeat(4097));
    client.0.type_bytes(b"\xc4\xe3\xba\xc3\n");
    client.0.type_line(&"你".repeat(1365));
    client.0.type_line(&"y".repeat(4096));
    client.0.end_input();
    assert_eq!(member.line(), "你".repeat(1365));
    assert_eq!(member.line(), "y".repeat(4096));
    assert_eq!(member.line(), "/quit");
    drop(member);
    let (code, _, errors) = client.finish();
    assert_eq!(code, 1);
    assert!(
        errors.contains("这一行有 4097 字节,一行最多 4096 字节"),
        "{errors}"
    );
    assert!(errors.contains("从第 1 个字节起不是 UTF-8"), "{errors}");
    assert!(errors.contains("错误:有 2 行没有发出"), "{errors}");
}

#[test]
fn byte_order_mark_is_not_sent() {
    let server = Server::start();
    let (client, mut member) = server.join("小明", &[]);
    client.0.type_line("\u{feff}你好");
    assert_eq!(member.line(), "你好");
}

#[test]
fn answers_heartbeats() {
    let server = Server::start();
    let (client, mut member) = server.join("小明", &[]);
    for _ in 0..3 {
        member.say("");
        assert_eq!(member.line(), "", "应当用空帧回答");
    }
    member.say("小红:还在");
    assert_eq!(client.line(), "小红:还在", "心跳不应当显示出来");
}

#[test]
fn reconnects_and_sends_what_was_typed_meanwhile() {
    let server = Server::start();
    let (mut client, mut member) = server.join("小明", &[]);
    client.0.type_line("断线以前");
    assert_eq!(member.line(), "断线以前");
    drop(member);
    assert_eq!(client.error(), "断线前刚发出的话,不能肯定送到了");
    assert_eq!(client.error(), "连接断了,1 秒后再连");
    client.0.type_line("断线时一");
    client.0.type_line("断线时二");
    let mut member = server.welcome("小明");
    assert_eq!(client.error(), "重新连上了");
    assert!(client.line().starts_with("* 欢迎,小明"));
    assert_eq!(
        (member.line(), member.line()),
        ("断线时一".into(), "断线时二".into())
    );
    client.0.type_line("断线以后");
    assert_eq!(member.line(), "断线以后");
    client.0.end_input();
    assert_eq!(member.line(), "/quit");
    drop(member);
    let (code, _, errors) = client.finish();
    assert_eq!(code, 1, "有的话不能肯定送到了");
    assert_eq!(errors, "错误:断过线:断线前刚发出的话,不能肯定送到了\n");
}

#[test]
fn nothing_said_nothing_doubtful() {
    let server = Server::start();
    let (mut client, member) = server.join("小明", &[]);
    drop(member);
    assert_eq!(client.error(), "连接断了,1 秒后再连");
    let mut member = server.welcome("小明");
    client.0.type_line("你好");
    client.0.end_input();
    assert_eq!(
        (member.line(), member.line()),
        ("你好".into(), "/quit".into())
    );
    drop(member);
    let (code, _, errors) = client.finish();
    assert_eq!((code, &*errors), (0, "重新连上了\n"));
}

#[test]
fn more_lines_than_are_kept_wait_in_the_pipe() {
    const COUNT: usize = 5000;
    let server = Server::start();
    let (mut client, member) = server.join("小明", &[]);
    drop(member);
    assert_eq!(client.error(), "连接断了,1 秒后再连");
    let lines: String = (0..COUNT).map(|number| format!("{number}\n")).collect();
    client.0.type_bytes(lines.as_bytes());
    client.0.end_input();
    let mut member = server.welcome("小明");
    for number in 0..COUNT {
        assert_eq!(member.line(), number.to_string());
    }
    assert_eq!(member.line(), "/quit");
    drop(member);
    assert_eq!(client.finish().0, 0);
}

/// 连接断了,客户端却还在忙着显示:它要等到发送出错才知道,出错的那一行要再发。
#[cfg(target_os = "linux")]
#[test]
fn a_line_that_could_not_be_sent_is_sent_again() {
    let server = Server::start();
    let mut child = Command::new(PROGRAM)
        .args(["client", &server.address.to_string(), "--name", "小明"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut member = server.welcome("小明");
    // 没有人读它的输出:管道满了,接收线程停在那里。
    for _ in 0..200 {
        member.say(&"满".repeat(1000));
    }
    let mut input = child.stdin.take().unwrap();
    input.write_all("送到了没有\n".as_bytes()).unwrap();
    assert!(member.stream.peek(&mut [0]).unwrap() > 0);
    // 还有没读的就关闭,是中断连接。
    drop(member);
    input.write_all("一\n二\n".as_bytes()).unwrap();
    drop(input);
    let mut output = child.stdout.take().unwrap();
    let reading = thread::spawn(move || output.read_to_end(&mut Vec::new()));
    let mut member = server.welcome("小明");
    for line in ["一", "二", "/quit"] {
        assert_eq!(member.line(), line);
    }
    drop(member);
    reading.join().unwrap().unwrap();
    assert_eq!(
        child.wait().unwrap().code(),
        Some(1),
        "第一行不能肯定送到了"
    );
}

#[test]
fn name_still_taken_is_tried_again() {
    let server = Server::start();
    let (client, member) = server.join("小明", &[]);
    drop(member);
    assert_eq!(client.error(), "连接断了,1 秒后再连");
    let mut member = server.accept();
    member.line();
    member.say("! 昵称「小明」已经有人用了");
    let note = "服务器说「昵称「小明」已经有人用了」,2 秒后再连";
    assert_eq!(client.error(), note);
    drop(member);
    server.welcome("小明");
    assert_eq!(client.error(), "重新连上了");
}

#[test]
fn a_new_name_is_kept() {
    let server = Server::start();
    let (client, mut member) = server.join("小明", &[]);
    client.0.type_line("/nick 大明");
    assert_eq!(member.line(), "/nick 大明");
    member.say("* 小明 改名为 大明");
    member.say("小红:* 大明 改名为 坏人");
    member.say("* 小红 改名为 小兰");
    for _ in 0..3 {
        client.line();
    }
    drop(member);
    server.welcome("大明");
    assert!(client.line().starts_with("* 欢迎,大明"));
}

#[test]
fn closing_server_is_a_loss() {
    let server = Server::start();
    let (mut client, mut member) = server.join("小明", &[]);
    client.0.end_input();
    assert_eq!(member.line(), "/quit");
    member.say("* 服务器要关闭了");
    drop(member);
    let (code, output, errors) = client.finish();
    assert_eq!((code, &*output), (1, "* 服务器要关闭了\n"));
    assert!(errors.contains("不能肯定送到了:服务器关闭了"), "{errors}");
}

#[test]
fn no_reconnect() {
    let server = Server::start();
    let (client, member) = server.join("小明", &["--no-reconnect"]);
    drop(member);
    let (code, _, errors) = client.finish();
    assert_eq!((code, &*errors), (1, "错误:连接断了:服务器关闭了连接\n"));
}

#[test]
fn huge_frame_is_an_error() {
    let server = Server::start();
    let (client, mut member) = server.join("小明", &[]);
    member.say("小红:在这之前");
    member.stream.write_all(b"\x7f\xff\xff\xff").unwrap();
    let (code, output, errors) = client.finish();
    assert_eq!((code, &*output), (1, "小红:在这之前\n"));
    assert!(errors.contains("2147483647"), "{errors}");
    assert!(errors.contains("提示:"), "{errors}");
}

#[test]
fn cut_frame_is_a_loss() {
    let server = Server::start();
    let (client, mut member) = server.join("小明", &["--no-reconnect"]);
    member.stream.write_all(b"\0\0\0\x09half").unwrap();
    drop(member);
    let (code, _, errors) = client.finish();
    assert_eq!(code, 1);
    assert!(
        errors.contains("连接断了:一帧 13 字节,收到 8 就断了"),
        "{errors}"
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_is_quiet() {
    let server = Server::start();
    let (mut client, member) = server.join("小明", &[]);
    client.0.interrupt().unwrap();
    let (code, output, errors) = client.finish();
    assert_eq!((code, &*output, &*errors), (0, "", ""));
    member.gone();

    let mut client = Client::start(&server.address.to_string(), &[]);
    let question = client.0.output().wait_for(deadline(), |unread, _| {
        unread
            .ends_with("请输入昵称:".as_bytes())
            .then_some((unread.len(), ()))
    });
    question.unwrap();
    client.0.interrupt().unwrap();
    let (code, output, errors) = client.finish();
    assert_eq!((code, &*output, &*errors), (0, "", ""));

    // 等服务器回答的时候。
    let mut client = Client::start(&server.address.to_string(), &["--name", "小明"]);
    let mut member = server.accept();
    member.line();
    client.0.interrupt().unwrap();
    assert_eq!(client.finish().0, 0);
}

#[test]
fn closed_output_is_quiet() {
    let server = Server::start();
    let mut child = Command::new(PROGRAM)
        .args(["client", &server.address.to_string(), "--name", "小明"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut member = server.welcome("小明");
    // 读走欢迎,然后关掉。
    let mut output = child.stdout.take().unwrap();
    assert!(output.read(&mut [0; 1000]).unwrap() > 0);
    drop(output);
    member.say("小红:还有人看吗");
    // 标准输入一直开着:程序不应当等它。
    let input = child.stdin.take();
    let mut errors = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut errors)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{errors}");
    assert_eq!(errors, "");
    drop(input);
}
