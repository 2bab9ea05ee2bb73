//! 客户端的一条连接,加入聊天室以后:一头发,一头收,由两个线程各管一头。

use std::io::{self, ErrorKind};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use common::frame::{FrameError, FrameReader, FrameWriter};

use crate::name::clean;
use crate::protocol::{CLOSING, HEARTBEAT, MAX_LINE, MAX_REPLY, MISSED};

/// 等连接、等回答、等发送,各最多这么久:平常一个往返就够了,其余留给慢的网络和忙的服务器。
pub const PATIENCE: Duration = Duration::from_secs(10);

/// 双方都没有声音这么久,连接就算断了:服务器早该问「还在吗」,再留一份余地。
const SILENCE: Duration = Duration::from_secs(HEARTBEAT.as_secs() * MISSED as u64 + 10);

/// 收的一头每隔这么久醒一次,看看是不是安静得太久了:不费 CPU。
const TICK: Duration = Duration::from_secs(2);

/// 发的一头。
pub struct Sender {
    stream: TcpStream,
    frames: FrameWriter,
    pulse: Arc<Pulse>,
}

/// 收的一头。
pub struct Receiver {
    stream: TcpStream,
    frames: FrameReader,
    pulse: Arc<Pulse>,
}

/// 收到的一样东西。
pub enum Heard {
    /// 一行,可以显示了。
    Line(String),
    /// 心跳:服务器问「还在吗」,要答一个。
    Heartbeat,
}

/// 一条连接怎样结束的。
pub enum End {
    /// 服务器关闭了它。
    Closed,
    /// 断了。
    Lost(anyhow::Error),
    /// 再连也没有用。
    Fatal(anyhow::Error),
}

/// 两头都要知道的事。
struct Pulse {
    /// 最近一次发东西的时刻。服务器听得见我们就不会问「还在吗」,那时没有声音是正常的。
    sent: Mutex<Instant>,
    /// 发了 `/quit`,只等服务器关闭连接。
    quit: AtomicBool,
}

/// 把一条连接分成两头。
pub fn split(stream: TcpStream) -> anyhow::Result<(Sender, Receiver)> {
    // 一行一帧,一次写出:不必等着和下一帧合并(tcp(7) 的 TCP_NODELAY)。
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    // 发出的字节这么久没有得到确认,连接就算断了(tcp(7));没有这个选项的系统自己要试很多分钟。
    #[cfg(target_os = "linux")]
    socket2::SockRef::from(&stream).set_tcp_user_timeout(Some(HEARTBEAT * MISSED))?;
    let pulse = Arc::new(Pulse {
        sent: Mutex::new(Instant::now()),
        quit: AtomicBool::new(false),
    });
    let receiver = Receiver {
        stream: stream.try_clone().context("复制套接字失败")?,
        frames: FrameReader::new(MAX_REPLY),
        pulse: Arc::clone(&pulse),
    };
    let sender = Sender {
        stream,
        frames: FrameWriter::new(MAX_LINE),
        pulse,
    };
    Ok((sender, receiver))
}

impl Sender {
    /// 发一行;空的一行是心跳。
    ///
    /// 出错时这一行没有发完:挂断以后服务器不会要半帧,换一条连接可以再发,不会发成两遍。
    pub fn send(&mut self, line: &str) -> Result<(), FrameError> {
        self.frames.write(&mut self.stream, line.as_bytes())?;
        self.pulse.touch();
        Ok(())
    }

    /// 发 `/quit`:以后只收不发。
    pub fn quit(&mut self) -> Result<(), FrameError> {
        self.pulse.quit.store(true, Ordering::Relaxed);
        self.send("/quit")
    }

