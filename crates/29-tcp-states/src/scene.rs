//! 一场实验:一条连接的两端,每做一件事就等它们到达应到的状态,显示出来。

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::bail;

use crate::cli;
use crate::end::{End, States};
use crate::report;
use crate::state::State;
use crate::table::{self, Row};

/// 等一个状态最多这么久:丢了的 SYN 要 1 秒才重传,FIN 也可能要重传几次(RFC 6298 §2)。
pub const PATIENCE: Duration = Duration::from_secs(8);

/// 每隔这么久看一次表:读一次要几毫秒,再密也看不到更多。
const INTERVAL: Duration = Duration::from_millis(2);

/// 一场实验。
pub struct Scene {
    /// 两端叫什么。
    names: [&'static str; 2],
    client: SocketAddr,
    server: SocketAddr,
    /// 每做一件事,等用户按回车。
    step: bool,
    /// 下一步最多等多久。
    patience: Duration,
    /// 有几步到了期限,状态还不是应到的。
    missed: u32,
    /// 做了什么,之后是什么状态。
    history: Vec<(String, States)>,
}

impl Scene {
    /// 客户端与服务器,连接还没有建立。`step` 是每一步之后等用户按回车。
    pub fn new(client: SocketAddr, server: SocketAddr, step: bool) -> anyhow::Result<Self> {
        Self::of(
            [End::Client.title(), End::Server.title()],
            client,
            server,
            step,
        )
    }

    /// 两端另有名字;先说的一端占客户端的位置。
    pub fn of(
        names: [&'static str; 2],
        client: SocketAddr,
        server: SocketAddr,
        step: bool,
    ) -> anyhow::Result<Self> {
        cli::print_line(format_args!("{} {client},{} {server}", names[0], names[1]))?;
        Ok(Self {
            names,
            client,
            server,
            step,
            patience: PATIENCE,
            missed: 0,
            history: Vec::new(),
        })
    }

    /// 刚做了 `done`:等两端到达 `expected`,显示变了的一端。
    ///
    /// 到了期限还不是这样,就说出来,照实显示,接着演;到最后算失败。
    ///
    /// # Errors
    /// 看不到状态。
    pub fn reach(&mut self, done: &str, expected: States) -> anyhow::Result<()> {
        let states = self.wait(done, expected)?;
        let before = self.history.last().map(|(_, states)| *states);
        let closed = States::of(End::Client, State::Closed, State::Closed);
        let before = before.unwrap_or(closed);
        let mut changed = false;
        for (name, end) in self.names.iter().zip([End::Client, End::Server]) {
            let state = states.at(end);
            if state != before.at(end) {
                let (state, meaning) = (state.name(), state.meaning());
                cli::print_line(format_args!("{name} {state:<12}  {done} · {meaning}"))?;
                changed = true;
            }
        }
        if !changed {
            let [one, other] = self.names;
            cli::print_line(format_args!("{one}、{other}都没有变  {done}"))?;
        }
        self.history.push((done.to_owned(), states));
        self.pause()
    }

    /// 刚做了 `done`,两端的状态应当都不变。
    pub fn stay(&mut self, done: &str) -> anyhow::Result<()> {
        match self.history.last() {
            Some((_, states)) => self.reach(done, *states),
            None => Ok(()),
        }
    }

    /// 整场的表:每一步之后两端的状态。
    pub fn finish(&self) -> anyhow::Result<()> {
        let header = [self.names[0], self.names[1], "刚做了什么"];
        let mut rows = vec![header.map(str::to_owned).to_vec()];
        for (done, states) in &self.history {
            let names = [states.client.name(), states.server.name(), done.as_str()];
            rows.push(names.map(str::to_owned).to_vec());
        }
        cli::print_line("")?;
        report::table(&rows)?;
        match self.missed {
            0 => Ok(()),
            missed => bail!("有 {missed} 步没有到应到的状态"),
        }
    }

    fn wait(&mut self, done: &str, expected: States) -> anyhow::Result<States> {
        let deadline = Instant::now() + self.patience;
        loop {
            let states = self.look(&table::rows()?);
            if states == expected {
                return Ok(states);
            }
            if Instant::now() >= deadline {
                self.miss(done, expected, states);
                return Ok(states);
            }
            thread::park_timeout(INTERVAL);
        }
    }

    fn miss(&mut self, done: &str, expected: States, states: States) {
        let [one, other] = self.names;
        cli::note(format_args!(
            "警告:{done}以后等了 {} 秒,应当是{one} {}、{other} {},却是 {}、{}",
            self.patience.as_secs(),
            expected.client.name(),
            expected.server.name(),
            states.client.name(),
            states.server.name()
        ));
        self.missed += 1;
    }

    fn look(&self, rows: &[Row]) -> States {
        let state = |local, remote| {
            let mut rows = rows.iter();
            let row = rows.find(|row| row.local == local && row.remote == remote);
            row.map_or(State::Closed, |row| row.state)
        };
        let mut states = States {
            client: state(self.client, self.server),
            server: state(self.server, self.client),
        };
        // 服务器这一端还没有连接时,看监听套接字。
        let listening = |row: &Row| row.local == self.server && row.state == State::Listen;
        if states.server == State::Closed && rows.iter().any(listening) {
            states.server = State::Listen;
        }
        states
    }

    fn pause(&mut self) -> anyhow::Result<()> {
        if self.step {
            let paused = Instant::now();
            cli::note("按回车继续");
            cli::read_line()?;
            // 丢了的报文段每重传一次,间隔加倍:停了多久,就可能还要再等那么久(RFC 6298 §5.5)。
            self.patience = PATIENCE + paused.elapsed() * 2;
        }
        Ok(())
    }
}
