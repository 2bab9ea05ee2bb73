//! 检查扮演的一位聊天室成员,分帧或者分行。

use std::net::SocketAddr;

use common::frame::{FrameReader, FrameWriter};

use crate::exam::{Exam, Stop, Verdict};
use crate::failure::Failure;
use crate::tcp_peer::{End, TcpPeer};

/// 服务器的一帧最多这么多字节:比它可能说的任何一行都长。
const MAX_FRAME: usize = 1 << 20;

/// 一次接收最多这么多字节。
const CHUNK: usize = 16 << 10;

/// 一行文字的传法。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// 分帧。
    Frames,
    /// 分行。
    Lines,
}

/// 一位成员。
#[derive(Debug)]
pub struct Member {
    /// 和服务器的连接。
    pub peer: TcpPeer,
    way: Way,
    frames: FrameReader,
    unread: Vec<u8>,
}

impl Member {
    /// 还没有说昵称的一位。
    pub fn connect(exam: &Exam, server: SocketAddr, way: Way) -> Result<Self, Stop> {
        let peer = TcpPeer::connect(server, exam.deadline())?;
        Ok(Self::on(peer, way))
    }

    /// 在这条连接上说话。
    pub fn on(peer: TcpPeer, way: Way) -> Self {
        Self {
            peer,
            way,
            frames: FrameReader::new(MAX_FRAME),
            unread: Vec::new(),
        }
    }

    /// 以 `name` 进来,看到欢迎。
    pub fn join(exam: &mut Exam, server: SocketAddr, name: &str) -> Result<Self, Stop> {
        let mut member = Self::connect(exam, server, Way::Frames)?;
        member.enter(exam, name)?;
        Ok(member)
    }

    /// 说出昵称,应当受到欢迎。
    pub fn enter(&mut self, exam: &mut Exam, name: &str) -> Verdict {
        self.say(exam, name)?;
        let welcome = self.hear(exam, &format!("应当听到「* 欢迎,{name}……」"))?;
        if welcome.starts_with("* 欢迎,") && welcome.contains(name) {
            return Ok(());
        }
        let text = format!("说了昵称「{name}」,应当得到「* 欢迎,{name}……」");
        Err(exam.failure(text).received(Some(welcome.as_bytes())).into())
    }

    /// 一行文字的字节。
    pub fn encoded(&self, text: &str) -> Vec<u8> {
        match self.way {
            Way::Frames => frame(text.as_bytes()),
            Way::Lines => format!("{text}\n").into_bytes(),
        }
    }

    /// 说一行。
    pub fn say(&mut self, exam: &Exam, text: &str) -> Verdict {
        let bytes = self.encoded(text);
        self.peer.send(&bytes, exam.deadline())
    }

    /// 听一行;空帧(心跳)跳过。
    pub fn read(&mut self, exam: &mut Exam) -> Result<String, Stop> {
        self.hear(exam, "等对方说话")
    }

    /// 听一行,空帧跳过;等不到的话,`what` 说的是在等什么。
    fn hear(&mut self, exam: &mut Exam, what: &str) -> Result<String, Stop> {
        loop {
            let line = self.hear_raw(exam, what)?;
            if !line.is_empty() {
                return Ok(line);
            }
        }
    }

    /// 听一行,空帧也算。
    pub fn read_raw(&mut self, exam: &mut Exam) -> Result<String, Stop> {
        self.hear_raw(exam, "等对方说话")
    }

    fn hear_raw(&mut self, exam: &mut Exam, what: &str) -> Result<String, Stop> {
        let deadline = exam.deadline();
        loop {
            if let Some(line) = self.next_line()? {
                return Ok(line);
            }
            let received = self.peer.receive_some(CHUNK, deadline)?;
            self.unread.extend_from_slice(&received.bytes);
            let end = match received.end {
                End::Enough => continue,
                End::Eof => "对方却关闭了连接",
                End::Reset => "连接却被复位",
                End::TimedOut => "到了期限也没有等到",
            };
            return Err(exam.failure(format!("{what},{end}")).into());
        }
    }

    /// 已经收到的下一行。
    fn next_line(&mut self) -> Result<Option<String>, Stop> {
        let line = match self.way {
            Way::Frames => {
                let mut rest = self.unread.as_slice();
                let body = self.frames.decode(&mut rest);
                let body = body.map_err(|error| Failure::new(format!("服务器的帧不对:{error}")))?;
                let body = body.map(<[u8]>::to_vec);
                self.unread = rest.to_vec();
                body
            }
            Way::Lines => {
                let end = self.unread.iter().position(|byte| *byte == b'\n');
                end.map(|end| {
                    let mut line: Vec<u8> = self.unread.drain(..=end).collect();
                    line.pop();
                    line
                })
            }
        };
        line.map(|line| {
            String::from_utf8(line).map_err(|_| Failure::new("服务器说的一行不是 UTF-8").into())
        })
        .transpose()
    }

    /// 下一行应当是 `expected`。
    pub fn expect(&mut self, exam: &mut Exam, expected: &str) -> Verdict {
        self.expect_that(exam, expected, |line| line == expected)
    }

    /// 下一行应当合乎 `wanted`;`what` 是应当听到什么。
    pub fn expect_that(
        &mut self,
        exam: &mut Exam,
        what: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> Verdict {
        let text = format!("应当听到「{what}」");
        let line = self.hear(exam, &text)?;
        if wanted(&line) {
            return Ok(());
        }
        let failure = exam.failure(text).expected(what.as_bytes());
        Err(failure.received(Some(line.as_bytes())).into())
    }

    /// 服务器应当关闭这条连接;此前说了什么不管。
    pub fn expect_closed(&mut self, exam: &mut Exam) -> Verdict {
        let received = self.peer.receive_all(exam.deadline())?;
        match received.end {
            End::TimedOut => Err(exam.failure("应当关闭连接,却没有").into()),
            _ => Ok(()),
        }
    }
}

/// 一帧的字节。
pub fn frame(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    // 写进内存不会失败;超过上限是检查自己写错了,收的一方会发现。
    let written = FrameWriter::new(MAX_FRAME).write(&mut bytes, body);
    debug_assert!(written.is_ok());
    bytes
}
