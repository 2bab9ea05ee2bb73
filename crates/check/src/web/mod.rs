//! 网站的检查:扮演浏览器,把请求的字节照原样发出去,一个一个地读回答。

pub mod cases;
pub mod conformance;
pub mod options;
pub mod response;
pub mod site;

mod connections;
mod files;
mod fixed;
mod http;
mod limits;

use std::net::SocketAddr;
use std::time::Instant;

use crate::exam::{Exam, Stop, Verdict};
use crate::failure::Failure;
use crate::tcp_peer::{End, TcpPeer};
use response::{Length, MAX_HEAD, Response};

/// 浏览器的这一头:一条连接,和已经收到、还没有读成回答的字节。
#[derive(Debug)]
pub struct HttpPeer {
    tcp: TcpPeer,
    /// 发出的字节,失败的报告里要用。
    sent: Vec<u8>,
    /// 收到了,还没有读成回答的字节。
    unread: Vec<u8>,
}

impl HttpPeer {
    /// 连到被检查的服务器。
    ///
    /// # Errors
    /// 到了期限还连不上。
    pub fn connect(exam: &Exam, server: SocketAddr) -> Result<Self, Stop> {
        Ok(Self {
            tcp: TcpPeer::connect(server, exam.deadline())?,
            sent: Vec::new(),
            unread: Vec::new(),
        })
    }

    /// 连上,发出 `request` 的全部字节。
    ///
    /// # Errors
    /// 连不上,或者它不收。
    pub fn ask(exam: &Exam, server: SocketAddr, request: &[u8]) -> Result<Self, Stop> {
        let mut peer = Self::connect(exam, server)?;
        peer.send(request, exam.deadline())?;
        Ok(peer)
    }

    /// 发出全部字节。
    ///
    /// # Errors
    /// 连接已经断了,或者到了 `deadline` 对方还不收。
    pub fn send(&mut self, bytes: &[u8], deadline: Instant) -> Verdict {
        self.sent.extend_from_slice(bytes);
        self.tcp.send(bytes, deadline)
    }

    /// 能发多少发多少:服务器可以不等请求说完就拒绝、挂断。返回发出的字节数。
    pub fn offer(&mut self, bytes: &[u8], deadline: Instant) -> usize {
        self.sent.extend_from_slice(bytes);
        self.tcp.send_some(bytes, deadline).unwrap_or_default()
    }

    /// 读一个回答;问的不是 HEAD。
    ///
    /// # Errors
    /// 到了 `deadline` 没有回答,回答的写法不对,或者没有说完就断了。
    pub fn response(&mut self, deadline: Instant) -> Result<Response, Stop> {
        self.read(false, deadline)
    }

    /// 读一个对 HEAD 的回答:没有正文,说的长度是「如果是 GET」的(RFC 9110 §9.3.2)。
    ///
    /// # Errors
    /// 同 [`response`](Self::response)。
    pub fn response_to_head(&mut self, deadline: Instant) -> Result<Response, Stop> {
        self.read(true, deadline)
    }

    fn read(&mut self, to_head: bool, deadline: Instant) -> Result<Response, Stop> {
        let head = self.head(deadline)?;
        let wrong = |what: String| Failure::new(what).sent(&self.sent).received(Some(&head));
        let mut response = Response::parse(&head).map_err(wrong)?;
        response.body = match response.length(to_head).map_err(wrong)? {
            Length::Known(length) => self.exactly(length, &head, deadline)?,
            Length::UntilClose => self.until_close(deadline)?,
        };
        Ok(response)
    }

    /// 到空行为止的字节。
    fn head(&mut self, deadline: Instant) -> Result<Vec<u8>, Stop> {
        loop {
            let blank = self.unread.windows(4).position(|four| four == b"\r\n\r\n");
            if let Some(blank) = blank {
                let rest = self.unread.split_off(blank + 4);
                return Ok(std::mem::replace(&mut self.unread, rest));
            }
            if self.unread.len() > MAX_HEAD {
                return Err(self.wrong("回答的头没完没了").into());
            }
            if let Some(end) = self.more(deadline)? {
                let what = match self.unread.is_empty() {
                    true => "没有回答",
                    false => "回答的头没有说完",
                };
                return Err(self.wrong(&format!("{what},{}", say(end))).into());
            }
        }
    }

