//! 抓包文件(.pcap):文件头说明链路类型,后面是一个接一个的包。容器由 `pcap-file` 读写。

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use pcap_file::pcap::{PcapHeader, PcapPacket, PcapReader, PcapWriter, RawPcapPacket};
use pcap_file::{DataLink, PcapError, TsResolution};

use crate::cli::Hinted;
use crate::wire::link::Link;

/// 一个包最多这么多字节:tcpdump 和 Wireshark 的上限。超过的一定是文件坏了。
const MAX_PACKET: u32 = 262_144;

/// .pcapng 开头的四个字节(draft-ietf-opsawg-pcapng §4.1)。
const PCAPNG: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];

/// 我们写的包的时间:从 2024-01-01 00:00:00 UTC 起,每个晚 1 毫秒。写死,同样的命令才写出同样的文件。
const FIRST: Duration = Duration::from_secs(1_704_067_200);
const STEP: Duration = Duration::from_millis(1);

/// 抓到的一个包。
#[derive(Debug)]
pub struct Captured {
    /// 抓到的时刻,从 1970 年起。
    pub time: Duration,
    /// 在网线上有多少字节;比 `bytes` 多就是截断了。
    pub original: usize,
    /// 抓到的字节。
    pub bytes: Vec<u8>,
}

/// 正在读的抓包文件。
pub struct Capture {
    reader: PcapReader<Box<dyn Read>>,
    /// 第一层是什么。
    pub link: Link,
    nanoseconds: bool,
}

impl Capture {
    /// 打开 `path`,读文件头。
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let file = File::open(path).map_err(|error| cannot("打不开", path, &error))?;
        Self::read(path, Box::new(file))
    }

    /// 从 `file` 读文件头;`path` 只用来说明哪里错了。
    pub fn read(path: &Path, mut file: Box<dyn Read>) -> anyhow::Result<Self> {
        let name = path.display();
        let mut magic = Vec::new();
        let start = Read::by_ref(&mut file).take(PCAPNG.len() as u64);
        let read = { start }.read_to_end(&mut magic);
        read.map_err(|error| cannot("读不了", path, &error))?;
        if magic == PCAPNG {
            let text = format!("{name} 是 .pcapng,不是 .pcap");
            let hint = "先转换:editcap -F pcap 原来的文件 新文件.pcap(随 Wireshark 一起安装)";
            return Err(hinted(text, hint));
        }
        let whole: Box<dyn Read> = Box::new(io::Cursor::new(magic).chain(file));
        let Ok(reader) = PcapReader::new(whole) else {
            let text = format!("{name} 不是抓包文件");
            let hint = "用 packet-layers build、tcpdump -w 存一个;Wireshark 另存为时选 pcap";
            return Err(hinted(text, hint));
        };
        let header = reader.header();
        Ok(Self {
            link: Link::from(u32::from(header.datalink)),
            nanoseconds: header.ts_resolution == TsResolution::NanoSecond,
            reader,
        })
    }

    /// 下一个包;文件完了是 `None`。
    pub fn next(&mut self) -> anyhow::Result<Option<Captured>> {
        let Some(packet) = self.reader.next_raw_packet() else {
            return Ok(None);
        };
        match packet {
            Ok(packet) => captured(&packet, self.nanoseconds).map(Some),
            Err(PcapError::IoError(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                let text = "文件在一个包的中间结束了".to_owned();
                Err(hinted(text, "抓包的程序可能还没有写完,或者文件没有传完整"))
            }
            Err(PcapError::IoError(error)) => Err(error).context("读抓包文件失败"),
            Err(_) => bail!("抓包文件坏了"),
        }
    }
}

/// 核对文件里说的长度。不用 `pcap-file` 自己的核对:截断的包,原来的长度超过文件的上限是正常的,它却不收。
fn captured(packet: &RawPcapPacket, nanoseconds: bool) -> anyhow::Result<Captured> {
    if packet.incl_len > MAX_PACKET {
        bail!("有一个包说自己有 {} 字节,文件坏了", packet.incl_len);
    }
    let fraction = u64::from(packet.ts_frac);
    let fraction = match nanoseconds {
        true => Duration::from_nanos(fraction),
        false => Duration::from_micros(fraction),
    };
    Ok(Captured {
        time: Duration::from_secs(u64::from(packet.ts_sec)) + fraction,
        original: usize::try_from(packet.orig_len).unwrap_or(usize::MAX),
        bytes: packet.data.to_vec(),
    })
}

/// 把以太网帧写成抓包文件。
pub fn write<'a>(path: &Path, frames: impl Iterator<Item = &'a [u8]>) -> anyhow::Result<()> {
    let file = File::create(path).map_err(|error| cannot("写不了", path, &error))?;
    write_to(BufWriter::new(file), frames).with_context(|| format!("写不了 {}", path.display()))
}

fn write_to<'a>(
    file: BufWriter<File>,
    frames: impl Iterator<Item = &'a [u8]>,
) -> anyhow::Result<()> {
    let header = PcapHeader {
        snaplen: MAX_PACKET,
        datalink: DataLink::ETHERNET,
        ..PcapHeader::default()
    };
    let mut writer = PcapWriter::with_header(file, header)?;
    let mut time = FIRST;
    for frame in frames {
        let length = u32::try_from(frame.len()).context("帧太长")?;
        writer.write_packet(&PcapPacket::new(time, length, frame))?;
        time += STEP;
    }
    writer.into_writer().flush()?;
    Ok(())
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> anyhow::Error {
    let name = path.display();
    let (why, hint) = match error.kind() {
        io::ErrorKind::NotFound => ("没有这个文件或目录", "核对文件名和所在的目录"),
        io::ErrorKind::PermissionDenied => ("没有权限", "换一个自己的目录,或者改文件的权限"),
        io::ErrorKind::IsADirectory => ("这是一个目录", "写上文件名"),
        _ => return anyhow::anyhow!("{what} {name}:{error}"),
    };
    hinted(format!("{what} {name}:{why}"), hint)
}

fn hinted(text: String, hint: &str) -> anyhow::Error {
    let hint = hint.to_owned();
    anyhow::Error::new(Hinted { text, hint })
}
