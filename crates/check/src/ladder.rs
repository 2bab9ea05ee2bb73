//! 阶梯:哪些阶段是一条线,每条检查从哪一阶段起通过。阶梯只写在这里。

use crate::exam::{Exam, Verdict};
use crate::{
    dns, download, ip_calc, packet_layers, shell, tcp_chat, tcp_client, tcp_server, tcp_states,
    tcp_talk,
};
use crate::{udp_cast, udp_client, udp_reliable, udp_server, web};

/// 被检查的程序演哪个角色。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// 服务器:检查扮演客户端。
    Server,
    /// 客户端:检查扮演服务器。
    Client,
    /// 工具:不和谁说话,带着参数运行到结束;检查看它的输出和退出码。
    Tool,
}

impl Role {
    /// 命令行里的名字。
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Client => "client",
            Self::Tool => "tool",
        }
    }

    /// 中文名。
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Server => "服务器",
            Self::Client => "客户端",
            Self::Tool => "程序",
        }
    }
}

/// 一条线:同一个角色,从第一阶段到最后一阶段。
#[derive(Debug, Clone, Copy)]
pub struct Line {
    /// 名字,例如 `udp-client`。
    pub name: &'static str,
    /// 角色。
    pub role: Role,
    /// 各阶段,先后为序。
    pub stages: &'static [Stage],
    /// 检查,先后为序。
    pub cases: &'static [Case],
}

/// 一条线上的一个阶段。
#[derive(Debug, Clone, Copy)]
pub struct Stage {
    /// 包名,也是程序名。
    pub name: &'static str,
    /// 演这个角色时的参数;`{addr}` 是地址。
    pub args: &'static [&'static str],
}

/// 一条检查。
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// 标识,`--only` 用它。
    pub id: &'static str,
    /// 一句话:要求什么。
    pub title: &'static str,
    /// 为什么要紧。
    pub why: &'static str,
    /// 没有通过时试试什么。
    pub hint: &'static str,
    /// 去哪里读,`docs/notes/` 下的文件名。
    pub note: &'static str,
    /// 从这一阶段起通过;[`LATER`] 是这条线上还没有。
    pub since: &'static str,
    /// 到这一阶段为止适用:以后的阶段不再是这种问答方式。
    pub until: Option<&'static str>,
    /// 除地址以外还要的命令行选项;`{free}` 是一个空闲的端口。
    pub options: &'static [&'static str],
    /// 做这条检查。
    pub run: fn(&mut Exam) -> Verdict,
}

/// 这条线上还没有一个阶段能通过。
pub const LATER: &str = "以后";

/// 一个阶段面对一条检查应有的结果。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation {
    /// 应当通过。
    Pass,
    /// 应当还不通过。
    Fail,
    /// 不适用。
    NotApplicable,
}

impl Line {
    /// 这个阶段在线上的位置。
    #[must_use]
    pub fn position(&self, stage: &str) -> Option<usize> {
        self.stages.iter().position(|one| one.name == stage)
    }

    /// `stage` 面对 `case` 应有的结果;`stage` 不在这条线上就是 [`Expectation::NotApplicable`]。
    #[must_use]
    pub fn expectation(&self, case: &Case, stage: &str) -> Expectation {
        let Some(position) = self.position(stage) else {
            return Expectation::NotApplicable;
        };
        let ended = case.until.and_then(|until| self.position(until));
        if ended.is_some_and(|until| position > until) {
            return Expectation::NotApplicable;
        }
        match self.position(case.since) {
            Some(since) if position >= since => Expectation::Pass,
            _ => Expectation::Fail,
        }
    }
}

const UDP_SERVERS: &[Stage] = &[
    Stage {
        name: "udp-recv",
        args: &["{addr}"],
    },
    Stage {
        name: "udp-echo",
        args: &["server", "{addr}"],
    },
];

/// 一问一答的 TCP 服务器,一位、几位、许多位客户。
const TCP_SERVERS: &[Stage] = &[
    server("tcp-once"),
    server("tcp-loop"),
    server("tcp-session"),
    server("tcp-threads"),
];

/// 一问一答的 TCP 客户端。
const TCP_CLIENTS: &[Stage] = &[
    client("tcp-once"),
    client("tcp-loop"),
    client("tcp-session"),
    client("tcp-threads"),
];

