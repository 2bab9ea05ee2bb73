//! 口令:说得出它的人才能运行命令。写在文件里,不在命令行上:命令行谁都看得到(ps(1))。

use std::env;
use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, anyhow};
use ring::rand::{SecureRandom, SystemRandom};
use subtle::ConstantTimeEq;

use crate::cli::Hinted;
use crate::state::{State, read_secret};

/// 我们造的口令有这么多个随机的字节:猜 2^255 次才有一半的机会。
const RANDOM: usize = 32;

/// 自己写的口令至少这么多字节:再短,就值得猜了。
const SHORTEST: usize = 16;

/// 口令最多这么多字节:没有通过的人,只让他发这么长的一帧。
pub const LONGEST: usize = 128;

/// 目录里的这个文件。
const FILE: &str = "token";

/// 这个环境变量。
const VARIABLE: &str = "SHELL_SECURE_TOKEN";

/// 一个口令。没有 `Debug`:它不该出现在任何输出里。
pub struct Token(String);

impl Token {
    /// 服务器的口令:`file` 里的,环境变量里的,或者目录 `state` 里的;都没有就造一个。
    /// 另外说它在哪里。
    ///
    /// # Errors
    /// 读写不了,太短,或者太长。
    pub fn of_server(state: &State, file: Option<&Path>) -> anyhow::Result<(Self, String)> {
        if let Some(given) = Self::given(file)? {
            return Ok(given);
        }
        let text = state.read_or_make(FILE, make)?;
        let place = state.path(FILE).display().to_string();
        Ok((Self::checked(&text, &place)?, place))
    }

    /// 客户端的口令:同样的三个地方;都没有就是错误。
    ///
    /// # Errors
    /// 没有,读不了,太短,或者太长。
    pub fn of_client(state: &State, file: Option<&Path>) -> anyhow::Result<Self> {
        let place = state.path(FILE);
        let found = match Self::given(file)? {
            Some((token, _)) => Some(token),
            None => from_file(&place)?,
        };
        found.ok_or_else(|| {
            let text = "没有口令".to_owned();
            let hint = format!(
                "从服务器那边抄来,存进 {}(chmod 600),或者用 --token-file、环境变量 {VARIABLE}",
                place.display()
            );
            Hinted { text, hint }.into()
        })
    }

    fn given(file: Option<&Path>) -> anyhow::Result<Option<(Self, String)>> {
        if let Some(path) = file {
            let missing = || anyhow!("没有口令文件 {}", path.display());
            let token = from_file(path)?.ok_or_else(missing)?;
            return Ok(Some((token, path.display().to_string())));
        }
        let Some(text) = env::var_os(VARIABLE) else {
            return Ok(None);
        };
        let place = format!("环境变量 {VARIABLE}");
        let text = text.into_string();
        let text = text.map_err(|_| anyhow!("{place} 里的口令不是 UTF-8"))?;
        Ok(Some((Self::checked(&text, &place)?, place)))
    }

    fn checked(text: &str, place: &str) -> anyhow::Result<Self> {
        let token = text.trim();
        if (SHORTEST..=LONGEST).contains(&token.len()) && !token.contains(char::is_control) {
            return Ok(Self(token.to_owned()));
        }
        let text = format!("{place} 里的口令不合规矩");
        let hint = format!("一行,{SHORTEST} 到 {LONGEST} 字节;不写的话,服务器会造一个好的");
        Err(Hinted { text, hint }.into())
    }

    /// 是不是 `given`。用的时间和错在第几个字节无关:普通的比较遇到第一个不同就停,量时间就能一个一个地猜。
    pub fn matches(&self, given: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(given).into()
    }

    /// 口令的字节。
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

fn from_file(path: &Path) -> anyhow::Result<Option<Token>> {
    let Some(text) = read_secret(path)? else {
        return Ok(None);
    };
    Token::checked(&text, &path.display().to_string()).map(Some)
}

fn make() -> anyhow::Result<String> {
    let mut bytes = [0; RANDOM];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| anyhow!("系统给不出随机数"))?;
    let mut text = String::new();
    for byte in bytes {
        write!(text, "{byte:02x}").context("写内存失败")?;
    }
    text.push('\n');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_matches() {
        let token = Token::checked(&make().unwrap_or_default(), "").ok();
        let other = Token::checked(&make().unwrap_or_default(), "").ok();
        let (Some(token), Some(other)) = (token, other) else {
            panic!("造的口令不合规矩");
        };
        assert!(token.matches(token.as_bytes()));
        assert!(!token.matches(other.as_bytes()));
        assert!(!token.matches(b""));
        assert!(!token.matches(&token.as_bytes()[1..]));
        assert!(!token.matches(&[token.as_bytes(), b"\n"].concat()));
    }

    #[test]
    fn short_long_and_odd_tokens_are_refused() {
        for text in [
            "",
            "short",
            &"x".repeat(15),
            &"x".repeat(129),
            "0123456789\nabcdef",
        ] {
            assert!(Token::checked(text, "").is_err(), "{text}");
        }
        assert!(Token::checked(" 0123456789abcdef\r\n", "").is_ok());
    }
}
