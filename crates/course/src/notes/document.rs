//! 一篇讲义:代码块、标记、链接、标题和正文,都知道自己在第几行。

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::Context;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// 一篇讲义。
#[derive(Debug, Clone, Default)]
pub struct Document {
    /// 文件的路径。
    pub path: PathBuf,
    /// 相对工作区根目录、以 `/` 分隔的名字,报告里用它。
    pub name: String,
    /// 各行,不含换行。
    pub lines: Vec<String>,
    /// 围栏代码块。
    pub blocks: Vec<Block>,
    /// 独占一行的 HTML 注释。
    pub comments: Vec<Comment>,
    /// 链接和图片。
    pub links: Vec<Link>,
    /// 可以用 `#…` 链接到的地方。
    pub anchors: BTreeSet<String>,
    /// 正文:代码、注释、链接地址之外的文字。
    pub prose: Vec<Prose>,
    /// 文件原来用 `\r\n` 换行。
    crlf: bool,
}

/// 一个围栏代码块。
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// 语言,例如 `rust`;没有写就是空的。
    pub language: String,
    /// 语言后面的其他词,例如 `linux`。
    pub words: Vec<String>,
    /// 开头的围栏在第几行,从 1 起。
    pub line: usize,
    /// 内容在 [`Document::lines`] 里的下标。
    pub body: Range<usize>,
    /// 围栏前面的缩进(在列表里的代码块)。
    pub indent: String,
}

/// 独占一行的 HTML 注释。
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// 第几行,从 1 起。
    pub line: usize,
    /// `<!--` 和 `-->` 之间的内容。
    pub text: String,
}

/// 一个链接或图片。
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// 第几行,从 1 起。
    pub line: usize,
    /// 链接到哪里。
    pub target: String,
}

/// 一段正文。
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prose {
    /// 第几行,从 1 起。
    pub line: usize,
    /// 文字。
    pub text: String,
    /// 是不是一段话(一个标题、一个格子)的开头:引号不会跨到下一段去。
    pub first: bool,
}

impl Document {
    /// 读 `path`;报告里叫它 `name`。
    ///
    /// # Errors
    /// 读不了,或者不是 UTF-8。
    pub fn read(path: &Path, name: &str) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("读不了 {name}"))?;
        let mut document = Self::parse(&text);
        document.path = path.to_path_buf();
        document.name = name.to_owned();
        Ok(document)
    }

    /// 读一篇 Markdown。
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let crlf = text.contains("\r\n");
        let text = text.replace("\r\n", "\n");
        let mut reader = Reader::new(&text);
        let options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES;
        for (event, range) in Parser::new_ext(&text, options).into_offset_iter() {
            reader.read(event, range);
        }
        let mut document = reader.document;
        document.lines = text.lines().map(str::to_owned).collect();
        document.crlf = crlf;
        document
    }

    /// 代码块的内容,去掉了围栏的缩进;每行都有换行。
    #[must_use]
    pub fn body(&self, block: &Block) -> String {
        let lines = self.lines[block.body.clone()].iter();
        lines
            .map(|line| format!("{}\n", line.strip_prefix(&block.indent).unwrap_or(line)))
            .collect()
    }

    /// 换掉几段行,写回文件,再读一遍。各段不能重叠。
    ///
    /// # Errors
    /// 写不了。
    pub fn rewrite(&mut self, mut changes: Vec<(Range<usize>, Vec<String>)>) -> anyhow::Result<()> {
        changes.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
        for (range, lines) in changes {
            self.lines.splice(range, lines);
        }
        let end = if self.crlf { "\r\n" } else { "\n" };
        let text: String = self
            .lines
            .iter()
            .map(|line| format!("{line}{end}"))
            .collect();
        fs::write(&self.path, text).with_context(|| format!("写不了 {}", self.name))?;
        *self = Self::read(&self.path, &self.name)?;
        Ok(())
    }
}

