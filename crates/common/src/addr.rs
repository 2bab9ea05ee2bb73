//! 地址解析:人敲的「主机:端口」变成套接字地址。
//! 每一种写错都有自己的说法:`Display` 说错在哪里,[`AddrError::hint`] 用输入里的主机和端口给出
//! 正确的写法。中文输入法打出的 `：`、`。`、`【】`、全角数字不算错,粘贴带来的空白和零宽字符也不算。

use std::net::{Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::{error, fmt, io, iter, str::FromStr};

/// 只写端口时的主机:只有本机能连上,不会在无意中把服务开放给整个网络。
const LOOPBACK: &str = "127.0.0.1";

/// 一个「主机:端口」,还没有查域名。
/// `8080` 和 `:8080` 就是 `127.0.0.1:8080`。端口 0 是「由系统挑一个」,只对监听有意义。
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// IPv4、IPv6(没有方括号,可以带 `%网卡`)或主机名的规范写法。
    host: String,
    port: u16,
}

impl Address {
    /// 查出套接字地址:至少一个,IPv4 在前(课程的服务器默认只听 127.0.0.1,而 Windows 查
    /// `localhost` 先给出 `[::1]`)。查主机名要问系统,可能等几秒钟。
    pub fn resolve(&self) -> Result<Vec<SocketAddr>, AddrError> {
        let Self { host, port } = self;
        let unknown = |cause: io::Error| {
            let wrong = format!("找不到主机「{host}」,系统说「{cause}」");
            let hint = format!("检查拼写和网络;如果服务器就在本机,试试 {LOOPBACK}:{port}");
            AddrError(wrong, hint)
        };
        let found = (&**host, *port).to_socket_addrs().map_err(unknown)?;
        let mut found = Vec::from_iter(found);
        let nothing = || unknown(io::ErrorKind::NotFound.into());
        found.first().ok_or_else(nothing)?;
        found.sort_by_key(SocketAddr::is_ipv6);
        Ok(found)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        match host.contains(':') {
            true => write!(f, "[{host}]:{port}"),
            false => write!(f, "{host}:{port}"),
        }
    }
}

impl FromStr for Address {
    type Err = AddrError;
    fn from_str(input: &str) -> Result<Self, AddrError> {
        let text: String = input.chars().filter_map(half_width).collect();
        let text = text.trim();
        parse(text).map_err(|wrong| AddrError(wrong, format!("试试 {}", right_form(text))))
    }
}

/// 地址为什么不能用:哪里不对,和怎样才对。
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddrError(String, String);
impl error::Error for AddrError {}

impl AddrError {
    /// 怎样才对;其中的写法总能通过解析。
    pub fn hint(&self) -> String {
        self.1.clone()
    }
}

impl fmt::Display for AddrError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// 解析,或者说出第一处写错的地方。
fn parse(text: &str) -> Result<Address, String> {
    let (host, port) = split(text)?;
    let host = check_host(host)?;
    match port.parse() {
        _ if port.is_empty() => Err(format!("「{text}」没有写端口")),
        _ if !is_number(port) => Err(format!("端口「{port}」不是数字")),
        Ok(port) => Ok(Address { host, port }),
        Err(_) => Err(format!("端口 {port} 太大,最大是 65535")),
    }
}

/// 分成主机(没有方括号)和端口(可能是空的)。
fn split(text: &str) -> Result<(&str, &str), String> {
    let (before, after) = text.rsplit_once(':').unwrap_or((text, ""));
    let (_, path) = text.split_once('/').unwrap_or_default();
    let unsigned = text.trim_start_matches(['+', '-']);
    let bracketed = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    Err(match bracketed {
        _ if text.is_empty() => "没有写地址".into(),
        _ if text.contains("://") => format!("「{text}」是网址,这里只要主机和端口"),
        _ if path.starts_with(char::is_numeric) => format!("「/{path}」是子网前缀,要去掉"),
        _ if text.contains('/') => format!("「/{path}」是路径,这里只要主机和端口"),
        _ if before.contains(' ') => format!("主机「{before}」里有空白"),
        _ if after.contains(' ') => format!("端口「{after}」里有空白"),
        _ if text.contains([',', ';']) => "逗号、分号不能代替点和冒号".into(),
        Some((host, _)) if ipv6(host).is_none() => format!("「[{host}]」不是 IPv6 地址"),
        Some((host, "")) => return Ok((host, "")),
        Some((host, _)) if before.len() == host.len() + 2 => return Ok((host, after)),
        Some((_, rest)) => format!("方括号后面只能是冒号和端口,不能是「{rest}」"),
        None if text.contains(['[', ']']) => "方括号不成对".into(),
        None if ipv6(text).or(ipv6(before)).is_some() => "IPv6 地址要放进方括号".into(),
        None if before.contains(':') => "冒号太多,只有端口前面要一个".into(),
        None if before.is_empty() => return Ok((LOOPBACK, after)),
        None if unsigned.chars().all(char::is_numeric) => return Ok((LOOPBACK, text)),
        None if is_number(before) && !is_number(after) => "主机和端口写反了,主机在前".into(),
        None => return Ok((before, after)),
    })
}

