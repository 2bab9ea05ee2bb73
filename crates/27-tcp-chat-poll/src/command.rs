//! 命令:以 `/` 开头的一行不发给大家,是对服务器说的。

/// 一行话的意思。
#[derive(Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// 发给大家。
    Say(&'a str),
    /// 有谁在场。
    Who,
    /// 只发给一个人。
    Tell { name: &'a str, text: &'a str },
    /// 换一个昵称。
    Rename(&'a str),
    /// 走了。
    Quit,
    /// 有哪些命令。
    Help,
    /// 命令后面还缺东西;这是它的用法。
    Incomplete(&'static str),
    /// 没有这个命令。
    Unknown(&'a str),
}

/// `/help` 的回答,每个命令一行。
pub const HELP: &[&str] = &[
    "* /who 有谁在场",
    "* /msg 昵称 文字 只说给一个人听",
    "* /nick 新昵称 换一个昵称",
    "* /quit 走了",
    "* 要说的话以 / 开头,就多写一个 /",
];

const MSG_USAGE: &str = "! 用法:/msg 昵称 文字";
const NICK_USAGE: &str = "! 用法:/nick 新昵称";

/// 读懂一行话。
pub fn parse(line: &str) -> Command<'_> {
    let Some(after) = line.strip_prefix('/') else {
        return Command::Say(line);
    };
    if after.starts_with('/') {
        return Command::Say(after);
    }
    let (verb, rest) = first_word(line);
    match (verb, rest) {
        ("/who", _) => Command::Who,
        ("/quit", _) => Command::Quit,
        ("/help", _) => Command::Help,
        ("/nick", "") => Command::Incomplete(NICK_USAGE),
        ("/nick", name) => Command::Rename(name),
        ("/msg", rest) => match first_word(rest) {
            (_, "") => Command::Incomplete(MSG_USAGE),
            (name, text) => Command::Tell { name, text },
        },
        (verb, _) => Command::Unknown(verb),
    }
}

/// 第一个词,和它后面的(不含两者之间的空白)。
fn first_word(text: &str) -> (&str, &str) {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (word, rest.trim_start())
}