const fn server(name: &'static str) -> Stage {
    let args = &["server", "{addr}"];
    Stage { name, args }
}

const fn client(name: &'static str) -> Stage {
    let args = &["client", "{addr}"];
    Stage { name, args }
}

/// 聊天室的客户端,要报上昵称。
const fn member(name: &'static str) -> Stage {
    let args = &["client", "--name", "小明", "{addr}"];
    Stage { name, args }
}

/// 下载、远程命令的两头都是它自己。
const fn tool(name: &'static str) -> Stage {
    Stage { name, args: &[] }
}

/// 下载的服务器,给一个目录里的文件。
const fn file_server(name: &'static str) -> Stage {
    let args = &["server", "{addr}", "--root", "{dir}"];
    Stage { name, args }
}

/// 下载的客户端,要一个文件。
const fn file_client(name: &'static str) -> Stage {
    let args = &["client", "{addr}", "{file}", "--output", "{dir}/out"];
    Stage { name, args }
}

/// 不加密、不要口令的 shell-secure:字节和 shell-stream 的相同,它的检查都要通过。
const OPEN_SERVER: Stage = Stage {
    name: "shell-secure",
    args: &[
        "server",
        "{addr}",
        "--no-tls",
        "--no-token",
        "--state",
        "{dir}/state",
    ],
};

/// 同样的客户端。
const OPEN_CLIENT: Stage = Stage {
    name: "shell-secure",
    args: &[
        "client",
        "{addr}",
        "--no-tls",
        "--no-token",
        "--state",
        "{dir}/state",
    ],
};

/// 平常的 shell-secure;它存东西的目录是检查自己的,不碰家目录。
const SECURE_SERVER: Stage = Stage {
    name: "shell-secure",
    args: &["server", "{addr}", "--state", "{dir}/state"],
};

/// 网站,给一个目录里的文件。
const fn website(name: &'static str) -> Stage {
    let args = &["{addr}", "--root", "{dir}"];
    Stage { name, args }
}

/// 网站,从固定的一页起;最早的一页没有目录。
const WEBSITES: &[Stage] = &[
    Stage {
        name: "web-fixed",
        args: &["{addr}"],
    },
    website("web-static"),
    website("web-threads"),
    website("web-object"),
    website("web-pool"),
    website("web-http"),
    website("web-poll"),
];

