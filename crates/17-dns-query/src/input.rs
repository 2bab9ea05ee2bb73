//! 用户打的域名、地址和类型,变成问题。

use std::io::{self, ErrorKind, Write};
use std::net::IpAddr;
use std::str::FromStr;

use anyhow::Context;
use clap::ValueEnum;
use common::addr::{AddrError, Address};

use crate::cli::{self, Hinted};
use crate::name::Name;
use crate::question::Question;
use crate::record::{CLASS_IN, kind};
use crate::system::PORT;

/// 问哪一类记录。
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "UPPER")]
pub enum Kind {
    // IPv4 地址
    A,
    // IPv6 地址
    Aaaa,
    // 别名
    Cname,
    // 邮件送到哪里
    Mx,
    // 任意文字
    Txt,
    // 从地址到域名
    Ptr,
    // 这个区的服务器
    Ns,
    // 一个区的开头
    Soa,
}

impl Kind {
    fn number(self) -> u16 {
        match self {
            Self::A => kind::A,
            Self::Aaaa => kind::AAAA,
            Self::Cname => kind::CNAME,
            Self::Mx => kind::MX,
            Self::Txt => kind::TXT,
            Self::Ptr => kind::PTR,
            Self::Ns => kind::NS,
            Self::Soa => kind::SOA,
        }
    }
}

/// 服务器的地址;没有写端口就是 53。
#[derive(Debug, Clone)]
pub struct Server(pub Address);

impl FromStr for Server {
    type Err = AddrError;

    fn from_str(text: &str) -> Result<Self, AddrError> {
        let bare = text.trim().trim_matches(['[', ']']);
        let whole = match bare.parse::<IpAddr>() {
            Ok(IpAddr::V6(ip)) => format!("[{ip}]:{PORT}"),
            Ok(IpAddr::V4(ip)) => format!("{ip}:{PORT}"),
            // 只有数字就是端口,与别的程序一样。
            Err(_) if text.contains([':', '：']) || bare.parse::<u64>().is_ok() => text.to_owned(),
            Err(_) if bare.is_empty() => text.to_owned(),
            Err(_) => format!("{bare}:{PORT}"),
        };
        whole.parse().map(Self)
    }
}

/// 问用户要查什么,直到问到一个看得懂的。输入结束了是 `None`。
pub fn ask(kind: Option<Kind>) -> anyhow::Result<Option<Question>> {
    loop {
        let mut output = io::stdout().lock();
        match write!(output, "请输入域名:").and_then(|()| output.flush()) {
            // 输出的另一头不读了,也就没有人要结果了。
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(None),
            written => written.context("写标准输出失败")?,
        }
        let Some(line) = cli::read_line()? else {
            return Ok(None);
        };
        match question(&String::from_utf8_lossy(&line), kind) {
            Ok(question) => return Ok(Some(question)),
            Err(mistake) => cli::report(&mistake.into()),
        }
    }
}

/// 打的字变成问题。没有写类型:域名问 A,地址问 PTR。
pub fn question(text: &str, kind: Option<Kind>) -> Result<Question, Hinted> {
    let text = text.trim();
    let (name, default) = match text.parse::<IpAddr>() {
        Ok(ip) if kind.is_none_or(|kind| kind == Kind::Ptr) => (reverse(ip), Kind::Ptr),
        Ok(ip) => {
            let hint = format!("去掉 --type,就是反过来问 {ip} 的域名");
            return Err(hinted(format!("{ip} 已经是地址,不是域名"), hint));
        }
        Err(_) => (parse(&ascii(text)?), Kind::A),
    };
    Ok(Question {
        name: name.map_err(|what| hinted(format!("{}不是域名:{what}", quoted(text)), example()))?,
        kind: kind.unwrap_or(default).number(),
        class: CLASS_IN,
    })
}

/// 反过来问的域名:地址的每一段倒着写,因为域名是小的在前(RFC 1035 §3.5、RFC 3596 §2.5)。
fn reverse(ip: IpAddr) -> Result<Name, String> {
    let (mut parts, zone): (Vec<String>, _) = match ip {
        IpAddr::V4(ip) => (ip.octets().map(|octet| octet.to_string()).into(), "in-addr"),
        IpAddr::V6(ip) => {
            let digits = format!("{:032x}", ip.to_bits());
            (digits.chars().map(String::from).collect(), "ip6")
        }
    };
    parts.reverse();
    parse(&format!("{}.{zone}.arpa", parts.join(".")))
}

/// DNS 里习惯只用 ASCII:中文域名先换成 `xn--` 开头的写法(IDNA,RFC 5891)。
fn ascii(text: &str) -> Result<String, Hinted> {
    if text.is_ascii() {
        return Ok(text.to_owned());
    }
    match idna::domain_to_ascii(text) {
        Ok(ascii) => {
            cli::note(format_args!("{text} 在 DNS 里写作 {ascii}(IDNA)"));
            Ok(ascii)
        }
        Err(_) => {
            let text = format!("{}里有域名不能用的字", quoted(text));
            Err(hinted(text, example()))
        }
    }
}

/// 一串标签,末尾的点可有可无。别的字节写成 `\` 和三位十进制,标签里的点写成 `\.`。
fn parse(text: &str) -> Result<Name, String> {
    let mut name = Name::root();
    let mut label = Vec::new();
    let mut bytes = text.bytes();
    if text == "." {
        return Ok(name);
    }
    while let Some(byte) = bytes.next() {
        match byte {
            b'.' => name.push(&std::mem::take(&mut label))?,
            b'\\' => label.push(escaped(&mut bytes)?),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'*' => label.push(byte),
            b':' => return Err("不要写端口,也不要写 http://".to_owned()),
            b'/' => return Err("不要写路径,只写主机那一段".to_owned()),
            b'@' => return Err("不要写信箱,只写 @ 后面的一段".to_owned()),
            _ => return Err(format!("「{}」要写成 \\{byte:03}", char::from(byte))),
        }
    }
    match label.is_empty() && name != Name::root() {
        true => Ok(name),
        false => name.push(&label).map(|()| name),
    }
}

/// 反斜杠后面:三位十进制是一个字节,别的字符就是它自己(RFC 1035 §5.1)。
fn escaped(bytes: &mut std::str::Bytes<'_>) -> Result<u8, String> {
    let first = bytes.next().ok_or("末尾的反斜杠后面没有字")?;
    if !first.is_ascii_digit() {
        return Ok(first);
    }
    let digits = [Some(first), bytes.next(), bytes.next()].map(Option::unwrap_or_default);
    let number = str::from_utf8(&digits)
        .ok()
        .and_then(|text| text.parse().ok());
    number.ok_or_else(|| "反斜杠后面的数要有三位,000 到 255".to_owned())
}

/// 放进引号;太长的只要开头,免得错误的说明被挤出屏幕。
fn quoted(text: &str) -> String {
    const SHOWN: usize = 40;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("「{}……」", &text[..end]),
        None => format!("「{text}」"),
    }
}

fn example() -> String {
    "写成 www.example.com 的样子".to_owned()
}

fn hinted(text: String, hint: String) -> Hinted {
    Hinted { text, hint }
}
