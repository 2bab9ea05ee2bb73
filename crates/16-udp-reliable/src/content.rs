//! 报文的内容:开始时说要传什么,结束时说收下没有、为什么。

use byteorder::{ByteOrder, NetworkEndian};

use crate::packet::{Kind, Packet};

/// 开始的内容:一个字节的方式,八个字节的文件长度,余下的是文件名。
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// 先到的报文留不留:选择重传才留。
    pub keep_early: bool,
    /// 文件的长度,字节。
    pub size: u64,
    /// 文件名,UTF-8,不含目录。
    pub name: String,
}

/// 文件名之前的长度:方式和文件长度。
const OPEN_FIXED: usize = 9;

impl Open {
    /// 变成内容;文件名装不下的部分由调用者事先排除。
    pub fn encode(&self) -> Vec<u8> {
        let mut content = vec![u8::from(self.keep_early)];
        content.extend_from_slice(&self.size.to_be_bytes());
        content.extend_from_slice(self.name.as_bytes());
        content
    }

    /// 读内容;太短,或者文件名不是 UTF-8,是 `None`。
    pub fn decode(content: &[u8]) -> Option<Self> {
        let (fixed, name) = content.split_at_checked(OPEN_FIXED)?;
        Some(Self {
            keep_early: fixed[0] != 0,
            size: NetworkEndian::read_u64(&fixed[1..]),
            name: str::from_utf8(name).ok()?.to_owned(),
        })
    }
}

/// 不收的原因。只传编号:文字由接到的人自己写,不会把陌生人的字打到屏幕上。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// 正在收别人的文件。
    Busy,
    /// 文件名不能用。
    Name,
    /// 已经有同名的文件。
    Exists,
    /// 文件太大。
    TooLarge,
    /// 收到的不是说好的那个文件:长度或校验和不对。
    Mismatch,
    /// 存不下。
    Storage,
    /// 没有这个会话:多半是接收方重新启动过。
    Unknown,
}

/// 原因、它在网线上的编码和中文,一一对应。
const REASONS: [(Reason, &str); 7] = [
    (Reason::Busy, "正在收别人的文件"),
    (Reason::Name, "不收这样的文件名"),
    (Reason::Exists, "已经有同名的文件"),
    (Reason::TooLarge, "文件太大"),
    (Reason::Mismatch, "收到的与说好的长度或校验和不同"),
    (Reason::Storage, "文件存不下"),
    (Reason::Unknown, "没有这个会话,它可能重新启动过"),
];

impl Reason {
    /// 变成内容。
    pub fn encode(self) -> [u8; 1] {
        [self as u8]
    }

    /// 读内容;不认识的是 `None`。
    pub fn decode(content: &[u8]) -> Option<Self> {
        let code = usize::from(*content.first()?);
        REASONS.get(code).map(|(reason, _)| *reason)
    }

    /// 给人看的说法。
    pub fn text(self) -> &'static str {
        REASONS[self as usize].1
    }
}

/// 接收方给的结局。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// 完整地保存好了。
    Done,
    /// 不收。
    Refused(Reason),
}

impl Verdict {
    /// 告诉 `session` 的报文。
    pub fn encode(self, session: u32) -> Vec<u8> {
        let reason;
        let (kind, content): (Kind, &[u8]) = match self {
            Self::Done => (Kind::Done, &[]),
            Self::Refused(why) => {
                reason = why.encode();
                (Kind::Refused, &reason)
            }
        };
        let packet = Packet {
            kind,
            session,
            number: 0,
            time: 0,
            window: 0,
            content,
        };
        packet.encode()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_content_survives_the_wire() {
        let open = Open {
            keep_early: true,
            size: u64::MAX - 1,
            name: "报告.txt".to_owned(),
        };
        assert_eq!(Open::decode(&open.encode()), Some(open));
        for (reason, _) in REASONS {
            assert_eq!(Reason::decode(&reason.encode()), Some(reason));
        }
    }

    #[test]
    fn what_is_too_short_or_not_text_is_refused() {
        assert_eq!(Open::decode(&[0; 8]), None);
        assert_eq!(Open::decode(b"\0\0\0\0\0\0\0\0\0\xff"), None);
        assert_eq!(Reason::decode(&[]), None);
        assert_eq!(Reason::decode(&[REASONS.len() as u8]), None);
    }
}
