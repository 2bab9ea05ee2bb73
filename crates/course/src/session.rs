//! 会话:讲义里 ```` ```session ```` 块的写法。
//!
//! ```text
//! 服务器$ udp-echo server 127.0.0.1:8080     在名叫「服务器」的终端里启动程序
//! 服务器| 监听 127.0.0.1:8080                它的下一行输出应当是这样,[..] 代表任意内容
//! 客户端> 你好                               打一行字
//! 客户端^D                                   输入结束(^C 是中断)
//! 客户端= 0                                  程序应当以这个退出码结束
//! ```
//!
//! 写成 ```` ```session linux ```` 的,只在 Linux 上演;`native` 的,不在 Wine 里演。

use crate::words;

/// 一段会话。
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// 终端的名字,按出场次序。
    pub terminals: Vec<String>,
    /// 各步,按先后次序。
    pub steps: Vec<Step>,
}

impl Session {
    /// 启动了哪些程序。
    pub fn programs(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter_map(|step| match &step.action {
            Action::Start(words) => words.first().map(String::as_str),
            _ => None,
        })
    }
}

/// 会话能在哪里演:写在 ```` ```session ```` 后面。
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// 哪里都能演。
    Anywhere,
    /// `native`:真的系统上都一样,Wine 这样代为运行的不一样。
    Native,
    /// `linux`:说的是 Linux 的表现,别的系统不一样。
    Linux,
}

impl Place {
    /// 读 `session` 后面的词。
    ///
    /// # Errors
    /// 有一个词看不懂;内容是给人看的原因。
    pub fn parse(words: &[String]) -> Result<Self, String> {
        match words {
            [] => Ok(Self::Anywhere),
            [word] if word == "native" => Ok(Self::Native),
            [word] if word == "linux" => Ok(Self::Linux),
            _ => Err(format!(
                "看不懂「session {}」:后面只能什么也没有,或者是 native、linux",
                words.join(" ")
            )),
        }
    }

    /// 这里能不能演;`runner` 是程序由别的程序(例如 Wine)代为运行。
    #[must_use]
    pub fn is_here(self, runner: bool) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Native => !runner,
            Self::Linux => cfg!(target_os = "linux") && !runner,
        }
    }
}

/// 会话里的一步。
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// 在文件里的行号,从 1 起。
    pub line: usize,
    /// 终端在 [`Session::terminals`] 里的下标。
    pub terminal: usize,
    /// 做什么。
    pub action: Action,
}

/// 一步做什么。
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// `$`:启动程序,给的是程序名和参数。
    Start(Vec<String>),
    /// `>`:打一行字。
    Type(String),
    /// `|`:下一行输出应当是这样。
    Expect(String),
    /// `^C`:中断。
    Interrupt,
    /// `^D`:输入结束。
    EndInput,
    /// `=`:以这个退出码结束。
    Exit(i32),
}

/// 会话写错了。
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// 在文件里的行号,从 1 起。
    pub line: usize,
    /// 哪里不对。
    pub message: String,
}

/// 读一段会话;`first_line` 是第一行在文件里的行号。
///
/// # Errors
/// 有一行看不懂,或者在程序启动之前就要它做事。
pub fn parse(text: &str, first_line: usize) -> Result<Session, Malformed> {
    let mut session = Session {
        terminals: Vec::new(),
        steps: Vec::new(),
    };
    for (offset, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let number = first_line + offset;
        let malformed = |message| Malformed {
            line: number,
            message,
        };
        let (name, action) = parse_line(line).map_err(malformed)?;
        let known = session.terminals.iter().position(|known| known == name);
        let terminal = match (known, &action) {
            (Some(index), _) => index,
            (None, Action::Start(_)) => {
                session.terminals.push(name.to_owned());
                session.terminals.len() - 1
            }
            (None, _) => return Err(malformed(format!("终端「{name}」里还没有用 $ 启动程序"))),
        };
        session.steps.push(Step {
            line: number,
            terminal,
            action,
        });
    }
    if session.steps.is_empty() {
        let message = "会话是空的".to_owned();
        let line = first_line;
        return Err(Malformed { line, message });
    }
    Ok(session)
}

fn parse_line(line: &str) -> Result<(&str, Action), String> {
    let unclear =
        || format!("看不懂这一步:{line}(应当是 终端$、终端>、终端|、终端=、终端^C 或 终端^D)");
    let mark = line.find(['$', '>', '|', '=', '^']).ok_or_else(unclear)?;
    let (name, rest) = line.split_at(mark);
    if name.is_empty() || name.contains(char::is_whitespace) {
        return Err(unclear());
    }
    let text = &rest[1..];
    let text = text.strip_prefix(' ').unwrap_or(text);
    let action = match (&rest[..1], text.trim_end()) {
        ("$", "") => return Err("$ 后面应当有命令".to_owned()),
        ("$", command) => Action::Start(words::plain(command)?),
        (">", _) => Action::Type(text.to_owned()),
        ("|", _) => Action::Expect(text.to_owned()),
        ("=", code) => Action::Exit(code.parse().map_err(|_| "= 后面应当是退出码".to_owned())?),
        ("^", "C") => Action::Interrupt,
        ("^", "D") => Action::EndInput,
        _ => return Err(unclear()),
    };
    Ok((name, action))
}

/// `text` 是不是 `pattern` 说的样子:`[..]` 代表一行之内的任意内容,行尾的空白不计较。
///
/// 行尾空白不计较,因为编辑器会悄悄删掉讲义里的行尾空白。
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.trim_end(), text.trim_end());
    let Some((head, last)) = pattern.rsplit_once("[..]") else {
        return pattern == text;
    };
    let mut pieces = head.split("[..]");
    let Some(mut rest) = pieces.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    for piece in pieces {
        let Some(found) = rest.find(piece) else {
            return false;
        };
        rest = &rest[found + piece.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_each_kind_of_step() {
        let text =
            "甲$ udp-echo server '127.0.0.1:1'\n\n甲| a | b\n甲>\n甲>  x\n甲^C\n甲^D\n甲= 2\n";
        let session = parse(text, 10).unwrap();
        let actions: Vec<_> = session
            .steps
            .iter()
            .map(|step| step.action.clone())
            .collect();
        let words = ["udp-echo", "server", "127.0.0.1:1"].map(str::to_owned);
        assert_eq!(
            actions,
            [
                Action::Start(words.to_vec()),
                Action::Expect("a | b".to_owned()),
                Action::Type(String::new()),
                Action::Type(" x".to_owned()),
                Action::Interrupt,
                Action::EndInput,
                Action::Exit(2),
            ]
        );
        assert_eq!(session.steps[1].line, 12);
    }

    #[test]
    fn a_wrong_step_is_named_with_its_line() {
        let wrong = |text| parse(text, 7).unwrap_err();
        assert_eq!(wrong("甲$ x\n你好").line, 8);
        assert!(wrong("甲> x").message.contains("「甲」"));
        assert!(wrong("甲$ x\n甲^Z").message.contains("看不懂"));
        assert!(wrong("甲$ printf x | y").message.contains("shell"));
        assert!(wrong("甲$ ").message.contains("命令"));
        assert!(wrong("\n").message.contains("空"));
    }

    #[test]
    fn a_wildcard_stands_for_anything_within_the_line() {
        assert!(matches("a[..]c[..]e", "abcde"));
        assert!(matches("[..]", ""));
        assert!(matches("a", "a  "));
        assert!(!matches("a", "ab"));
        assert!(!matches("a[..]a", "a"));
        assert!(!matches("a[..]c[..]e", "abde"));
    }
}
