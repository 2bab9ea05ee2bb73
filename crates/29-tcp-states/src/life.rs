//! 一条连接的一生:监听、握手、数据、半关闭、关闭,两种关闭的次序。

use anyhow::Context;
use socket2::Socket;
use std::net::{Shutdown, SocketAddr};

use crate::end::{End, States};
use crate::lossy;
use crate::scene::Scene;
use crate::socket::{self, Reuse};
use crate::state::State::{
    CloseWait, Closed, Established, FinWait1, FinWait2, LastAck, Listen, SynReceived, SynSent,
    TimeWait,
};

/// 能排多少位客户;这里只有一位。
const BACKLOG: i32 = 128;

/// 怎样演。
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// 谁先关。
    pub first: End,
    /// 让一闪而过的状态停下来(只有 Linux)。
    pub hold: bool,
    /// 每一步之后等用户按回车。
    pub step: bool,
}

/// 从 LISTEN 演到 TIME-WAIT,最后打印一张表。
pub fn run(options: Options) -> anyhow::Result<()> {
    if options.hold {
        lossy::supported()?;
    }
    let listener = socket::listen(socket::loopback(0), BACKLOG, Reuse::Unset);
    let listener = listener.context("监听失败")?;
    let client = socket::bound()?;
    let address = socket::local(&listener)?;
    let mut scene = Scene::new(socket::local(&client)?, address, options.step)?;
    let both = |client, server| States { client, server };

    scene.reach("服务器 bind()、listen()", both(Closed, Listen))?;
    if options.hold {
        connect_slowly(&mut scene, &client, address)?;
    } else {
        socket::connect(&client, address)?;
        scene.reach("客户端 connect()", both(Established, Established))?;
    }
    let server = socket::accept(&listener)?;
    drop(listener);
    scene.stay("服务器 accept(),不再监听")?;
    let rounds = if options.hold { lossy::WARM_UP } else { 1 };
    socket::converse(&client, &server, rounds)?;
    scene.stay(&format!("问答 {rounds} 次,一次各 5 字节"))?;
    match options.first {
        End::Client => close(&mut scene, options, client, server)?,
        End::Server => close(&mut scene, options, server, client)?,
    }
    scene.finish()
}

/// 握手,SYN+ACK 丢了一次。
fn connect_slowly(scene: &mut Scene, client: &Socket, server: SocketAddr) -> anyhow::Result<()> {
    lossy::lose(client)?;
    socket::start_connect(client, server).context("连接失败")?;
    let halfway = States::of(End::Client, SynSent, SynReceived);
    scene.reach("客户端 connect(),SYN+ACK 丢了", halfway)?;
    lossy::deliver(client)?;
    let done = States::of(End::Client, Established, Established);
    scene.reach("重传,这次 SYN+ACK 到了", done)
}

/// `first` 先说完(半关闭),`second` 再发最后一句,也关。
fn close(scene: &mut Scene, options: Options, first: Socket, second: Socket) -> anyhow::Result<()> {
    let Options {
        first: end, hold, ..
    } = options;
    let (title, other) = (end.title(), end.other().title());
    let shut = format!("{title} shutdown(写)");
    if hold {
        lossy::lose(&second)?;
        first.shutdown(Shutdown::Write)?;
        let halfway = States::of(end, FinWait1, Established);
        scene.reach(&format!("{shut},FIN 丢了"), halfway)?;
        lossy::deliver(&second)?;
    } else {
        first.shutdown(Shutdown::Write)?;
    }
    let done = if hold {
        "重传,这次 FIN 到了"
    } else {
        &shut
    };
    scene.reach(done, States::of(end, FinWait2, CloseWait))?;
    socket::expect_end(&second)?;
    socket::pass(&second, &first, b"after your FIN")?;
    scene.stay(&format!("{other}又发 14 字节,{title}照样收到"))?;

    if hold {
        lossy::lose(&first)?;
        drop(second);
        let halfway = States::of(end, FinWait2, LastAck);
        scene.reach(&format!("{other} close(),FIN 丢了"), halfway)?;
        lossy::deliver(&first)?;
    } else {
        drop(second);
    }
    let shut = format!("{other} close()");
    let done = if hold {
        "重传,这次 FIN 到了"
    } else {
        &shut
    };
    scene.reach(done, States::of(end, TimeWait, Closed))?;
    socket::expect_end(&first)?;
    drop(first);
    scene.stay(&format!("{title} close()"))
}
