//! 43 的协议:每一帧的第一个字节说里面是什么。

use std::io::{Read, Write};
use std::net::TcpStream;

use anyhow::{Context, bail, ensure};
use common::frame::{FrameReader, FrameWriter};

use crate::{COMMAND, OUTPUT, PATIENCE, Way};

/// 服务器发的一帧,正文最多这么长:种类,256 KiB 的内容。
const LONGEST: usize = 1 + (256 << 10);

/// 客户端发的一帧,正文最多这么长:口令、命令都短得多。
const LONGEST_REQUEST: usize = 1024;

/// 一个开着的连接,加密的或者不加密的。
pub struct Stream<S> {
    stream: S,
    reader: FrameReader,
    writer: FrameWriter,
    /// 要发的一帧:种类 1,没有标准输入,命令。
    command: Vec<u8>,
}

/// 连上 43 的服务器。
pub fn connect(server: &str) -> anyhow::Result<Stream<TcpStream>> {
    let stream = TcpStream::connect(server).with_context(|| format!("连不上 {server}"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(Stream::new(stream))
}

impl<S: Read + Write> Stream<S> {
    /// 用这个连接。
    pub fn new(stream: S) -> Self {
        Self {
            stream,
            reader: FrameReader::new(LONGEST),
            writer: FrameWriter::new(LONGEST_REQUEST),
            command: [&[1, 0], COMMAND.as_bytes()].concat(),
        }
    }

    /// 发一帧。
    pub fn send(&mut self, body: &[u8]) -> anyhow::Result<()> {
        Ok(self.writer.write(&mut self.stream, body)?)
    }
}

impl<S: Read + Write> Way for Stream<S> {
    fn run(&mut self) -> anyhow::Result<()> {
        self.writer.write(&mut self.stream, &self.command)?;
        let mut output = Vec::new();
        loop {
            let body = self.reader.read(&mut self.stream)?;
            match body.context("服务器关闭了连接")? {
                // 打招呼,只有一次。
                [16, ..] => {}
                [17, bytes @ ..] => output.extend_from_slice(bytes),
                // 结束:退出码 0。
                [21, 0, 0, 0, 0, 0] => break,
                other => bail!("没有料到这一帧:{}", other.escape_ascii()),
            }
        }
        ensure!(output == OUTPUT, "打印的不对:{}", output.escape_ascii());
        Ok(())
    }
}
