//! 服务器和一位客户的一条连接:一问一答,直到他走。

use std::fs::File;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::Context;
use common::frame::{FrameError, FrameReader};

use crate::action::{Action, MAX_REQUEST, Range};
use crate::digest::digest;
use crate::digests::Digests;
use crate::directory::{Directory, version};
use crate::journal::Journal;
use crate::names::{Name, shown};
use crate::protocol::{Digest, Kind, Stat, Version};
use crate::refusal::{Answer, Refusal, refuse};
use crate::reply::{Patient, Reply, is_timeout};
use crate::send::send;
use crate::status::Status;

/// 一条连接。
pub struct Session<'a> {
    /// 只给这个目录里的文件。
    pub root: &'a Directory,
    /// 算过的摘要。
    pub digests: &'a Digests,
    /// 访问日志。
    pub journal: &'a Journal,
    /// 客户最多这么久不说话,也最多这么久不收。
    pub idle: Duration,
    /// 和客户的连接。
    pub stream: &'a TcpStream,
    /// 客户的地址。
    pub peer: SocketAddr,
}

impl Session<'_> {
    /// 回答每一个请求,直到客户说完。
    pub fn run(&self) -> anyhow::Result<()> {
        self.stream.set_write_timeout(Some(self.idle))?;
        // 回答的头和内容是分开写的:不让内容等头的确认,小文件会因此慢 40 毫秒(Nagle × 延迟确认)。
        self.stream.set_nodelay(true)?;
        let mut frames = FrameReader::new(MAX_REQUEST);
        loop {
            let deadline = Instant::now() + self.idle;
            let mut source = Patient(self.stream, deadline);
            match frames.read(&mut source) {
                Ok(Some(request)) => self.answer(request)?,
                Ok(None) => return Ok(()),
                Err(FrameError::Io(error)) if is_timeout(&error) => {
                    return self.log("太久没有说话");
                }
                // 不知道下一帧从哪里开始,只能挂断。
                Err(error @ FrameError::TooLong { .. }) => {
                    Reply(self.stream).reply(Status::BadRequest, &[])?;
                    return Err(error).context("看不懂的请求");
                }
                Err(error) => return Err(error).context("接收请求失败"),
            }
        }
    }

    fn log(&self, text: &str) -> anyhow::Result<()> {
        self.journal.line(format_args!("{} {text}", self.peer))
    }

    /// 回答一个请求,记一行日志。
    fn answer(&self, request: &[u8]) -> anyhow::Result<()> {
        let started = Instant::now();
        let asked = Action::decode(request);
        let (what, result) = match &asked {
            Ok((action, path)) => (action.shown(path), self.act(*action, path)),
            Err(_) => {
                let refusal = Refusal::Status(Status::BadRequest);
                (format!("说 {}", shown(request)), Err(refusal))
            }
        };
        let outcome = match result {
            Ok(outcome) => outcome,
            Err(Refusal::Status(status)) => {
                Reply(self.stream).reply(status, &[])?;
                match asked {
                    Ok((action, _)) => action.refused(status),
                    Err(_) => status.to_string(),
                }
            }
            Err(Refusal::Broken(error)) => return Err(error.context(what)),
        };
        let seconds = started.elapsed().as_secs_f64();
        self.log(&format!("{what}:{outcome},{seconds:.3} 秒"))
    }

    fn act(&self, action: Action, path: &[u8]) -> Answer<String> {
        let name = Name::new(path).ok_or(Refusal::Status(Status::BadName))?;
        match action {
            Action::Stat => self.stat(&name),
            Action::List => self.list(&name),
            Action::Get(range) => self.get(&name, range),
            Action::Digest(version) => self.digest(&name, version),
        }
    }

    fn stat(&self, name: &Name) -> Answer<String> {
        let stat = match self.root.descend(name) {
            Ok(_) => Stat {
                kind: Kind::Directory,
                size: 0,
                version: Version::default(),
            },
            Err(_) => {
                let file = self.open(name)?;
                let size = file.metadata()?.len();
                Stat {
                    kind: Kind::File,
                    size,
                    version: version(&file)?,
                }
            }
        };
        Reply(self.stream).reply(Status::Ok, &stat.encode()?)?;
        Ok(match stat.kind {
            Kind::File => format!("有,{} 字节", stat.size),
            Kind::Directory => "是目录".to_owned(),
        })
    }

    fn list(&self, name: &Name) -> Answer<String> {
        let directory = self.root.descend(name).map_err(|error| {
            let present = !matches!(self.open(name), Err(Refusal::Status(Status::NotFound)));
            match error.kind() {
                // 有,但不是目录;路径中间的不是目录,才算没有。
                io::ErrorKind::NotADirectory if present => Refusal::Status(Status::NotAFile),
                _ => refuse(error),
            }
        })?;
        Reply(self.stream).reply(Status::Ok, &[])?;
        let count = Reply(self.stream).entries(&directory)?;
        Ok(format!("{count} 项"))
    }

    fn get(&self, name: &Name, range: Range) -> Answer<String> {
        let (file, size) = self.open_version(name, range.version)?;
        let Range {
            start, end, have, ..
        } = range;
        if start > end || end > size || have > end - start {
            return Err(Refusal::Status(Status::BadRequest));
        }
        let same = have == 0
            || digest(&file, start, have, Reply(self.stream).reporter())? == Some(range.digest);
        let from = if same { start + have } else { start };
        Reply(self.stream).reply(Status::Ok, &from.to_be_bytes())?;
        let intact = || Ok(version(&file)? == range.version);
        let sent = send(self.stream, &file, from, end, intact).context("发送失败")?;
        if sent < end - from {
            // 已经说好了长度,没有别的办法告诉他:挂断。
            return Err(anyhow::anyhow!("文件变了,发出 {sent} 字节就停下").into());
        }
        Ok(format!("发出 {sent} 字节"))
    }

    fn digest(&self, name: &Name, version: Version) -> Answer<String> {
        let (file, _) = self.open_version(name, version)?;
        let found: Option<Digest> =
            self.digests
                .get(name, &file, version, Reply(self.stream).reporter())?;
        let digest = found.ok_or(Refusal::Status(Status::Changed))?;
        Reply(self.stream).reply(Status::Ok, &digest)?;
        Ok("算好了".to_owned())
    }

    fn open_version(&self, name: &Name, wanted: Version) -> Answer<(File, u64)> {
        let file = self.open(name)?;
        let size = file.metadata()?.len();
        match version(&file)? == wanted {
            true => Ok((file, size)),
            false => Err(Refusal::Status(Status::Changed)),
        }
    }

    fn open(&self, name: &Name) -> Answer<File> {
        let (_, base) = name.split();
        let opened = self.root.parent(name).and_then(|parent| parent.read(base));
        opened
            .map_err(refuse)?
            .ok_or(Refusal::Status(Status::NotAFile))
    }
}
