//! 把一行命令拆成词,像 shell 那样认引号。不启动 shell:各个系统的 shell 不一样。

use std::iter::Peekable;
use std::str::Chars;

/// 一行命令里的一段。
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// 一个词,引号已经去掉。
    Word(String),
    /// 没有引号的 `|`、`&`、`;`、`<`、`>`(连写的算一个)。
    Operator(String),
}

/// 引号没有配对。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unclosed(pub char);

/// 拆成词。`'…'` 里原样,`"…"` 里认 `\"` 和 `\\`,词首的 `#` 起是注释。
///
/// 引号外的反斜杠不转义,原样留下:它在 Windows 上是路径的一部分。
///
/// # Errors
/// 引号没有配对。
pub fn split(line: &str) -> Result<Vec<Token>, Unclosed> {
    let mut tokens = Vec::new();
    let mut chars = line.chars().peekable();
    while let Some(&next) = chars.peek() {
        match next {
            '#' => break,
            next if next.is_whitespace() => {
                chars.next();
            }
            next if is_operator(next) => {
                let mut operator = String::new();
                while let Some(next) = chars.next_if(|next| is_operator(*next)) {
                    operator.push(next);
                }
                tokens.push(Token::Operator(operator));
            }
            _ => tokens.push(Token::Word(word(&mut chars)?)),
        }
    }
    Ok(tokens)
}

/// 只有词的一行命令;有管道、重定向就是 `Err`(那个符号)。
///
/// # Errors
/// 引号没有配对,或者有 shell 才懂的符号;内容是给人看的原因。
pub fn plain(line: &str) -> Result<Vec<String>, String> {
    let tokens = split(line).map_err(|Unclosed(quote)| format!("引号 {quote} 没有配对"))?;
    tokens
        .into_iter()
        .map(|token| match token {
            Token::Word(word) => Ok(word),
            Token::Operator(operator) => Err(format!(
                "会话里的命令不经过 shell,不能用 {operator};要送进标准输入的内容,用 > 一行一行地写"
            )),
        })
        .collect()
}

fn is_operator(next: char) -> bool {
    matches!(next, '|' | '&' | ';' | '<' | '>')
}

fn word(chars: &mut Peekable<Chars<'_>>) -> Result<String, Unclosed> {
    let mut word = String::new();
    while let Some(next) = chars.next_if(|next| !next.is_whitespace() && !is_operator(*next)) {
        match next {
            '\'' | '"' => quoted(chars, next, &mut word)?,
            next => word.push(next),
        }
    }
    Ok(word)
}

fn quoted(chars: &mut Peekable<Chars<'_>>, quote: char, word: &mut String) -> Result<(), Unclosed> {
    while let Some(next) = chars.next() {
        match next {
            next if next == quote => return Ok(()),
            '\\' if quote == '"' => {
                let escaped = chars.next_if(|next| matches!(next, '"' | '\\'));
                word.push(escaped.unwrap_or('\\'));
            }
            next => word.push(next),
        }
    }
    Err(Unclosed(quote))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_words_together() {
        let words = plain(r#"udp-send 'a b'"c \"d" e\f # 注释"#).unwrap();
        assert_eq!(words, ["udp-send", r#"a bc "d"#, r"e\f"]);
        assert_eq!(plain("x ''").unwrap(), ["x", ""]);
    }

    #[test]
    fn what_needs_a_shell_is_refused() {
        assert!(plain("printf x | udp-send").unwrap_err().contains('|'));
        assert!(plain("udp-send > file").unwrap_err().contains('>'));
        assert!(plain("udp-send 'a").unwrap_err().contains("没有配对"));
        assert_eq!(plain("udp-send 'a|b'").unwrap(), ["udp-send", "a|b"]);
    }
}
