//! 字节变成屏幕上的文字:一批一批地来,一个字可能分在两批里。

use encoding_rs::{Decoder, Encoding};

/// 一股输出显示到哪里了。
pub struct Screen {
    decoder: Decoder,
    decoded: String,
    shown: String,
    /// 上一批以 `\r` 结尾:下一个是 `\n` 的话,它是 Windows 的换行。
    carriage: bool,
    /// 停在一行的中间。
    within: bool,
}

impl Screen {
    /// 按 `encoding` 解码。
    pub fn new(encoding: &'static Encoding) -> Self {
        Self {
            decoder: encoding.new_decoder_without_bom_handling(),
            decoded: String::new(),
            shown: String::new(),
            carriage: false,
            within: false,
        }
    }

    /// 又来了 `bytes`,显示什么;`last` 是这个命令没有更多了。
    ///
    /// 换行和制表符照原样,别的控制字符写成看得见的:原样送进终端,服务器就能移动光标、改掉屏幕上的字。
    pub fn show(&mut self, bytes: &[u8], last: bool) -> &str {
        self.decode(bytes, last);
        self.shown.clear();
        for letter in self.decoded.chars() {
            if std::mem::take(&mut self.carriage) && letter != '\n' {
                self.shown.push_str("\\r");
            }
            match letter {
                '\r' => self.carriage = true,
                '\n' | '\t' => self.shown.push(letter),
                _ if letter.is_control() => self.shown.extend(letter.escape_debug()),
                _ => self.shown.push(letter),
            }
        }
        if last && std::mem::take(&mut self.carriage) {
            self.shown.push_str("\\r");
        }
        if let Some(end) = self.shown.chars().next_back() {
            self.within = end != '\n';
        }
        if last && std::mem::take(&mut self.within) {
            self.shown.push('\n');
        }
        &self.shown
    }

    /// 解码,解不了的字节换成 U+FFFD。
    fn decode(&mut self, bytes: &[u8], last: bool) {
        let most = self.decoder.max_utf8_buffer_length(bytes.len());
        self.decoded.clear();
        self.decoded.reserve(most.unwrap_or_default());
        let _ = self
            .decoder
            .decode_to_string(bytes, &mut self.decoded, last);
        if last {
            // 说过「没有更多了」的解码器不能再用。
            self.decoder = self.decoder.encoding().new_decoder_without_bom_handling();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Screen;
    use encoding_rs::{Encoding, GBK, UTF_8};

    /// 切成 `size` 字节一批,显示什么。
    fn shown(encoding: &'static Encoding, bytes: &[u8], size: usize) -> String {
        let mut screen = Screen::new(encoding);
        let mut all = String::new();
        for part in bytes.chunks(size) {
            all.push_str(screen.show(part, false));
        }
        all + screen.show(&[], true)
    }

    #[test]
    fn however_it_is_cut() {
        let cases: [(&'static Encoding, &[u8], &str); 7] = [
            (UTF_8, "你好\n".as_bytes(), "你好\n"),
            (GBK, b"\xc4\xe3\xba\xc3\r\n", "你好\n"),
            (UTF_8, b"a\xffb\xe4\xbd", "a\u{fffd}b\u{fffd}\n"),
            (UTF_8, b"1%\r2%\r", "1%\\r2%\\r\n"),
            (UTF_8, b"\x1b[2J\ta", "\\u{1b}[2J\ta\n"),
            (UTF_8, b"", ""),
            (UTF_8, b"\n", "\n"),
        ];
        for (encoding, bytes, expected) in cases {
            for size in 1..=bytes.len().max(1) {
                assert_eq!(shown(encoding, bytes, size), expected, "{size}");
            }
        }
    }
}
