//! 安全的选项:服务器让谁进来、让他运行什么,客户端怎样认服务器。

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Args;

use crate::audit::Audit;
use crate::entrance::Entrance;
use crate::fingerprint::Fingerprint;
use crate::gate::Gate;
use crate::guard::Guard;
use crate::identity::Identity;
use crate::launch::Memory;
use crate::policy::Policy;
use crate::state::State;
use crate::token::Token;
use crate::{programs, read_only};

/// 审计日志在存东西的目录里叫这个名字。
const AUDIT: &str = "audit.jsonl";

/// 服务器的选项。
#[derive(Args)]
pub struct Guarding {
    /// 证书、口令、审计日志放在哪个目录里;没有就建。默认在家目录的 .local/state/shell-secure(Windows 上在 %LOCALAPPDATA%)
    #[arg(long, value_name = "目录")]
    state: Option<PathBuf>,

    /// 口令在这个文件里(chmod 600);也可以放在环境变量 SHELL_SECURE_TOKEN 里。都没有就造一个
    #[arg(long, value_name = "文件")]
    token_file: Option<PathBuf>,

    /// 只许运行这些程序,不经过 shell;几个名字用逗号分开
    #[arg(long, value_name = "程序", value_delimiter = ',')]
    allow: Vec<String>,

    /// 只许看:ls、cat、grep 等几个程序,检查它们的选项,不出当前目录
    #[arg(long, conflicts_with = "allow")]
    read_only: bool,

    /// 握手和说口令一共最多这么多秒
    #[arg(long, value_name = "秒", default_value = "10", value_parser = clap::value_parser!(u64).range(1..=3600))]
    handshake: u64,

    /// 命令的一个进程最多用这么多 MiB 的地址空间,0 是不限;macOS 和 Windows 上不起作用
    #[arg(long, value_name = "MiB", default_value = "4096")]
    memory: u32,

    /// 审计日志写在这个文件里;默认是存东西的目录里的 audit.jsonl
    #[arg(long, value_name = "文件")]
    audit: Option<PathBuf>,

    /// 不加密,只能在本机上
    #[arg(long)]
    no_tls: bool,

    /// 不要口令,只能在本机上
    #[arg(long)]
    no_token: bool,
}

/// 备好的东西。
pub struct Prepared {
    /// 大门,和门外的路。
    pub entrance: Entrance,
    /// 守着命令的人。
    pub guard: Guard,
    /// 要在标准错误里说的:指纹,口令在哪里,少了什么。
    pub notices: Vec<String>,
}

impl Guarding {
    /// 只有本机能连才行:没有加密,或者没有口令。
    pub fn is_open(&self) -> bool {
        self.no_tls || self.no_token
    }

    /// 备好证书、口令、名单、审计日志。
    ///
    /// # Errors
    /// 有一样备不好。
    pub fn prepare(&self) -> anyhow::Result<Prepared> {
        let state = State::open(self.state.clone())?;
        let policy = self.policy()?;
        let mut notices = Vec::new();
        let mut config = None;
        if self.no_tls {
            notices.push("警告:没有加密,只用来看网线上的字节".to_owned());
        } else {
            let identity = Identity::load(&state)?;
            notices.push(format!("指纹:{}", identity.fingerprint));
            config = Some(identity.config);
        }
        let mut token = None;
        if self.no_token {
            notices.push("警告:没有口令,这台机器上的谁都能进来".to_owned());
        } else {
            let (text, place) = Token::of_server(&state, self.token_file.as_deref())?;
            notices.push(format!("口令:在 {place} 里"));
            token = Some(text);
        }
        let path = self.audit.clone().unwrap_or_else(|| state.path(AUDIT));
        let entrance = Entrance {
            config,
            gate: Gate::new(token),
            patience: Duration::from_secs(self.handshake),
        };
        let guard = Guard {
            policy,
            memory: Memory::new(self.memory),
            audit: Audit::open(&path)?,
        };
        Ok(Prepared {
            entrance,
            guard,
            notices,
        })
    }

    fn policy(&self) -> anyhow::Result<Policy> {
        if !self.allow.is_empty() {
            return Ok(Policy::Allowed(programs::listed(&self.allow)?));
        }
        if !self.read_only {
            return Ok(Policy::Anything);
        }
        let root = std::env::current_dir().and_then(|directory| directory.canonicalize());
        Ok(Policy::ReadOnly {
            programs: programs::present(read_only::names()),
            root: root.context("不知道当前目录")?,
        })
    }
}

/// 客户端的选项。
#[derive(Args)]
pub struct Meeting {
    /// 口令和认得的服务器放在哪个目录里;默认和服务器的一样
    #[arg(long, value_name = "目录")]
    pub state: Option<PathBuf>,

    /// 口令在这个文件里(chmod 600);也可以放在环境变量 SHELL_SECURE_TOKEN 里
    #[arg(long, value_name = "文件")]
    pub token_file: Option<PathBuf>,

    /// 服务器的指纹是这个,记下来,换掉以前记的;从服务器那边的屏幕上抄
    #[arg(long, value_name = "指纹")]
    pub fingerprint: Option<Fingerprint>,

    /// 第一次连的服务器不问就记下;指纹变了的还是不行
    #[arg(long)]
    pub accept_new: bool,

    /// 不加密,只能连本机
    #[arg(long)]
    pub no_tls: bool,

    /// 不说口令
    #[arg(long)]
    pub no_token: bool,
}
