//! 流式的远程命令说的话:检查自己照着协议拼、照着协议拆,不借用被检查的程序。

use std::net::SocketAddr;

use crate::exam::{Exam, Stop, Transport, Verdict};
use crate::failure::Failure;
use crate::tcp_peer::{End, TcpPeer};

/// 客户:运行一个命令。
pub const COMMAND: u8 = 1;
/// 客户:标准输入的字节。
pub const STDIN: u8 = 2;
/// 客户:标准输入结束。
pub const STDIN_END: u8 = 3;
/// 客户:中断。
pub const INTERRUPT: u8 = 4;
/// 服务器:你好。
pub const HELLO: u8 = 16;
/// 服务器:标准输出。
pub const STDOUT: u8 = 17;
/// 服务器:标准错误。
pub const STDERR: u8 = 18;
/// 服务器:标准输入用掉了多少。
pub const CONSUMED: u8 = 19;
/// 服务器:当前目录变了。
pub const DIRECTORY: u8 = 20;
/// 服务器:命令结束了。
pub const EXIT: u8 = 21;
/// 服务器:出错,后面没有了。
pub const ERROR: u8 = 22;

/// 一帧正文最多这么长:种类,加上 256 KiB。
const MOST: usize = 1 + (256 << 10);

/// 没有运行完的命令:检查自己会打断它,不打断也迟早结束。
pub const LONG: &str = if cfg!(windows) {
    "ping -n 100 127.0.0.1"
} else {
    "sleep 100"
};

/// 把标准输入照样打印的命令。
pub const ECHOES: &str = if cfg!(windows) { "findstr ^^" } else { "cat" };

/// 一帧:4 字节长度,种类,内容。
pub fn frame(kind: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(1 + content.len()).unwrap_or(u32::MAX);
    [length.to_be_bytes().as_slice(), &[kind], content].concat()
}

/// 「运行这个命令」的一帧。
pub fn command(line: &str, input: bool) -> Vec<u8> {
    frame(COMMAND, &[&[u8::from(input)], line.as_bytes()].concat())
}

/// 「命令结束了」的一帧。
pub fn exit(how: u8, value: u32) -> Vec<u8> {
    frame(EXIT, &[&[how], value.to_be_bytes().as_slice()].concat())
}

/// 收一帧:种类和内容;流正好结束在两帧之间是 `None`。
pub fn receive(exam: &mut Exam, peer: &mut TcpPeer) -> Result<Option<(u8, Vec<u8>)>, Stop> {
    let header = peer.receive(4, exam.deadline())?;
    let Ok(length) = <[u8; 4]>::try_from(header.bytes.as_slice()) else {
        if header.end == End::TimedOut {
            return Err(exam.failure("等到期限,也没有等到一帧").into());
        }
        return Ok(None);
    };
    let length = u32::from_be_bytes(length) as usize;
    if !(1..=MOST).contains(&length) {
        let text = format!("帧头说正文有 {length} 字节:不是帧,或者太长了");
        return Err(exam.failure(text).received(Some(&header.bytes)).into());
    }
    let body = peer.receive(length, exam.deadline())?;
    if body.bytes.len() < length {
        let text = format!("帧头说正文有 {length} 字节,只收到 {}", body.bytes.len());
        return Err(exam.failure(text).received(Some(&body.bytes)).into());
    }
    Ok(Some((body.bytes[0], body.bytes[1..].to_vec())))
}

/// 收一帧,应当是这一种;返回它的内容。
pub fn expect(exam: &mut Exam, peer: &mut TcpPeer, wanted: u8) -> Result<Vec<u8>, Stop> {
    match receive(exam, peer)? {
        Some((kind, content)) if kind == wanted => Ok(content),
        Some((kind, content)) => {
            let text = format!("应当收到第 {wanted} 种帧,却是第 {kind} 种");
            Err(exam.failure(text).received(Some(&content)).into())
        }
        None => {
            let text = format!("应当收到第 {wanted} 种帧,连接却断了");
            Err(exam.failure(text).into())
        }
    }
}

