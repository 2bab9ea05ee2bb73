//! 连接的两端。

use clap::ValueEnum;

use crate::state::State;

/// 连接的哪一端。
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum End {
    // 发起连接的一端。
    Client,
    // 接受连接的一端。
    Server,
}

impl End {
    /// 中文名。
    pub fn title(self) -> &'static str {
        match self {
            Self::Client => "客户端",
            Self::Server => "服务器",
        }
    }

    /// 另一端。
    pub fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

/// 两端的状态。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct States {
    /// 客户端的。
    pub client: State,
    /// 服务器的。
    pub server: State,
}

impl States {
    /// `end` 的状态是 `its`,另一端的是 `others`。
    pub fn of(end: End, its: State, others: State) -> Self {
        let (client, server) = match end {
            End::Client => (its, others),
            End::Server => (others, its),
        };
        Self { client, server }
    }

    /// `end` 的状态。
    pub fn at(self, end: End) -> State {
        match end {
            End::Client => self.client,
            End::Server => self.server,
        }
    }
}
