//! 一个包拆开以后的样子:一层套一层。

use std::net::IpAddr;
use std::ops::Range;

use super::{Field, Header, Malformed};

/// 一层:头在哪里,有哪些字段,连同数据到哪里为止。
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// 名字,例如 `IPv4`。
    pub name: &'static str,
    /// 头从包的第几个字节起。
    pub start: usize,
    /// 头有多少字节。
    pub size: usize,
    /// 头和数据到第几个字节为止。
    pub end: usize,
    /// 各个字段;位置从包的第一个字节算起。
    pub fields: Vec<Field>,
    /// 要说明的事:截断、长度对不上……
    pub notes: Vec<String>,
}

impl Layer {
    /// 读好了的头。
    pub fn whole<H: Header>(header: &H, start: usize, end: usize) -> Self {
        Self {
            name: H::NAME,
            start,
            size: header.size(),
            end,
            fields: shifted(header.fields(), start),
            notes: Vec::new(),
        }
    }

    /// 读不出来的头:只有 `bytes`,整个在里面的字段照样列出。
    pub fn broken<H: Header>(bytes: &[u8], start: usize, end: usize, why: &Malformed) -> Self {
        let (size, fields, note) = match why {
            Malformed::Short(_) => {
                let (need, header) = completed::<H>(bytes);
                let mut fields = header.map_or_else(Vec::new, |header| header.fields());
                fields.retain(|field| field.range.end <= bytes.len());
                let note = format!("头有 {need} 字节,这里只有 {} 字节", bytes.len());
                (bytes.len(), fields, note)
            }
            Malformed::Invalid(reason) => (0, Vec::new(), format!("不再往里看:{reason}")),
        };
        Self {
            name: H::NAME,
            start,
            size,
            end,
            fields: shifted(fields, start),
            notes: vec![note],
        }
    }

    /// 在叫 `name` 的字段的值后面加上说明。
    pub fn explain(&mut self, name: &str, text: impl std::fmt::Display) {
        for field in self.fields.iter_mut().filter(|field| field.name == name) {
            field.value.push_str(&format!("({text})"));
        }
    }
}

fn shifted(mut fields: Vec<Field>, start: usize) -> Vec<Field> {
    for field in &mut fields {
        field.range = field.range.start + start..field.range.end + start;
    }
    fields
}

/// 用默认的头补齐 `bytes` 再读:整个头要多少字节,和读出来的头。
fn completed<H: Header>(bytes: &[u8]) -> (usize, Option<H>) {
    let mut padded = Vec::new();
    H::default().write(&mut padded);
    let known = bytes.len().min(padded.len());
    padded[..known].copy_from_slice(&bytes[..known]);
    padded.extend(&bytes[known..]);
    // 补齐到最短的头,才知道连同选项有多长:最多再补一次。
    for _ in 0..2 {
        match H::parse(&padded) {
            Ok(header) => return (header.size(), Some(header)),
            Err(Malformed::Short(need)) => padded.resize(need, 0),
            Err(Malformed::Invalid(_)) => break,
        }
    }
    (padded.len(), None)
}

/// 一个 IP 分片:它是哪个报文的哪一段。
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// 同一个报文的各片相同。
    pub of: Whole,
    /// 从原来的报文的第几个字节起。
    pub start: usize,
    /// 后面还有。
    pub more: bool,
    /// 数据在包的哪里;截断了就是 `None`。
    pub data: Option<Range<usize>>,
}

/// 被分片的报文:靠这几样认出它的各片(RFC 791 §3.2)。
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "字段的名字就是意思")]
pub struct Whole {
    pub source: IpAddr,
    pub destination: IpAddr,
    pub protocol: u8,
    pub identification: u32,
}

/// 拆开的包。
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dissection {
    /// 各层,从外到里。
    pub layers: Vec<Layer>,
    /// 最里面的数据;截断了的只到抓到的为止。
    pub data: Range<usize>,
    /// 最里面的数据本来到第几个字节为止。
    pub data_end: usize,
    /// 以太网为了凑够最小长度补的字节。
    pub padding: Range<usize>,
    /// 是不是一个 IP 分片。
    pub piece: Option<Piece>,
}
