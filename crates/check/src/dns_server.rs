//! 检查扮演的 DNS 服务器:同一个端口上的 UDP 和 TCP,怎么回答由每条检查说。

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use crate::exam::{self, Exam, Stop};
use crate::failure::Failure;
use crate::udp_peer::UdpPeer;

/// 程序问几遍、每遍等多久由它自己定(常见的是三遍各五秒);这么久还没有结束,就是停住了。
const LIMIT: Duration = Duration::from_secs(20);

/// 看一眼「有没有 TCP 连接、程序结束了没有」的间隔。
const POLL: Duration = Duration::from_millis(20);

/// 程序发来的问题。
pub struct Query {
    /// 编号。
    pub id: u16,
    /// 问题那一段的字节:域名、类型、类,回答时原样带回。
    pub question: Vec<u8>,
    /// 域名,小写,以点隔开。
    pub name: String,
    /// 类型的编号。
    pub kind: u16,
    /// EDNS 里说的,收得下多少字节。
    pub size: Option<u16>,
    /// 从哪里问的。
    pub from: SocketAddr,
}

/// 程序结束以后,看到的一切。
pub struct Ended {
    /// 在 UDP 上问的,先后为序。
    pub queries: Vec<Query>,
    /// 在 TCP 上问了几次。
    pub connections: usize,
    /// 结局。
    pub status: ExitStatus,
    /// 打印的全部。
    pub printed: String,
}

/// 启动程序,打一行 `typed`,每问必答,直到它结束。
///
/// `udp` 给出要发回的数据报,可以一个也没有;`tcp` 给出连接上要写的全部字节,写完就关闭。
pub fn serve(
    exam: &mut Exam,
    typed: &str,
    mut udp: impl FnMut(&Query) -> Vec<Vec<u8>>,
    mut tcp: impl FnMut(&Query) -> Vec<u8>,
) -> Result<Ended, Stop> {
    let (peer, listener) = open()?;
    let terminal = exam.client(peer.address()?)?;
    terminal.type_line(typed);
    terminal.end_input();
    let deadline = Instant::now() + LIMIT;
    let (mut queries, mut connections, mut printed) = (Vec::new(), 0, Vec::new());
    loop {
        if let Some((datagram, from)) = peer.receive(Instant::now() + POLL)? {
            let query = read_query(&datagram, from)?;
            for reply in udp(&query) {
                peer.send(&reply, from)?;
            }
            queries.push(query);
        }
        if let Some((mut stream, datagram, from)) = accept(&listener)? {
            connections += 1;
            answer(&mut stream, &tcp(&read_query(&datagram, from)?));
        }
        if let Some(status) = ended(exam, &mut printed)? {
            return Ok(Ended {
                queries,
                connections,
                status,
                printed: String::from_utf8_lossy(&printed).into_owned(),
            });
        }
        if Instant::now() >= deadline {
            let what = format!("等了 {} 秒,程序还没有结束", LIMIT.as_secs());
            let printed = String::from_utf8_lossy(&printed);
            return Err(Failure::new(what).printed(&printed).into());
        }
    }
}

/// 收下新打印的;程序要是结束了,等输出收齐,给出结局。
fn ended(exam: &mut Exam, printed: &mut Vec<u8>) -> Result<Option<ExitStatus>, Stop> {
    let terminal = exam.terminal()?;
    let status = terminal.try_wait()?;
    if status.is_some() {
        let _ = terminal.output().wait_end(Instant::now() + exam::PATIENCE);
    }
    printed.extend(terminal.output().take_unread());
    Ok(status)
}

/// 同一个端口上的 UDP 和 TCP。看中的端口会被同时运行的别的检查抢走,那就再挑一个。
fn open() -> anyhow::Result<(UdpPeer, TcpListener)> {
    const TRIES: usize = 20;
    let mut opened = open_both();
    for _ in 1..TRIES {
        if opened.is_ok() {
            break;
        }
        opened = open_both();
    }
    opened
}

fn open_both() -> anyhow::Result<(UdpPeer, TcpListener)> {
    let port = exam::free_port()?;
    let peer = UdpPeer::open_on(port)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    listener.set_nonblocking(true)?;
    Ok((peer, listener))
}

/// 有人连接就收下,读一个带长度的问题。
fn accept(listener: &TcpListener) -> Result<Option<(TcpStream, Vec<u8>, SocketAddr)>, Stop> {
    let (mut stream, from) = match listener.accept() {
        Ok(accepted) => accepted,
        Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    stream.set_nonblocking(false)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(exam::PATIENCE))?;
    let mut length = [0; 2];
    let mut message = Vec::new();
    let read = stream.read_exact(&mut length).and_then(|()| {
        message.resize(usize::from(u16::from_be_bytes(length)), 0);
        stream.read_exact(&mut message)
    });
    if read.is_err() {
        let what = "TCP 上的问题不完整:前面要有两个字节的长度";
        return Err(Failure::new(what).received(Some(&message)).into());
    }
    Ok(Some((stream, message, from)))
}

