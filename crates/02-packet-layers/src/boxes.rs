//! 把一个包画成套着的盒子:外层的盒子里,是它的头和里面的一层。

use std::ops::Range;

use crate::text::{padded, readable, shortened};
use crate::wire::layer::{Dissection, Layer};

/// 最外面的盒子有这么多列:80 列的终端放得下。
const COLUMNS: usize = 76;

/// 每套一层,两边各少两列。
const STEP: usize = 4;

/// 画一个包,一行一个字符串。线用 ASCII 字符:中文终端里,制表符有的占一列有的占两列,对不齐。
pub fn draw(packet: &[u8], found: &Dissection) -> Vec<String> {
    let mut inner = match found.data.is_empty() {
        true => Vec::new(),
        false => data_box(packet, &found.data, COLUMNS - STEP * found.layers.len()),
    };
    for (depth, layer) in found.layers.iter().enumerate().rev() {
        inner = layer_box(layer, inner, COLUMNS - STEP * depth);
    }
    inner
}

fn layer_box(layer: &Layer, inner: Vec<String>, columns: usize) -> Vec<String> {
    let Layer {
        name, start, end, ..
    } = layer;
    let title = format!("{name} 偏移 {start},{} 字节", end - start);
    let mut lines = vec![top(&title, columns)];
    let header = format!("头 {}:{}", span(*start, layer.size), summary(layer));
    lines.push(side(&header, columns));
    lines.extend(layer.notes.iter().map(|note| side(note, columns)));
    lines.extend(inner.iter().map(|line| side(line, columns)));
    lines.push(bottom(columns));
    lines
}

fn data_box(packet: &[u8], data: &Range<usize>, columns: usize) -> Vec<String> {
    let title = format!("数据 偏移 {},{} 字节", data.start, data.len());
    let bytes = &packet[data.clone()];
    let text = readable(bytes).unwrap_or_else(|| crate::wire::hex(bytes));
    vec![top(&title, columns), side(&text, columns), bottom(columns)]
}

/// 头里最要紧的:从哪里到哪里,是第几片。
fn summary(layer: &Layer) -> String {
    let value = |name: &str| {
        let field = layer.fields.iter().find(|field| field.name == name);
        // 括号里的说明留给 show。
        field.map_or("", |field| {
            field.value.split('(').next().unwrap_or_default()
        })
    };
    let between = |from, to| format!("{} -> {}", value(from), value(to));
    match layer.name {
        "以太网" => between("源 MAC", "目的 MAC"),
        "VLAN" => format!("编号 {}", value("VLAN 编号")),
        "ARP" => between("发送方 IP", "目标 IP"),
        "IPv4" => match (value("片偏移"), value("还有分片 MF")) {
            ("0", "0") => between("源地址", "目的地址"),
            (offset, more) => {
                let ends = between("源地址", "目的地址");
                format!("{ends},片偏移 {offset},还有分片 {more}")
            }
        },
        "UDP" | "TCP" => between("源端口", "目的端口"),
        _ => String::new(),
    }
}

/// 例如 `0-13(14 字节)`。
fn span(start: usize, size: usize) -> String {
    match size {
        0 => "没有".to_owned(),
        _ => format!("{start}-{}({size} 字节)", start + size - 1),
    }
}

fn top(title: &str, columns: usize) -> String {
    let title = shortened(title, columns - 6);
    let line = format!("+- {title} ");
    let dashes = "-".repeat(columns.saturating_sub(crate::text::width(&line) + 1));
    format!("{line}{dashes}+")
}

fn side(text: &str, columns: usize) -> String {
    let room = columns - STEP;
    format!("| {} |", padded(&shortened(text, room), room))
}

fn bottom(columns: usize) -> String {
    format!("+{}+", "-".repeat(columns - 2))
}
