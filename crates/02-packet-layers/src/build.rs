//! `build`:写一段对话,一层一层地画出来,存成抓包文件。

use std::path::PathBuf;

use clap::Args;

use crate::conversation::frames;
use crate::sender::{Frame, Network};
use crate::wire::dissect::dissect;
use crate::wire::link::Link;
use crate::{boxes, capture, cli};

/// 以太网的 MTU:帧里的数据最多 1,500 字节(IEEE 802.3、RFC 894)。
const ETHERNET_MTU: u16 = 1500;

/// 每条 IPv4 的链路至少要能走 68 字节(RFC 791 §3.2)。
const SMALLEST_MTU: i64 = 68;

/// 一个 IPv4 数据报最多装这么多字节:总长 65,535,减去 IP 头 20 和 UDP 头 8(RFC 791、RFC 768)。
const MAX_PAYLOAD: usize = 65_507;

/// `build` 的命令行。
#[derive(Args)]
pub struct Options {
    /// 要装的数据
    #[arg(long, value_name = "TEXT", default_value = "你好,网络!")]
    payload: String,

    /// 不用 --payload,装这么多字节的 0123456789…
    #[arg(long, value_name = "字节数", conflicts_with = "payload",
          value_parser = clap::value_parser!(u16))]
    size: Option<u16>,

    /// 链路一次最多传多大的 IP 报文;装不下的,UDP 由 IP 分片,TCP 自己分段
    #[arg(long, value_name = "字节数", default_value_t = ETHERNET_MTU,
          value_parser = clap::value_parser!(u16).range(SMALLEST_MTU..))]
    mtu: u16,

    /// 加上 VLAN 标签,编号 1..4094
    #[arg(long, value_name = "编号", value_parser = clap::value_parser!(u16).range(1..=4094))]
    vlan: Option<u16>,

    /// 只列出每一帧,不画盒子
    #[arg(long)]
    brief: bool,

    /// 存成哪个文件
    #[arg(long, value_name = "FILE.pcap")]
    out: PathBuf,
}

/// 写、画、存。
pub fn run(options: &Options) -> anyhow::Result<()> {
    let payload = match options.size {
        None => options.payload.clone().into_bytes(),
        Some(size) => (b'0'..=b'9').cycle().take(usize::from(size)).collect(),
    };
    if payload.len() > MAX_PAYLOAD {
        let text = format!("数据有 {} 字节,一个 UDP 数据报装不下", payload.len());
        let hint = format!("最多 {MAX_PAYLOAD} 字节");
        return Err(anyhow::Error::new(cli::Hinted { text, hint }));
    }
    let network = Network {
        mtu: options.mtu,
        vlan: options.vlan,
    };
    let frames = frames(&payload, network)?;
    // 先存好,再画:画到一半输出被关掉,文件也是全的。
    capture::write(&options.out, frames.iter().map(|frame| &*frame.bytes))?;
    for (index, frame) in frames.iter().enumerate() {
        draw(index + 1, frame, options.brief)?;
    }
    let name = options.out.display();
    cli::print_line(format_args!("{} 帧已存到 {name}", frames.len()))
}

/// 有数据的帧和 ARP 画盒子;TCP 的握手和确认只说一句。
fn draw(number: usize, frame: &Frame, brief: bool) -> anyhow::Result<()> {
    let Frame { title, bytes } = frame;
    let found = dissect(Link::Ethernet, bytes, bytes.len());
    let mut text = format!("第 {number} 帧,{} 字节:{title}\n", bytes.len());
    let worth = !found.data.is_empty() || title.starts_with("ARP");
    if worth && !brief {
        for line in boxes::draw(bytes, &found) {
            text.push_str(&line);
            text.push('\n');
        }
    }
    cli::print_line(text.trim_end())
}
