//! 客户打的字,打印在我们的终端上。

/// 服务器打印命令,最多这么多个字符。
const MAX_PRINTED: usize = 200;

/// `text` 的开头,打印得出来的样子。
pub fn printable(text: &str) -> String {
    text.chars().take(MAX_PRINTED).map(visible).collect()
}

/// 客户打的字要显示在我们的终端上:控制字符换成看得见的样子,它们能改标题、清屏、冒充别的输出。
fn visible(letter: char) -> String {
    match letter.is_control() {
        true => letter.escape_debug().to_string(),
        false => letter.to_string(),
    }
}
