//! 42 的协议:命令原样发去,回答前面有 4 字节的长度(小端)。

use std::io::{Read, Write};
use std::net::TcpStream;

use anyhow::{Context, ensure};

use crate::{COMMAND, OUTPUT, PATIENCE, Way};

/// 一个开着的连接。
pub struct Framed {
    stream: TcpStream,
}

impl Framed {
    /// 连上服务器。
    pub fn connect(server: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(server).with_context(|| format!("连不上 {server}"))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream })
    }
}

impl Way for Framed {
    fn run(&mut self) -> anyhow::Result<()> {
        self.stream.write_all(COMMAND.as_bytes())?;
        let mut answer = [0; 4 + OUTPUT.len()];
        self.stream
            .read_exact(&mut answer)
            .context("没有等到回答")?;
        let (length, body) = answer.split_at(4);
        let right = length == (OUTPUT.len() as u32).to_le_bytes() && body == OUTPUT;
        ensure!(right, "回答不对:{}", answer.escape_ascii());
        Ok(())
    }
}