/// 启动服务器,连上它,收下它的招呼。
pub fn greeted(exam: &mut Exam) -> Result<(SocketAddr, TcpPeer), Stop> {
    let server = exam.server(Transport::Tcp)?;
    Ok((server, arrive(exam, server)?))
}

/// 再连一次,收下它的招呼。
pub fn arrive(exam: &mut Exam, server: SocketAddr) -> Result<TcpPeer, Stop> {
    let mut peer = TcpPeer::connect(server, exam.deadline())?;
    let content = expect(exam, &mut peer, HELLO)?;
    match content.as_slice() {
        [1, length, rest @ ..] if rest.len() > usize::from(*length) => Ok(peer),
        _ => {
            let failure = exam.failure("招呼应当是:版本 1,编码名的长度,编码名,目录");
            Err(failure.received(Some(&content)).into())
        }
    }
}

/// 一个命令从头到尾说的话。
#[derive(Debug, Default)]
pub struct Ran {
    /// 标准输出。
    pub output: Vec<u8>,
    /// 标准错误。
    pub errors: Vec<u8>,
    /// 用掉的标准输入,字节。
    pub consumed: u64,
    /// 换到了哪个目录。
    pub directory: Option<String>,
    /// 怎样结束,数值。
    pub exit: (u8, u32),
}

/// 一个命令的输出最多留这么多字节:停不下来的程序,不能占满检查自己的内存。
const TOO_MUCH: usize = 256 << 20;

/// 收到命令结束为止。
pub fn finish(exam: &mut Exam, peer: &mut TcpPeer) -> Result<Ran, Stop> {
    let mut ran = Ran::default();
    loop {
        let Some((kind, content)) = receive(exam, peer)? else {
            return Err(exam.failure("命令还没有结束,连接就断了").into());
        };
        match (kind, content.as_slice()) {
            (STDOUT, _) if ran.output.len() > TOO_MUCH => {
                return Err(exam.failure("输出没完没了,停不下来").into());
            }
            (STDOUT, _) => ran.output.extend(content),
            (STDERR, _) => ran.errors.extend(content),
            (CONSUMED, &[a, b, c, d]) => {
                ran.consumed += u64::from(u32::from_be_bytes([a, b, c, d]));
            }
            (DIRECTORY, _) => ran.directory = Some(String::from_utf8_lossy(&content).into_owned()),
            (EXIT, &[how, a, b, c, d]) => {
                ran.exit = (how, u32::from_be_bytes([a, b, c, d]));
                return Ok(ran);
            }
            _ => {
                let text = format!("命令运行时,不应当有第 {kind} 种帧(或者它的长短不对)");
                return Err(exam.failure(text).received(Some(&content)).into());
            }
        }
    }
}

/// 运行一个没有标准输入的命令。
pub fn run(exam: &mut Exam, peer: &mut TcpPeer, line: &str) -> Result<Ran, Stop> {
    peer.send(&command(line, false), exam.deadline())?;
    finish(exam, peer)
}

/// 运行 `echo 词`,应当打印它,退出码 0。
pub fn echo(exam: &mut Exam, peer: &mut TcpPeer, word: &str) -> Verdict {
    let ran = run(exam, peer, &format!("echo {word}"))?;
    let expected = super::commands::line(word);
    match ran.output == expected && ran.errors.is_empty() && ran.exit == (0, 0) {
        true => Ok(()),
        false => Err(wrong(exam, &format!("echo {word}"), &expected, &ran).into()),
    }
}

/// 一个命令的结果不对。
pub fn wrong(exam: &mut Exam, line: &str, output: &[u8], ran: &Ran) -> Failure {
    let text = format!(
        "「{line}」的结果不对(怎样结束、数值是 {:?},标准错误是「{}」)",
        ran.exit,
        String::from_utf8_lossy(&ran.errors)
    );
    let failure = exam.failure(text).expected(output);
    failure.received(Some(&ran.output))
}
