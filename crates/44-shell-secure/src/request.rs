//! 客户说的话,写成一帧的正文,再读出来。

use crate::protocol::{MAX_COMMAND, Mistake};

const COMMAND: u8 = 1;
const INPUT: u8 = 2;
const INPUT_END: u8 = 3;
const INTERRUPT: u8 = 4;
const TOKEN: u8 = 8;

/// 标志的第 0 位:后面有标准输入。别的位留给以后,现在必须是 0。
const WITH_INPUT: u8 = 1;

/// 客户说的一句话。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request<'a> {
    /// 运行一个命令。
    Command {
        /// 命令行,交给 shell。
        line: &'a str,
        /// 后面有没有标准输入;没有的话,命令一读就是末尾。
        input: bool,
    },
    /// 标准输入的字节。
    Input(&'a [u8]),
    /// 标准输入结束。
    InputEnd,
    /// 中断正在运行的命令。
    Interrupt,
    /// 口令,只在开头说。
    Token(&'a [u8]),
}

impl<'a> Request<'a> {
    /// 从一帧的正文读出来。
    ///
    /// # Errors
    /// 没有这一种,或者内容不对。
    pub fn decode(body: &'a [u8]) -> Result<Self, Mistake> {
        let (&kind, content) = body.split_first().ok_or(Mistake::Empty)?;
        let request = match (kind, content) {
            (COMMAND, [flags @ 0..=WITH_INPUT, line @ ..]) => command(*flags, line),
            (INPUT, bytes) => Some(Self::Input(bytes)),
            (INPUT_END, []) => Some(Self::InputEnd),
            (INTERRUPT, []) => Some(Self::Interrupt),
            (TOKEN, token) => Some(Self::Token(token)),
            (COMMAND | INPUT_END | INTERRUPT, _) => None,
            _ => return Err(Mistake::Unknown(kind)),
        };
        request.ok_or(Mistake::Malformed(kind))
    }

    /// 写成一帧的正文,接在 `body` 后面。
    pub fn encode(&self, body: &mut Vec<u8>) {
        match self {
            Self::Command { line, input } => {
                body.extend([COMMAND, u8::from(*input)]);
                body.extend_from_slice(line.as_bytes());
            }
            Self::Input(bytes) => {
                body.push(INPUT);
                body.extend_from_slice(bytes);
            }
            Self::InputEnd => body.push(INPUT_END),
            Self::Interrupt => body.push(INTERRUPT),
            Self::Token(token) => {
                body.push(TOKEN);
                body.extend_from_slice(token);
            }
        }
    }
}

fn command(flags: u8, line: &[u8]) -> Option<Request<'_>> {
    let input = flags == WITH_INPUT;
    let line = str::from_utf8(line).ok()?;
    // `\0` 是 C 字符串的末尾,带着它交不到 shell 手里(execve(2))。
    let allowed = (1..=MAX_COMMAND).contains(&line.len()) && !line.contains('\0');
    allowed.then_some(Request::Command { line, input })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let requests = [
            Request::Command {
                line: "echo 你好",
                input: true,
            },
            Request::Command {
                line: "a",
                input: false,
            },
            Request::Input(b"\0\xff"),
            Request::Input(b""),
            Request::InputEnd,
            Request::Interrupt,
            Request::Token(b"0123"),
        ];
        for request in requests {
            let mut body = Vec::new();
            request.encode(&mut body);
            assert_eq!(Request::decode(&body), Ok(request));
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        assert_eq!(Request::decode(b""), Err(Mistake::Empty));
        for kind in [0, 5, 16, 255] {
            assert_eq!(Request::decode(&[kind]), Err(Mistake::Unknown(kind)));
        }
        let malformed: [&[u8]; 8] = [
            &[1],
            &[1, 0],
            &[1, 2, b'a'],
            &[1, 0, b'a', 0],
            &[1, 0, 0xff],
            &[1, 0x80, b'a'],
            &[3, 0],
            &[4, 1],
        ];
        for body in malformed {
            assert_eq!(Request::decode(body), Err(Mistake::Malformed(body[0])));
        }
        let long = [&[1, 0], vec![b'a'; MAX_COMMAND + 1].as_slice()].concat();
        assert_eq!(Request::decode(&long), Err(Mistake::Malformed(1)));
    }
}