/// 边读边记。
struct Reader<'t> {
    text: &'t str,
    document: Document,
    /// 每行开头的字节位置,用来从位置找行号。
    starts: Vec<usize>,
    /// 正在读的标题。
    heading: Option<String>,
    in_code: bool,
    first: bool,
    /// 每个锚点出现过几次:第二次起要加 `-1`、`-2`。
    used: HashMap<String, usize>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        let ends = text.match_indices('\n').map(|(index, _)| index + 1);
        Self {
            text,
            document: Document::default(),
            starts: std::iter::once(0).chain(ends).collect(),
            heading: None,
            in_code: false,
            first: true,
            used: HashMap::new(),
        }
    }

    fn read(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(&tag, range),
            Event::End(TagEnd::Heading(_)) => self.end_heading(),
            Event::End(TagEnd::CodeBlock) => self.in_code = false,
            Event::Text(text) if !self.in_code => self.prose(&text, range.start),
            Event::Code(code) => {
                if let Some(heading) = &mut self.heading {
                    heading.push_str(&code);
                }
            }
            Event::Html(html) | Event::InlineHtml(html) => self.html(&html, range.start),
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>, range: Range<usize>) {
        match tag {
            Tag::CodeBlock(kind) => {
                self.in_code = true;
                if let CodeBlockKind::Fenced(info) = kind {
                    self.block(info, range);
                }
            }
            Tag::Heading { .. } => self.heading = Some(String::new()),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                self.link(dest_url, range.start);
                return;
            }
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough => return,
            _ => {}
        }
        self.first = true;
    }

    fn block(&mut self, info: &str, range: Range<usize>) {
        let mut words = info.split([' ', ',', '{']).map(str::to_owned);
        let language = words.next().unwrap_or_default();
        let line = self.line(range.start);
        let start = self.starts[line - 1];
        let last = self.line(range.end.saturating_sub(1).max(range.start));
        let fence = &self.text[range.start..];
        let fence = &fence[..fence
            .find(|next| next != '`' && next != '~')
            .unwrap_or(fence.len())];
        let closing = self.text[self.starts[last - 1]..]
            .lines()
            .next()
            .unwrap_or_default();
        // 没有收尾的围栏,一直到文件末尾都是代码。
        let closed = last > line
            && closing
                .trim_start_matches([' ', '\t', '>'])
                .starts_with(fence);
        self.document.blocks.push(Block {
            language,
            words: words.filter(|word| !word.is_empty()).collect(),
            line,
            body: line..if closed { last - 1 } else { last },
            indent: self.text[start..range.start].to_owned(),
        });
    }

    fn end_heading(&mut self) {
        let slug = slug(&self.heading.take().unwrap_or_default());
        let count = self.used.entry(slug.clone()).or_default();
        let anchor = if *count == 0 {
            slug
        } else {
            format!("{slug}-{count}")
        };
        *count += 1;
        self.document.anchors.insert(anchor);
    }

    fn prose(&mut self, text: &str, position: usize) {
        if let Some(heading) = &mut self.heading {
            heading.push_str(text);
        }
        self.document.prose.push(Prose {
            line: self.line(position),
            text: text.to_owned(),
            first: std::mem::take(&mut self.first),
        });
    }

    fn html(&mut self, html: &str, position: usize) {
        let line = self.line(position);
        let trimmed = html.trim();
        if let Some(comment) = trimmed.strip_prefix("<!--") {
            let text = comment
                .strip_suffix("-->")
                .unwrap_or(comment)
                .trim()
                .to_owned();
            self.document.comments.push(Comment { line, text });
            return;
        }
        for target in ["src", "href"]
            .iter()
            .flat_map(|name| attributes(html, name))
        {
            self.link(target, position);
        }
        let anchors = ["id", "name"]
            .iter()
            .flat_map(|name| attributes(html, name));
        self.document.anchors.extend(anchors.map(str::to_owned));
    }

    fn link(&mut self, target: &str, position: usize) {
        let line = self.line(position);
        let target = target.to_owned();
        self.document.links.push(Link { line, target });
    }

    /// 字节位置在第几行,从 1 起。
    fn line(&self, position: usize) -> usize {
        self.starts.partition_point(|start| *start <= position)
    }
}

/// HTML 标签里 `name="…"` 的值。
fn attributes<'h>(html: &'h str, name: &str) -> impl Iterator<Item = &'h str> {
    let opening = format!(" {name}=\"");
    let found: Vec<usize> = html
        .match_indices(&opening)
        .map(|(at, _)| at + opening.len())
        .collect();
    found
        .into_iter()
        .filter_map(|start| html[start..].split('"').next())
}

/// 标题的锚点,与 GitHub 的算法相同:小写,空格换成 `-`,标点去掉。
#[must_use]
pub fn slug(heading: &str) -> String {
    let kept = heading.trim().chars().filter_map(|next| match next {
        ' ' => Some('-'),
        '-' | '_' => Some(next),
        next => next.is_alphanumeric().then_some(next),
    });
    kept.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_know_their_lines_and_indentation() {
        let text = "# 一\n\n- 列表\n\n  <!-- 代码 x -->\n  ```rust\n  fn f() {\n  }\n  ```\n\n~~~~ text\n```\n~~~~\n";
        let document = Document::parse(text);
        let [rust, text] = &document.blocks[..] else {
            panic!("{document:?}")
        };
        assert_eq!((rust.language.as_str(), rust.line), ("rust", 6));
        assert_eq!(document.body(rust), "fn f() {\n}\n");
        assert_eq!((text.language.as_str(), text.line), ("text", 11));
        assert_eq!(document.body(text), "```\n");
        assert_eq!(
            document.comments,
            [Comment {
                line: 5,
                text: "代码 x".to_owned()
            }]
        );
    }

    #[test]
    fn an_empty_block_and_an_unclosed_one() {
        let document = Document::parse("```rust\n```\n\n```session\n甲$ x\n");
        assert_eq!(document.body(&document.blocks[0]), "");
        assert_eq!(document.body(&document.blocks[1]), "甲$ x\n");
    }

    #[test]
    fn anchors_are_those_of_github() {
        let document = Document::parse(
            "## 运行(两个终端)\n## `bind` 与 C++\n## A B\n## a b\n<a id=\"x\"></a>\n",
        );
        let anchors: Vec<&str> = document.anchors.iter().map(String::as_str).collect();
        assert_eq!(anchors, ["a-b", "a-b-1", "bind-与-c", "x", "运行两个终端"]);
    }
}
