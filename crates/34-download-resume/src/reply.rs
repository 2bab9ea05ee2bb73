//! 服务器怎样听、怎样说:听有期限,说的都是帧。

use std::io::{self, ErrorKind, Read};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::Context;
use common::frame::{FrameError, FrameWriter};

use crate::directory::{self, Directory};
use crate::names::Name;
use crate::protocol::{Entry, Kind, MAX_ANSWER};
use crate::status::Status;

/// 摘要要算很久时,隔这么久告诉客户一声「还在算」:比他的耐心短得多。
const REPORT: Duration = Duration::from_secs(1);

/// 列目录时,攒够这么多项发一次。
const BATCH: usize = 256;

/// 说话的一方。
#[derive(Clone, Copy)]
pub struct Reply<'a>(pub &'a TcpStream);

impl<'a> Reply<'a> {
    /// 列出目录里的文件和目录,返回有几项。
    pub fn entries(self, directory: &Directory) -> anyhow::Result<usize> {
        let mut frames = FrameWriter::new(MAX_ANSWER);
        let mut count = 0;
        directory.each(|name, seen| {
            let kind = match seen.kind {
                directory::Kind::File => Kind::File,
                directory::Kind::Directory => Kind::Directory,
                directory::Kind::Other => return Ok(()),
            };
            // 自己不会给的名字,也不列出。
            if Name::root().join(name).is_none() {
                return Ok(());
            }
            let size = match kind {
                Kind::File => seen.size,
                Kind::Directory => 0,
            };
            let entry = Entry {
                kind,
                size,
                modified: seen.modified,
                name: name.to_vec(),
            };
            frames.queue(&entry.encode()?)?;
            count += 1;
            if count % BATCH == 0 {
                frames.flush(&mut &*self.0)?;
            }
            anyhow::Ok(())
        })?;
        frames.write(&mut &*self.0, &[])?;
        Ok(count)
    }

    /// 隔一会儿说一声「还在算」;没有进展就不说。
    pub fn reporter(self) -> impl FnMut(u64) -> anyhow::Result<()> {
        let mut reported = (Instant::now(), 0);
        move |hashed| {
            if reported.0.elapsed() >= REPORT && hashed > reported.1 {
                reported = (Instant::now(), hashed);
                self.reply(Status::Working, &hashed.to_be_bytes())?;
            }
            Ok(())
        }
    }

    /// 说出状态和内容。
    pub fn reply(self, status: Status, content: &[u8]) -> anyhow::Result<()> {
        let body = [&[status as u8], content].concat();
        let sent = FrameWriter::new(MAX_ANSWER).write(&mut &*self.0, &body);
        sent.context("回答失败")
    }
}

/// 一帧要在期限之前收全:一个字节一个字节地来,也不能永远占着一个线程。
pub struct Patient<'a>(pub &'a TcpStream, pub Instant);

impl Read for Patient<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.1.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        self.0.set_read_timeout(Some(left))?;
        (&mut &*self.0).read(buffer)
    }
}

/// 客户还没有收完就走了(例如 Ctrl-C):连接被复位,不是服务器出错。
pub fn is_gone(error: &anyhow::Error) -> bool {
    let mut kinds = error.chain().filter_map(|cause| {
        let framed = cause.downcast_ref().and_then(|error| match error {
            FrameError::Io(error) => Some(error),
            _ => None,
        });
        Some(framed.or(cause.downcast_ref::<io::Error>())?.kind())
    });
    kinds.any(|kind| {
        matches!(
            kind,
            ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe
        )
    })
}

/// 到了期限:Unix 报 WouldBlock,Windows 报 TimedOut。
pub fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
