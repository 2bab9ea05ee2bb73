//! 一条连接:收到的字节变成话,交给房间;它现在到了哪一步,该等多久。

use std::time::{Duration, Instant};

use mio::net::TcpStream;

use crate::event::Leaving;
use crate::outbox::Outbox;
use crate::protocol::{self, Decoder, MISSED, Received, Way};
use crate::room::{Next, PAUSE, Room};
use crate::server::Limits;

/// 从连上到昵称被接受最多这么久:占着位子不说话的人,不该占太久。
const JOIN_TIMEOUT: Duration = Duration::from_secs(30);

/// 昵称最多说这么多次。
const TRIES: u32 = 5;

/// 告辞以后,等对方也关闭,最多这么久。
///
/// 不等就关闭的话,他又发来的字节会让连接变成复位(RFC 1122 §4.2.2.13),还在路上的话就毁了。
pub const GOODBYE: Duration = Duration::from_secs(3);

/// 一条连接。
pub struct Connection {
    /// 套接字,非阻塞。
    pub stream: TcpStream,
    /// 等着写给他的字节。
    pub outbox: Outbox,
    /// 上一次没有写完:登记了「可写」。
    pub blocked: bool,
    /// 他不再说了,这个事件只来一次:要一直读到流的末尾。
    pub hushed: bool,
    /// 读到了流的末尾。
    pub ended: bool,
    /// 说得太快,别人快跟不上了:到这时再听他说。
    pub rest: Option<Instant>,
    decoder: Decoder,
    /// 传法;第一个字节到达以前是 `None`。
    way: Option<Way>,
    stage: Stage,
    /// 最后一次收到字节。
    heard: Instant,
    /// 从那时起,问过几次「还在吗」。
    asked: u32,
}

/// 一条连接到了哪一步。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// 还没有说出能用的昵称,说过几次了。
    Joining { since: Instant, tries: u32 },
    /// 在房间里。
    Inside,
    /// 告辞了:写完就关闭,他再说什么也不听了。
    Leaving { since: Instant },
}

impl Connection {
    /// 刚连上的一位。
    pub fn new(stream: TcpStream, outbox: Outbox, now: Instant) -> Self {
        let (since, tries) = (now, 0);
        Self {
            stream,
            outbox,
            blocked: false,
            hushed: false,
            ended: false,
            rest: None,
            decoder: Decoder::default(),
            way: None,
            stage: Stage::Joining { since, tries },
            heard: now,
            asked: 0,
        }
    }

    /// 收到一批字节。
    pub fn hear(&mut self, mut bytes: &[u8], room: &mut Room, now: Instant) {
        self.heard = now;
        self.asked = 0;
        self.way
            .get_or_insert(Way::of(bytes.first().copied().unwrap_or_default()));
        while !self.is_leaving() {
            let received = match self.decoder.decode(&mut bytes) {
                Ok(Some(Received::Line(line))) => Ok(line.to_owned()),
                Ok(Some(Received::Heartbeat)) => continue,
                Ok(Some(Received::NotUtf8)) => Err(protocol::NOT_UTF8),
                Ok(Some(Received::TooLong)) => Err(protocol::LINE_TOO_LONG),
                Ok(None) => return,
                Err(protocol::Fault) => {
                    self.tell(protocol::FRAME_TOO_LONG);
                    return self.depart(room, Leaving::Broken, now);
                }
            };
            match received {
                Ok(line) => self.take(&line, room, now),
                Err(reason) => self.tell(reason),
            }
        }
    }

    /// 他说了一行。
    fn take(&mut self, line: &str, room: &mut Room, now: Instant) {
        let Stage::Joining { since, tries } = self.stage else {
            match room.receive(self.outbox.id(), line) {
                Next::Stay => {}
                Next::Pause => self.rest = Some(now + PAUSE),
                Next::Leave => self.depart(room, Leaving::Quit, now),
            }
            return;
        };
        if line.trim() == "/quit" {
            return self.depart(room, Leaving::Quit, now);
        }
        let way = self.way.unwrap_or(Way::Lines);
        match room.join(self.outbox.id(), way, &self.outbox, line) {
            Ok(()) => self.stage = Stage::Inside,
            Err(reason) => {
                self.tell(&reason);
                let tries = tries + 1;
                self.stage = Stage::Joining { since, tries };
                if tries == TRIES {
                    self.depart(room, Leaving::Quit, now);
                }
            }
        }
    }

    /// 他不再说了(流的末尾):最后一行可以没有换行。
    pub fn end(&mut self, room: &mut Room, now: Instant) {
        if let Some(Received::Line(line)) = self.decoder.finish() {
            let line = line.to_owned();
            self.take(&line, room, now);
        }
        self.ended = true;
        self.depart(room, Leaving::Quit, now);
        self.outbox.finish();
    }

    /// 关门了:还没有进房间的也告诉他。
    pub fn dismiss(&mut self, farewell: &str, room: &mut Room, now: Instant) {
        if matches!(self.stage, Stage::Joining { .. }) {
            self.tell(farewell);
        }
        self.depart(room, Leaving::Quit, now);
    }

    /// 告辞:离开房间,写完就关闭。
    pub fn depart(&mut self, room: &mut Room, leaving: Leaving, now: Instant) {
        if !self.is_leaving() {
            room.leave(self.outbox.id(), leaving);
            self.outbox.finish();
            self.stage = Stage::Leaving { since: now };
        }
    }

    /// 看看等得太久没有;`false` 是不用再等他了。
    pub fn tidy(&mut self, room: &mut Room, limits: &Limits, now: Instant) -> bool {
        let silence = now.duration_since(self.heard);
        match (self.stage, self.way) {
            (Stage::Leaving { since }, _) => return now.duration_since(since) < GOODBYE,
            (Stage::Joining { since, .. }, _) if now.duration_since(since) >= JOIN_TIMEOUT => {
                self.tell(&format!("! {} 秒里没有说昵称,再见", JOIN_TIMEOUT.as_secs()));
                self.depart(room, Leaving::Silent, now);
            }
            (Stage::Inside, Some(Way::Frames)) if silence >= limits.heartbeat * MISSED => {
                self.depart(room, Leaving::Silent, now);
            }
            (Stage::Inside, Some(Way::Frames))
                if silence >= limits.heartbeat * (self.asked + 1) =>
            {
                self.asked += 1;
                // 放不下的话,下一句话也放不下,那时请他离开。
                let _ = self.outbox.push(protocol::HEARTBEAT_FRAME);
            }
            (Stage::Inside, Some(Way::Lines)) if silence >= limits.idle => {
                self.tell("! 太久没有说话,再见");
                self.depart(room, Leaving::Silent, now);
            }
            _ => {}
        }
        true
    }

    /// 只告诉他一个人;还不知道传法,就不能说话。
    fn tell(&mut self, line: &str) {
        if let Some(way) = self.way {
            let mut bytes = Vec::new();
            protocol::encode(line, way, &mut bytes);
            // 放不下的话,他反正要离开了。
            let _ = self.outbox.push(&bytes);
        }
    }

    /// 告辞了没有。
    pub fn is_leaving(&self) -> bool {
        matches!(self.stage, Stage::Leaving { .. })
    }
}
