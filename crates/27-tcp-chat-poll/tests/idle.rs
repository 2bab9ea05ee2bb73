//! 一万位成员,多数只听:一位从不收,一位一个字节一个字节地说,一百位同时断线,十几位在说话。
//! 别人看到的一个字节也不差。
//!
//! 单独一个测试程序:它自己就要一万多个描述符。

#![allow(clippy::unwrap_used)]

#[path = "../../26-tcp-chat/tests/party/mod.rs"]
mod party;

use std::collections::HashMap;
use std::io::{ErrorKind, Read};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::ops::Range;
use std::thread;
use std::time::{Duration, Instant};

use mio::{Events, Interest, Poll, Token};
use party::{Member, PROGRAM, Server};
use socket2::SockRef;

/// 只听的人。别的系统上默认的描述符上限小得多。
const LISTENERS: usize = if cfg!(target_os = "linux") {
    10_000
} else {
    100
};

/// 其中同时断线的。
const RESET: usize = LISTENERS / 100;

/// 说完以后,又这么多人一起断线:大家要知道的比一个发件箱装得下的多。
const EXODUS: usize = LISTENERS * 8 / 10;

/// 一次来这么多位:比监听队列短,不会有人被拒。
const WAVE: usize = 1000;

/// 同时到了期限的人:大家要知道的也比一个发件箱装得下的多。
const SILENT: usize = if cfg!(target_os = "linux") { 2000 } else { 100 };

const TALKERS: usize = 12;
const ROUNDS: usize = 20;

/// 全部做完最多这么久:两个核都忙、没有优化的程序,也只要半分钟。
const DEADLINE: Duration = Duration::from_secs(120);

/// 每位成员一个描述符,服务器和测试各是一个进程。
#[cfg(unix)]
fn raise_limit() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let needed = (LISTENERS + SILENT + 300) as u64;
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    assert!(
        hard >= needed,
        "最多只能打开 {hard} 个文件,要 {needed} 个:先以 root 运行 ulimit -Hn {needed}"
    );
    if soft < needed {
        setrlimit(Resource::RLIMIT_NOFILE, needed, hard).unwrap();
    }
}

#[cfg(not(unix))]
fn raise_limit() {}

/// 从头看到尾的人:他看到的每一个字节,和每个人到来时看到了哪里。
struct Witness {
    stream: TcpStream,
    bytes: Vec<u8>,
    /// `bytes` 里已经分成行的。
    parsed: usize,
    /// 看到多少人走了。
    departures: usize,
    /// `* 某某 来了` 这一行在哪里结束。
    arrivals: HashMap<String, usize>,
    frames: bool,
}

impl Witness {
    fn enter(address: SocketAddr, name: &str, frames: bool) -> Self {
        let member = Member::connect(address, name, frames).welcomed();
        Self {
            stream: member.stream(),
            bytes: Vec::new(),
            parsed: 0,
            departures: 0,
            arrivals: HashMap::new(),
            frames,
        }
    }

    /// 再看一些:到达的字节,分成行;返回有几个字节,0 是服务器关闭了连接。
    fn look(&mut self) -> usize {
        let mut piece = [0; 64 * 1024];
        let length = self.stream.read(&mut piece).unwrap();
        self.bytes.extend_from_slice(&piece[..length]);
        while let Some((line, end)) = split(&self.bytes, self.parsed, self.frames) {
            let line = str::from_utf8(line).unwrap();
            if let Some(name) = line
                .strip_prefix("* ")
                .and_then(|line| line.strip_suffix(" 来了"))
            {
                self.arrivals.insert(name.to_owned(), end);
            }
            self.departures += usize::from(is_departure(line));
            self.parsed = end;
        }
        length
    }

    /// 他到来以后的第一个字节。
    fn arrival(&mut self, name: &str) -> usize {
        loop {
            match self.arrivals.get(name) {
                Some(end) => return *end,
                None => assert!(self.look() > 0, "证人没有看到 {name} 进来"),
            }
        }
    }

    /// 看到第 `end` 个字节为止。
    fn until(&mut self, end: usize) -> &[u8] {
        while self.bytes.len() < end {
            assert!(self.look() > 0, "证人没有看到第 {end} 个字节");
        }
        &self.bytes
    }

    /// 从头到尾的每一行。
    fn lines(&self) -> Vec<&str> {
        let (mut lines, mut begin) = (Vec::new(), 0);
        while let Some((line, end)) = split(&self.bytes, begin, self.frames) {
            lines.push(str::from_utf8(line).unwrap());
            begin = end;
        }
        lines
    }
}

