//! 读线程:听一位客户说话,直到他离开。

use std::io::{self, ErrorKind, Read};
use std::thread;
use std::time::{Duration, Instant};

use socket2::{SockRef, TcpKeepalive};

use crate::connections::Connection;
use crate::event::Leaving;
use crate::outbox::Full;
use crate::protocol::{self, Decoder, Fault, Received, Way};
use crate::room::{Next, PAUSE};
use crate::server::Server;
use crate::session::is_timeout;

/// 有人快跟不上的时候,每说这么多字节歇一次:歇得再勤,粘贴一个大文件就太慢了。
const BURST: usize = CHUNK;

/// 一行转给别人时,前面加上昵称,约多这么多字节。
const OVERHEAD: usize = 64;

/// 一次最多读这么多字节:说得再快的人,一次也只处理这么多,然后轮到别人。
pub const CHUNK: usize = 4096;

/// 从连上到说出一个可以用的昵称,最多这么久:没有名字的人也占着一个座位。
const JOIN_TIMEOUT: Duration = Duration::from_secs(30);

/// 昵称最多说这么多次。
const TRIES: u32 = 5;

/// 分行的成员没有心跳,由系统的保活探测发现他的机器已经关了(tcp(7));比家用路由器忘掉连接的时间短。
const KEEPALIVE: Duration = Duration::from_secs(60);

/// 听一位客户说话。
pub struct Reader<'a> {
    server: &'a Server,
    connection: &'a Connection,
    /// 进了房间。
    joined: bool,
    /// 这时还没有进房间,就不等了。
    deadline: Instant,
    /// 昵称说了几次。
    tries: u32,
    /// 连着几次到了期限,没有一个字节。
    silences: u32,
    /// 上次歇过以后,转给别人的字节。
    unrested: usize,
}

impl<'a> Reader<'a> {
    /// 刚连上。
    pub fn new(server: &'a Server, connection: &'a Connection) -> Self {
        Self {
            server,
            connection,
            joined: false,
            deadline: Instant::now() + JOIN_TIMEOUT,
            tries: 0,
            silences: 0,
            unrested: 0,
        }
    }

    /// 听到他离开为止;`Err` 是连接出了错,例如被对方复位。
    pub fn listen(&mut self) -> io::Result<Leaving> {
        let mut stream = &self.connection.stream;
        let mut decoder = Decoder::default();
        let mut buffer = [0; CHUNK];
        loop {
            if !self.joined {
                let remaining = self.deadline.saturating_duration_since(Instant::now());
                if remaining.is_zero() {
                    return Ok(self.too_late());
                }
                stream.set_read_timeout(Some(remaining))?;
            }
            let left = match stream.read(&mut buffer) {
                Ok(0) => return Ok(self.end(&mut decoder)),
                Ok(length) => self.hear(&mut decoder, &buffer[..length])?,
                Err(error) if error.kind() == ErrorKind::Interrupted => None,
                Err(error) if is_timeout(error.kind()) => self.silence(),
                Err(error) => return Err(error),
            };
            if let Some(leaving) = left {
                return Ok(leaving);
            }
        }
    }

    /// 到了一批字节:里面可能有许多行,也可能只有半行。`Some` 是他要离开。
    fn hear(&mut self, decoder: &mut Decoder, mut bytes: &[u8]) -> io::Result<Option<Leaving>> {
        self.silences = 0;
        let first = bytes.first().copied().unwrap_or_default();
        let way = *self.connection.way.get_or_init(|| Way::of(first));
        loop {
            let left = match decoder.decode(&mut bytes) {
                Ok(None) => return Ok(None),
                Ok(Some(received)) => self.receive(way, &received)?,
                Err(Fault) => {
                    self.tell(protocol::FRAME_TOO_LONG);
                    Some(Leaving::Broken)
                }
            };
            if left.is_some() {
                return Ok(left);
            }
        }
    }

    /// 收到了一样东西。
    fn receive(&mut self, way: Way, received: &Received) -> io::Result<Option<Leaving>> {
        let line = match received {
            Received::Line(line) => line,
            Received::Heartbeat => return Ok(None),
            Received::NotUtf8 => return Ok(self.tell(protocol::NOT_UTF8)),
            Received::TooLong => return Ok(self.tell(protocol::LINE_TOO_LONG)),
        };
        if !self.joined {
            return self.join(way, line);
        }
        let id = self.connection.id;
        let next = self.server.in_room(|room| room.receive(id, line));
        self.unrested += line.len() + OVERHEAD;
        // 马上歇,不等听完这一批:一批里可以有两千行短的,别人的发件箱等不到那时候。
        if next == Next::Pause && self.unrested >= BURST {
            self.unrested = 0;
            thread::sleep(PAUSE);
        }
        Ok((next == Next::Leave).then_some(Leaving::Quit))
    }

    /// 进了房间以前,每一行都是昵称。
    fn join(&mut self, way: Way, nickname: &str) -> io::Result<Option<Leaving>> {
        if nickname.trim() == "/quit" {
            return Ok(Some(Leaving::Quit));
        }
        let Connection { id, outbox, .. } = self.connection;
        let joined = self
            .server
            .in_room(|room| room.join(*id, way, outbox, nickname));
        if let Err(reason) = joined {
            self.tries += 1;
            let told = self.tell(&reason);
            return Ok(told.or((self.tries == TRIES).then_some(Leaving::Quit)));
        }
        self.joined = true;
        // 从此最多等这么久:每次读都重新计时,所以等的是沉默,不是说完一行。
        let stream = &self.connection.stream;
        match way {
            Way::Frames => stream.set_read_timeout(Some(self.server.limits.heartbeat))?,
            Way::Lines => {
                let keepalive = TcpKeepalive::new().with_time(KEEPALIVE);
                SockRef::from(stream).set_tcp_keepalive(&keepalive)?;
                stream.set_read_timeout(Some(self.server.limits.idle))?;
            }
        }
        Ok(None)
    }

    /// 到了期限,没有一个字节。
    fn silence(&mut self) -> Option<Leaving> {
        if !self.joined {
            return Some(self.too_late());
        }
        self.silences += 1;
        match self.connection.way.get() {
            Some(Way::Frames) if self.silences < protocol::MISSED => {
                self.push(protocol::HEARTBEAT_FRAME)
            }
            Some(Way::Frames) => Some(Leaving::Silent),
            _ => self.tell("! 太久没有说话,再见").or(Some(Leaving::Silent)),
        }
    }

    /// 一直没有说出可以用的昵称。
    fn too_late(&self) -> Leaving {
        let seconds = JOIN_TIMEOUT.as_secs();
        self.tell(&format!("! {seconds} 秒里没有说昵称,再见"));
        Leaving::Silent
    }

    /// 对方不再说了;最后一行可以没有换行。
    fn end(&mut self, decoder: &mut Decoder) -> Leaving {
        if let (Some(received), Some(way)) = (decoder.finish(), self.connection.way.get()) {
            let _ = self.receive(*way, &received);
        }
        Leaving::Quit
    }

    /// 只告诉他一个人;还不知道传法,就不能说话。`Some` 是他的发件箱满了。
    fn tell(&self, line: &str) -> Option<Leaving> {
        let (way, mut bytes) = (self.connection.way.get()?, Vec::new());
        protocol::encode(line, *way, &mut bytes);
        self.push(&bytes)
    }

    fn push(&self, bytes: &[u8]) -> Option<Leaving> {
        let pushed = self.connection.outbox.push(bytes);
        pushed.err().map(|Full| Leaving::Slow)
    }
}
