//! 命令的输出用什么编码。字节原样传,由客户端去解码:服务器一改,二进制的输出就坏了。

/// 命令的输出用的编码,WHATWG 的名字。
///
/// Unix 上是 UTF-8。Windows 的控制台程序用「代码页」,简体中文是 936(GBK);`chcp` 说是哪一页,
/// 在各种语言的 Windows 上,那个数字都在最后。
pub fn of_commands() -> String {
    #[cfg(windows)]
    if let Some(name) = console() {
        return name.to_owned();
    }
    "utf-8".to_owned()
}

#[cfg(windows)]
fn console() -> Option<&'static str> {
    let asked = std::process::Command::new("cmd")
        .args(["/d", "/c", "chcp"])
        .output();
    name(&asked.ok()?.stdout)
}

/// `chcp` 打印的话里说的是哪一页。
#[cfg(any(windows, test))]
fn name(printed: &[u8]) -> Option<&'static str> {
    let digits = |byte: &u8| byte.is_ascii_digit();
    let end = printed.iter().rposition(digits)? + 1;
    let start = printed[..end].iter().rposition(|byte| !digits(byte))? + 1;
    match &printed[start..end] {
        // 0 是没有控制台:程序按系统的语言打印,猜它是中文。
        b"936" | b"0" => Some("gbk"),
        b"54936" => Some("gb18030"),
        b"950" => Some("big5"),
        b"932" => Some("shift_jis"),
        b"949" => Some("euc-kr"),
        b"866" => Some("ibm866"),
        b"1252" => Some("windows-1252"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn the_last_number_is_the_page() {
        assert_eq!(name(b"Active code page: 936\r\n"), Some("gbk"));
        assert_eq!(
            name(b"\xbb\xee\xb6\xaf\xb4\xfa\xc2\xeb\xd2\xb3: 936\r\n"),
            Some("gbk")
        );
        assert_eq!(name(b"Active code page: 65001\r\n"), None);
        assert_eq!(name(b"Active code page: 0\r\n"), Some("gbk"));
        assert_eq!(name(b""), None);
        assert_eq!(name(b"936"), None);
    }
}
