//! 认得的服务器:哪个地址,证书的指纹是什么。第一次见面记下来,以后对不上就不说话,和 ssh 的 known_hosts 一样。

use anyhow::Context;
use common::addr::Address;

use crate::cli::Hinted;
use crate::fingerprint::Fingerprint;
use crate::state::{State, read_secret};

/// 一行一个:地址,空格,指纹。
pub const FILE: &str = "known_servers";

/// 认得的服务器。
pub struct Known {
    state: State,
    lines: Vec<(String, Fingerprint)>,
}

impl Known {
    /// 从目录 `state` 读。
    ///
    /// # Errors
    /// 读不了,或者有一行看不懂:认不出谁是谁,就不能说认得。
    pub fn load(state: &State) -> anyhow::Result<Self> {
        let path = state.path(FILE);
        let text = read_secret(&path)?.unwrap_or_default();
        let mut lines = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let broken = || Hinted {
                text: format!("{} 的第 {} 行看不懂", path.display(), number + 1),
                hint: "一行是「地址 指纹」;删掉这一行,再连一次就会问你".to_owned(),
            };
            let (address, fingerprint) = line.trim().split_once(' ').ok_or_else(broken)?;
            let fingerprint = fingerprint.parse().map_err(|_| broken())?;
            lines.push((address.to_owned(), fingerprint));
        }
        let state = state.clone();
        Ok(Self { state, lines })
    }

    /// 记着的 `server` 的指纹。
    pub fn get(&self, server: &Address) -> Option<Fingerprint> {
        let name = server.to_string();
        let found = self.lines.iter().find(|(address, _)| *address == name);
        found.map(|(_, fingerprint)| *fingerprint)
    }

    /// 记下 `server` 的指纹,换掉以前记的。
    ///
    /// # Errors
    /// 写不了。
    pub fn remember(mut self, server: &Address, fingerprint: Fingerprint) -> anyhow::Result<()> {
        let name = server.to_string();
        self.lines.retain(|(address, _)| *address != name);
        self.lines.push((name, fingerprint));
        let text: String = self
            .lines
            .iter()
            .map(|(address, fingerprint)| format!("{address} {fingerprint}\n"))
            .collect();
        let replaced = self.state.replace(FILE, &text);
        replaced.context("记不下服务器的指纹")
    }
}