/// 先写几个字节,等一等,看程序是不是只读一次就走了;然后写其余的。
fn answer(stream: &mut TcpStream, bytes: &[u8]) {
    const FIRST: usize = 5;
    const PAUSE: Duration = Duration::from_millis(300);
    let (first, rest) = bytes.split_at(FIRST.min(bytes.len()));
    // 程序可以不听完就走,所以写不出去不算错;它不会再说什么,读到的只能是它走了。
    let _ = stream.write_all(first);
    let _ = stream.set_read_timeout(Some(PAUSE));
    let _ = stream.read(&mut [0]);
    let _ = stream.write_all(rest);
}

/// 读懂程序的问题;不对就说哪里不对。
fn read_query(datagram: &[u8], from: SocketAddr) -> Result<Query, Stop> {
    parse(datagram, from).map_err(|what| {
        let what = format!("问题不对:{what}");
        Failure::new(what).received(Some(datagram)).into()
    })
}

fn parse(datagram: &[u8], from: SocketAddr) -> Result<Query, String> {
    let word = |at: usize| {
        let bytes = datagram.get(at..at + 2)?;
        Some(u16::from_be_bytes([bytes[0], bytes[1]]))
    };
    if datagram.len() < 12 {
        return Err(format!("只有 {} 字节,头就要 12 字节", datagram.len()));
    }
    let flags = word(2).unwrap_or_default();
    if flags & 0xf800 != 0 {
        return Err("最高位(QR)应当是 0,表示问;OPCODE 应当是 0".to_owned());
    }
    if flags & 0x0100 == 0 {
        return Err("RD 应当是 1:请服务器问到底".to_owned());
    }
    let counts = [word(4), word(6), word(8)].map(Option::unwrap_or_default);
    if counts != [1, 0, 0] {
        return Err(format!("问题、回答、权威应当是 1、0、0 条,却是 {counts:?}"));
    }
    let (name, end) = read_name(datagram)?;
    let (Some(kind), Some(class)) = (word(end), word(end + 2)) else {
        return Err("域名后面应当还有类型和类,各两个字节".to_owned());
    };
    if class != 1 {
        return Err(format!("类应当是 1(IN),却是 {class}"));
    }
    // 附加的记录只认 EDNS:根(一个 0)、类型 41、收得下的字节数。
    let edns = datagram.get(end + 4..end + 7) == Some(&[0, 0, 41]);
    Ok(Query {
        id: word(0).unwrap_or_default(),
        question: datagram[12..end + 4].to_vec(),
        name,
        kind,
        size: edns.then(|| word(end + 7)).flatten(),
        from,
    })
}

/// 第 12 字节起的域名,和它结束的位置。
fn read_name(datagram: &[u8]) -> Result<(String, usize), String> {
    let mut labels = Vec::new();
    let mut at = 12;
    loop {
        let length = usize::from(*datagram.get(at).ok_or("域名没有以 0 结尾")?);
        at += 1;
        if length == 0 {
            return Ok((labels.join(".").to_ascii_lowercase(), at));
        }
        let label = datagram.get(at..at + length);
        let label = label.ok_or_else(|| format!("第 {} 字节说标签有 {length} 字节", at - 1))?;
        labels.push(String::from_utf8_lossy(label).into_owned());
        at += length;
    }
}

/// 一个回答:标志是「回答、请问到底、能问到底」加上 `flags`;`records` 已经是字节。
pub fn reply(query: &Query, flags: u16, records: &[Vec<u8>]) -> Vec<u8> {
    message(query.id, 0x8180 | flags, &query.question, records)
}

/// 一个报文,问题是 `question`(可以没有)。
pub fn message(id: u16, flags: u16, question: &[u8], records: &[Vec<u8>]) -> Vec<u8> {
    let questions = u16::from(!question.is_empty());
    let answers = u16::try_from(records.len()).unwrap_or(u16::MAX);
    let header = [id, flags, questions, answers, 0, 0];
    let mut bytes: Vec<u8> = header.iter().flat_map(|word| word.to_be_bytes()).collect();
    bytes.extend_from_slice(question);
    bytes.extend(records.concat());
    bytes
}

/// 一条记录,域名是 `owner`(指针,或者不压缩的写法)。
pub fn record(owner: &[u8], kind: u16, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap_or(u16::MAX);
    let mut bytes = owner.to_vec();
    bytes.extend(kind.to_be_bytes());
    bytes.extend([0, 1, 0, 0, 1, 44]);
    bytes.extend(length.to_be_bytes());
    bytes.extend_from_slice(content);
    bytes
}

/// 不压缩的域名。
pub fn name(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for label in text.split('.') {
        bytes.push(u8::try_from(label.len()).unwrap_or_default());
        bytes.extend_from_slice(label.as_bytes());
    }
    bytes.push(0);
    bytes
}

/// TCP 上的报文:前面两个字节的长度。
pub fn framed(message: &[u8]) -> Vec<u8> {
    let length = u16::try_from(message.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes(), message].concat()
}
