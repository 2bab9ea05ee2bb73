//! 服务器上正在进行的一次传输:接收方的协议,加上它的应用——写文件。

use std::net::SocketAddr;
use std::time::Duration;

use crate::content::Verdict;
use crate::packet::Packet;
use crate::receiver::{Piece, Receiver, Waste};
use crate::store::Incoming;

/// 替应用留着这么多个报文:约 77 KB,比一个往返里到的多,又不会让一位客户占太多内存。
const CAPACITY: u32 = 64;

/// 醒得迟了,最多补上这么久的:操作系统的定时有几毫秒的误差,不补就比说好的慢得多。
const CATCH_UP: Duration = Duration::from_millis(20);

/// 一次传输。
#[derive(Debug)]
pub struct Upload {
    /// 谁传的。
    pub peer: SocketAddr,
    receiver: Receiver,
    incoming: Incoming,
    next_take: Duration,
}

impl Upload {
    /// `peer` 以 `open` 开始传 `incoming`。
    pub fn new(
        now: Duration,
        peer: SocketAddr,
        open: &Packet,
        keep_early: bool,
        incoming: Incoming,
    ) -> Self {
        Self {
            peer,
            receiver: Receiver::new(now, open, keep_early, CAPACITY),
            incoming,
            next_take: now,
        }
    }

    /// 是不是这一次传输的报文:地址和会话都要对。
    pub fn is_of(&self, peer: SocketAddr, session: u32) -> bool {
        self.peer == peer && self.receiver.session() == session
    }

    /// 哪个会话。
    pub fn session(&self) -> u32 {
        self.receiver.session()
    }

    /// 正在收的文件。
    pub fn incoming(&self) -> &Incoming {
        &self.incoming
    }

    /// 收到却没有用的。
    pub fn waste(&self) -> Waste {
        self.receiver.waste
    }

    /// 来了一个报文。
    pub fn receive(&mut self, now: Duration, packet: &Packet) {
        self.receiver.receive(now, packet);
    }

    /// 下一个要发的数据报。
    pub fn transmit(&mut self) -> Option<Vec<u8>> {
        self.receiver.transmit()
    }

    /// 最近一次听到对方是什么时候。
    pub fn heard(&self) -> Duration {
        self.receiver.heard()
    }

    /// 应用下一次什么时候来取;没有可取的就是 `None`。
    pub fn due(&self) -> Option<Duration> {
        self.receiver.is_ready().then_some(self.next_take)
    }

    /// 把到齐的写进文件,每秒最多 `rate` 字节;文件完了,是整个文件的校验和。
    ///
    /// # Errors
    /// 文件不能收了,内容是结局。
    pub fn advance(&mut self, now: Duration, rate: Option<u32>) -> Result<Option<u32>, Verdict> {
        while now >= self.next_take {
            match self.receiver.take() {
                None => return Ok(None),
                Some(Piece::End(checksum)) => return Ok(Some(checksum)),
                Some(Piece::Data(content)) => {
                    self.incoming.write(&content).map_err(Verdict::Refused)?;
                    let started = self.next_take.max(now.saturating_sub(CATCH_UP));
                    self.next_take = started + pace(content.len(), rate);
                }
            }
        }
        Ok(None)
    }

    /// 文件完了,保存:结局。
    pub fn save(self, checksum: u32) -> Verdict {
        match self.incoming.save(checksum) {
            Ok(()) => Verdict::Done,
            Err(reason) => Verdict::Refused(reason),
        }
    }
}

/// 每秒 `rate` 字节,`length` 字节要多久。
fn pace(length: usize, rate: Option<u32>) -> Duration {
    rate.map_or(Duration::ZERO, |rate| {
        Duration::from_secs_f64(length as f64 / f64::from(rate.max(1)))
    })
}