    /// 挂断:收的一头也马上知道。
    pub fn hang_up(&self) {
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

impl Receiver {
    /// 连接本身和还没有取完的帧:加入的时候用。
    pub fn parts(&mut self) -> (&TcpStream, &mut FrameReader) {
        (&self.stream, &mut self.frames)
    }

    /// 一样一样地收,交给 `each`,直到连接结束,或者 `each` 出错。
    pub fn receive(&mut self, each: impl FnMut(Heard) -> anyhow::Result<()>) -> End {
        match self.stream.set_read_timeout(Some(TICK)) {
            Ok(()) => self.receive_all(each),
            Err(error) => End::Lost(error.into()),
        }
    }

    fn receive_all(&mut self, mut each: impl FnMut(Heard) -> anyhow::Result<()>) -> End {
        let mut closing = false;
        let mut heard = Instant::now();
        loop {
            let asked = Instant::now();
            let told = match self.frames.read(&mut &self.stream) {
                Ok(Some([])) => each(Heard::Heartbeat),
                Ok(Some(line)) => {
                    closing = line == CLOSING.as_bytes();
                    each(Heard::Line(text(line)))
                }
                Ok(None) if closing => return End::Lost(anyhow!("服务器关闭了")),
                Ok(None) => return End::Closed,
                // 马上就报的超时,是系统说连接断了(Windows)。
                Err(FrameError::Io(error)) if is_timeout(&error) && asked.elapsed() > TICK / 2 => {
                    match self.pulse.too_quiet(heard, Instant::now()) {
                        Some(lost) => return End::Lost(lost),
                        None => continue,
                    }
                }
                Err(error) => return broken(error),
            };
            if let Err(error) = told {
                return End::Fatal(error);
            }
            heard = Instant::now();
        }
    }
}

impl Pulse {
    fn touch(&self) {
        *self.sent.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// 到 `now` 为止,从 `heard` 起没有收到东西:是不是太久了。
    fn too_quiet(&self, heard: Instant, now: Instant) -> Option<anyhow::Error> {
        let sent = *self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let quiet = now.saturating_duration_since(heard.max(sent));
        let limit = match self.quit.load(Ordering::Relaxed) {
            true => PATIENCE,
            false => SILENCE,
        };
        let seconds = quiet.as_secs();
        (quiet >= limit).then(|| anyhow!("等了 {seconds} 秒,服务器没有一点声音"))
    }
}

/// 服务器说的一行,换成可以显示的样子:不能让它指挥我们的终端,它有没有换过都一样。
pub fn text(line: &[u8]) -> String {
    clean(&String::from_utf8_lossy(line)).into_owned()
}

/// 到了期限:Unix 报 WouldBlock,Windows 报 TimedOut。
///
/// Linux 也用 TimedOut 报告「发出的字节一直没有得到确认」(带着错误号 ETIMEDOUT),那是断了。
pub fn is_timeout(error: &io::Error) -> bool {
    error.kind() == ErrorKind::WouldBlock || cfg!(windows) && error.kind() == ErrorKind::TimedOut
}

fn broken(error: FrameError) -> End {
    match error {
        FrameError::TooLong { .. } => {
            let text = format!("服务器发来的话太长:{error}");
            let hint = "服务器的程序有错,或者它不是聊天服务器".to_owned();
            End::Fatal(crate::cli::Hinted { text, hint }.into())
        }
        FrameError::Io(error) => End::Lost(error.into()),
        FrameError::Cut { .. } => End::Lost(anyhow!("{error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `heard` 秒前收到过,`sent` 秒前发过:算不算断了。
    fn lost(heard: u64, sent: u64, quit: bool) -> bool {
        let now = Instant::now() + Duration::from_secs(1000);
        let ago = |seconds| now - Duration::from_secs(seconds);
        let pulse = Pulse {
            sent: Mutex::new(ago(sent)),
            quit: AtomicBool::new(quit),
        };
        pulse.too_quiet(ago(heard), now).is_some()
    }

    #[test]
    fn silence_of_both_is_a_loss() {
        assert!(!lost(69, 69, false));
        assert!(lost(70, 70, false));
        assert!(lost(70, 1000, false));
        // 刚刚收到过。
        assert!(!lost(10, 1000, false));
        // 我们一直在说话,服务器就不会问:没有声音是正常的。
        assert!(!lost(1000, 10, false));
    }

    #[test]
    fn after_quit_the_server_must_not_dawdle() {
        assert!(!lost(9, 9, true));
        assert!(lost(10, 10, true));
        // 还有话来,就接着听。
        assert!(!lost(1, 1000, true));
    }
}
