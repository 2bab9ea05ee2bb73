//! 服务器说的话,写成一帧的正文,再读出来。

use byteorder::{ByteOrder, NetworkEndian};

use crate::protocol::{Mistake, VERSION};

const HELLO: u8 = 16;
const OUTPUT: u8 = 17;
const ERRORS: u8 = 18;
const CONSUMED: u8 = 19;
const DIRECTORY: u8 = 20;
const EXIT: u8 = 21;
const ERROR: u8 = 22;

/// 服务器说的一句话。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply<'a> {
    /// 连上以后的第一句。
    Hello {
        /// 命令的输出用什么编码。
        encoding: &'a str,
        /// 命令在哪个目录里运行。
        directory: &'a str,
    },
    /// 命令的输出。
    Output(Channel, &'a [u8]),
    /// 又有这么多字节的标准输入交给了命令。
    Consumed(u32),
    /// `cd` 以后的目录。
    Directory(&'a str),
    /// 命令结束了。
    Exit(Exit),
    /// 出错:一句话,后面没有了。
    Error(&'a str),
}

/// 输出的两股。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// 标准输出。
    Output = OUTPUT as isize,
    /// 标准错误。
    Errors = ERRORS as isize,
}

/// 命令怎样结束的。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 自己结束,退出码。
    Code(u32),
    /// 被信号结束(signal(7)),信号的编号。
    Signal(u32),
    /// 运行得太久,上限是这么多秒。
    TimedOut(u32),
    /// 输出太多,上限是这么多 MiB。
    TooMuch(u32),
    /// 不许运行。
    Refused,
}

impl<'a> Reply<'a> {
    /// 从一帧的正文读出来。
    ///
    /// # Errors
    /// 没有这一种,或者内容不对。
    pub fn decode(body: &'a [u8]) -> Result<Self, Mistake> {
        let (&kind, content) = body.split_first().ok_or(Mistake::Empty)?;
        let text = str::from_utf8(content).ok();
        let reply = match kind {
            HELLO => hello(content),
            OUTPUT => Some(Self::Output(Channel::Output, content)),
            ERRORS => Some(Self::Output(Channel::Errors, content)),
            CONSUMED => number(content).map(Self::Consumed),
            DIRECTORY => text.map(Self::Directory),
            EXIT => exit(content).map(Self::Exit),
            ERROR => text.map(Self::Error),
            _ => return Err(Mistake::Unknown(kind)),
        };
        reply.ok_or(Mistake::Malformed(kind))
    }

    /// 写成一帧的正文,接在 `body` 后面。
    pub fn encode(&self, body: &mut Vec<u8>) {
        let (kind, content) = match self {
            Self::Hello {
                encoding,
                directory,
            } => {
                // 编码名都只有几个字母。
                let length = u8::try_from(encoding.len()).unwrap_or(u8::MAX);
                body.extend([HELLO, VERSION, length]);
                body.extend_from_slice(&encoding.as_bytes()[..usize::from(length)]);
                return body.extend_from_slice(directory.as_bytes());
            }
            Self::Output(channel, bytes) => (*channel as u8, *bytes),
            Self::Consumed(length) => return numbered(body, &[CONSUMED], *length),
            Self::Directory(directory) => (DIRECTORY, directory.as_bytes()),
            Self::Exit(exit) => {
                let (how, value) = exit.fields();
                return numbered(body, &[EXIT, how], value);
            }
            Self::Error(text) => (ERROR, text.as_bytes()),
        };
        body.push(kind);
        body.extend_from_slice(content);
    }
}

impl Exit {
    fn fields(self) -> (u8, u32) {
        match self {
            Self::Code(code) => (0, code),
            Self::Signal(signal) => (1, signal),
            Self::TimedOut(seconds) => (2, seconds),
            Self::TooMuch(size) => (3, size),
            Self::Refused => (4, 0),
        }
    }
}

fn hello(content: &[u8]) -> Option<Reply<'_>> {
    let rest = content.strip_prefix(&[VERSION])?;
    let (&length, rest) = rest.split_first()?;
    let (encoding, directory) = rest.split_at_checked(usize::from(length))?;
    Some(Reply::Hello {
        encoding: str::from_utf8(encoding).ok()?,
        directory: str::from_utf8(directory).ok()?,
    })
}

fn exit(content: &[u8]) -> Option<Exit> {
    let (&how, value) = content.split_first()?;
    match (how, number(value)?) {
        (0, code) => Some(Exit::Code(code)),
        (1, signal) => Some(Exit::Signal(signal)),
        (2, seconds) => Some(Exit::TimedOut(seconds)),
        (3, size) => Some(Exit::TooMuch(size)),
        (4, 0) => Some(Exit::Refused),
        _ => None,
    }
}

fn number(content: &[u8]) -> Option<u32> {
    let bytes: &[u8; 4] = content.try_into().ok()?;
    Some(NetworkEndian::read_u32(bytes))
}

fn numbered(body: &mut Vec<u8>, start: &[u8], number: u32) {
    body.extend_from_slice(start);
    body.extend_from_slice(&number.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let hello = Reply::Hello {
            encoding: "gbk",
            directory: "/tmp/目录",
        };
        let mut replies = vec![
            hello,
            Reply::Output(Channel::Output, b"\0\xff"),
            Reply::Output(Channel::Errors, b""),
            Reply::Consumed(u32::MAX),
            Reply::Directory("C:\\"),
            Reply::Error("满座"),
        ];
        let exits = [
            Exit::Code(3_221_225_477),
            Exit::Signal(9),
            Exit::TimedOut(1),
            Exit::TooMuch(2),
            Exit::Refused,
        ];
        replies.extend(exits.map(Reply::Exit));
        for reply in replies {
            let mut body = Vec::new();
            reply.encode(&mut body);
            assert_eq!(Reply::decode(&body), Ok(reply));
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        assert_eq!(Reply::decode(b""), Err(Mistake::Empty));
        for kind in [0, 1, 15, 23, 255] {
            assert_eq!(Reply::decode(&[kind]), Err(Mistake::Unknown(kind)));
        }
        let malformed: [&[u8]; 10] = [
            &[16],
            &[16, 1],
            &[16, 2, 0],
            &[16, 1, 3, b'g'],
            &[16, 1, 1, 0xff],
            &[19, 0, 0, 1],
            &[20, 0xff],
            &[21, 0, 0, 0, 0],
            &[21, 5, 0, 0, 0, 0],
            &[22, 0xff],
        ];
        for body in malformed {
            assert_eq!(Reply::decode(body), Err(Mistake::Malformed(body[0])));
        }
    }
}
