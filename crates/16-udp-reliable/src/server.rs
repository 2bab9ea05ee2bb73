//! 服务器:一次收一个文件,保存在 `root` 里。

use std::collections::VecDeque;
use std::net::{SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::bail;
use clap::Args;
use common::addr::Address;

use crate::cli;
use crate::content::{Open, Reason, Verdict};
use crate::packet::{HEADER, Kind, MAX_CONTENT, Packet};
use crate::socket;
use crate::store::Incoming;
use crate::upload::Upload;

/// 没有事也隔这么久看一眼:有没有人按 Ctrl-C,对方是不是太久没有音讯。
const POLL: Duration = Duration::from_millis(100);

/// 记得最近这么多次的结局:最后一个报文丢了,对方会再问。TCP 为此留着 TIME_WAIT。
const REMEMBERED: usize = 16;

/// 服务器的命令行。
#[derive(Debug, Args)]
pub struct Options {
    /// 在哪里接收
    #[arg(value_name = "监听地址", default_value = "127.0.0.1:8080")]
    listen: Address,

    /// 收到的文件放在哪个目录
    #[arg(long, value_name = "目录", default_value = ".")]
    root: PathBuf,

    /// 每秒最多写这么多字节,装作一台慢机器;不写就不限
    #[arg(long, value_name = "字节数", value_parser = clap::value_parser!(u32).range(1..))]
    slow: Option<u32>,

    /// 对方这么多秒没有音讯就放弃,1 到 3600
    #[arg(long, value_name = "秒", default_value_t = 30,
          value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
}

/// 收文件,直到 `stop`。
pub fn run(options: &Options, stop: &AtomicBool) -> anyhow::Result<()> {
    if !options.root.is_dir() {
        bail!("{} 不是一个目录", options.root.display());
    }
    let socket = socket::listen(&options.listen)?;
    cli::print_line(format_args!("监听 {}", socket.local_addr()?))?;
    let mut server = Server {
        socket,
        options,
        started: Instant::now(),
        current: None,
        finished: VecDeque::new(),
    };
    let mut buffer = [0; HEADER + MAX_CONTENT + 1];
    while !stop.load(Ordering::Relaxed) {
        let received = server.receive(&mut buffer)?;
        let now = server.started.elapsed();
        if let Some((length, peer)) = received
            && let Some(packet) = Packet::decode(&buffer[..length])
        {
            server.handle(now, peer, &packet)?;
        }
        server.advance(now)?;
    }
    Ok(())
}

struct Server<'a> {
    socket: UdpSocket,
    options: &'a Options,
    started: Instant,
    current: Option<Upload>,
    finished: VecDeque<(SocketAddr, u32, Verdict)>,
}

impl Server<'_> {
    /// 等一个数据报,等到该做别的事为止:长度和发送方。
    fn receive(&self, buffer: &mut [u8]) -> anyhow::Result<Option<(usize, SocketAddr)>> {
        let due = self.current.as_ref().and_then(Upload::due);
        let left = due.map(|due| due.saturating_sub(self.started.elapsed()));
        let wait = left.map_or(POLL, |left| left.min(POLL));
        socket::receive_any(&self.socket, wait, buffer)
    }

    fn handle(&mut self, now: Duration, peer: SocketAddr, packet: &Packet) -> anyhow::Result<()> {
        let session = packet.session;
        let known = |one: &&(SocketAddr, u32, Verdict)| one.0 == peer && one.1 == session;
        if let Some((_, _, verdict)) = self.finished.iter().find(known) {
            self.send(&verdict.encode(session), peer);
            return Ok(());
        }
        match (&mut self.current, packet.kind) {
            (Some(upload), _) if upload.is_of(peer, session) => upload.receive(now, packet),
            (Some(_), Kind::Open) => self.refuse(peer, session, Reason::Busy),
            (None, Kind::Open) => self.begin(now, peer, packet)?,
            (None, Kind::Data | Kind::Fin | Kind::Probe) => {
                self.refuse(peer, session, Reason::Unknown);
            }
            // 不是这一次传输的,一概不理。
            _ => {}
        }
        Ok(())
    }

    fn begin(&mut self, now: Duration, peer: SocketAddr, packet: &Packet) -> anyhow::Result<()> {
        let open = Open::decode(packet.content).filter(|_| packet.number == 0);
        let incoming = match &open {
            Some(open) => Incoming::new(&self.options.root, open),
            None => Err(Reason::Name),
        };
        match (incoming, open) {
            (Ok(incoming), Some(open)) => {
                let (name, size) = (&open.name, open.size);
                cli::print_line(format_args!("{peer} 要传 {name}({size} 字节)"))?;
                let upload = Upload::new(now, peer, packet, open.keep_early, incoming);
                self.current = Some(upload);
            }
            (Err(reason), _) => {
                cli::note(format_args!("没有收 {peer} 的文件:{}", reason.text()));
                self.refuse(peer, packet.session, reason);
            }
            (Ok(_), None) => {}
        }
        Ok(())
    }

    /// 写文件,发确认;该结束的结束。
    fn advance(&mut self, now: Duration) -> anyhow::Result<()> {
        let Some(mut upload) = self.current.take() else {
            return Ok(());
        };
        let advanced = upload.advance(now, self.options.slow);
        while let Some(datagram) = upload.transmit() {
            self.send(&datagram, upload.peer);
        }
        let silent =
            now.saturating_sub(upload.heard()) >= Duration::from_secs(self.options.timeout);
        match advanced {
            Ok(None) if silent => {
                let (peer, name) = (upload.peer, upload.incoming().name());
                cli::note(format_args!("{peer} 没有音讯了,{name} 没有收完,不要了"));
            }
            Ok(None) => self.current = Some(upload),
            Ok(Some(checksum)) => self.end(upload, |upload| upload.save(checksum))?,
            Err(verdict) => self.end(upload, |_| verdict)?,
        }
        Ok(())
    }

    fn end(&mut self, upload: Upload, end: impl FnOnce(Upload) -> Verdict) -> anyhow::Result<()> {
        let (peer, session, waste) = (upload.peer, upload.session(), upload.waste());
        let (name, size) = (
            upload.incoming().name().to_owned(),
            upload.incoming().size(),
        );
        let verdict = end(upload);
        match verdict {
            Verdict::Done => cli::print_line(format_args!(
                "收到 {name}:{size} 字节;无用的重复 {} 个,早到丢弃 {} 个",
                waste.duplicates, waste.dropped
            ))?,
            Verdict::Refused(reason) => {
                cli::note(format_args!("没有收下 {peer} 的 {name}:{}", reason.text()));
            }
        }
        self.send(&verdict.encode(session), peer);
        self.finished.push_back((peer, session, verdict));
        if self.finished.len() > REMEMBERED {
            self.finished.pop_front();
        }
        Ok(())
    }

    fn refuse(&self, peer: SocketAddr, session: u32, reason: Reason) {
        self.send(&Verdict::Refused(reason).encode(session), peer);
    }

    /// 发不出去就当它丢了:对方会重传,我们会再答。
    fn send(&self, datagram: &[u8], peer: SocketAddr) {
        let _ = self.socket.send_to(datagram, peer);
    }
}