/// 从 `begin` 开始的一行,和它在哪里结束。
fn split(bytes: &[u8], begin: usize, frames: bool) -> Option<(&[u8], usize)> {
    let rest = &bytes[begin..];
    if !frames {
        let length = rest.iter().position(|byte| *byte == b'\n')?;
        return Some((&rest[..length], begin + length + 1));
    }
    let length = u32::from_be_bytes(rest.get(..4)?.try_into().unwrap()) as usize;
    Some((rest.get(4..4 + length)?, begin + 4 + length))
}

fn is_departure(line: &str) -> bool {
    line.contains(" 掉线了:") || line.ends_with(" 走了")
}

/// 只听的一位。
struct Listener {
    name: String,
    stream: mio::net::TcpStream,
    /// 还没有凑成第一行(欢迎)的字节。
    greeting: Vec<u8>,
    /// 证人看到的字节里,他收到了哪里;进来以前是 `None`。
    position: Option<usize>,
}

/// 所有只听的人:第 `index` 位用分帧还是分行,由 [`is_frames`] 决定。
struct Audience {
    poll: Poll,
    events: Events,
    listeners: Vec<Option<Listener>>,
    witnesses: [Witness; 2],
    buffer: Vec<u8>,
    deadline: Instant,
}

/// 十位里有一位用 `nc` 这样的工具。
fn is_frames(index: usize) -> bool {
    !index.is_multiple_of(10)
}

impl Audience {
    /// 来一批人,等到都进来了。
    fn enter(&mut self, address: SocketAddr, count: usize) {
        let (first, mut members) = (self.listeners.len(), Vec::new());
        for index in first..first + count {
            let name = format!("第{index}位");
            let member = Member::silent(address, &name, is_frames(index));
            let stream = member.stream();
            stream.set_nonblocking(true).unwrap();
            let mut stream = mio::net::TcpStream::from_std(stream);
            let registry = self.poll.registry();
            let registered = registry.register(&mut stream, Token(index), Interest::READABLE);
            registered.unwrap();
            self.listeners.push(Some(Listener {
                name,
                stream,
                greeting: Vec::new(),
                position: None,
            }));
            members.push(member);
        }
        // 都连上了再说昵称:大家一起来,服务器忙得成批。
        for mut member in members {
            let name = member.name.clone();
            member.say(&name);
        }
        self.listen_until("大家进来", |listener, _| listener.position.is_some());
    }

    /// 让大家收,直到每一位都满足 `condition`(第二个参数是证人一共看到了多少字节)。
    fn listen_until(&mut self, what: &str, condition: impl Fn(&Listener, usize) -> bool) {
        loop {
            let pending = self.listeners.iter().enumerate().filter(|(index, it)| {
                let seen = self.witnesses[usize::from(is_frames(*index))].bytes.len();
                it.as_ref().is_some_and(|it| !condition(it, seen))
            });
            let pending = pending.count();
            if pending == 0 {
                return;
            }
            assert!(Instant::now() < self.deadline, "{what}:还差 {pending} 位");
            self.listen(Duration::from_secs(1));
        }
    }

    /// 让大家收一轮;没有东西可收,最多等 `longest`。
    fn listen(&mut self, longest: Duration) {
        match self.poll.poll(&mut self.events, Some(longest)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return,
            polled => polled.unwrap(),
        }
        for event in &self.events {
            let index = event.token().0;
            let Some(listener) = &mut self.listeners[index] else {
                continue;
            };
            let witness = &mut self.witnesses[usize::from(is_frames(index))];
            if !listener.hear(&mut self.buffer, witness) {
                self.listeners[index] = None;
            }
        }
    }
}

impl Listener {
    /// 收完已经到达的,和证人看到的比;`false` 是和证人一起到了末尾。
    fn hear(&mut self, buffer: &mut [u8], witness: &mut Witness) -> bool {
        loop {
            match self.stream.read(buffer) {
                Ok(0) => {
                    let end = (self.position, witness.look());
                    assert_eq!(end, (Some(witness.bytes.len()), 0), "{} 断了", self.name);
                    return false;
                }
                Ok(length) => self.compare(&buffer[..length], witness),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return true,
                Err(error) => panic!("{}:{error}", self.name),
            }
        }
    }

    fn compare(&mut self, bytes: &[u8], witness: &mut Witness) {
        let Some(position) = self.position else {
            self.greeting.extend_from_slice(bytes);
            let Some((line, end)) = split(&self.greeting, 0, witness.frames) else {
                return;
            };
            assert!(line.starts_with("* 欢迎,".as_bytes()), "{}", self.name);
            self.position = Some(witness.arrival(&self.name));
            let rest = self.greeting.split_off(end);
            self.greeting = Vec::new();
            return self.compare(&rest, witness);
        };
        let end = position + bytes.len();
        let expected = &witness.until(end)[position..end];
        assert!(
            bytes == expected,
            "{} 收到 {:?},应该是 {:?}",
            self.name,
            String::from_utf8_lossy(bytes),
            String::from_utf8_lossy(expected)
        );
        self.position = Some(end);
    }
}

