//! DNS 报文:头 12 字节,后面依次是问题、回答、权威、附加四段(RFC 1035 §4.1)。

use std::io;

use byteorder::{ByteOrder, NetworkEndian};

use crate::name::Name;
use crate::question::Question;
use crate::record::{Data, Record, kind};
use crate::wire::{Malformed, Reader, Writer, count};

/// 头里的各个字段在哪几个字节(RFC 1035 §4.1.1)。
mod field {
    use std::ops::Range;

    /// 编号:回答要原样带回。
    pub const ID: Range<usize> = 0..2;
    /// 标志和返回码。
    pub const FLAGS: Range<usize> = 2..4;
    /// 四段各有几条:问题、回答、权威、附加。
    pub const COUNTS: [Range<usize>; 4] = [4..6, 6..8, 8..10, 10..12];
    /// 头的长度。
    pub const HEADER: usize = 12;
}

/// 标志各是哪一位。
mod flag {
    /// 这是回答(QR)。
    pub const RESPONSE: u16 = 1 << 15;
    /// 不是普通的查询(OPCODE,4 位)。
    pub const OPCODE: u16 = 0b1111 << 11;
    /// 装不下,只有一部分(TC)。
    pub const TRUNCATED: u16 = 1 << 9;
    /// 请替我问到底(RD)。
    pub const RECURSION_DESIRED: u16 = 1 << 8;
    /// 返回码(RCODE,4 位)。
    pub const RCODE: u16 = 0b1111;
}

/// 返回码(RFC 1035 §4.1.1)。
pub mod rcode {
    /// 服务器看不懂这个问题(FORMERR)。
    pub const FORMAT_ERROR: u16 = 1;
    /// 服务器查不出来(SERVFAIL)。
    pub const SERVER_FAILURE: u16 = 2;
    /// 没有这个域名(NXDOMAIN)。
    pub const NAME_ERROR: u16 = 3;
    /// 服务器不会做(NOTIMP)。
    pub const NOT_IMPLEMENTED: u16 = 4;
    /// 服务器不肯回答(REFUSED)。
    pub const REFUSED: u16 = 5;
}

/// 一个报文最多这么多条记录:TCP 上的 64 KB 装满最短的 A 记录(16 字节)也只有 4,095 条。
const MAX_RECORDS: usize = 4096;

/// EDNS 里说自己收得下这么多字节:IPv6 保证能过的 1,280,减去 IP 头 40 和 UDP 头 8,不会被分片。
pub const UDP_SIZE: u16 = 1232;

/// 一个报文。问和答是同一种格式。
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "字段的名字就是 RFC 1035 §4.1 里的名字")]
pub struct Message {
    pub id: u16,
    pub flags: u16,
    pub questions: Vec<Question>,
    pub answers: Vec<Record>,
    pub authorities: Vec<Record>,
    pub additionals: Vec<Record>,
}

impl Message {
    /// 问一个问题,请服务器问到底。`edns` 时附上自己收得下多大的回答(RFC 6891 §6.1)。
    pub fn query(id: u16, question: &Question, edns: bool) -> Self {
        let size = Record {
            name: Name::root(),
            class: UDP_SIZE,
            ttl: 0,
            data: Data::Other(kind::OPT, Vec::new()),
        };
        Self {
            id,
            flags: flag::RECURSION_DESIRED,
            questions: vec![question.clone()],
            answers: Vec::new(),
            authorities: Vec::new(),
            additionals: edns.then_some(size).into_iter().collect(),
        }
    }

    /// 是不是 `query` 的回答:是回答、编号相同、问题相同,三样都要对。
    ///
    /// 只有「看不懂你的问题」的回答可以不带问题。
    pub fn is_reply_to(&self, query: &Self) -> bool {
        let asked = match (self.questions.as_slice(), query.questions.as_slice()) {
            ([], _) => self.is_not_understood(),
            ([one], [other]) => one.same_as(other),
            _ => false,
        };
        self.flags & (flag::RESPONSE | flag::OPCODE) == flag::RESPONSE
            && self.id == query.id
            && asked
    }

    /// 服务器看不懂这样的问题:老的服务器见到 EDNS 就这样回答(RFC 6891 §7)。
    pub fn is_not_understood(&self) -> bool {
        matches!(self.rcode(), rcode::FORMAT_ERROR | rcode::NOT_IMPLEMENTED)
    }

    /// 装不下,只有一部分。
    pub fn is_truncated(&self) -> bool {
        self.flags & flag::TRUNCATED != 0
    }

    /// 返回码;EDNS 的记录里还有它的高 8 位(RFC 6891 §6.1.3)。
    pub fn rcode(&self) -> u16 {
        let mut additionals = self.additionals.iter();
        let opt = additionals.find(|one| one.data.kind() == kind::OPT);
        let high = opt.map_or(0, |opt| opt.ttl.to_be_bytes()[0]);
        u16::from(high) << 4 | self.flags & flag::RCODE
    }

    /// 只读头和问题:这就够认出是不是自己要的回答。同时给出四段的条数和读到了哪里。
    pub fn decode_head(message: &[u8]) -> Result<(Self, [u16; 4], usize), Malformed> {
        let mut reader = Reader::new(message, 0);
        let header = reader.take(field::HEADER, "报文头")?;
        let counts = field::COUNTS.map(|range| NetworkEndian::read_u16(&header[range]));
        // 从来没有人在一个报文里问两个问题(RFC 9619)。
        if counts[0] > 1 {
            return Err(reader.malformed(format!("一个报文里有 {} 个问题", counts[0])));
        }
        let mut head = Self {
            id: NetworkEndian::read_u16(&header[field::ID]),
            flags: NetworkEndian::read_u16(&header[field::FLAGS]),
            questions: Vec::new(),
            answers: Vec::new(),
            authorities: Vec::new(),
            additionals: Vec::new(),
        };
        if counts[0] == 1 {
            head.questions.push(Question::decode(&mut reader)?);
        }
        Ok((head, counts, reader.position()))
    }

    /// 读整个报文。末尾多出的字节不看。
    pub fn decode(message: &[u8]) -> Result<Self, Malformed> {
        let (mut whole, [_, answers, authorities, additionals], position) =
            Self::decode_head(message)?;
        let mut reader = Reader::new(message, position);
        let sections = [
            (&mut whole.answers, answers),
            (&mut whole.authorities, authorities),
            (&mut whole.additionals, additionals),
        ];
        let mut left = MAX_RECORDS;
        for (section, count) in sections {
            // 条数是对方说的:读出一条才占一条的内存,不先照它分配。
            for _ in 0..count {
                let Some(fewer) = left.checked_sub(1) else {
                    return Err(reader.malformed(format!("记录超过 {MAX_RECORDS} 条")));
                };
                left = fewer;
                section.push(Record::decode(&mut reader)?);
            }
        }
        Ok(whole)
    }

    /// 写成字节。
    pub fn encode(&self) -> io::Result<Vec<u8>> {
        let mut writer = Writer::default();
        writer.u16(self.id)?;
        writer.u16(self.flags)?;
        writer.u16(count(self.questions.len())?)?;
        for section in [&self.answers, &self.authorities, &self.additionals] {
            writer.u16(count(section.len())?)?;
        }
        for question in &self.questions {
            question.encode(&mut writer)?;
        }
        for section in [&self.answers, &self.authorities, &self.additionals] {
            for record in section {
                record.encode(&mut writer)?;
            }
        }
        Ok(writer.message)
    }
}
