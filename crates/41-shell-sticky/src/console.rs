//! 控制台的文字:网线上的命令变成 shell 的文字,命令的输出变成网线上的字节,回答显示在屏幕上。

use std::borrow::Cow;

use encoding_rs::{GBK, UTF_8};

use crate::cli;
use crate::encoding::Encoding;

/// 攒够这么多字节再打印一次:一行一次太慢,全部一次太占内存。
const PRINT: usize = 64 << 10;

/// 网线上的命令变成文字;不合编码的,含有 NUL 的(程序的参数里放不下)是 `None`。
///
/// 猜着补上坏字节再去运行,运行的就是另一个命令。
pub fn command_text(message: &[u8], encoding: Encoding) -> Option<Cow<'_, str>> {
    let standard = standard(encoding);
    let text = standard.decode_without_bom_handling_and_without_replacement(message)?;
    (!text.contains('\0')).then_some(text)
}

/// 服务器自己的一句话,作为回答。
pub fn sentence(text: &str, encoding: Encoding) -> Vec<u8> {
    // 都是常用字,哪一种编码里都有。
    let sentence = encoding.encode(&format!("错误:{text}"));
    sentence.unwrap_or_default()
}

/// 命令的输出变成网线上的字节。
///
/// 是 UTF-8 的,换成网线上说好的编码;不是的,在 Windows 上按控制台的代码页读(中文版是 936,即 GBK),
/// 别的系统上不知道是什么,原样发。
pub fn to_wire(output: Vec<u8>, encoding: Encoding) -> Vec<u8> {
    let printed = match str::from_utf8(&output) {
        Ok(_) => Some(UTF_8),
        Err(_) => code_page(),
    };
    match printed {
        Some(printed) if printed != standard(encoding) => {
            let (text, _) = printed.decode_without_bom_handling(&output);
            standard(encoding).encode(&text).0.into_owned()
        }
        _ => output,
    }
}

#[cfg(unix)]
fn code_page() -> Option<&'static encoding_rs::Encoding> {
    None
}

/// 控制台的代码页。标准库问不到它;`chcp` 打印它的号码,前面的话随系统的语言变。
#[cfg(windows)]
fn code_page() -> Option<&'static encoding_rs::Encoding> {
    use std::process::Command;
    let printed = Command::new("cmd")
        .args(["/d", "/c", "chcp"])
        .output()
        .ok()?;
    let digits = |byte: &u8| byte.is_ascii_digit();
    let number: Vec<u8> = printed.stdout.into_iter().filter(digits).collect();
    Some(match number.as_slice() {
        b"65001" => UTF_8,
        // 0 是没有控制台:程序按系统的语言打印,猜它是中文,和猜用户打的字一样。
        b"936" | b"0" => GBK,
        b"950" => encoding_rs::BIG5,
        b"932" => encoding_rs::SHIFT_JIS,
        b"949" => encoding_rs::EUC_KR,
        b"866" => encoding_rs::IBM866,
        _ => return None,
    })
}

/// 显示一个回答,最后总有换行。
///
/// 换行和制表符照原样,别的控制字符写成看得见的:原样送进终端,服务器就能移动光标、改掉屏幕上的字。
pub fn show(answer: &[u8], encoding: Encoding) -> anyhow::Result<()> {
    let mut text = String::new();
    // 这两个字节在 UTF-8 和 GBK 里都不会是某个汉字的一半。
    for piece in answer.split_inclusive(|byte| matches!(byte, b'\n' | b'\t')) {
        let (line, end) = match piece {
            // Windows 的换行是两个字节。
            [line @ .., b'\r', b'\n'] | [line @ .., b'\n'] => (line, "\n"),
            [line @ .., b'\t'] => (line, "\t"),
            line => (line, ""),
        };
        text.push_str(&encoding.decode(line));
        text.push_str(end);
        if text.len() >= PRINT {
            cli::print(&text)?;
            text.clear();
        }
    }
    if !answer.is_empty() && !answer.ends_with(b"\n") {
        text.push('\n');
    }
    cli::print(&text)
}

fn standard(encoding: Encoding) -> &'static encoding_rs::Encoding {
    match encoding {
        Encoding::Utf8 => UTF_8,
        Encoding::Gbk => GBK,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_must_be_text() {
        let text = command_text("echo 你好".as_bytes(), Encoding::Utf8);
        assert_eq!(text.as_deref(), Some("echo 你好"));
        let text = command_text(b"echo \xc4\xe3", Encoding::Gbk);
        assert_eq!(text.as_deref(), Some("echo 你"));
        assert_eq!(command_text(b"echo \xc4\xe3", Encoding::Utf8), None);
        assert_eq!(command_text(b"echo a\0b", Encoding::Utf8), None);
    }

    #[test]
    fn output_takes_the_encoding_of_the_wire() {
        let chinese = "你好\n".as_bytes().to_vec();
        assert_eq!(to_wire(chinese.clone(), Encoding::Utf8), chinese);
        assert_eq!(to_wire(chinese, Encoding::Gbk), b"\xc4\xe3\xba\xc3\n");
        // 不是文字的,原样发(Windows 上要看控制台的代码页)。
        #[cfg(unix)]
        assert_eq!(to_wire(vec![0xff, 0], Encoding::Utf8), [0xff, 0]);
    }
}