/// 主机的规范写法,或者写错的地方。
fn check_host(host: &str) -> Result<String, String> {
    // 只有数字和点,就是想写 IPv4 地址;域名末尾可以有一个点,表示完整的域名(RFC 1034 §3.1)。
    let ipv4 = host.chars().all(|c| c.is_ascii_digit() || c == '.');
    let labels = host.strip_suffix('.').filter(|_| !ipv4).unwrap_or(host);
    let any = |wrong: fn(&str) -> bool| labels.split('.').any(wrong);
    let zero = any(|octet| octet.len() > 1 && octet.starts_with('0'));
    let large = any(|octet| octet.parse::<u8>().is_err());
    let hyphen = any(|label| label.starts_with('-') || label.ends_with('-'));
    let count = labels.split('.').count();
    Err(match ipv6(host) {
        Some(ipv6) => return Ok(ipv6),
        _ if host == "*" => "「*」不是地址,所有网卡写作 0.0.0.0".into(),
        _ if any(str::is_empty) => format!("主机「{host}」的点不对,点的两边都要有内容"),
        _ if ipv4 && count < 4 => format!("「{host}」只有 {count} 段,IPv4 地址要有 4 段"),
        _ if ipv4 && count > 4 => format!("「{host}」有 {count} 段,IPv4 地址只有 4 段"),
        _ if ipv4 && zero => format!("「{host}」有一段以 0 开头,有的系统会当成八进制"),
        _ if ipv4 && large => format!("「{host}」有一段太大,IPv4 地址的每一段最大是 255"),
        _ if !host.chars().all(is_name_char) => format!("主机「{host}」里有不能用的字符"),
        _ if hyphen => format!("主机「{host}」有一段以减号开头或结尾"),
        // 长度见 RFC 1035 §2.3.4。
        _ if any(|label| label.len() > 63) => "主机名的一段最多 63 个字符".into(),
        _ if labels.len() > 253 => "主机名最多 253 个字符".into(),
        _ => return Ok(host.to_ascii_lowercase()),
    })
}

/// 从写错的一行里找出主机和端口;找不到的用 127.0.0.1 和 8080 代替。
fn right_form(text: &str) -> Address {
    // 正确的写法不会超过 300 个字符,不为更长的输入费时间。
    let text: String = text.chars().take(300).collect();
    let text = text.replace('*', "0.0.0.0");
    let (scheme, rest) = text.split_once("://").unwrap_or(("", &text));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let authority = authority.rsplit('@').next().unwrap_or_default();
    let (host, port) = find_ipv6(authority).unwrap_or_else(|| find_words(authority));
    let host = check_host(&host).unwrap_or(LOOPBACK.into());
    // 网址没有写端口时,不加密的网页在 80;课程的程序也不加密。
    let default = if scheme.is_empty() { 8080 } else { 80 };
    let port = port.parse().unwrap_or(default);
    Address { host, port }
}

/// 试每一处可能的结尾,后面有数字的优先:`::1:8080` 是 `::1` 和 8080。
fn find_ipv6(text: &str) -> Option<(String, String)> {
    let ends = text.rmatch_indices([']', ':', ',', ';', ' ']);
    let ends = iter::once(text.len()).chain(ends.map(|(end, _)| end));
    let found = ends.filter_map(|end| {
        let host = ipv6(text[..end].trim_matches(['[', ']', ',', ';', ' ']))?;
        let port: String = text[end..].chars().filter(char::is_ascii_digit).collect();
        Some((host, port))
    });
    found.min_by_key(|(_, port)| port.is_empty())
}

/// 第一个不是数字的词是主机,最后一个数字是端口;`127.0.0.1.8080` 多出的一段也是端口。
fn find_words(text: &str) -> (String, String) {
    let text = text.replace(',', ".");
    let mut words = text.split(|c| !is_name_char(c));
    let number = words.clone().rfind(|word| is_number(word));
    let is_host = |word: &&str| !is_number(word) && word.contains(char::is_alphanumeric);
    let host = words.find(is_host);
    let labels = host.unwrap_or(LOOPBACK).split('.');
    let mut labels: Vec<_> = labels.filter(|label| !label.is_empty()).collect();
    let last_word = labels.iter().rposition(|label| !is_number(label));
    let keep = last_word.map_or(4, |last| last + 1);
    let port = number.or(labels.get(keep).copied()).unwrap_or_default();
    // IPv4 地址缺的段补 1;每一段去掉开头的 0,太大的取 254,因为 255 常常是广播地址。
    labels.resize(keep, "1");
    let labels = labels.iter().map(|label| match label.parse::<u32>() {
        Ok(number) if last_word.is_none() => number.min(254).to_string(),
        _ => label.to_string(),
    });
    (labels.collect::<Vec<_>>().join("."), port.into())
}

/// IPv6 地址的规范写法,可以带 `%网卡`(RFC 4007 §11);别的主机是 `None`。
fn ipv6(host: &str) -> Option<String> {
    let (ip, zone) = host.split_at(host.find('%').unwrap_or(host.len()));
    let ip: Ipv6Addr = ip.parse().ok()?;
    let valid = zone != "%" && zone.chars().skip(1).all(is_name_char);
    valid.then(|| format!("{ip}{zone}"))
}

/// 中文输入法的标点和全角字符换成半角,各种空白换成空格;看不见的字符是 `None`。
fn half_width(c: char) -> Option<char> {
    Some(match c {
        '。' | '｡' => '.',
        '【' | '「' => '[',
        '】' | '」' => ']',
        // 全角的「！」到「～」与 ASCII 的「!」到「~」顺序相同。
        '！'..='～' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        _ if c.is_whitespace() => ' ',
        // 控制字符、零宽字符、书写方向标记:调试写法是 \u{200b} 这样的一串。
        _ if c.is_control() || c.escape_debug().len() > 2 => return None,
        _ => c,
    })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// 下划线不合 RFC 1123 §2.1,但 Windows 和 Docker 的主机名里常有。
fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.".contains(c)
}
