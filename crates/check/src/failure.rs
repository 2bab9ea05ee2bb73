//! 失败的报告:发了什么、应收什么、实收什么,第一个不同的字节下面有一个尖号。

use std::fmt::{self, Write};

/// 每行显示这么多字节:十六进制和文字并排,80 列的终端放得下。
const ROW: usize = 16;

/// 太长的内容只显示第一个不同处前后这么多行。
const ROWS_AROUND: usize = 2;

/// 一次失败。
#[derive(Debug, Clone, Default)]
pub struct Failure {
    what: String,
    sent: Option<Vec<u8>>,
    expected: Option<Vec<u8>>,
    received: Option<Option<Vec<u8>>>,
    exited: Option<String>,
    printed: Option<String>,
}

impl Failure {
    /// 一句话:程序哪里不对。
    #[must_use]
    pub fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            ..Self::default()
        }
    }

    /// 检查发出的字节。
    #[must_use]
    pub fn sent(mut self, bytes: &[u8]) -> Self {
        self.sent = Some(bytes.to_vec());
        self
    }

    /// 应当收到的字节。
    #[must_use]
    pub fn expected(mut self, bytes: &[u8]) -> Self {
        self.expected = Some(bytes.to_vec());
        self
    }

    /// 实际收到的字节;`None` 是什么也没有收到。
    #[must_use]
    pub fn received(mut self, bytes: Option<&[u8]>) -> Self {
        self.received = Some(bytes.map(<[u8]>::to_vec));
        self
    }

    /// 程序已经退出。
    #[must_use]
    pub fn exited(mut self, status: &str) -> Self {
        self.exited = Some(status.to_owned());
        self
    }

    /// 程序打印了什么。
    #[must_use]
    pub fn printed(mut self, text: &str) -> Self {
        self.printed = Some(text.to_owned());
        self
    }

    /// 是在什么以后出的错。
    #[must_use]
    pub fn after(mut self, event: &str) -> Self {
        self.what = format!("{event}:{}", self.what);
        self
    }

    /// 哪里不对。
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }

    /// 第一个不同的字节的位置;没有可比的,或者没有不同,就是 `None`。
    fn difference(&self) -> Option<usize> {
        let expected = self.expected.as_ref()?;
        let received = self.received.as_ref()?.as_ref()?;
        let same = expected.iter().zip(received).take_while(|(a, b)| a == b);
        let same = same.count();
        (same < expected.len().max(received.len())).then_some(same)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  不对  {}", self.what)?;
        let difference = self.difference();
        if let Some(sent) = &self.sent {
            write!(f, "{}", labelled("发送", sent, None))?;
        }
        if let Some(expected) = &self.expected {
            write!(f, "{}", labelled("应收", expected, difference))?;
        }
        match &self.received {
            Some(Some(received)) => write!(f, "{}", labelled("实收", received, difference))?,
            Some(None) => writeln!(f, "  实收  什么也没有收到")?,
            None => {}
        }
        if let Some(status) = &self.exited {
            writeln!(f, "  程序  已经结束({status})")?;
        }
        if let Some(printed) = self.printed.as_deref().filter(|text| !text.is_empty()) {
            writeln!(f, "  程序打印了:")?;
            for line in last_lines(printed) {
                writeln!(f, "        {}", visible(line))?;
            }
        }
        Ok(())
    }
}

/// 控制字符换成看得见的写法:程序打印的可以是陌生人的字节。
fn visible(line: &str) -> String {
    let escape = |character: char| match character.is_control() {
        true => character.escape_default().to_string(),
        false => character.to_string(),
    };
    line.chars().map(escape).collect()
}

/// 程序的输出可能很长;错误多半在最后。
fn last_lines(text: &str) -> Vec<&str> {
    const SHOWN: usize = 12;
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(SHOWN)..].to_vec()
}

/// 一段字节:长度,十六进制和文字;`mark` 是第一个不同的字节。
fn labelled(label: &str, bytes: &[u8], mark: Option<usize>) -> String {
    let mut text = format!("  {label}  {} 字节\n", bytes.len());
    let rows: Vec<&[u8]> = bytes.chunks(ROW).collect();
    let middle = mark.unwrap_or(0) / ROW;
    let first = middle.saturating_sub(ROWS_AROUND);
    let last = rows.len().min(middle + ROWS_AROUND + 1);
    if first > 0 {
        let _ = writeln!(text, "        …… 前 {} 字节相同,省略", first * ROW);
    }
    for (index, row) in rows.iter().enumerate().take(last).skip(first) {
        let hex: Vec<String> = row.iter().map(|byte| format!("{byte:02x}")).collect();
        let _ = writeln!(text, "        {:<48} {}", hex.join(" "), readable(row));
        if mark.is_some_and(|mark| mark / ROW == index) {
            caret(&mut text, mark.unwrap_or(0));
        }
    }
    // 不同处在末尾之后:一方到这里就没有了。
    if let Some(mark) = mark.filter(|&mark| mark >= bytes.len() && mark % ROW == 0) {
        caret(&mut text, mark);
    }
    if last < rows.len() {
        let _ = writeln!(text, "        …… 后 {} 字节省略", bytes.len() - last * ROW);
    }
    text
}

fn caret(text: &mut String, mark: usize) {
    let _ = writeln!(
        text,
        "        {}^^ 从第 {} 个字节起不同",
        " ".repeat(mark % ROW * 3),
        mark + 1
    );
}

/// 十六进制旁边的文字:看不见的字符写成 `.`。
fn readable(row: &[u8]) -> String {
    String::from_utf8_lossy(row)
        .chars()
        .map(|character| match character {
            '\u{fffd}' => '.',
            character if character.is_control() => '.',
            character => character,
        })
        .collect()
}
