//! 符合性表:RFC 对静态网站的要求,一行一条,发给一个正在运行的服务器,看它的回答。
//!
//! 表按题目分成几个文件,每一行是:要求的强弱、出处、名字、说明、一次对话(发什么,应当得到什么)。
//! RFC 留了选择的地方,允许的答法都算对;课程自己的决定([`Level::Own`])不和别的服务器比较。

pub mod site;

mod answer;
mod parts;
mod report;
mod request;
mod run;
mod tags;
mod talk;
mod visit;
mod wire;

mod coding;
mod conditional;
mod dates;
mod expectation;
mod fields;
mod framing;
mod host;
mod methods;
mod paths;
mod persistence;
mod precedence;
mod range;
mod request_line;
mod responses;
mod smuggling;
mod target;
mod transfer;
mod traversal;
mod types;

pub use report::{Count, Outcome, Problem, Report};
pub use run::{conformance, run};

use talk::Talk;

/// 要求有多强。
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// RFC 说必须(MUST),或者写进了文法。
    Must,
    /// RFC 说应当(SHOULD、ought to、RECOMMENDED)。
    Should,
    /// RFC 没有规定,课程的服务器自己的决定。
    Own,
}

/// 表的一行。
#[derive(Debug)]
pub struct Rule {
    /// 要求有多强。
    pub level: Level,
    /// 出处,例如 `9112 §3.2`;课程自己的决定,写最近的那一节。
    pub section: &'static str,
    /// 名字,全表唯一。
    pub id: String,
    /// 说明。
    pub title: String,
    talk: Talk,
}

fn rule(level: Level, section: &'static str, id: &str, title: &str, talk: Talk) -> Rule {
    let (id, title) = (id.to_owned(), title.to_owned());
    Rule {
        level,
        section,
        id,
        title,
        talk,
    }
}

/// RFC 必须的一行。
fn must(section: &'static str, id: &str, title: &str, talk: Talk) -> Rule {
    rule(Level::Must, section, id, title, talk)
}

/// RFC 应当的一行。
fn should(section: &'static str, id: &str, title: &str, talk: Talk) -> Rule {
    rule(Level::Should, section, id, title, talk)
}

/// 课程自己的一行。
fn own(section: &'static str, id: &str, title: &str, talk: Talk) -> Rule {
    rule(Level::Own, section, id, title, talk)
}

/// 全部的行,照题目的次序。
#[must_use]
pub fn rules() -> Vec<Rule> {
    [
        request_line::rules(),
        target::rules(),
        methods::rules(),
        host::rules(),
        fields::rules(),
        framing::rules(),
        transfer::rules(),
        smuggling::rules(),
        persistence::rules(),
        expectation::rules(),
        responses::rules(),
        types::rules(),
        paths::rules(),
        traversal::rules(),
        conditional::rules(),
        dates::rules(),
        precedence::rules(),
        range::rules(),
        coding::rules(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn has_enough_rules_with_different_names() {
        let rules = rules();
        let names: BTreeSet<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
        assert_eq!(names.len(), rules.len(), "有两行同名");
        assert!(rules.len() >= 300, "只有 {} 行", rules.len());
    }
}