/// 服务器占的内存和用过的处理器时间(秒)。
struct Usage {
    memory: String,
    busy: f64,
}

#[cfg(target_os = "linux")]
fn usage(server: &Server) -> Usage {
    let read = |file| {
        let path = format!("/proc/{}/{file}", server.terminal.id());
        std::fs::read_to_string(path).unwrap()
    };
    let status = read("status");
    let memory = status.lines().find(|line| line.starts_with("VmRSS"));
    let memory = memory.unwrap().to_owned();
    let stat = read("stat");
    // 第 14、15 项是用户态和内核态的时间,单位是 1/100 秒(proc(5))。
    let times = stat.rsplit(')').next().unwrap().split_whitespace();
    let times = times.skip(11).take(2).map(|ticks| ticks.parse::<f64>());
    let busy = times.map(|ticks| ticks.unwrap() / 100.0).sum();
    Usage { memory, busy }
}

#[cfg(not(target_os = "linux"))]
fn usage(_: &Server) -> Usage {
    let (memory, busy) = ("VmRSS 不知道".to_owned(), 0.0);
    Usage { memory, busy }
}

fn report(what: &str, begin: Instant, server: &Server) {
    let Usage { memory, busy } = usage(server);
    let seconds = begin.elapsed().as_secs_f64();
    println!("{what}:{seconds:.1} 秒,{memory},处理器 {busy:.2} 秒");
}

#[test]
fn ten_thousand_miss_nothing() {
    raise_limit();
    let begin = Instant::now();
    let options = ["--quiet", "--history", "0", "--queue", "131072"];
    let server = Server::start(PROGRAM, &[&options[..], &["--heartbeat", "600"]].concat());
    let address = server.address;
    let witnesses = [("证人行", false), ("证人帧", true)];
    let mut audience = Audience {
        poll: Poll::new().unwrap(),
        events: Events::with_capacity(1024),
        listeners: Vec::new(),
        witnesses: witnesses.map(|(name, frames)| Witness::enter(address, name, frames)),
        buffer: vec![0; 64 * 1024],
        deadline: begin + DEADLINE,
    };
    while audience.listeners.len() < LISTENERS {
        let left = LISTENERS - audience.listeners.len();
        audience.enter(address, WAVE.min(left));
    }
    report("进来了", begin, &server);
    let mut talkers: Vec<Member> = (0..TALKERS)
        .map(|index| Member::connect(address, &format!("说{index}"), is_frames(index)).welcomed())
        .collect();
    let mut slow = Member::connect(address, "慢", true).welcomed();
    let sleeper = Member::narrow(address, "睡").welcomed();
    talk(&mut audience, &mut talkers, &mut slow);
    fill(&mut audience, &mut talkers[0]);
    say_to_all(&mut audience, &mut talkers[1], "静一静");
    report("说完了", begin, &server);
    quiet(&mut audience, &server);
    leave(&mut audience, RESET..RESET + EXODUS);
    finish(&mut audience, &mut talkers, &mut slow);
    report("走了大半", begin, &server);
    drop((sleeper, talkers, slow));
    close(&mut audience, server);
    println!("结束了:{:.1} 秒", begin.elapsed().as_secs_f64());
}

/// 没有人说话,服务器就没有事做。
fn quiet(audience: &mut Audience, server: &Server) {
    let before = usage(server);
    audience.listen(Duration::from_secs(1));
    assert!(audience.events.is_empty(), "没有人说话,却有人收到了什么");
    let busy = usage(server).busy - before.busy;
    println!("没有人说话的一秒里,处理器用了 {busy:.2} 秒");
    assert!(busy < 0.4, "没有人说话,却用了 {busy:.2} 秒");
}

/// 关门:人人收到最后一句,然后是正常的结束。
fn close(audience: &mut Audience, mut server: Server) {
    server.terminal.interrupt().unwrap();
    // Windows 上 Ctrl-C 用强行结束代替,没有最后一句。
    for witness in audience.witnesses.iter_mut().filter(|_| cfg!(unix)) {
        while witness.look() > 0 {}
        assert_eq!(witness.lines().last(), Some(&"* 服务器要关闭了"));
        witness.stream.shutdown(Shutdown::Both).unwrap();
    }
    while cfg!(unix) && audience.listeners.iter().any(Option::is_some) {
        assert!(Instant::now() < audience.deadline, "有人没有等到结束");
        audience.listen(Duration::from_secs(1));
    }
    server.wait();
}

