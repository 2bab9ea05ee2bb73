//! TCP 的选项:种类 1 字节、长度 1 字节、内容(RFC 9293 §3.2、RFC 7323、RFC 2018)。

use byteorder::{ByteOrder, NetworkEndian};

use super::{Field, hex};

/// 选项结束,后面是填充。
const END: u8 = 0;
/// 空操作:只用来对齐。
const NOP: u8 = 1;
/// 最大报文段长度(MSS)。
const MSS: u8 = 2;
/// 窗口扩大。
const WINDOW_SCALE: u8 = 3;
/// 允许选择确认。
const SACK_PERMITTED: u8 = 4;
/// 选择确认。
const SACK: u8 = 5;
/// 时间戳。
const TIMESTAMPS: u8 = 8;

/// MSS 选项:以后的每个报文段最多装这么多字节的数据。
pub fn mss(value: u16) -> Vec<u8> {
    let mut option = vec![MSS, 4, 0, 0];
    NetworkEndian::write_u16(&mut option[2..], value);
    option
}

/// 各个选项;`start` 是选项从头的第几个字节起。
pub fn fields(options: &[u8], start: usize) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut at = 0;
    while let Some(kind) = options.get(at) {
        let left = &options[at..];
        let (size, text) = match *kind {
            // 到此为止,其余都是填充。
            END => (left.len(), "结束".to_owned()),
            NOP => (1, "NOP".to_owned()),
            _ => one(left),
        };
        fields.push(Field::new(start + at..start + at + size, "选项", text));
        at += size;
    }
    fields
}

/// 一个带长度的选项:大小和说明。长度不可信的,其余都算它的。
fn one(left: &[u8]) -> (usize, String) {
    let stated = left.get(1).map_or(0, |size| usize::from(*size));
    if stated < 2 || stated > left.len() {
        return (left.len(), format!("长度写错了:{}", hex(left)));
    }
    let content = &left[2..stated];
    let text = match (left[0], content.len()) {
        (MSS, 2) => format!("MSS {}", NetworkEndian::read_u16(content)),
        (WINDOW_SCALE, 1) => format!("窗口扩大 {}", content[0]),
        (SACK_PERMITTED, 0) => "允许选择确认".to_owned(),
        (SACK, length) if length % 8 == 0 => {
            let edges = content.chunks_exact(8).map(|edge| {
                let (left, right) = edge.split_at(4);
                let read = NetworkEndian::read_u32;
                format!("{}..{}", read(left), read(right))
            });
            format!("选择确认 {}", edges.collect::<Vec<_>>().join(" "))
        }
        (TIMESTAMPS, 8) => {
            let (value, echo) = content.split_at(4);
            let read = NetworkEndian::read_u32;
            format!("时间戳 {} 回显 {}", read(value), read(echo))
        }
        (kind, _) => format!("种类 {kind}:{}", hex(content)),
    };
    (stated, text)
}
