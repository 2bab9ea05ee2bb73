//! 链接:指向的文件和标题都要在,而且在仓库之内;目录(SUMMARY.md)不漏不多。

use std::collections::{BTreeSet, HashMap};
use std::path::{Component, Path, PathBuf};

use super::document::{Document, Link};
use super::report::Problem;
use crate::workspace::Workspace;

/// mdBook 的目录。
pub const SUMMARY: &str = "SUMMARY.md";

/// 核对链接。别的讲义的标题只读一次。
pub struct Links<'a> {
    workspace: &'a Workspace,
    anchors: HashMap<PathBuf, BTreeSet<String>>,
}

impl<'a> Links<'a> {
    /// 在这个工作区里核对。
    #[must_use]
    pub fn new(workspace: &'a Workspace) -> Self {
        Self {
            workspace,
            anchors: HashMap::new(),
        }
    }

    /// 核对一篇讲义的链接。
    pub fn check(&mut self, document: &Document) -> Vec<Problem> {
        let links = document.links.iter().filter(|link| !is_url(&link.target));
        links
            .filter_map(|link| {
                let wrong = self.wrong(document, link)?;
                Some(Problem::new(document, link.line, wrong))
            })
            .collect()
    }

    /// 链接哪里不对;没有不对是 `None`。
    fn wrong(&mut self, document: &Document, link: &Link) -> Option<String> {
        let target = &link.target;
        let (path, anchor) = match target.split_once('#') {
            Some((path, anchor)) => (path, Some(decode(anchor))),
            None => (target.as_str(), None),
        };
        if path.is_empty() && anchor.is_none() {
            // SUMMARY.md 里没有地址的一行是「还没有写」的一章(mdBook)。
            let draft = document.path.ends_with(SUMMARY);
            return (!draft).then(|| "链接没有写地址".to_owned());
        }
        let file = if path.is_empty() {
            document.path.clone()
        } else {
            let Some(file) = self.inside(document, &decode(path)) else {
                return Some(format!("链接 {target} 指到了仓库外面"));
            };
            file
        };
        if !file.exists() {
            return Some(format!("链接 {target} 指向的文件不存在"));
        }
        let anchor = anchor?;
        let is_note = file.extension().is_some_and(|extension| extension == "md");
        let known = !is_note || self.anchors_of(document, &file).contains(&anchor);
        (!known).then(|| format!("链接 {target} 指向的标题 #{anchor} 不存在"))
    }

    fn anchors_of(&mut self, document: &Document, file: &Path) -> &BTreeSet<String> {
        if file == document.path {
            let anchors = document.anchors.clone();
            self.anchors.insert(file.to_path_buf(), anchors);
        }
        self.anchors.entry(file.to_path_buf()).or_insert_with(|| {
            let name = file.to_string_lossy();
            Document::read(file, &name)
                .map(|document| document.anchors)
                .unwrap_or_default()
        })
    }

    /// 相对 `document` 的 `path` 是哪个文件;跑出了仓库就是 `None`。
    fn inside(&self, document: &Document, path: &str) -> Option<PathBuf> {
        let mut file = document
            .path
            .strip_prefix(self.workspace.root())
            .ok()?
            .to_path_buf();
        file.pop();
        for part in Path::new(path).components() {
            match part {
                Component::Normal(part) => file.push(part),
                Component::CurDir => {}
                Component::ParentDir if file.pop() => {}
                _ => return None,
            }
        }
        Some(self.workspace.root().join(file))
    }
}

/// 每篇讲义都在目录里。(目录里的每一篇都存在,由核对链接保证。)
#[must_use]
pub fn missing_in_summary(notes: &[Document]) -> Vec<Problem> {
    let in_notes = |document: &&Document| document.name.starts_with("docs/notes/");
    let mut notes = notes.iter().filter(in_notes).peekable();
    let all: Vec<&Document> = notes.by_ref().collect();
    let Some(summary) = all.iter().find(|document| document.path.ends_with(SUMMARY)) else {
        let missing = |first: &&Document| {
            Problem::new(first, 1, "没有目录 docs/notes/SUMMARY.md,这一篇不在目录里")
        };
        return all.first().map(missing).into_iter().collect();
    };
    let listed: BTreeSet<String> = summary
        .links
        .iter()
        .map(|link| decode(&link.target))
        .collect();
    let unlisted = all.iter().filter(|document| {
        let name = document.name.trim_start_matches("docs/notes/");
        name != SUMMARY && !listed.contains(name) && !listed.contains(&format!("./{name}"))
    });
    unlisted
        .map(|document| Problem::new(document, 1, "这一篇不在目录 docs/notes/SUMMARY.md 里"))
        .collect()
}

/// `https:`、`mailto:` 这样带协议的,不是仓库里的文件。
fn is_url(target: &str) -> bool {
    let Some((scheme, _)) = target.split_once(':') else {
        return target.starts_with("//");
    };
    let mut bytes = scheme.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic())
        && bytes.all(|next| next.is_ascii_alphanumeric() || b"+-.".contains(&next))
}

/// 还原 `%E4%BD%A0` 这样的写法(RFC 3986 §2.1)。
fn decode(target: &str) -> String {
    let mut decoded = Vec::with_capacity(target.len());
    let mut rest = target.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = after
            .get(..2)
            .filter(|hex| first == b'%' && hex.iter().all(u8::is_ascii_hexdigit));
        let hex = hex.and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        decoded.push(byte.unwrap_or(first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_encoding_is_undone() {
        assert_eq!(decode("%E6%9C%AF%E8%AF%AD.md"), "术语.md");
        assert_eq!(decode("100%"), "100%");
        assert_eq!(decode("%+1"), "%+1");
    }

    #[test]
    fn urls_have_a_scheme() {
        assert!(is_url("https://example.com"));
        assert!(is_url("mailto:a@b"));
        assert!(!is_url("13-udp-echo.md#a:b"));
        assert!(!is_url("#你:好"));
    }
}