/// 所有的线。
pub const LINES: &[Line] = &[
    Line {
        name: "ip-calc",
        role: Role::Tool,
        stages: &[Stage {
            name: "ip-calc",
            args: &[],
        }],
        cases: ip_calc::CASES,
    },
    Line {
        name: "packet-layers",
        role: Role::Tool,
        stages: &[Stage {
            name: "packet-layers",
            args: &[],
        }],
        cases: packet_layers::CASES,
    },
    Line {
        name: "udp-recv",
        role: Role::Server,
        stages: UDP_SERVERS,
        cases: udp_server::RECV_CASES,
    },
    Line {
        name: "udp-echo",
        role: Role::Server,
        stages: UDP_SERVERS,
        cases: udp_server::ECHO_CASES,
    },
    Line {
        name: "udp-client",
        role: Role::Client,
        stages: &[
            Stage {
                name: "udp-send",
                args: &["{addr}"],
            },
            Stage {
                name: "udp-echo",
                args: &["client", "{addr}"],
            },
            Stage {
                name: "udp-duplex",
                args: &["{addr}"],
            },
        ],
        cases: udp_client::CASES,
    },
    Line {
        name: "udp-cast",
        role: Role::Server,
        stages: &[
            Stage {
                name: "udp-echo",
                args: &["server", "{addr}"],
            },
            Stage {
                name: "udp-cast",
                args: &["server", "{addr}"],
            },
        ],
        cases: udp_cast::SERVER_CASES,
    },
    Line {
        name: "udp-cast-find",
        role: Role::Tool,
        stages: &[Stage {
            name: "udp-cast",
            // 检查在忙的机器上也来得及回答。
            args: &["find", "--wait", "3000", "{addr}"],
        }],
        cases: udp_cast::FIND_CASES,
    },
    Line {
        name: "dns-query",
        role: Role::Client,
        stages: &[Stage {
            name: "dns-query",
            args: &["--server={addr}"],
        }],
        cases: dns::CASES,
    },
    Line {
        name: "udp-reliable-server",
        role: Role::Server,
        stages: &[
            Stage {
                name: "udp-echo",
                args: &["server", "{addr}"],
            },
            Stage {
                name: "udp-reliable",
                args: &["server", "{addr}"],
            },
        ],
        cases: udp_reliable::server::CASES,
    },
    Line {
        name: "udp-reliable-client",
        role: Role::Client,
        stages: &[
            Stage {
                name: "udp-echo",
                args: &["client", "{addr}"],
            },
            Stage {
                name: "udp-reliable",
                args: &["client", "{addr}"],
            },
        ],
        cases: udp_reliable::client::CASES,
    },
    Line {
        name: "tcp-chat-limits",
        role: Role::Server,
        stages: &[server("tcp-chat"), server("tcp-chat-poll")],
        cases: tcp_chat::server::LIMIT_CASES,
    },
    Line {
        name: "tcp-chat-server",
        role: Role::Server,
        stages: &[
            server("tcp-threads"),
            server("tcp-chat"),
            server("tcp-chat-poll"),
        ],
        cases: tcp_chat::server::CASES,
    },
    Line {
        name: "tcp-chat-client",
        role: Role::Client,
        stages: &[
            client("tcp-threads"),
            member("tcp-chat"),
            member("tcp-chat-poll"),
        ],
        cases: tcp_chat::client::CASES,
    },
    Line {
        name: "tcp-talk-server",
        role: Role::Server,
        stages: &[server("tcp-session"), server("tcp-talk")],
        cases: tcp_talk::SERVER_CASES,
    },
    Line {
        name: "tcp-talk-client",
        role: Role::Client,
        stages: &[client("tcp-session"), client("tcp-talk")],
        cases: tcp_talk::CLIENT_CASES,
    },
    Line {
        name: "tcp-limits",
        role: Role::Server,
        stages: &[server("tcp-threads")],
        cases: tcp_server::LIMIT_CASES,
    },
    Line {
        name: "tcp-server",
        role: Role::Server,
        stages: TCP_SERVERS,
        cases: tcp_server::CASES,
    },
    Line {
        name: "tcp-client",
        role: Role::Client,
        stages: TCP_CLIENTS,
        cases: tcp_client::CASES,
    },
    Line {
        name: "tcp-states",
        role: Role::Tool,
        stages: &[Stage {
            name: "tcp-states",
            args: &[],
        }],
        cases: tcp_states::CASES,
    },
    Line {
        name: "download-files",
        role: Role::Tool,
        stages: &[
            tool("download-once"),
            tool("download-stream"),
            tool("download-framed"),
            tool("download-resume"),
        ],
        cases: download::files::CASES,
    },
    Line {
        name: "download-server",
        role: Role::Server,
        stages: &[file_server("download-once"), file_server("download-stream")],
        cases: download::server::CASES,
    },
    Line {
        name: "download-client",
        role: Role::Client,
        stages: &[file_client("download-once"), file_client("download-stream")],
        cases: download::client::CASES,
    },
    Line {
        name: "download-framed-server",
        role: Role::Server,
        stages: &[
            file_server("download-stream"),
            file_server("download-framed"),
        ],
        cases: download::framed::SERVER_CASES,
    },
    Line {
        name: "download-framed-client",
        role: Role::Client,
        stages: &[
            file_client("download-stream"),
            file_client("download-framed"),
        ],
        cases: download::framed::CLIENT_CASES,
    },
    Line {
        name: "download-resume-limits",
        role: Role::Server,
        stages: &[file_server("download-resume")],
        cases: download::resume_server::LIMIT_CASES,
    },
    Line {
        name: "download-resume-server",
        role: Role::Server,
        stages: &[
            file_server("download-framed"),
            file_server("download-resume"),
        ],
        cases: download::resume_server::CASES,
    },
    Line {
        name: "download-resume-client",
        role: Role::Client,
        stages: &[
            file_client("download-framed"),
            file_client("download-resume"),
        ],
        cases: download::resume_client::CASES,
    },
    Line {
        name: "download-resume-tree",
        role: Role::Client,
        stages: &[Stage {
            name: "download-resume",
            args: &[
                "client",
                "{addr}",
                "{file}",
                "--output",
                "{dir}/out",
                "--recursive",
            ],
        }],
        cases: download::resume_client::TREE_CASES,
    },
    Line {
        name: "shell-limits",
        role: Role::Tool,
        stages: &[tool("shell-sticky"), tool("shell-framed")],
        cases: shell::limits::CASES,
    },
    Line {
        name: "shell-session",
        role: Role::Tool,
        stages: &[
            tool("shell-sticky"),
            tool("shell-framed"),
            tool("shell-stream"),
        ],
        cases: shell::session::CASES,
    },
    Line {
        name: "shell-sticky-limits",
        role: Role::Server,
        stages: &[server("shell-sticky")],
        cases: shell::server::Cases::<shell::Raw>::LIMITS,
    },
    Line {
        name: "shell-sticky-server",
        role: Role::Server,
        stages: &[server("shell-sticky")],
        cases: shell::server::Cases::<shell::Raw>::ALL,
    },
    Line {
        name: "shell-sticky-client",
        role: Role::Client,
        stages: &[client("shell-sticky")],
        cases: shell::client::Cases::<shell::Raw>::ALL,
    },
    Line {
        name: "shell-framed-limits",
        role: Role::Server,
        stages: &[server("shell-framed")],
        cases: shell::server::Cases::<shell::Framed>::LIMITS,
    },
    Line {
        name: "shell-framed-server",
        role: Role::Server,
        stages: &[server("shell-sticky"), server("shell-framed")],
        cases: shell::server::Cases::<shell::Framed>::ALL,
    },
    Line {
        name: "shell-framed-client",
        role: Role::Client,
        stages: &[client("shell-sticky"), client("shell-framed")],
        cases: shell::hostile::CASES,
    },
    Line {
        name: "shell-stream-limits",
        role: Role::Server,
        stages: &[server("shell-stream"), OPEN_SERVER],
        cases: shell::stream_server::LIMIT_CASES,
    },
    Line {
        name: "shell-stream-server",
        role: Role::Server,
        stages: &[server("shell-framed"), server("shell-stream"), OPEN_SERVER],
        cases: shell::stream_server::CASES,
    },
    Line {
        name: "shell-stream-command",
        role: Role::Client,
        stages: &[
            Stage {
                name: "shell-stream",
                args: shell::stream_command::WORDS,
            },
            Stage {
                name: "shell-secure",
                args: &[
                    "client",
                    "{addr}",
                    "--no-tls",
                    "--no-token",
                    "--state",
                    "{dir}/state",
                    "--",
                    "two",
                    "words",
                ],
            },
        ],
        cases: shell::stream_command::CASES,
    },
    Line {
        name: "shell-stream-client",
        role: Role::Client,
        stages: &[client("shell-framed"), client("shell-stream"), OPEN_CLIENT],
        cases: shell::stream_client::CASES,
    },
    Line {
        name: "shell-secure-limits",
        role: Role::Server,
        stages: &[SECURE_SERVER],
        cases: shell::secure::LIMIT_CASES,
    },
    Line {
        name: "shell-secure-server",
        role: Role::Server,
        stages: &[server("shell-stream"), SECURE_SERVER],
        cases: shell::secure::SERVER_CASES,
    },
    Line {
        name: "shell-secure-client",
        role: Role::Client,
        stages: &[
            client("shell-stream"),
            Stage {
                name: "shell-secure",
                args: &[
                    "client",
                    "{addr}",
                    "--no-token",
                    "--accept-new",
                    "--state",
                    "{dir}/state",
                ],
            },
        ],
        cases: shell::secure::CLIENT_CASES,
    },
    Line {
        name: "web-limits",
        role: Role::Server,
        stages: &[website("web-pool")],
        cases: web::cases::LIMIT_CASES,
    },
    Line {
        name: "web-http-limits",
        role: Role::Server,
        stages: &[website("web-http"), website("web-poll")],
        cases: web::options::CASES,
    },
    Line {
        name: "web-server",
        role: Role::Server,
        stages: WEBSITES,
        cases: web::cases::CASES,
    },
];

/// 有这个阶段的线。
pub fn lines_of(stage: &str) -> impl Iterator<Item = &'static Line> {
    LINES
        .iter()
        .filter(move |line| line.position(stage).is_some())
}
