//! 终端上的文字:数据怎样显示,汉字占几列。

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// 十六进制一行这么多字节:和 tcpdump、Wireshark 一样。
const ROW: usize = 16;

/// 最多显示这么多字节的数据:看得出是什么就够了。
const SHOWN: usize = 64;

/// 数据能当文字看就是文字,控制字符换成看得见的写法;不能就是 `None`。
pub fn readable(data: &[u8]) -> Option<String> {
    let text = str::from_utf8(data).ok()?;
    let mut shown = String::new();
    for character in text.chars() {
        // 字节来自陌生人:原样送进终端,他就能改掉屏幕上的字。
        match character.is_control() {
            true => shown.extend(character.escape_default()),
            false => shown.push(character),
        }
    }
    Some(shown)
}

/// 数据的十六进制,一行 16 个,前面是在包里的位置;太长就只有开头。
pub fn dump(data: &[u8], start: usize) -> Vec<String> {
    let shown = &data[..data.len().min(SHOWN)];
    let mut lines = Vec::new();
    for (index, row) in shown.chunks(ROW).enumerate() {
        let hex = crate::wire::hex(row);
        let ascii: String = row.iter().map(|byte| visible(*byte)).collect();
        lines.push(format!("{:>9}  {hex:<47}  {ascii}", start + index * ROW));
    }
    if data.len() > SHOWN {
        lines.push(format!("           ……还有 {} 字节", data.len() - SHOWN));
    }
    lines
}

fn visible(byte: u8) -> char {
    match byte {
        b' '..=b'~' => char::from(byte),
        _ => '.',
    }
}

/// 在终端上占几列:汉字两列。
pub fn width(text: &str) -> usize {
    text.width()
}

/// 补空格到 `columns` 列。
pub fn padded(text: &str, columns: usize) -> String {
    let spaces = columns.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(spaces))
}

/// 放不进 `columns` 列的,截短,末尾写上 `..`。
pub fn shortened(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut short = String::new();
    let mut used = 2;
    for character in text.chars() {
        used += character.width().unwrap_or(0);
        if used > columns {
            break;
        }
        short.push(character);
    }
    short + ".."
}
