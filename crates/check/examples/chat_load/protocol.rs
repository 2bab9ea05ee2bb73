//! 三种聊天室怎么说话:我们的帧、IRC(RFC 2812)、MQTT 3.1.1。只有放负载用得着的那几句。

use std::str::FromStr;

use anyhow::{bail, ensure};

/// 消息的文字以编号开头,16 位十六进制数字。
pub const NUMBER: usize = 16;

/// IRC 的频道。
const CHANNEL: &str = "#room";

/// MQTT 的主题:`#` 在这里是通配符。
const TOPIC: &str = "room";

/// 说话的那位是第 0 位成员。
pub const SPEAKER: usize = 0;

/// 服务器懂的协议。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// 我们的聊天室:4 字节长度 + 正文,第一帧是昵称。
    Chat,
    /// 每行一句,频道就是房间。
    Irc,
    /// 主题就是房间,QoS 0。说话的那位不订阅,所以也不会收到自己的话。
    Mqtt,
}

impl FromStr for Protocol {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> anyhow::Result<Self> {
        match name {
            "chat" => Ok(Self::Chat),
            "irc" => Ok(Self::Irc),
            "mqtt" => Ok(Self::Mqtt),
            _ => bail!("没有 {name} 这种协议,可以是 chat、irc、mqtt"),
        }
    }
}

impl Protocol {
    /// 第 `member` 位成员连上以后先说的话。
    pub fn hello(self, member: usize) -> Vec<u8> {
        let name = format!("m{member}");
        match self {
            Self::Chat => frame(name.as_bytes()),
            Self::Irc => {
                format!("NICK {name}\r\nUSER {name} 0 * :{name}\r\nJOIN {CHANNEL}\r\n").into_bytes()
            }
            Self::Mqtt => {
                // 协议名、第 4 级(3.1.1)、干净的会话、不要心跳;然后是客户端标识。
                let mut connect = b"\0\x04MQTT\x04\x02\0\0".to_vec();
                connect.extend(mqtt_string(&name));
                let mut bytes = mqtt_packet(0x10, &connect);
                if member != SPEAKER {
                    // 报文标识 1,主题,QoS 0。
                    let mut subscribe = vec![0, 1];
                    subscribe.extend(mqtt_string(TOPIC));
                    subscribe.push(0);
                    bytes.extend(mqtt_packet(0x82, &subscribe));
                }
                bytes
            }
        }
    }

    /// 向全部的人说 `text`。
    pub fn message(self, text: &[u8]) -> Vec<u8> {
        match self {
            Self::Chat => frame(text),
            Self::Irc => [b"PRIVMSG ", CHANNEL.as_bytes(), b" :", text, b"\r\n"].concat(),
            Self::Mqtt => mqtt_packet(0x30, &[&mqtt_string(TOPIC), text].concat()),
        }
    }

    /// `bytes` 开头完整的一句有多少字节;还不完整就是 `None`。
    pub fn packet(self, bytes: &[u8]) -> Option<usize> {
        let length = match self {
            Self::Chat => 4 + u32::from_be_bytes(*bytes.first_chunk()?) as usize,
            Self::Irc => 1 + bytes.iter().position(|byte| *byte == b'\n')?,
            Self::Mqtt => {
                // 长度每字节 7 位,低位在前,最高位是 1 表示还有(MQTT 3.1.1 §2.2.3)。
                let digits = bytes.iter().skip(1).take(4);
                let count = 1 + digits.clone().position(|digit| digit & 0x80 == 0)?;
                let length = digits
                    .take(count)
                    .rev()
                    .fold(0, |length, digit| length << 7 | usize::from(digit & 0x7f));
                1 + count + length
            }
        };
        (bytes.len() >= length).then_some(length)
    }

    /// 这一句说明第 `member` 位成员进来了吗?被拒绝就是错误。
    pub fn welcomes(self, member: usize, packet: &[u8]) -> anyhow::Result<bool> {
        let shown = || String::from_utf8_lossy(packet).into_owned();
        match self {
            Self::Chat => {
                let line = packet.get(4..).unwrap_or_default();
                ensure!(!line.starts_with(b"!"), "服务器不让进:{}", shown());
                Ok(line.starts_with("* 欢迎,".as_bytes()))
            }
            Self::Irc => {
                let line = shown();
                let mut words = line.split(' ');
                ensure!(words.next() != Some("ERROR"), "服务器不让进:{line}");
                let reply = words.next().unwrap_or_default();
                // 422 只是说没有当日消息;从 430 起才是昵称、频道出了问题。
                let refused = reply.parse::<u16>().is_ok_and(|code| code >= 430);
                ensure!(!refused, "服务器不让进:{line}");
                // 366:频道里的人列完了,所以已经在频道里。
                Ok(reply == "366")
            }
            Self::Mqtt if packet.starts_with(&[0x20]) => {
                let refused = packet.get(3) != Some(&0);
                ensure!(!refused, "服务器不让进,CONNACK 是 {packet:?}");
                Ok(member == SPEAKER)
            }
            Self::Mqtt => Ok(packet.starts_with(&[0x90])),
        }
    }
}

fn frame(body: &[u8]) -> Vec<u8> {
    let length = body.len() as u32;
    [&length.to_be_bytes(), body].concat()
}

/// 一个 MQTT 报文;正文短于 16 KB,所以长度最多两字节。
fn mqtt_packet(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind];
    if body.len() < 0x80 {
        bytes.push(body.len() as u8);
    } else {
        bytes.extend([body.len() as u8 | 0x80, (body.len() >> 7) as u8]);
    }
    bytes.extend(body);
    bytes
}

/// 2 字节长度 + 文字。
fn mqtt_string(text: &str) -> Vec<u8> {
    let length = text.len() as u16;
    [&length.to_be_bytes(), text.as_bytes()].concat()
}

/// 编号写成 16 位十六进制数字,高位在前。
pub fn write_number(digits: &mut [u8], number: u64) {
    for (index, digit) in digits[..NUMBER].iter_mut().enumerate() {
        let value = (number >> (60 - 4 * index)) as usize & 0xf;
        *digit = b"0123456789abcdef"[value];
    }
}

/// 编号为 `number` 的消息的文字:编号,然后是字母,一共 `size` 字节。
pub fn text(number: u64, size: usize) -> Vec<u8> {
    let letters = (b'a'..=b'z').cycle();
    let mut text: Vec<u8> = [b'0'; NUMBER]
        .into_iter()
        .chain(letters)
        .take(size)
        .collect();
    write_number(&mut text, number);
    text
}