/// 大家轮流说;一位每轮说一个字节;说到一半,一百位同时断线。
fn talk(audience: &mut Audience, talkers: &mut [Member], slow: &mut Member) {
    let line = slow.encode("一个字节一个字节地说");
    let mut bytes = line.chunks(1);
    for round in 0..ROUNDS {
        for talker in &mut *talkers {
            talker.say(&format!("第 {round} 轮"));
        }
        for byte in bytes.by_ref().take(1 + line.len() / ROUNDS) {
            slow.send(byte);
        }
        if round == ROUNDS / 2 {
            leave(audience, 0..RESET);
        }
        audience.listen(Duration::ZERO);
    }
}

/// 几位只听的人同时断线:复位。
fn leave(audience: &mut Audience, who: Range<usize>) {
    for listener in &mut audience.listeners[who] {
        let stream = listener.take().unwrap().stream;
        let linger = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
        linger.unwrap();
    }
}

/// 把从不收的那位的发件箱装满。
fn fill(audience: &mut Audience, talker: &mut Member) {
    let text = format!("/msg 睡 {}", "悄".repeat(1300));
    loop {
        talker.say(&text);
        let answer = talker.wait_for("私聊的回答", |line| {
            line.starts_with("[私聊]") || line.starts_with('!')
        });
        audience.listen(Duration::ZERO);
        if answer == "! 没有叫「睡」的人" {
            return;
        }
    }
}

/// 说一句,等人人都收到。
fn say_to_all(audience: &mut Audience, talker: &mut Member, text: &str) {
    talker.say(text);
    let line = format!("{}:{text}", talker.name);
    for witness in &mut audience.witnesses {
        while witness.lines().last() != Some(&line.as_str()) {
            assert!(witness.look() > 0);
        }
    }
    audience.listen_until("人人收到这一句", |listener, seen| {
        listener.position == Some(seen)
    });
}

/// 说最后一句,等人人都收到;再看说话的人收到的对不对。
fn finish(audience: &mut Audience, talkers: &mut [Member], slow: &mut Member) {
    while audience.witnesses[1].departures < RESET + EXODUS + 1 {
        audience.listen(Duration::ZERO);
        assert!(audience.witnesses[1].look() > 0);
    }
    say_to_all(audience, &mut talkers[1], "完");
    let lines = audience.witnesses[1].lines();
    let slow_line = "慢:一个字节一个字节地说";
    assert_eq!(lines.iter().filter(|line| **line == slow_line).count(), 1);
    let said = lines.iter().filter(|line| line.ends_with(" 轮")).count();
    assert_eq!(said, TALKERS * ROUNDS);
    let cut: Vec<_> = lines
        .iter()
        .filter(|line| line.contains("收得太慢"))
        .collect();
    assert_eq!(
        cut,
        [&"* 睡 掉线了:收得太慢"],
        "只有从不收的人因为收得慢离开"
    );
    assert_eq!(
        lines.iter().filter(|line| is_departure(line)).count(),
        RESET + EXODUS + 1
    );
    for member in talkers.iter_mut().chain([slow]) {
        let (arrival, own) = (
            format!("* {} 来了", member.name),
            format!("{}:", member.name),
        );
        let since = lines.iter().position(|line| *line == arrival).unwrap();
        let expected = lines[since + 1..]
            .iter()
            .filter(|line| !line.starts_with(&own));
        let expected: Vec<&str> = expected.copied().collect();
        let last = *expected.last().unwrap();
        member.wait_for("最后一句", |line| line == last);
        let seen = member.seen.iter().map(String::as_str);
        let seen = seen.filter(|line| {
            !line.starts_with("* 欢迎,") && !line.starts_with("[私聊]") && !line.starts_with('!')
        });
        assert!(seen.eq(expected), "{} 看到的不一样", member.name);
    }
}

/// 许多人在同一刻到了期限:请他们走的消息,不会把还在的人也挤走。
#[test]
fn many_fall_silent_at_once() {
    raise_limit();
    let options = ["--quiet", "--history", "0", "--queue", "131072"];
    let limits = ["--heartbeat", "600", "--idle", "3"];
    let server = Server::start(PROGRAM, &[&options[..], &limits].concat());
    let mut witness = Member::connect(server.address, "证人", true).welcomed();
    let enter = |index| {
        let name = format!("{}{index}", "ก".repeat(12));
        Member::connect(server.address, &name, false)
    };
    let members: Vec<Member> = (0..SILENT).map(enter).collect();
    for _ in 0..SILENT {
        witness.wait_for("大家来", |line| line.ends_with(" 来了"));
    }
    // 服务器停着的时候过了期限:它醒来就请他们一起走。
    server.while_stopped(|| thread::park_timeout(Duration::from_secs(4)));
    // 机器太忙的话,有的人早就到了期限。
    let gone = witness
        .seen
        .iter()
        .filter(|line| is_departure(line))
        .count();
    for _ in gone..SILENT {
        witness.wait_for("大家掉线", is_departure);
    }
    witness.say("/who");
    witness.wait_for("名单", |line| line == "* 在场 1 人:证人");
    drop(members);
}
