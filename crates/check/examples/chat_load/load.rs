//! 放一次负载:一位说话,其余的人听,核对每一个字节,记下每一次投递的延迟。

use std::fmt;
use std::io::{ErrorKind, Write};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use crate::crowd::{Crowd, PATIENCE, read};
use crate::latency::Latencies;
use crate::protocol::{self, NUMBER, SPEAKER};

/// 什么时候说下一条。
#[derive(Debug, Clone, Copy)]
pub enum Pace {
    /// 始终有这么多条在路上:其余的人都收到了一条,就说下一条。
    Window(usize),
    /// 每秒这么多条,不等。
    Rate(usize),
}

/// 按时间说话时,最多有这么多条在路上:再多就是服务器跟不上,量出来的延迟没有意义。
const MOST_IN_FLIGHT: usize = 256;

/// 量到的。
pub struct Measured {
    latencies: Latencies,
    messages: u64,
    elapsed: Duration,
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (deliveries, seconds) = (self.latencies.total(), self.elapsed.as_secs_f64());
        write!(
            f,
            "deliveries={deliveries} seconds={seconds:.3} per_second={:.0} p50_us={:.1} p99_us={:.1} messages={}",
            deliveries as f64 / seconds,
            self.latencies.percentile(50),
            self.latencies.percentile(99),
            self.messages,
        )
    }
}

/// 一条在路上的消息。
#[derive(Clone, Copy)]
struct Flight {
    sent: Instant,
    /// 还有几位没有收到。
    missing: usize,
}

/// 在路上的消息排成一圈。人人收到的字节流是一样的,圈里就是这个字节流最近的一段:
/// 收到什么,和圈里同一处比较就行,不用去读懂它。
struct Ring {
    /// 每条消息的样子首尾相接。
    bytes: Vec<u8>,
    flights: Vec<Flight>,
    /// 一条消息的样子有多少字节。
    length: usize,
    sent: u64,
    done: u64,
    latencies: Latencies,
}

impl Crowd {
    /// 说话说 `duration` 这么久,再等到人人都收到了最后一条。
    pub fn measure(&mut self, pace: Pace, duration: Duration) -> anyhow::Result<Measured> {
        for member in &mut self.members {
            member.received = 0;
        }
        let mut ring = Ring::new(&self.heard, pace);
        let mut outgoing = Vec::new();
        let start = Instant::now();
        let mut progress = (0, start);
        loop {
            let now = Instant::now();
            if now < start + duration {
                self.speak(&mut ring, pace, now.duration_since(start), &mut outgoing)?;
            } else if ring.done == ring.sent {
                break;
            }
            self.flush(&mut outgoing)?;
            self.listen(&mut ring)?;
            if ring.latencies.total() > progress.0 {
                progress = (ring.latencies.total(), now);
            }
            ensure!(
                ring.done == ring.sent || now < progress.1 + PATIENCE,
                "说了 {} 条,人人都收到的有 {} 条,以后就没有动静了",
                ring.sent,
                ring.done
            );
        }
        Ok(Measured {
            messages: ring.sent,
            elapsed: start.elapsed(),
            latencies: ring.latencies,
        })
    }

    /// 把到时候该说的都说了。
    fn speak(
        &mut self,
        ring: &mut Ring,
        pace: Pace,
        elapsed: Duration,
        outgoing: &mut Vec<u8>,
    ) -> anyhow::Result<()> {
        let due = match pace {
            Pace::Window(window) => ring.done + window as u64,
            Pace::Rate(rate) => 1 + (elapsed.as_secs_f64() * rate as f64) as u64,
        };
        while ring.sent < due {
            ensure!(
                ring.sent - ring.done < ring.flights.len() as u64,
                "服务器跟不上:还有 {} 条没有送到",
                ring.flights.len()
            );
            let text = protocol::text(self.next, self.size);
            ring.send(self.number_at, self.next, self.members.len() - 1);
            outgoing.extend(self.protocol.message(&text));
            self.next += 1;
        }
        Ok(())
    }

    /// 能写多少写多少,其余的下次再写。
    fn flush(&mut self, outgoing: &mut Vec<u8>) -> anyhow::Result<()> {
        while !outgoing.is_empty() {
            match self.members[SPEAKER].stream.write(outgoing) {
                Ok(written) => drop(outgoing.drain(..written)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error).context("说话的那位发送失败"),
            }
        }
        Ok(())
    }

    /// 读一遍有动静的成员。不等:负载有自己的核,它要是睡着了,服务器每写一次就得花时间叫醒它。
    fn listen(&mut self, ring: &mut Ring) -> anyhow::Result<()> {
        self.wait(Duration::ZERO)?;
        for event in &self.events {
            let member = event.token().0;
            let who = &mut self.members[member];
            // 没有读满就是读完了,再来字节会有新的事件(epoll(7) 的问答第 9 条)。
            let mut more = true;
            while more {
                let Some(length) = read(&mut who.stream, &mut self.buffer, member)? else {
                    break;
                };
                more = length == self.buffer.len();
                ensure!(member != SPEAKER, "说话的那位听到了什么");
                ring.receive(member, &mut who.received, &self.buffer[..length])?;
            }
        }
        Ok(())
    }
}

impl Ring {
    /// 每条消息都和 `heard` 一样,只有编号不同。
    fn new(heard: &[u8], pace: Pace) -> Self {
        let capacity = match pace {
            Pace::Window(window) => window,
            Pace::Rate(_) => MOST_IN_FLIGHT,
        };
        let nothing = Flight {
            sent: Instant::now(),
            missing: 0,
        };
        Self {
            bytes: heard.repeat(capacity),
            flights: vec![nothing; capacity],
            length: heard.len(),
            sent: 0,
            done: 0,
            latencies: Latencies::new(),
        }
    }

    /// 编号为 `number` 的消息现在上路,要送给 `listeners` 位。
    fn send(&mut self, number_at: usize, number: u64, listeners: usize) {
        let place = (self.sent % self.flights.len() as u64) as usize;
        let digits = place * self.length + number_at;
        protocol::write_number(&mut self.bytes[digits..digits + NUMBER], number);
        self.flights[place] = Flight {
            sent: Instant::now(),
            missing: listeners,
        };
        self.sent += 1;
    }

    /// 一位成员又收到了 `bytes`;`received` 是他以前收到的字节数。
    fn receive(&mut self, member: usize, received: &mut u64, bytes: &[u8]) -> anyhow::Result<()> {
        let now = Instant::now();
        let length = self.length as u64;
        let end = *received + bytes.len() as u64;
        ensure!(
            end <= self.sent * length && self.has(*received, bytes),
            "说了 {} 条,第 {member} 位成员收完 {} 条以后,收到的和说的不一样:{}",
            self.sent,
            *received / length,
            bytes.escape_ascii()
        );
        for message in *received / length..end / length {
            let place = (message % self.flights.len() as u64) as usize;
            let flight = &mut self.flights[place];
            self.latencies
                .record(now.saturating_duration_since(flight.sent), 1);
            flight.missing -= 1;
            // 每位都按次序收到,所以早说的一定早送完。
            if flight.missing == 0 {
                self.done += 1;
            }
        }
        *received = end;
        Ok(())
    }

    /// 字节流从第 `from` 个字节开始是 `bytes` 吗?还在路上的都在圈里。
    fn has(&self, from: u64, bytes: &[u8]) -> bool {
        let start = (from % self.bytes.len() as u64) as usize;
        let (head, tail) = bytes.split_at(bytes.len().min(self.bytes.len() - start));
        self.bytes[start..].starts_with(head) && self.bytes.starts_with(tail)
    }
}
