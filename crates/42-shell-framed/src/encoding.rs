//! 文字与字节:网线上只有字节,双方要说好用哪一种编码。

// 用到它的阶段都是同一份;只发的阶段不解码,只收的阶段不编码。
#![allow(dead_code)]

use anyhow::bail;
use clap::ValueEnum;
use encoding_rs::{DecoderResult, GBK, UTF_8};

/// 文字在网线上的编码。
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Encoding {
    // 今天的通用编码(RFC 3629):汉字多为三个字节。
    #[value(name = "utf-8", alias = "utf8")]
    Utf8,
    // 中文 Windows 的旧编码(代码页 936):汉字两个字节。
    Gbk,
}

impl Encoding {
    /// 文字变成字节。GBK 里没有的字是错误,不会悄悄换成问号。
    pub fn encode(self, text: &str) -> anyhow::Result<Vec<u8>> {
        let (bytes, _, missing) = self.standard().encode(text);
        if missing {
            let missing = |character: &char| GBK.encode(character.encode_utf8(&mut [0; 4])).2;
            let character = text.chars().find(missing).unwrap_or_default();
            bail!("GBK 里没有「{character}」这个字,这一行没有发送");
        }
        Ok(bytes.into_owned())
    }

    /// 字节变成能看的文字:不合这种编码的字节写成 `\xff`,换行等控制字符写成 `\n`。
    pub fn decode(self, bytes: &[u8]) -> String {
        let mut decoder = self.standard().new_decoder_without_bom_handling();
        let mut text = String::new();
        let mut read = 0;
        loop {
            let rest = &bytes[read..];
            // 每个字节最多变成三个字节的 UTF-8;留足了,就不会有 OutputFull。
            text.reserve(rest.len() * 3 + 16);
            let (result, length) =
                decoder.decode_to_string_without_replacement(rest, &mut text, true);
            read += length;
            if let DecoderResult::Malformed(bad, after) = result {
                // 坏字节在 read 之前:解码器多看了 after 个才确定它坏。
                for byte in &bytes[read - usize::from(bad + after)..read - usize::from(after)] {
                    text.push_str(&format!("\\x{byte:02x}"));
                }
            } else if result == DecoderResult::InputEmpty {
                return without_control(&text);
            }
        }
    }

    fn standard(self) -> &'static encoding_rs::Encoding {
        match self {
            Self::Utf8 => UTF_8,
            Self::Gbk => GBK,
        }
    }
}

/// 控制字符换成看得见的写法。
///
/// 字节来自陌生人:原样送进终端,他就能移动光标、改掉屏幕上的字。
fn without_control(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// 标准输入的一行变成文字。
///
/// 终端里打的字一定是 UTF-8。从管道来的,在中文 Windows 上常常是 GBK,先按 UTF-8 读,读不通再按 GBK。
/// 这是猜:GBK 的「一」(d2 bb)碰巧也是一个 UTF-8 字符,整行都是这样的字就会猜错。
/// PowerShell 会在管道开头加一个字节序标记(U+FEFF),不是用户打的,去掉。
pub fn typed_text(line: &[u8]) -> String {
    match str::from_utf8(line) {
        Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text).to_owned(),
        Err(_) => GBK.decode_without_bom_handling(line).0.into_owned(),
    }
}
