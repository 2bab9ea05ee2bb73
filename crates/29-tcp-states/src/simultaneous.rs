//! 两端同时:同时打开(没有人监听,也能连上)和同时关闭(经过 CLOSING)。
//!
//! 「同时」是说:自己的 SYN 或 FIN 还没有到,对方的也已经发出。让先到的丢失,就是同时。

use std::net::Shutdown;

use anyhow::Context;

use crate::end::{End, States};
use crate::lossy;
use crate::scene::Scene;
use crate::socket;
use crate::state::State::{Closing, Established, FinWait1, SynReceived, SynSent, TimeWait};

/// 先同时打开,再同时关闭。
pub fn run(step: bool) -> anyhow::Result<()> {
    lossy::supported()?;
    let (one, other) = (socket::bound()?, socket::bound()?);
    let (here, there) = (socket::local(&one)?, socket::local(&other)?);
    let mut scene = Scene::of(["甲", "乙"], here, there, step)?;
    let both = |client, server| States::of(End::Client, client, server);

    // 两端都收不到对方的 SYN;先发的一端也收不到「没有人监听」的 RST。
    lossy::lose(&one)?;
    lossy::lose(&other)?;
    socket::start_connect(&one, there).context("连接失败")?;
    socket::start_connect(&other, here).context("连接失败")?;
    scene.reach("两端同时 connect(),SYN 都丢了", both(SynSent, SynSent))?;
    lossy::deliver(&other)?;
    let crossed = "甲重传的 SYN 到了";
    scene.reach(crossed, both(SynSent, SynReceived))?;
    lossy::deliver(&one)?;
    scene.reach("乙的 SYN+ACK 到了", both(Established, Established))?;

    socket::converse(&one, &other, lossy::WARM_UP)?;
    let rounds = lossy::WARM_UP;
    scene.stay(&format!("问答 {rounds} 次,一次各 5 字节"))?;

    lossy::lose(&one)?;
    lossy::lose(&other)?;
    one.shutdown(Shutdown::Write)?;
    other.shutdown(Shutdown::Write)?;
    scene.reach("两端同时 shutdown(写),FIN 都丢了", both(FinWait1, FinWait1))?;
    lossy::deliver(&one)?;
    scene.reach("乙重传的 FIN 到了", both(Closing, FinWait1))?;
    lossy::deliver(&other)?;
    scene.reach("甲重传的 FIN 到了", both(TimeWait, TimeWait))?;
    scene.finish()
}
