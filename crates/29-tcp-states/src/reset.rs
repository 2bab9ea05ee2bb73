//! RST:不告别就断开。怎样会得到它,对方又看到什么。

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, bail};
use socket2::Socket;

use crate::report;
use crate::socket::{self, Reuse};
use crate::table;

/// 一种结束的办法:说明,和实际做一遍(给出对方看到的、两端的地址)。
type Ending = (&'static str, fn() -> anyhow::Result<Outcome>);

/// 一次结束的结果。
struct Outcome {
    /// 对方看到什么。
    seen: String,
    /// 客户端和服务器的地址。
    ends: (SocketAddr, SocketAddr),
}

const ENDINGS: [Ending; 6] = [
    ("客户端 close(),没有剩下的数据", orderly),
    ("客户端 close(),还有没读的数据", unread),
    ("客户端 SO_LINGER 设成 0 秒,再 close()", linger),
    ("客户端 close() 以后,服务器写两次", write_twice),
    ("服务器没有 accept(),就关了监听套接字", not_accepted),
    ("客户端连接没有程序监听的端口", refused),
];

/// 各做一遍,列成表。
pub fn run() -> anyhow::Result<()> {
    table::warn_if_unreadable();
    let header = ["怎样结束", "对方看到", "留下"].map(str::to_owned);
    let mut rows = vec![header.to_vec()];
    for (title, ending) in ENDINGS {
        let outcome = ending().with_context(|| format!("实验「{title}」做不成"))?;
        let left = left_behind(outcome.ends);
        rows.push(vec![title.to_owned(), outcome.seen, left]);
    }
    report::table(&rows)
}

/// 用 FIN 告别:对方读到 0。
fn orderly() -> anyhow::Result<Outcome> {
    let (client, server) = socket::connected()?;
    let ends = ends(&client, &server)?;
    drop(client);
    let seen = read(&server);
    drop(server);
    Ok(Outcome { seen, ends })
}

/// 收到的数据没有读就关:数据丢了,要让对方知道(RFC 1122 §4.2.2.13、RFC 2525 §2.17)。
fn unread() -> anyhow::Result<Outcome> {
    let (client, server) = socket::connected()?;
    let ends = ends(&client, &server)?;
    (&server).write_all(b"you never read this")?;
    socket::wait_readable(&client)?;
    drop(client);
    let seen = read(&server);
    Ok(Outcome { seen, ends })
}

/// 逗留 0 秒:关的时候丢掉没发完的数据,发 RST(socket(7))。
fn linger() -> anyhow::Result<Outcome> {
    let (client, server) = socket::connected()?;
    let ends = ends(&client, &server)?;
    client.set_linger(Some(Duration::ZERO))?;
    drop(client);
    let seen = read(&server);
    Ok(Outcome { seen, ends })
}

/// 第一次写成功:它只是放进了发送缓冲;对方用 RST 回答它,第二次写才知道。
fn write_twice() -> anyhow::Result<Outcome> {
    let (client, server) = socket::connected()?;
    let ends = ends(&client, &server)?;
    drop(client);
    socket::expect_end(&server)?;
    let first = write(&server);
    let second = write(&server);
    let seen = format!("先{first},再 {second}");
    Ok(Outcome { seen, ends })
}

/// 握手是系统完成的,客户端已经 ESTABLISHED;没有程序要它了,系统发 RST。
fn not_accepted() -> anyhow::Result<Outcome> {
    let listener = socket::listen(socket::loopback(0), 1, Reuse::Unset).context("监听失败")?;
    let client = socket::bound()?;
    let server = socket::local(&listener)?;
    socket::connect(&client, server)?;
    let ends = (socket::local(&client)?, server);
    drop(listener);
    let seen = read(&client);
    Ok(Outcome { seen, ends })
}

/// 对 SYN 的回答就是 RST(RFC 9293 §3.10.7.1)。
fn refused() -> anyhow::Result<Outcome> {
    // 绑定而不监听:这个端口一定没有别的程序。
    let nobody = socket::bound()?;
    let client = socket::bound()?;
    let ends = (socket::local(&client)?, socket::local(&nobody)?);
    let Err(error) = socket::connect(&client, ends.1) else {
        bail!("没有程序监听,却连上了");
    };
    let seen = match error.downcast_ref() {
        Some(error) => format!("connect() {}", report::outcome(error)),
        None => return Err(error),
    };
    Ok(Outcome { seen, ends })
}

fn ends(client: &Socket, server: &Socket) -> anyhow::Result<(SocketAddr, SocketAddr)> {
    Ok((socket::local(client)?, socket::local(server)?))
}

fn read(mut socket: &Socket) -> String {
    match socket.read(&mut [0; 1]) {
        Ok(0) => "read() 得到 0".to_owned(),
        Ok(length) => format!("read() 得到 {length} 字节"),
        Err(error) => format!("read() {}", report::outcome(&error)),
    }
}

fn write(mut socket: &Socket) -> String {
    match socket.write(b"hello") {
        Ok(_) => "成功".to_owned(),
        Err(error) if error.kind() == ErrorKind::Interrupted => "被打断".to_owned(),
        Err(error) => report::outcome(&error),
    }
}

/// 表里还有没有这条连接的哪一端。
fn left_behind((client, server): (SocketAddr, SocketAddr)) -> String {
    let Ok(rows) = table::rows() else {
        return "看不到".to_owned();
    };
    for (title, local, remote) in [("客户端", client, server), ("服务器", server, client)] {
        let mut rows = rows.iter();
        if let Some(row) = rows.find(|row| row.local == local && row.remote == remote) {
            return format!("{title} {}", row.state.name());
        }
    }
    "什么也没有".to_owned()
}