    fn exactly(&mut self, length: usize, head: &[u8], at: Instant) -> Result<Vec<u8>, Stop> {
        while self.unread.len() < length {
            if let Some(end) = self.more(at)? {
                let told = format!(
                    "说好 {length} 字节的正文,只来了 {},{}",
                    self.unread.len(),
                    say(end)
                );
                return Err(Failure::new(told)
                    .sent(&self.sent)
                    .received(Some(head))
                    .into());
            }
        }
        let rest = self.unread.split_off(length);
        Ok(std::mem::replace(&mut self.unread, rest))
    }

    fn until_close(&mut self, deadline: Instant) -> Result<Vec<u8>, Stop> {
        loop {
            match self.more(deadline)? {
                None => {}
                Some(End::Eof) => return Ok(std::mem::take(&mut self.unread)),
                Some(end) => {
                    let what = format!("没有说正文的长度,也没有关闭连接,{}", say(end));
                    return Err(self.wrong(&what).into());
                }
            }
        }
    }

    /// 再收一些;收到了是 `None`,不会再有了是原因。
    fn more(&mut self, deadline: Instant) -> Result<Option<End>, Stop> {
        let received = self.tcp.receive_some(usize::MAX, deadline)?;
        self.unread.extend(received.bytes);
        Ok((received.end != End::Enough).then_some(received.end))
    }

    /// 到期限为止,下一件事是什么:[`End::Enough`] 是又有字节来了。
    ///
    /// # Errors
    /// 本机的套接字坏了。
    pub fn next(&mut self, deadline: Instant) -> Result<End, Stop> {
        if !self.unread.is_empty() {
            return Ok(End::Enough);
        }
        Ok(self.more(deadline)?.unwrap_or(End::Enough))
    }

    /// 服务器应当关闭连接,不再说什么;复位也算关闭。
    ///
    /// # Errors
    /// 又来了字节,或者到了 `deadline` 还没有关。
    pub fn closed(&mut self, deadline: Instant) -> Verdict {
        match self.next(deadline)? {
            End::Eof | End::Reset => Ok(()),
            End::Enough => Err(self.wrong("应当关闭连接,却又来了字节").into()),
            End::TimedOut => Err(self.wrong("应当关闭连接,却没有关").into()),
        }
    }

    /// 说完了,还接着听(半关闭)。
    ///
    /// # Errors
    /// 连接已经断了。
    pub fn half_close(&self) -> Verdict {
        self.tcp.half_close()
    }

    /// 用复位(RST)代替正常的关闭。
    ///
    /// # Errors
    /// 操作系统不肯。
    pub fn reset(self) -> anyhow::Result<()> {
        self.tcp.reset()
    }

    /// 一个失败,带着发出的字节和还没有读成回答的字节。
    #[must_use]
    pub fn wrong(&self, what: &str) -> Failure {
        let received = (!self.unread.is_empty()).then_some(self.unread.as_slice());
        Failure::new(what).sent(&self.sent).received(received)
    }
}

/// 为什么没有更多字节了。
fn say(end: End) -> &'static str {
    match end {
        End::Enough => "后面还有",
        End::Eof => "连接就关闭了",
        End::Reset => "连接就被复位了",
        End::TimedOut => "等到期限也没有等到",
    }
}

/// 一个普通的 GET 请求。
#[must_use]
pub fn get(target: &str) -> Vec<u8> {
    request("GET", target)
}

/// 一个普通的请求,没有正文。
#[must_use]
pub fn request(method: &str, target: &str) -> Vec<u8> {
    with(method, target, "")
}

/// 一个请求,多带几个字段;`fields` 的每一行以 `\r\n` 结尾。
#[must_use]
pub fn with(method: &str, target: &str, fields: &str) -> Vec<u8> {
    format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n").into_bytes()
}
