//! 用词:讲义里不用术语表说「不用」的说法;引用别人的话、代码里的除外。

use super::document::{Document, Prose};
use super::report::Problem;

/// 术语表的文件名。
pub const GLOSSARY: &str = "术语.md";

/// 术语表的三列。
const HEADER: [&str; 3] = ["术语", "英文", "不用的说法"];

/// 术语表。
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// 一行一个:术语,和不用的说法。
    rows: Vec<(String, Vec<String>)>,
}

impl Terms {
    /// 读术语表里的那张表。
    #[must_use]
    pub fn read(glossary: &Document) -> Self {
        let mut rows = Vec::new();
        let mut inside = false;
        for line in &glossary.lines {
            let cells = cells(line);
            if cells.len() < HEADER.len() {
                inside = false;
            } else if cells[..HEADER.len()] == HEADER {
                inside = true;
            } else if inside && !cells[0].starts_with(['-', ':']) {
                let avoided = cells[2].split('、').map(str::trim);
                let avoided =
                    avoided.filter(|word| !word.is_empty() && *word != "–" && *word != "-");
                rows.push((cells[0].clone(), avoided.map(str::to_owned).collect()));
            }
        }
        Self { rows }
    }

    /// 核对一篇讲义的用词。
    #[must_use]
    pub fn check(&self, document: &Document) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut quotes = Quotes::default();
        for prose in &document.prose {
            let text = quotes.blank_out(prose);
            for (term, avoided) in &self.rows {
                for word in avoided.iter().filter(|word| self.uses(&text, word)) {
                    let message = format!("不用「{word}」这个说法,用「{term}」(见术语表)");
                    problems.push(Problem::new(document, prose.line, message));
                }
            }
        }
        problems
    }

    /// `text` 里有没有 `word`;它是某个术语的一部分时不算。
    fn uses(&self, text: &str, word: &str) -> bool {
        text.match_indices(word).any(|(start, _)| {
            let end = start + word.len();
            let within_a_term = self.rows.iter().any(|(term, _)| {
                term.len() > word.len()
                    && text
                        .match_indices(term.as_str())
                        .any(|(at, _)| at <= start && end <= at + term.len())
            });
            !within_a_term && is_whole(text, start, end)
        })
    }
}

/// 英文的词要整个词才算:`socket` 不是 `socket2`。
fn is_whole(text: &str, start: usize, end: usize) -> bool {
    let in_word = |next: char| next.is_ascii_alphanumeric() || next == '_';
    let joined = |outer: Option<char>, inner: Option<char>| {
        outer.is_some_and(in_word) && inner.is_some_and(in_word)
    };
    let word = &text[start..end];
    !joined(text[..start].chars().next_back(), word.chars().next())
        && !joined(text[end..].chars().next(), word.chars().next_back())
}

/// 现在在几层引号里。
#[derive(Default)]
struct Quotes(usize);

impl Quotes {
    /// 引号里的字换成空格:那是别人的话。
    fn blank_out(&mut self, prose: &Prose) -> String {
        if prose.first {
            self.0 = 0;
        }
        let blanked = prose.text.chars().map(|next| {
            match next {
                '「' | '『' | '\u{201c}' => self.0 += 1,
                '」' | '』' | '\u{201d}' => self.0 = self.0.saturating_sub(1),
                next if self.0 == 0 => return next,
                _ => {}
            }
            ' '
        });
        blanked.collect()
    }
}

/// Markdown 表格一行的格子;不是表格就是空的。
fn cells(line: &str) -> Vec<String> {
    let Some(row) = line.trim().strip_prefix('|') else {
        return Vec::new();
    };
    let row = row.strip_suffix('|').unwrap_or(row);
    row.split('|')
        .map(|cell| cell.replace('`', "").trim().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong_lines(text: &str) -> Vec<usize> {
        let glossary = "| 术语 | 英文 | 不用的说法 |\n|---|---|---|\n| 套接字 | socket | 插座、socket |\n| 组播 | multicast | 多播 |\n| 多播地址族 | x | – |\n";
        let terms = Terms::read(&Document::parse(glossary));
        terms
            .check(&Document::parse(text))
            .into_iter()
            .map(|problem| problem.line)
            .collect()
    }

    #[test]
    fn an_avoided_word_is_found_in_prose_only() {
        assert_eq!(wrong_lines("好的\n用插座通信,再用插座\n"), [2]);
        assert_eq!(
            wrong_lines("有人叫它「插座」或“插\n座,插座”。`插座`\n\n```text\n插座\n```\n"),
            []
        );
        assert_eq!(wrong_lines("「没有收尾\n\n插座"), [3]);
        assert_eq!(wrong_lines("[插座](x.md)"), [1]);
        assert_eq!(wrong_lines("socket2 和 my_socket,多播地址族"), []);
        assert_eq!(wrong_lines("一个 socket,多播"), [1, 1]);
    }
}
