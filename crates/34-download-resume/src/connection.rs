//! 客户端和服务器的一条连接:问一句,等它的回答。

use std::io::{self, ErrorKind, Read};
use std::net::TcpStream;
use std::time::Instant;

use anyhow::anyhow;
use byteorder::{ByteOrder, NetworkEndian};
use common::frame::{FrameError, FrameReader, FrameWriter, HEADER};

use crate::action::{Action, MAX_REQUEST, Range};
use crate::cli::Hinted;
use crate::failure::Failure;
use crate::names::{Name, shown};
use crate::protocol::{self, Digest, Entry, Kind, MAX_ANSWER, Stat, Version};
use crate::status::Status;

/// 一条连接。
pub struct Connection {
    /// GET 的回答之后,文件的字节从这里收。
    pub stream: TcpStream,
    frames: FrameReader,
    /// 上次听到回答的时刻。
    pub used: Instant,
}

impl Connection {
    /// 刚连上。
    pub fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            frames: FrameReader::new(MAX_ANSWER),
            used: Instant::now(),
        }
    }

    /// 有没有、多大、哪个版本。
    pub fn stat(&mut self, name: &Name) -> Result<Stat, Failure> {
        let content = self.ask(Action::Stat, name)?;
        Stat::decode(&content).map_err(nonsense)
    }

    /// 要下载的文件有多大、哪个版本;目录不行。
    pub fn file(&mut self, name: &Name) -> Result<Stat, Failure> {
        let stat = self.stat(name)?;
        if stat.kind == Kind::Directory {
            let text = format!("「{}」是目录", shown(name.as_str().as_bytes()));
            let hint = "要下载里面的全部文件,加上 --recursive".to_owned();
            return Err(Failure::Fatal(Hinted { text, hint }.into()));
        }
        // 文件的位置是有符号的 64 位整数(lseek(2)):没有更大的文件,服务器在说谎。
        match i64::try_from(stat.size) {
            Ok(_) => Ok(stat),
            Err(_) => Err(nonsense(ErrorKind::InvalidData.into())),
        }
    }

    /// 目录里有什么,逐项交给 `visit`。
    pub fn list(
        &mut self,
        name: &Name,
        mut visit: impl FnMut(Entry) -> anyhow::Result<()>,
    ) -> Result<(), Failure> {
        self.ask(Action::List, name)?;
        loop {
            let body = self.frame()?;
            if body.is_empty() {
                return Ok(());
            }
            visit(Entry::decode(body).map_err(nonsense)?)?;
        }
    }

    /// 要一段内容;返回从哪里起。随后是「到 - 从」个字节。
    pub fn get(&mut self, name: &Name, range: Range) -> Result<u64, Failure> {
        let content = self.ask(Action::Get(range), name)?;
        let from = protocol::number(&content).map_err(nonsense)?;
        match from == range.start || from == range.start + range.have {
            true => Ok(from),
            false => Err(nonsense(ErrorKind::InvalidData.into())),
        }
    }

    /// 要整个文件的摘要。
    pub fn digest(&mut self, name: &Name, version: Version) -> Result<Digest, Failure> {
        let content = self.ask(Action::Digest(version), name)?;
        Digest::try_from(content.as_slice()).map_err(|_| nonsense(ErrorKind::InvalidData.into()))
    }

    /// 问一句,等到状态是「有」的回答,返回它的内容。
    fn ask(&mut self, action: Action, name: &Name) -> Result<Vec<u8>, Failure> {
        let request = action.encode(name.as_str()).map_err(nonsense)?;
        let sent = FrameWriter::new(MAX_REQUEST).write(&mut self.stream, &request);
        // 发不出去,也许是因为它已经说了「太忙」就挂断:先看它说了什么。
        if let Err(FrameError::TooLong { .. }) = sent {
            return Err(Status::BadName.into());
        }
        let mut hashed = None;
        loop {
            let body = self.frame()?;
            let (status, content) = body
                .split_first()
                .ok_or(ErrorKind::InvalidData.into())
                .map_err(nonsense)?;
            match Status::from_byte(*status) {
                Some(Status::Ok) => return Ok(content.to_vec()),
                Some(Status::Working) => {
                    // 没有进展的「还在算」不算数:不能永远等下去。
                    let now = Some(protocol::number(content).map_err(nonsense)?);
                    if now <= hashed {
                        return Err(nonsense(ErrorKind::InvalidData.into()));
                    }
                    hashed = now;
                }
                Some(Status::NotAFile) => {
                    let said = action.refused(Status::NotAFile);
                    return Err(Failure::Fatal(anyhow!("服务器说:{said}")));
                }
                Some(status) => return Err(status.into()),
                None => return Err(nonsense(ErrorKind::InvalidData.into())),
            }
        }
    }

    /// 收一帧,一个字节也不多读:后面跟着的可能是文件的字节。
    fn frame(&mut self) -> Result<&[u8], Failure> {
        let mut header = [0; HEADER];
        let read = self.stream.read_exact(&mut header);
        read.map_err(|error| Failure::interrupted(error, "没有等到回答"))?;
        let body = (&self.stream).take(NetworkEndian::read_u32(&header).into());
        let mut frame = header.as_slice().chain(body);
        self.used = Instant::now();
        match self.frames.read(&mut frame) {
            Ok(Some(body)) => Ok(body),
            Ok(None) => Err(nonsense(ErrorKind::InvalidData.into())),
            Err(FrameError::Io(error)) => Err(Failure::interrupted(error, "没有等到回答")),
            Err(error @ FrameError::Cut { .. }) => Err(Failure::Interrupted(error.into())),
            Err(error) => Err(Failure::Fatal(
                anyhow::Error::new(error).context("看不懂服务器的回答"),
            )),
        }
    }
}

fn nonsense(_: io::Error) -> Failure {
    Failure::Fatal(anyhow!("看不懂服务器的回答"))
}
