//! CLOSE-WAIT:对方早就关了,自己的程序没有关,连接就一直停在这里。

use std::io::{ErrorKind, Write};

use anyhow::{Context, bail};
use socket2::Socket;

use crate::end::{End, States};
use crate::report;
use crate::scene::Scene;
use crate::socket::{self, Reuse};
use crate::state::State::{CloseWait, Closed, Established, FinWait2, Listen};

/// 服务器忘了 `close`,还往里写。
pub fn run(step: bool) -> anyhow::Result<()> {
    let listener = socket::listen(socket::loopback(0), 1, Reuse::Unset).context("监听失败")?;
    let client = socket::bound()?;
    let address = socket::local(&listener)?;
    let mut scene = Scene::new(socket::local(&client)?, address, step)?;
    let both = |client, server| States::of(End::Client, client, server);

    scene.reach("服务器 bind()、listen()", both(Closed, Listen))?;
    socket::connect(&client, address)?;
    let server = socket::accept(&listener)?;
    drop(listener);
    scene.reach("connect(),accept()", both(Established, Established))?;
    drop(client);
    scene.reach("客户端 close()", both(FinWait2, CloseWait))?;
    socket::expect_end(&server)?;
    scene.stay("服务器 read() 得到 0,不理它")?;
    (&server).write_all(b"hello").context("第一次写失败")?;
    scene.reach("服务器写 5 字节,成功;引来 RST", both(Closed, Closed))?;
    let second = write_again(&server)?;
    scene.stay(&format!("服务器再写 5 字节:{second}"))?;
    scene.finish()
}

/// 被 RST 过的连接,写是错误;哪一种,各系统不同。
fn write_again(mut server: &Socket) -> anyhow::Result<String> {
    match server.write_all(b"hello") {
        Ok(()) => bail!("连接已经没有了,却还写得进去"),
        Err(error) if error.kind() == ErrorKind::WouldBlock => bail!("写没有结果"),
        Err(error) => Ok(report::outcome(&error)),
    }
}
