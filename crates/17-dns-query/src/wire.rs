//! 报文里的字节:按次序读和写。收到的每个长度都先核对,再取用。

use std::collections::HashMap;
use std::fmt;
use std::io;

use byteorder::{ByteOrder, NetworkEndian, WriteBytesExt};

/// 报文里的一处错误:在第几个字节(从 0 数),错在哪里。
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// 从报文开头数的字节数。
    pub at: usize,
    /// 错在哪里。
    pub what: String,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "第 {} 字节处:{}", self.at, self.what)
    }
}

impl std::error::Error for Malformed {}

/// 从报文的某处往后读。域名的指针要往回看,所以手里总是整个报文。
#[derive(Debug)]
pub struct Reader<'a> {
    message: &'a [u8],
    position: usize,
}

impl<'a> Reader<'a> {
    /// 从 `position` 开始读 `message`。
    pub fn new(message: &'a [u8], position: usize) -> Self {
        Self { message, position }
    }

    /// 下一个要读的字节,从报文开头数。
    pub fn position(&self) -> usize {
        self.position
    }

    /// 跳到报文的另一处。
    pub fn seek(&mut self, position: usize) {
        self.position = position;
    }

    /// 还剩多少字节。
    pub fn left(&self) -> usize {
        self.message.len().saturating_sub(self.position)
    }

    /// 取 `length` 字节;`what` 是它的名字,不够时写进错误里。
    pub fn take(&mut self, length: usize, what: &str) -> Result<&'a [u8], Malformed> {
        let rest = self.message.get(self.position..).unwrap_or_default();
        let Some((taken, _)) = rest.split_at_checked(length) else {
            let left = rest.len();
            return Err(self.malformed(format!("{what}要 {length} 字节,只剩 {left} 字节")));
        };
        self.position += length;
        Ok(taken)
    }

    /// 一个字节的整数。
    pub fn u8(&mut self, what: &str) -> Result<u8, Malformed> {
        Ok(self.take(1, what)?[0])
    }

    /// 两个字节的整数,网络字节序。
    pub fn u16(&mut self, what: &str) -> Result<u16, Malformed> {
        self.take(2, what).map(NetworkEndian::read_u16)
    }

    /// 四个字节的整数,网络字节序。
    pub fn u32(&mut self, what: &str) -> Result<u32, Malformed> {
        self.take(4, what).map(NetworkEndian::read_u32)
    }

    /// 接下来的 `length` 字节单独成一段,读不出它的末尾;自己跳到这一段之后。
    pub fn part(&mut self, length: usize, what: &str) -> Result<Reader<'a>, Malformed> {
        let start = self.position;
        self.take(length, what)?;
        Ok(Reader::new(&self.message[..self.position], start))
    }

    /// 在正要读的地方出的错。
    pub fn malformed(&self, what: String) -> Malformed {
        let at = self.position;
        Malformed { at, what }
    }
}

/// 正在写的报文。
#[derive(Debug, Default)]
pub struct Writer {
    /// 已经写好的字节。
    pub message: Vec<u8>,
    /// 写过的域名(和它的每个后缀)在哪里:再写一遍时,两个字节的指针就够。
    pub names: HashMap<Vec<u8>, u16>,
}

impl Writer {
    /// 两个字节的整数,网络字节序。
    pub fn u16(&mut self, value: u16) -> io::Result<()> {
        self.message.write_u16::<NetworkEndian>(value)
    }

    /// 四个字节的整数,网络字节序。
    pub fn u32(&mut self, value: u32) -> io::Result<()> {
        self.message.write_u32::<NetworkEndian>(value)
    }

    /// 先写两个字节的长度,再写内容:写完才知道多长,所以先占位,后补上。
    pub fn with_length(
        &mut self,
        content: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        let start = self.message.len();
        self.u16(0)?;
        content(self)?;
        let length = count(self.message.len() - start - 2)?;
        NetworkEndian::write_u16(&mut self.message[start..start + 2], length);
        Ok(())
    }
}

/// 个数和长度在报文里只有 16 位。
pub fn count(number: usize) -> io::Result<u16> {
    u16::try_from(number).map_err(|_| io::Error::other(format!("{number} 超过 16 位")))
}
