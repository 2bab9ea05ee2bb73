//! `show`:读抓包文件,打印每个包的每一层、每个字段。

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use crate::capture::{Capture, Captured};
use crate::cli;
use crate::text::{dump, padded, readable};
use crate::wire::Field;
use crate::wire::dissect::{dissect, dissect_reassembled};
use crate::wire::layer::{Dissection, Layer};
use crate::wire::link::Link;
use crate::wire::reassembly::{Complete, Reassembly};

/// 字段的名字这么宽:最长的是「协议地址长度」。
const NAME: usize = 14;

/// 打印 `path` 里的每个包,或者只打印第 `only` 个。
pub fn run(path: &Path, only: Option<u64>) -> anyhow::Result<()> {
    print_all(Capture::open(path)?, only, cli::print_line)
}

/// 每个包的文字交给 `print`。
pub fn print_all(
    mut capture: Capture,
    only: Option<u64>,
    print: impl Fn(String) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    if let Link::Unknown(link) = capture.link {
        cli::note(format_args!("提示:链路类型 {link} 不认识,只显示字节"));
    }
    let mut reassembly = Reassembly::default();
    let mut first = None;
    let mut count = 0;
    while let Some(packet) = capture.next()? {
        count += 1;
        let since = packet
            .time
            .saturating_sub(*first.get_or_insert(packet.time));
        let found = dissect(capture.link, &packet.bytes, packet.original);
        // 只看一个包时,前面的分片也要收着:它可能正是最后一片。
        let piece = found.piece.as_ref();
        let complete = piece.and_then(|piece| reassembly.add(piece, &packet.bytes));
        if only.is_none_or(|only| only == count) {
            print(describe(count, since, &packet, &found, complete))?;
        }
        if only == Some(count) {
            return Ok(());
        }
    }
    print(summary(count, only, reassembly.unfinished())?)
}

fn summary(count: u64, only: Option<u64>, unfinished: usize) -> anyhow::Result<String> {
    if let Some(only) = only {
        let text = format!("没有第 {only} 个包");
        let hint = format!("文件里一共有 {count} 个包");
        return Err(anyhow::Error::new(cli::Hinted { text, hint }));
    }
    if unfinished > 0 {
        cli::note(format_args!("提示:有 {unfinished} 个报文的分片没有收齐"));
    }
    Ok(format!("一共 {count} 个包"))
}

/// 一个包的全部文字。
fn describe(
    number: u64,
    since: Duration,
    packet: &Captured,
    found: &Dissection,
    complete: Option<Complete>,
) -> String {
    let captured = packet.bytes.len();
    let mut text = format!(
        "第 {number} 个包,+{:.6} 秒,{captured} 字节",
        since.as_secs_f64()
    );
    if packet.original > captured {
        let _ = write!(text, "(网线上有 {} 字节,抓包时截断了)", packet.original);
    }
    text.push('\n');
    inside(&mut text, &packet.bytes, found);
    if !found.padding.is_empty() {
        let length = found.padding.len();
        let start = found.padding.start;
        let _ = writeln!(text, "  填充 偏移 {start},{length} 字节:不属于 IP 或 ARP");
    }
    if let Some(complete) = complete {
        let Complete {
            of,
            pieces,
            payload,
        } = complete;
        let length = payload.len();
        let _ = writeln!(text, "  {pieces} 个分片到齐,重组成 {length} 字节:");
        inside(&mut text, &payload, &dissect_reassembled(&of, &payload));
    }
    text
}

/// 各层和里面的数据。
fn inside(text: &mut String, packet: &[u8], found: &Dissection) {
    for layer in &found.layers {
        show_layer(text, layer);
    }
    if found.data_end > found.data.start {
        show_data(text, packet, found);
    }
}

fn show_layer(text: &mut String, layer: &Layer) {
    let Layer {
        name, start, size, ..
    } = layer;
    let _ = writeln!(text, "  {name} 偏移 {start},头 {size} 字节");
    for field in &layer.fields {
        let (start, size, name) = (field.range.start, extent(field), padded(field.name, NAME));
        let _ = writeln!(text, "    {start:>5}  {size}  {name}  {}", field.value);
    }
    for note in &layer.notes {
        let _ = writeln!(text, "    注意:{note}");
    }
}

/// 字段的大小,例如 ` 2 字节`、`13 位  `。
fn extent(field: &Field) -> String {
    match field.bits {
        Some(bits) => padded(&format!("{bits:>2} 位"), 7),
        None => padded(&format!("{:>2} 字节", field.range.len()), 7),
    }
}

fn show_data(text: &mut String, packet: &[u8], found: &Dissection) {
    let data = &packet[found.data.clone()];
    let whole = found.data_end - found.data.start;
    let start = found.data.start;
    let _ = write!(text, "  数据 偏移 {start},{whole} 字节");
    if whole > data.len() {
        let _ = write!(text, "(只抓到 {} 字节)", data.len());
    }
    text.push('\n');
    for line in dump(data, start) {
        let _ = writeln!(text, "{line}");
    }
    if let Some(shown) = readable(data).filter(|shown| !shown.is_empty()) {
        let _ = writeln!(text, "    文字:{}", crate::text::shortened(&shown, 60));
    }
}
